"""The sync machine, played by a line that misbehaves on purpose."""

from __future__ import annotations

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
