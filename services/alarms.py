"""Alarms, decided without asking or sounding anything: (state, facts, time) → (state, new alarms). Pure.

Two times are arguments. `now` is the present of the cases' clocks, an interval (D8): a colour is claimed only when it is
sure at both ends. `counter_ms` counts a person's attention: real milliseconds since the watch began, never jumping; the
ten minutes of the merge rule and a silence are measured by it.

    an alarm stands    from the instant it is sure, until somebody says 知道了 or what it says is no longer so
    it is raised once  per clock and colour; a clock that was given more time and turns again is raised again
    the first look     raises nothing but one summary of what is already coloured
    more than ten in ten minutes become one, until somebody says 知道了 (EEMUA 191's flood)

What is heard of it stands in services/alarm_sound.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum

import msgspec
from msgspec.structs import replace

from models.clock import MINUTE_MS
from models.evidence import Moment
from models.policy import Stage

FLOOD_COUNT = 10
FLOOD_MS = 10 * MINUTE_MS
SILENCE_MS = 30 * MINUTE_MS
LINE_LOST_MS = 10_000
"""A line that mends itself within this is nobody's alarm."""


class Kind(str, Enum):
    """What an alarm says. ASKED: somebody's request waits for whoever sits here. BEGIN sums up what the first look found; TIME_DOUBTFUL says that no colour can be claimed."""

    RED = "red"
    YELLOW = "yellow"
    NEW = "new"
    ASKED = "asked"
    LINE_LOST = "line_lost"
    LINE_REFUSED = "line_refused"
    LINE_BACK = "line_back"
    TIME_DOUBTFUL = "time_doubtful"
    BEGIN = "begin"


class WatchedClock(msgspec.Struct, frozen=True):
    """A clock that runs. `own`: this desk's unit is charged. Instants in ms UTC. `provisional`: the due time is 暂定, and turns
    nothing red."""

    id: str
    stage: str
    owner_name: str
    own: bool
    yellow_at: int | None
    due_at: int | None
    provisional: bool = False


class WatchedCase(msgspec.Struct, frozen=True):
    """What alarms need of an open case. `arrived`: the next move is this desk's and nobody of its unit has acted yet;
    `ten_minutes`: it is to be dispatched from here, whether or not the centre knows yet that it has come.
    `asked`: the id of a request that whoever sits here may answer, `answer` the kind of act that does."""

    id: str
    title: str
    place: str
    emergency: bool
    arrived: bool
    clocks: tuple[WatchedClock, ...]
    asked: str = ""
    answer: str = ""
    number: str = ""
    ten_minutes: bool = False


class Alarm(msgspec.Struct, frozen=True):
    """One alarm. `key` names what it is about: a later alarm with the same key takes its place. `at`: since when, ms UTC.

    `urgent`: an emergency or the own ten minutes. `answer`: the kind of act that answers what is ASKED. `red`, `yellow`,
    `mine` are the figures of a BEGIN.
    """

    key: str
    kind: Kind
    at: int
    case_id: str = ""
    title: str = ""
    place: str = ""
    stage: str = ""
    owner_name: str = ""
    due_at: int | None = None
    emergency: bool = False
    urgent: bool = False
    answer: str = ""
    red: int = 0
    yellow: int = 0
    mine: int = 0
    number: str = ""


class Turning(msgspec.Struct, frozen=True):
    """A colour that a clock will take at `at` (ms UTC), if nobody does anything."""

    at: int
    case_id: str
    to: Kind
    stage: str
    title: str
    number: str


class Shown(msgspec.Struct, frozen=True):
    """What the banner says: the most pressing alarm, and how many stand; `merged`: how many of each kind, as one."""

    alarm: Alarm
    count: int
    merged: tuple[tuple[Kind, int], ...] = ()


class Alarms(msgspec.Struct, frozen=True):
    """The state. `told`: of each watched case, what has been raised and still holds ("clock:colour", "arrived",
    "asked request").

    `horizon_ms`: up to when the watched cases are all those that may turn. `whole`: none was left out of the first look,
    which was made at `began_ms`. `lost_since` and `sounded` are counters in ms, `raised` those of the last ten minutes.
    """

    standing: tuple[Alarm, ...] = ()
    told: Mapping[str, frozenset[str]] = {}
    turning: Mapping[str, Turning] = {}
    began_ms: int | None = None
    horizon_ms: int = 0
    whole: bool = True
    raised: tuple[int, ...] = ()
    merged: bool = False
    silent_until: int = 0
    sounded: int | None = None
    line: str = ""
    lost_since: int | None = None
    lost: bool = False
    doubtful: bool = False


Step = tuple[Alarms, tuple[Alarm, ...]]
"""The next state, and the alarms raised by this step."""


# The cases


