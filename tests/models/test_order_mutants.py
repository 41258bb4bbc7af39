"""Rules of 0021 taken away from the shipped code, one at a time: the stories must show each."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from models import decide as rule_book
from models import stage_clock
from models.case import StageClock
from models.decide import breaches, checking, credit, handling, more_time, situation, starting
from models.decide.situation import Situation
from models.decide.starting import told
from models.stage_clock import is_unfinished, let_go, met_by_the_best, with_another
from tests.models.any_order import differing
from tests.world.mutants import Patch, rewritten

STORIES = 100


def typed_stands_behind(patch: pytest.MonkeyPatch) -> None:
    """A typed word never stands before an own one that was late."""
    kinder = "kindness(due_at, word.at), typed, "
    rewritten(patch, stage_clock, "_kindness", (kinder, "typed, kindness(due_at, word.at), "))


def typed_stands_before(patch: pytest.MonkeyPatch) -> None:
    """An own word gives way to a typed one that was late too."""
    rewritten(patch, stage_clock, "_kindness", ("word.at), typed, ", "word.at), not typed, "))


def first_heard(patch: pytest.MonkeyPatch) -> None:
    """Of two words the one that was heard first stays."""
    patch.setattr(credit, "met_too", with_another)


def met_after_the_end(patch: pytest.MonkeyPatch) -> None:
    """What was late after the duty had been taken away stays late."""
    patch.setattr(
        situation, "taken_away", lambda clock, at, by: let_go(clock, at, by) if is_unfinished(clock) else clock
    )


def asked_twice(patch: pytest.MonkeyPatch) -> None:
    """What was asked for and answered may be asked for anew by whoever had not heard so."""
    patch.setattr(more_time, "answered_later", lambda case, target, kind, at: None)


def asked_last(patch: pytest.MonkeyPatch) -> None:
    """Nor when the asking is heard after the result."""
    patch.setattr(rule_book, "spare_who_had_asked", lambda s, target: None)


def asked_after_the_close(patch: pytest.MonkeyPatch) -> None:
    """Nor when the case is closed, or the round over."""
    patch.setattr(more_time, "ask_of_what_is_over", lambda s, target: None)


def submitted_once(patch: pytest.MonkeyPatch) -> None:
    """A second submission is refused, and the earlier one not credited."""
    patch.setattr(checking, "already_submitted", lambda s: None)


def any_round(patch: pytest.MonkeyPatch) -> None:
    """A check of the first round is taken for the second's."""
    patch.setattr(checking, "_of_an_earlier_round", lambda s, check: False)


def breach_stands(patch: pytest.MonkeyPatch) -> None:
    """A breach stands on a verdict that was taken back."""
    rewritten(patch, breaches, "_falls", ("or blameless or rested", "or blameless"))


def stale_fact(patch: pytest.MonkeyPatch) -> None:
    """The fact of a duty stays where it was while its clock moves."""
    rewritten(patch, Situation, "judge", ("getattr(given, fact) not in (None, clock.stopped)", "False"))


def told_too_late(patch: pytest.MonkeyPatch) -> None:
    """What was met before the centre heard how early it had begun stays as it was judged."""
    rewritten(patch, starting, "start_clocks", ("start_ms < clock.stopped.hi", "False"))


def not_told_any_more(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether a unit had been told of it when that is heard after the end."""
    patch.setattr(rule_book, "told_before_the_end", lambda s: None)


def told_by_the_first(patch: pytest.MonkeyPatch) -> None:
    """A unit that spoke on the telephone has been told by its first word only."""
    patch.setattr(
        handling, "told", lambda s, target: target if target.delivered_at or target.notified_at else told(s, target)
    )


def line_was_as_long(patch: pytest.MonkeyPatch) -> None:
    """What the line took goes on though somebody had rung before."""
    patch.setattr(starting, "_line_was_shorter", lambda s, given, was, now: None)


def others_forgotten(patch: pytest.MonkeyPatch) -> None:
    """When a due time moves, the word that counted is the only one that is known."""
    patch.setattr(stage_clock, "with_another", lambda clock, word: clock)
    patch.setattr(
        stage_clock, "met_too", lambda clock, word: _only_one(met_by_the_best(replace(clock, others=(word,))))
    )
    patch.setattr(credit, "met_too", stage_clock.met_too)


def _only_one(clock: StageClock) -> StageClock:
    return replace(clock, others=())


def charged_who_had_asked(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether more time had been asked for in time when a late result is judged after the end."""
    patch.setattr(situation, "spared", lambda case, target, clock: clock)


MUTANTS: dict[Patch, int] = {
    typed_stands_behind: 620, typed_stands_before: 0, first_heard: 0, met_after_the_end: 200, asked_twice: 1_520,
    asked_last: 1_600, asked_after_the_close: 3_060, submitted_once: 0, any_round: 540,
    breach_stands: 200, stale_fact: 0, told_too_late: 620, not_told_any_more: 3_800, told_by_the_first: 620,
    line_was_as_long: 540, others_forgotten: 620, charged_who_had_asked: 1_600,
}  # fmt: skip
"""Each with the seed its stories are told from: those before do not meet it."""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_the_stories_show_it(mutant: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    told = range(MUTANTS[mutant], MUTANTS[mutant] + STORIES)
    assert any(differing(seed) for seed in told), mutant.__doc__
