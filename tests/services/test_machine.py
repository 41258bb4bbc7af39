"""The sync machine, played by a line that misbehaves on purpose."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.sync import machine as m
from services.sync.backoff import LONGEST_ASKED_SECONDS, LONGEST_SECONDS, wait_seconds
from services.sync.machine import Phase, Sync, step

FACTS = st.one_of(
    st.just(m.TimerFired()),
    st.just(m.Acted()),
    st.builds(m.HelloAnswered, st.booleans(), st.booleans(), st.booleans()),
    st.builds(m.ReferenceTaken, st.booleans()),
    st.builds(m.Pushed, st.booleans()),
    st.builds(m.Uploaded, st.booleans()),
    st.builds(m.Pulled, st.booleans(), st.booleans()),
    st.just(m.SnapshotTaken()),
    st.just(m.SnapshotNeeded()),
    st.builds(m.Failed, st.just("Pull"), st.just("line_down"), st.floats(0, 1), st.none() | st.floats(0, 100)),
    st.builds(m.Denied, st.just("unknown_device")),
    st.builds(m.WorkOffline, st.booleans()),
)


def run(sync: Sync, *facts: m.Fact) -> tuple[Sync, list[m.Effect]]:
    done: list[m.Effect] = []
    for fact in facts:
        sync, effects = step(sync, fact)
        done.extend(effects)
    return sync, done


def test_the_usual_road() -> None:
    sync, done = run(
        Sync(), m.TimerFired(), m.HelloAnswered(True, True, False), m.ReferenceTaken(True), m.Pushed(False),
        m.SnapshotTaken(), m.Uploaded(False), m.Pulled(False),
    )  # fmt: skip
    assert [type(e) for e in done] == [m.SayHello, m.FetchReference, m.Push, m.TakeSnapshot, m.Upload, m.Pull, m.Pull]
    assert sync.phase is Phase.ONLINE


def test_an_act_is_pushed_at_once_while_a_pull_waits() -> None:
    sync, _ = run(Sync(), m.TimerFired(), m.HelloAnswered(False, False, True))
    sync, done = run(sync, m.Acted(), m.Acted())
    assert [type(e) for e in done] == [m.Push], "one push in flight"
    sync, done = run(sync, m.Pushed(False))
    assert [type(e) for e in done] == [m.Push], "what came meanwhile goes next"


@pytest.mark.parametrize("reference_changed", [False, True])
def test_an_act_made_while_the_hello_is_under_way_is_pushed_when_it_is_answered(reference_changed: bool) -> None:
    """The hello had looked into the outbox before, and nothing but the next act would have looked again."""
    sync, done = run(Sync(), m.TimerFired(), m.Acted(), m.HelloAnswered(reference_changed, False, True))
    if reference_changed:
        assert done[1:] == [m.FetchReference()]
        sync, done = run(sync, m.ReferenceTaken(False))
    assert m.Push() in done


def test_a_hello_that_is_said_anew_looks_anew() -> None:
    """What was kept in mind over the one that failed, or was cut, it sees by itself."""
    for between in (
        (m.Failed("SayHello", "line_down", 0.5), m.TimerFired()),
        (m.WorkOffline(True), m.WorkOffline(False)),
    ):
        _, done = run(Sync(), m.TimerFired(), m.Acted(), *between, m.HelloAnswered(False, False, True))
        assert m.SayHello() in done and m.Push() not in done


class Worker:
    """The machine with the one worker that greets and pushes, and an outbox: an effect looks into it when its turn has come, and is
    answered later."""

    def __init__(self) -> None:
        self.sync, self.unsent, self.looked = Sync(), False, False
        self.queue: list[m.Effect] = []
        self.under_way: m.Effect | None = None

    def hears(self, fact: m.Fact) -> None:
        self.sync, effects = step(self.sync, fact)
        self.queue += [effect for effect in effects if not isinstance(effect, m.Wait | m.Pull)]
        self.looks()

    def acts(self) -> None:
        self.unsent = True
        self.hears(m.Acted())

    def looks(self) -> None:
        if self.under_way is None and self.queue:
            self.under_way, self.looked = self.queue.pop(0), self.unsent
            self.unsent = self.unsent and not isinstance(self.under_way, m.Push)

    def is_answered(self, reference_changed: bool = False) -> None:
        answers: dict[type[m.Effect], m.Fact] = {
            m.SayHello: m.HelloAnswered(reference_changed, self.looked, True),
            m.FetchReference: m.ReferenceTaken(self.looked),
            m.TakeSnapshot: m.SnapshotTaken(self.looked),
            m.Push: m.Pushed(self.unsent),
            m.Upload: m.Uploaded(False),
        }
        if self.under_way is not None:
            effect, self.under_way = self.under_way, None
            self.hears(answers[type(effect)])

    def fails(self) -> None:
        if self.under_way is not None:
            self.unsent = self.unsent or (self.looked and isinstance(self.under_way, m.Push))
            self.under_way = None
            self.hears(m.Failed("", "line_down", 0.5))

    def comes_to_rest(self) -> None:
        for _ in range(100):
            if self.under_way is not None:
                self.is_answered()
            elif self.sync.phase is Phase.WORK_OFFLINE:
                self.hears(m.WorkOffline(False))
            elif self.sync.phase is Phase.WAITING:
                self.hears(m.TimerFired())
            else:
                return


HAPPENINGS: dict[str, Callable[[Worker], None]] = {
    "act": Worker.acts,
    "answer": Worker.is_answered,
    "answer that names an edition": lambda worker: worker.is_answered(True),
    "failure": Worker.fails,
    "timer": lambda worker: worker.hears(m.TimerFired()),
    "pull answered": lambda worker: worker.hears(m.Pulled(False)),
    "pull failed": lambda worker: worker.hears(m.Failed("Pull", "line_down", 0.5)),
    "no place any more": lambda worker: worker.hears(m.SnapshotNeeded()),
    "cut": lambda worker: worker.hears(m.WorkOffline(True)),
    "no longer cut": lambda worker: worker.hears(m.WorkOffline(False)),
}


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(sorted(HAPPENINGS)), max_size=30))
def test_nothing_stays_unsent_whenever_it_is_made(happenings: list[str]) -> None:
    worker = Worker()
    for happening in happenings:
        HAPPENINGS[happening](worker)
    worker.comes_to_rest()
    assert worker.sync.phase is Phase.ONLINE and not worker.unsent


def test_files_go_last_and_one_act_waits_for_one_piece_at_most() -> None:
    sync, done = run(Sync(), m.TimerFired(), m.HelloAnswered(False, True, True))
    assert [type(e) for e in done] == [m.SayHello, m.Push, m.Pull], "acts first"
    sync, done = run(sync, m.Pushed(False))
    assert done == [m.Upload()]
    sync, done = run(sync, m.Acted())
    assert done == [m.Push()], "an act does not wait for the rest of the file"
    sync, done = run(sync, m.Uploaded(True))
    assert done == [], "and the file waits for the act"
    sync, done = run(sync, m.Pushed(False))
    assert done == [m.Upload()]
    sync, done = run(sync, m.Uploaded(False), m.Pulled(False))
    assert done == [m.Pull()], "nothing more to send"
    assert run(sync, m.Pulled(False, True))[1] == [m.Upload(), m.Pull()], "what was put off is tried again"
    assert run(sync, m.Pulled(False, unsent=True))[1] == [m.Push(), m.Pull()], "the centre lacks a record it was given"


def test_after_a_snapshot_files_are_asked_about_again() -> None:
    """Another past may lack them, and nobody need act first (found by a world)."""
    online, _ = run(Sync(), m.TimerFired(), m.HelloAnswered(False, False, True), m.Uploaded(False))
    sync, effects = run(online, m.SnapshotNeeded())
    assert effects == [m.TakeSnapshot()]
    sync, effects = run(sync, m.SnapshotTaken(unsent=True))
    assert effects == [m.Push(), m.Pull()], "after the acts that name them"
    assert run(sync, m.Pushed(False))[1] == [m.Upload()]


def test_a_lost_line_waits_and_an_act_tries_again_at_once() -> None:
    sync, _ = run(Sync(), m.TimerFired(), m.HelloAnswered(False, False, True))
    sync, done = run(sync, m.Failed("Pull", "line_down", 0.5))
    assert sync.phase is Phase.WAITING and isinstance(done[0], m.Wait)
    sync, done = run(sync, m.Acted())
    assert sync.phase is Phase.CONNECTING and done == [m.SayHello()]


def test_a_refusal_is_asked_about_again_after_a_minute() -> None:
    sync, _ = run(Sync(), m.TimerFired(), m.HelloAnswered(False, True, True))
    sync, done = run(sync, m.Denied("token_unreadable"))
    assert sync.phase is Phase.REFUSED and done == [m.Wait(LONGEST_SECONDS)]
    assert run(sync, m.Acted()) == (sync, []), "an act does not make it better"
    sync, done = run(sync, m.TimerFired())
    assert sync.phase is Phase.CONNECTING and done == [m.SayHello()]


def test_work_offline_asks_nothing_until_it_is_switched_back() -> None:
    sync, _ = run(Sync(), m.TimerFired(), m.HelloAnswered(False, False, True), m.WorkOffline(True))
    sync, done = run(sync, m.TimerFired(), m.Acted(), m.Pulled(False), m.Failed("Pull", "x", 0.1))
    assert done == [] and sync.phase is Phase.WORK_OFFLINE
    assert run(sync, m.WorkOffline(False))[1] == [m.SayHello()]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(FACTS, max_size=60))
def test_whatever_comes_in_whatever_order(facts: list[m.Fact]) -> None:
    sync = Sync()
    for fact in facts:
        sync, effects = step(sync, fact)
        kinds = [type(e) for e in effects]
        assert len(kinds) == len(set(kinds)), "never two of a kind at once"
        if sync.phase is Phase.WORK_OFFLINE:
            assert effects == ()
        if sync.phase is Phase.REFUSED:
            assert effects in ((), (m.Wait(LONGEST_SECONDS),)), "nothing is asked before a minute has passed"
        if m.TakeSnapshot in kinds:
            assert m.Push not in kinds, "what was made here goes before a download"
        for effect in effects:
            if isinstance(effect, m.Wait):
                assert 0 < effect.seconds <= max(LONGEST_SECONDS, 100)
    if sync.phase is not Phase.WORK_OFFLINE:
        sync, effects = step(step(sync, m.Failed("Hello", "line_down", 0.1))[0], m.TimerFired())
        assert sync.phase is Phase.CONNECTING and effects == (m.SayHello(),), "it can always start again"


@given(st.integers(1, 60), st.floats(0, 1))
def test_backoff_is_bounded(failures: int, chance: float) -> None:
    assert 0 < wait_seconds(failures, chance) <= LONGEST_SECONDS
    assert wait_seconds(failures, chance, 30.0) >= 30.0


def test_a_centre_that_greets_and_then_fails_is_asked_less_and_less_often() -> None:
    """Its greeting is no answer to what it is there for: asked again each second by a hundred consoles it never comes round, and
    a line that is back for the blink of a greeting is told as lost to nobody."""
    sync, waits = Sync(), []
    for _ in range(8):
        sync, _ = run(sync, m.TimerFired(), m.HelloAnswered(False, False, True))
        sync, done = run(sync, m.Failed("Pull", "centre_broken", 1.0))
        waits += [effect.seconds for effect in done if isinstance(effect, m.Wait)]
    assert waits[-1] == LONGEST_SECONDS
    sync, _ = run(sync, m.TimerFired(), m.HelloAnswered(False, False, True), m.Pulled(False))
    assert sync.failures == 0, "what it is there for"


def test_nobody_who_answers_can_keep_a_console_quiet_for_days() -> None:
    assert wait_seconds(1, 0.5, 10.0**12) == LONGEST_ASKED_SECONDS
    assert wait_seconds(1, 0.5, 30.0) == 30.0