def first_look(
    state: Alarms,
    cases: Iterable[WatchedCase],
    figures: tuple[int, int, int],
    now: Moment,
    counter_ms: int,
    whole: bool = True,
) -> Step:
    """What there is at the beginning. `figures`: red, yellow, and the desk's own moves, of all open cases."""
    red, yellow, mine = figures
    state, _raised = _look(replace(state, began_ms=now.lo, whole=whole, told={}, turning={}), cases, now)
    state = replace(state, standing=tuple(a for a in state.standing if not a.case_id))
    if not red and not yellow and not mine:
        return state, ()
    return _raise(state, (Alarm("begin", Kind.BEGIN, now.shown_at, red=red, yellow=yellow, mine=mine),), counter_ms)


def look(
    state: Alarms, cases: Iterable[WatchedCase], now: Moment, counter_ms: int, asked: frozenset[str] | None = None
) -> Step:
    """Cases that changed, or whose instant has come. Of those `asked` for (None: of all) the ones not among `cases`
    have ended or left."""
    found = tuple(cases)
    present = {case.id for case in found}
    everything = set(state.told) | set(state.turning) | {a.case_id for a in state.standing if a.case_id}
    left = (everything if asked is None else asked) - present
    state, raised = _look(_without(state, left), found, now)
    return _raise(state, raised, counter_ms)


def _look(state: Alarms, cases: Iterable[WatchedCase], now: Moment) -> Step:
    told, turning = dict(state.told), dict(state.turning)
    standing, raised = state.standing, []
    for case in cases:
        before = told.pop(case.id, None)
        turning.pop(case.id, None)
        marks, candidates = _marks(case, before or frozenset(), now)
        if before is None and not state.whole and state.began_ms is not None:
            before = _long_past(candidates, state.began_ms)
        raised += [alarm for mark, alarm in candidates if mark not in (before or ())]
        standing = tuple(a for a in standing if a.case_id != case.id or _mark(a) in marks)
        if marks:
            told[case.id] = marks
        following = _following(case, now)
        if following is not None:
            turning[case.id] = following
    return replace(state, told=told, turning=turning, standing=standing), tuple(raised)


def _marks(
    case: WatchedCase, before: frozenset[str], now: Moment
) -> tuple[frozenset[str], tuple[tuple[str, Alarm], ...]]:
    """What holds of the case now, and the alarm that each part of it is worth: of a red clock only the red one."""
    marks: set[str] = set()
    alarms: list[tuple[str, Alarm]] = []
    if case.arrived:
        marks.add("arrived")
        new = _alarm(case, Kind.NEW, now.shown_at, None, case.emergency or case.ten_minutes)
        alarms.append(("arrived", new))
    if case.asked:
        marks.add(f"asked {case.asked}")
        asked = _alarm(case, Kind.ASKED, now.shown_at, None, case.emergency)
        alarms.append((f"asked {case.asked}", replace(asked, key=f"asked {case.asked}", answer=case.answer)))
    for clock in case.clocks:
        yellow, red = f"{clock.id}:yellow", f"{clock.id}:red"
        urgent = case.emergency or _is_own_ten_minutes(clock)
        red_at = None if clock.provisional else clock.due_at
        if red_at is not None and now.lo > red_at:
            marks |= {yellow, red}
            alarms.append((red, _alarm(case, Kind.RED, red_at, clock, urgent)))
        elif clock.yellow_at is not None and now.lo >= clock.yellow_at:
            if red_at is None or now.hi <= red_at:
                marks.add(yellow)
                alarms.append((yellow, _alarm(case, Kind.YELLOW, clock.yellow_at, clock, urgent)))
            else:
                marks |= before & {yellow, red}
    return frozenset(marks), tuple(alarms)


def _is_own_ten_minutes(clock: WatchedClock) -> bool:
    return clock.own and clock.stage == Stage.DISPATCH.value


def _long_past(candidates: Iterable[tuple[str, Alarm]], began_ms: int) -> frozenset[str]:
    """Of a case left out of the first look: what had turned before it."""
    turned = (Kind.YELLOW, Kind.RED)
    return frozenset(mark for mark, alarm in candidates if alarm.kind in turned and alarm.at <= began_ms)


def _alarm(case: WatchedCase, kind: Kind, at_ms: int, clock: WatchedClock | None, urgent: bool) -> Alarm:
    return Alarm(
        key=f"clock {clock.id}" if clock else f"case {case.id}",
        kind=kind,
        at=at_ms,
        case_id=case.id,
        title=case.title,
        place=case.place,
        stage=clock.stage if clock else "",
        owner_name=clock.owner_name if clock else "",
        due_at=clock.due_at if clock else None,
        emergency=case.emergency,
        urgent=urgent,
        number=case.number,
    )


def _mark(alarm: Alarm) -> str:
    if alarm.kind is Kind.ASKED:
        return alarm.key
    return "arrived" if alarm.kind is Kind.NEW else f"{alarm.key.removeprefix('clock ')}:{alarm.kind.value}"


