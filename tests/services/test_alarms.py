"""Alarms, decided: once per clock and colour, more than ten are one, 知道了 clears, silence is silent, and no colour is
claimed that is not sure."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from models.clock import MINUTE_MS, SECOND_MS
from models.evidence import Moment, unproven
from services.alarm_sound import Tone, sound
from services.alarms import (
    FLOOD_COUNT,
    LINE_LOST_MS,
    Alarms,
    Kind,
    WatchedCase,
    acknowledge,
    come,
    first_look,
    line,
    look,
    next_turning,
    shown,
    silence,
    time_known,
    waited,
)
from tests.services.watched import NOTHING, at, case, clock, looked, watching


def test_a_clock_is_told_once_yellow_and_once_red_and_never_twice() -> None:
    one = case("a", clock(yellow=10, due=14))
    state = watching(one)
    told = []
    for minutes in (1, 9.9, 10, 10.5, 13, 14, 14.1, 15, 600):
        state, raised = looked(state, minutes, one)
        told += [(minutes, a.kind) for a in raised]
        assert len(state.standing) <= 1
    assert told == [(10, Kind.YELLOW), (14.1, Kind.RED)]
    assert [a.kind for a in state.standing] == [Kind.RED], "the red one took the yellow one's place"


def test_what_turns_next_is_known_beforehand_and_the_look_is_due_exactly_then() -> None:
    one, other = case("a", clock(yellow=10, due=14)), case("b", clock("k2", yellow=12, due=13))
    state = watching(one, other)
    following = next_turning(state)
    assert following is not None
    assert (following.at, following.case_id, following.to) == (at(10).lo, "a", Kind.YELLOW)
    assert come(state, at(9.99)) == frozenset()
    assert come(state, at(10)) == {"a"} and come(state, at(12)) == {"a", "b"}
    state, _raised = looked(state, 10, one)
    assert come(state, at(10)) == frozenset(), "never twice for one instant"
    state, _raised = looked(state, 15, one, other)
    assert next_turning(state) is None


def test_a_due_time_that_may_still_move_rings_no_red() -> None:
    fixed = clock("k", yellow=1, due=2)
    state, raised = looked(
        watching(case("a", replace(fixed, provisional=True))), 1.5, case("a", replace(fixed, provisional=True))
    )
    assert [alarm.kind for alarm in raised] == [Kind.YELLOW]
    state, raised = looked(state, 3, case("a", replace(fixed, provisional=True)))
    assert not raised and not state.turning
    _state, raised = looked(state, 4, case("a", fixed))
    assert [alarm.kind for alarm in raised] == [Kind.RED], "the year's notice has come, and left it where it was"


def test_the_first_look_is_one_summary() -> None:
    cases = [case(f"{n}", clock(f"k{n}", yellow=-9, due=-1), arrived=n % 2 == 0) for n in range(40)]
    state, raised = first_look(Alarms(), cases, (40, 0, 20), at(0), 0)
    assert [(a.kind, a.red, a.mine) for a in raised] == [(Kind.BEGIN, 40, 20)] and state.standing == raised
    state, raised = looked(state, 1, *cases)
    assert not raised, "what the summary holds is not raised again"
    assert sound(state, (), at(1), MINUTE_MS)[1] is None


def test_a_quiet_beginning_says_nothing() -> None:
    state, raised = first_look(Alarms(), [case("a", clock())], NOTHING, at(0), 0)
    assert not raised and shown(state) is None


def test_a_new_case_is_told_once_and_goes_when_somebody_of_the_desk_has_acted() -> None:
    new = replace(case("a", arrived=True), ten_minutes=True)
    state, raised = looked(watching(), 0, new)
    assert [(a.kind, a.urgent) for a in raised] == [(Kind.NEW, True)]
    state, raised = looked(state, 1, new)
    assert not raised and len(state.standing) == 1
    state, raised = looked(state, 2, replace(new, arrived=False))
    assert not raised and not state.standing


def test_an_alarm_goes_when_its_clock_has_stopped_or_its_case_has_left() -> None:
    one, other = case("a", clock()), case("b", clock("k2"))
    state, raised = looked(watching(one, other), 11, one, other)
    assert len(raised) == 2
    state, _raised = looked(state, 11.5, replace(one, clocks=()))
    assert [a.case_id for a in state.standing] == ["b"]
    state, _raised = look(state, (), at(12), 0, frozenset({"b"}))
    assert not state.standing and not state.told and not state.turning


def test_more_time_and_turning_again_is_another_turning() -> None:
    state, raised = looked(watching(case("a", clock())), 11, case("a", clock()))
    assert len(raised) == 1
    longer = case("a", clock(yellow=100, due=140))
    state, raised = looked(state, 12, longer)
    assert not raised and not state.standing
    state, raised = looked(state, 101, longer)
    assert [a.kind for a in raised] == [Kind.YELLOW]


def test_a_case_left_out_of_the_first_look_is_not_news_when_it_changes() -> None:
    state, _raised = first_look(Alarms(), (), NOTHING, at(100), 0, whole=False)
    state, raised = looked(state, 101, case("a", clock("k1", yellow=10, due=14), clock("k2", yellow=100.5, due=200)))
    assert [(a.kind, a.key) for a in raised] == [(Kind.YELLOW, "clock k2")]


# More than ten


def many(count: int, minutes: float = 10) -> list[WatchedCase]:
    return [case(f"c{n}", clock(f"k{n}", yellow=minutes, due=minutes + 60)) for n in range(count)]


def test_ten_in_ten_minutes_stand_alone_and_eleven_are_one() -> None:
    state, _raised = looked(watching(), 10, *many(FLOOD_COUNT))
    first = shown(state)
    assert first is not None and first.count == FLOOD_COUNT and not first.merged
    state, _raised = looked(state, 19.9, case("last", clock("late", yellow=19.9, due=19.95)))
    merged = shown(state)
    assert merged is not None and merged.merged == ((Kind.YELLOW, 11),)
    assert shown(acknowledge(state)) is None, "one word for all of it"


def test_eleven_in_more_than_ten_minutes_are_not_one() -> None:
    state, _raised = looked(watching(), 10, *many(FLOOD_COUNT))
    state, _raised = looked(state, 20, case("last", clock("late", yellow=20, due=80)))
    found = shown(state)
    assert found is not None and found.count == 11 and not found.merged and found.alarm.case_id == "last"


def test_a_flood_is_heard_once_and_an_emergency_in_it_for_itself() -> None:
    state = watching()
    heard = []
    for number, one in enumerate(many(30)):
        state, raised = looked(state, 10 + number / 60, one)
        state, tone = sound(state, raised, at(10), int((10 + number / 60) * MINUTE_MS))
        heard.append(tone)
    assert heard == [Tone.YELLOW] * 11 + [None] * 19
    fire = case("fire", clock("f", yellow=10, due=80), emergency=True)
    state, raised = looked(state, 10.9, fire)
    assert sound(state, raised, at(10.9), int(10.9 * MINUTE_MS))[1] is Tone.YELLOW


def test_urgent_stands_before_newer_and_the_newest_before_the_older() -> None:
    cases = [case("a", clock("k1")), case("b", clock("k2"), emergency=True), case("c", clock("k3"))]
    state, _raised = looked(watching(*cases), 11, *cases)
    order = []
    while (found := shown(state)) is not None:
        order.append((found.alarm.case_id, found.count))
        state = acknowledge(state)
    assert order == [("b", 3), ("c", 2), ("a", 1)]


# The line


def test_a_line_away_more_than_ten_seconds_is_lost_once_and_comes_back_quietly() -> None:
    state, raised = line(Alarms(), "online", at(0), 0)
    state, raised = line(state, "offline", at(0), 1_000)
    for counter_ms in (2_000, 1_000 + LINE_LOST_MS):
        state, raised = waited(state, at(0), counter_ms)
        assert not raised
    state, _raised = line(state, "connecting", at(0), 8_000)
    state, _raised = line(state, "offline", at(0), 9_000)
    state, raised = waited(state, at(1), 1_001 + LINE_LOST_MS)
    assert [(a.kind, a.at) for a in raised] == [(Kind.LINE_LOST, at(1).lo - 10 * SECOND_MS - 1)]
    assert sound(state, raised, at(0), 12_000)[1] is Tone.LINE_LOST
    state, raised = waited(state, at(1), 60_000)
    assert not raised, "once"
    state, raised = line(acknowledge(state), "online", at(2), 70_000)
    assert [a.kind for a in raised] == [Kind.LINE_BACK] and state.standing == raised
    assert sound(state, raised, at(2), 200_000)[1] is None
    assert shown(acknowledge(state)) is None


def test_a_line_that_mends_itself_and_one_that_is_switched_off_are_no_alarm() -> None:
    for word in ("online", "work_offline"):
        state, _raised = line(Alarms(), "online", at(0), 0)
        state, _raised = line(state, "offline", at(0), 1_000)
        state, raised = line(state, word, at(0), 9_000)
        assert not raised and not waited(state, at(0), 99_000)[1]


def test_a_centre_that_turns_us_away_is_told_as_what_it_is() -> None:
    state, _raised = line(Alarms(), "online", at(0), 0)
    state, _raised = line(state, "refused", at(0), 1_000)
    assert [a.kind for a in waited(state, at(0), 99_000)[1]] == [Kind.LINE_REFUSED]


# What is sure


def test_without_the_centres_time_that_is_told_and_no_colour() -> None:
    one = case("a", clock(yellow=10, due=14), clock("k2", yellow=20, due=300))
    unsure = unproven(at(60).lo, at(5).lo)
    state, _raised = first_look(Alarms(), [one], NOTHING, unsure, 0)
    state, raised = look(state, [one], unsure, 0)
    assert not raised
    state, raised = time_known(state, False, unsure, 0)
    assert [a.kind for a in raised] == [Kind.TIME_DOUBTFUL]
    assert not time_known(state, False, unsure, 1)[1]
    state, _raised = time_known(state, True, at(60), 2)
    assert not state.standing, "it is no longer so"
    state, raised = look(state, [one], at(60), 3)
    assert {(a.kind, a.key) for a in raised} == {(Kind.RED, "clock k"), (Kind.YELLOW, "clock k2")}


minutes = st.integers(0, 60)
clocks = st.builds(
    lambda name, yellow, length, own, stage: clock(f"k{name}", yellow, yellow + length, own, stage),
    st.integers(0, 3), minutes, st.integers(0, 30), st.booleans(), st.sampled_from(["dispatch", "arrival"]),
)  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[int, list[WatchedCase]]]:
    """Looks at later and later minutes, at cases whose clocks have ids of their own; a clock may be there or have stopped."""
    fixed = [
        case(
            f"c{n}",
            *(replace(k, id=f"{n}.{i}") for i, k in enumerate(draw(st.lists(clocks, max_size=3)))),
            emergency=draw(st.booleans()),
            arrived=draw(st.booleans()),
            asked=draw(st.sampled_from(["", f"request {n}"])),
        )
        for n in range(draw(st.integers(1, 14)))
    ]
    times = sorted(draw(st.lists(st.integers(0, 100), min_size=1, max_size=12)))
    return [(t, draw(st.lists(st.sampled_from(fixed), unique_by=lambda c: c.id, max_size=14))) for t in times]


@given(histories())
def test_never_more_than_one_banner_per_clock_and_colour(history: list[tuple[int, list[WatchedCase]]]) -> None:
    state = Alarms()
    counted: Counter[tuple[str, Kind]] = Counter()
    for time, cases in history:
        state, raised = looked(state, time, *cases)
        counted.update((a.key, a.kind) for a in raised)
        keys = [a.key for a in state.standing]
        assert len(keys) == len(set(keys)), "a clock stands once, in its latest colour"
    assert all(n == 1 for n in counted.values())


@given(histories())
def test_more_than_ten_in_ten_minutes_are_one_and_fewer_are_not(history: list[tuple[int, list[WatchedCase]]]) -> None:
    state, raised_at = Alarms(), []
    for time, cases in history:
        state, raised = looked(state, time, *cases)
        raised_at += [time] * len(raised)
        found = shown(state)
        if sum(time - t < 10 for t in raised_at) > FLOOD_COUNT and found is not None and found.count > 1:
            assert sum(n for _kind, n in found.merged) == found.count
        if max((sum(0 <= t - u < 10 for u in raised_at) for t in raised_at), default=0) <= FLOOD_COUNT:
            assert found is None or not found.merged


@given(histories())
def test_acknowledging_clears_and_never_brings_anything_back(history: list[tuple[int, list[WatchedCase]]]) -> None:
    state = Alarms()
    for time, cases in history:
        state, _raised = looked(state, time, *cases)
        before = shown(state)
        if before is None:
            continue
        after = acknowledge(state)
        assert before.alarm not in after.standing
        assert len(after.standing) == (0 if before.merged else before.count - 1)
        again, raised = looked(after, time, *cases)
        assert not raised and again.standing == after.standing
        state = after


@given(histories(), st.integers(0, 100))
def test_silence_shows_the_same_and_sounds_nothing(history: list[tuple[int, list[WatchedCase]]], from_: int) -> None:
    loud = quiet = Alarms()
    for time, cases in history:
        counter_ms = time * MINUTE_MS
        if time >= from_ and not quiet.silent_until:
            quiet = silence(quiet, True, counter_ms)
        loud, raised = looked(loud, time, *cases)
        quiet, raised_too = looked(quiet, time, *cases)
        assert raised == raised_too and shown(loud) == shown(quiet)
        heard_before = quiet.sounded
        quiet, tone = sound(quiet, raised_too, at(time), counter_ms)
        if quiet.silent_until and counter_ms < quiet.silent_until:
            assert tone is None and quiet.sounded == heard_before


@given(histories(), st.integers(0, 40), st.integers(0, 40))
def test_no_alarm_claims_a_colour_that_is_not_sure(
    history: list[tuple[int, list[WatchedCase]]], before: int, after: int
) -> None:
    state = Alarms()
    for time, cases in history:
        now = Moment(at(time - before).lo, at(time + after).hi)
        due = {f"clock {k.id}": k for c in cases for k in c.clocks}
        state, raised = look(state, cases, now, time * MINUTE_MS, frozenset(c.id for c in cases))
        for alarm in raised:
            if alarm.kind is Kind.RED:
                assert now.lo > (due[alarm.key].due_at or 0)
            if alarm.kind is Kind.YELLOW:
                assert (due[alarm.key].yellow_at or 0) <= now.lo and now.hi <= (due[alarm.key].due_at or 0)


def test_a_request_is_told_to_whoever_may_answer_it_until_it_is_answered() -> None:
    state = watching(case("a", clock(yellow=30, due=40)))
    state, raised = looked(state, 1, case("a", clock(yellow=30, due=40), asked="r1"))
    assert [(a.kind, a.case_id) for a in raised] == [(Kind.ASKED, "a")]
    state, raised = looked(state, 2, case("a", clock(yellow=30, due=40), asked="r1"))
    assert not raised, "once a request"
    state, raised = looked(state, 3, case("a", clock(yellow=30, due=40)))
    assert not state.standing, "answered: it goes by itself"
    state, raised = looked(state, 4, case("a", clock(yellow=30, due=40), asked="r2"))
    assert [a.key for a in raised] == ["asked r2"]
