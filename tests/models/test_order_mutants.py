"""Rules of 0021 taken away from the shipped code, one at a time: the stories must show each."""

from __future__ import annotations

import pytest

from models import decide as rule_book
from models.decide import breaches, checking, credit, more_time, situation
from models.decide.situation import Situation
from models.stage_clock import is_unfinished, let_go
from tests.models.any_order import differing
from tests.world.mutants import Patch, rewritten

STORIES = 100


def typed_stands_behind(patch: pytest.MonkeyPatch) -> None:
    """A typed word never stands before an own one that was late."""
    kinder = "clock.verdict is not Verdict.UNRATIFIED and _is_better(clock, s.at, clock.stopped)"
    rewritten(patch, credit, "_takes", (kinder, "False"))


def typed_stands_before(patch: pytest.MonkeyPatch) -> None:
    """An own word gives way to a typed one that was late too."""
    rewritten(patch, credit, "_takes", ("return not _is_better(clock, clock.stopped, s.at)", "return False"))


def first_heard(patch: pytest.MonkeyPatch) -> None:
    """Of two doubtful own words the one that was heard first stays."""
    patch.setattr(credit, "_counts_before", lambda clock, one, other: credit.is_earlier(one, other))


def met_after_the_end(patch: pytest.MonkeyPatch) -> None:
    """What was late after the duty had been taken away stays late."""
    patch.setattr(
        situation, "taken_away", lambda clock, at, by: let_go(clock, at, by) if is_unfinished(clock) else clock
    )


def asked_twice(patch: pytest.MonkeyPatch) -> None:
    """What was asked for and answered may be asked for anew by whoever had not heard so."""
    patch.setattr(more_time, "answered_later", lambda case, target, kind, at: None)


def asked_for_nothing(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether more time had been asked for when a late result is heard after the end."""
    patch.setattr(credit, "asked_in_vain", lambda case, target: False)


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


def heard_at_once(patch: pytest.MonkeyPatch) -> None:
    """A co-handler's standstill ends when the lead's does."""
    rewritten(patch, Situation, "end_standstill", ("self.reaches(clock.owner)", "self.reaches(suspended.receiver)"))


def breach_stands(patch: pytest.MonkeyPatch) -> None:
    """A breach stands on a verdict that was taken back."""
    rewritten(patch, breaches, "_falls", ("or blameless or rested", "or blameless"))


def stale_fact(patch: pytest.MonkeyPatch) -> None:
    """The fact of a duty stays where it was while its clock moves."""
    rewritten(patch, credit, "_credit", ("known is None or clock is not None or", "known is None or"))


MUTANTS: dict[Patch, int] = {
    typed_stands_behind: 190, typed_stands_before: 0, first_heard: 1_700, met_after_the_end: 0, asked_twice: 1_520,
    asked_for_nothing: 0, asked_last: 1_600, asked_after_the_close: 2_240, submitted_once: 0, any_round: 540,
    heard_at_once: 2_240, breach_stands: 0, stale_fact: 0,
}  # fmt: skip
"""Each with the seed its stories are told from: those before do not meet it."""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_the_stories_show_it(mutant: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    told = range(MUTANTS[mutant], MUTANTS[mutant] + STORIES)
    assert any(differing(seed) for seed in told), mutant.__doc__