def _following(case: WatchedCase, now: Moment) -> Turning | None:
    """The soonest colour the case will take that it surely has not taken yet."""
    found = []
    for clock in case.clocks:
        if clock.yellow_at is not None and clock.yellow_at > now.lo:
            found.append(Turning(clock.yellow_at, case.id, Kind.YELLOW, clock.stage, case.title, case.number))
        if clock.due_at is not None and clock.due_at >= now.lo and not clock.provisional:
            found.append(Turning(clock.due_at + 1, case.id, Kind.RED, clock.stage, case.title, case.number))
    return min(found, key=lambda t: t.at, default=None)


def _without(state: Alarms, case_ids: Iterable[str]) -> Alarms:
    gone = set(case_ids)
    if not gone:
        return state
    return replace(
        state,
        told={k: v for k, v in state.told.items() if k not in gone},
        turning={k: v for k, v in state.turning.items() if k not in gone},
        standing=tuple(a for a in state.standing if a.case_id not in gone),
    )


def watching_until(state: Alarms, horizon_ms: int) -> Alarms:
    """The cases looked at are all those that may turn until then."""
    return replace(state, horizon_ms=horizon_ms)


def next_turning(state: Alarms) -> Turning | None:
    """What turns colour next, of the cases known."""
    return min(state.turning.values(), key=lambda t: (t.at, t.case_id), default=None)


def come(state: Alarms, now: Moment) -> frozenset[str]:
    """The cases whose instant has surely come: they must be looked at."""
    return frozenset(t.case_id for t in state.turning.values() if t.at <= now.lo)


# The line and the time


def line(state: Alarms, word: str, now: Moment, counter_ms: int) -> Step:
    """The line's state was told (models/views.LineState.state). Off by the person's own switch is not lost."""
    was_wanted = state.line in ("online", "work_offline") and not state.lost
    state = replace(state, line=word)
    if word == "online":
        lost, state = state.lost, replace(state, lost_since=None, lost=False)
        return _raise(state, (Alarm("line", Kind.LINE_BACK, now.shown_at),) if lost else (), counter_ms)
    if word == "work_offline":
        return replace(state, lost_since=None), ()
    if was_wanted:
        state = replace(state, lost_since=counter_ms)
    return state, ()


def waited(state: Alarms, now: Moment, counter_ms: int) -> Step:
    """Time has passed: a line that has been away too long is lost."""
    if state.lost or state.lost_since is None or counter_ms - state.lost_since <= LINE_LOST_MS:
        return state, ()
    kind = Kind.LINE_REFUSED if state.line == "refused" else Kind.LINE_LOST
    gone_ms = counter_ms - state.lost_since
    return _raise(replace(state, lost=True), (Alarm("line", kind, now.shown_at - gone_ms),), counter_ms)


def time_known(state: Alarms, known: bool, now: Moment, counter_ms: int) -> Step:
    """Without the centre's time no colour is sure; that nothing will be raised is itself worth an alarm."""
    if known:
        standing = tuple(a for a in state.standing if a.kind is not Kind.TIME_DOUBTFUL)
        return replace(state, doubtful=False, standing=standing), ()
    if state.doubtful:
        return state, ()
    return _raise(replace(state, doubtful=True), (Alarm("time", Kind.TIME_DOUBTFUL, now.shown_at),), counter_ms)


# Raising, and what a person does about it


def _raise(state: Alarms, raised: tuple[Alarm, ...], counter_ms: int) -> Step:
    if not raised:
        return state, ()
    keys = {alarm.key for alarm in raised}
    recent = tuple(c for c in state.raised if counter_ms - c < FLOOD_MS) + (counter_ms,) * len(raised)
    return replace(
        state,
        standing=tuple(a for a in state.standing if a.key not in keys) + raised,
        raised=recent,
        merged=state.merged or len(recent) > FLOOD_COUNT,
    ), raised


def shown(state: Alarms) -> Shown | None:
    """What the banner says now: urgent before others, newest before older; merged into one in a flood."""
    if not state.standing:
        return None
    newest = max(enumerate(state.standing), key=lambda found: (found[1].urgent, found[0]))[1]
    count = len(state.standing)
    if not state.merged or count == 1:
        return Shown(newest, count)
    kinds = Counter(alarm.kind for alarm in state.standing)
    return Shown(newest, count, tuple((kind, kinds[kind]) for kind in Kind if kinds[kind]))


def acknowledge(state: Alarms) -> Alarms:
    """知道了, of what is shown: one alarm, or all of them when they are merged into one."""
    now_shown = shown(state)
    if now_shown is None:
        return state
    if now_shown.merged:
        return replace(state, standing=(), merged=False)
    rest = tuple(a for a in state.standing if a is not now_shown.alarm)
    return replace(state, standing=rest, merged=state.merged and bool(rest))


def silence(state: Alarms, on: bool, counter_ms: int) -> Alarms:
    """No sound for half an hour, or sound again. The banner shows what it shows."""
    return replace(state, silent_until=counter_ms + SILENCE_MS if on else 0)


def silent_for_ms(state: Alarms, counter_ms: int) -> int:
    """How much of the silence is left."""
    return max(0, state.silent_until - counter_ms)
