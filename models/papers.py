"""Papers and cards as frozen values: what is said on the telephone, read to a leader, printed for a unit (practice.md §2, §6).

None of them holds anything of a requester (D2). Drawn by ui/papers and ui/dialogs. Instants in ms UTC.
"""

from __future__ import annotations

import msgspec

from models.case import Assignment, Case, ClockState, StageClock
from models.deadline import Limit
from models.evidence import Moment
from models.light import Light
from models.policy import Stage
from models.rules import Rules
from models.stage_clock import started


class Promise(msgspec.Struct, frozen=True):
    """One limit of a unit as an absolute time. `reckoned`: its clock waits for the unit to be told, so the time holds
    only if the unit is told at the instant the paper names. `due_at` None: beyond the calendar."""

    stage: Stage
    limit: Limit
    due_at: int | None
    reckoned: bool
    met: bool = False


def promises(case: Case, assignment: Assignment, rules: Rules, now_ms: int) -> tuple[Promise, ...]:
    """What a unit owes on an assignment, in the order of a case's life; a waiting clock is reckoned from `now_ms`."""
    own = [c for c in case.clocks if c.assignment == assignment.id]
    own.sort(key=lambda c: list(Stage).index(c.stage))
    return tuple(_promise(clock, case, rules, now_ms) for clock in own)


def _promise(clock: StageClock, case: Case, rules: Rules, now_ms: int) -> Promise:
    if clock.state is not ClockState.WAITING:
        return Promise(clock.stage, clock.limit, clock.due_at, False, clock.stopped is not None)
    try:
        reckoned = started(clock, now_ms, "notified", rules, case.emergency)
    except ValueError:
        return Promise(clock.stage, clock.limit, None, True)
    return Promise(clock.stage, reckoned.limit, reckoned.due_at, True)


class Callee(msgspec.Struct, frozen=True):
    """A unit to ring. `role` is its part ("lead", "co") or "" when it has no duty on the case; `ours`: the duty was given
    from this desk. `told_at`: delivered, or told by an answered call. `ring_again_at` follows a call nobody answered."""

    unit: str
    name: str
    phone: str
    role: str
    assignment: str
    ours: bool
    told_at: int | None
    promises: tuple[Promise, ...]
    staff: tuple[str, ...] = ()
    last_call_at: int | None = None
    last_call_result: str = ""
    ring_again_at: int | None = None

    @property
    def waits(self) -> bool:
        """True while a unit this desk sent the case to knows nothing of it (未送达)."""
        return self.ours and self.told_at is None


class CallCard(msgspec.Struct, frozen=True):
    """Whom to ring about a case and what to say (D7). Times in `callees` are reckoned from `asked_at`."""

    case_id: str
    number: str
    title: str
    category_name: str
    place: str
    station_name: str
    emergency: bool
    round: int
    lead_name: str
    return_minutes: int
    asked_at: int
    callees: tuple[Callee, ...]


HERE = "here"
"""The case has come to the desk that tells of it, and the centre has not said so yet."""


class HasIt(msgspec.Struct, frozen=True):
    """A unit that has the case: its part, name and duty phone, and the last thing it did, or HERE ("" when it knows nothing
    yet)."""

    role: str
    name: str
    phone: str
    fact: str


class ReadingCard(msgspec.Struct, frozen=True):
    """A case as it is told to a leader who rings (practice.md §2, 11:00), as it stood at `asked_at`.

    `last_*` is the last act worth telling; `stage`, `owner`, `light`, `next_light`, `next_at`, `due_at` are of the running
    clock that is due first; `next_code` and `next_unit` say who must do what now. `operator_name`: at whose desk.
    """

    number: str
    state: str
    title: str
    category_name: str
    place: str
    station_name: str
    emergency: bool
    reported_at: Moment
    has_it: tuple[HasIt, ...]
    last_kind: str
    last_at: Moment
    last_unit: str
    last_note: str
    last_result: str
    last_typed: bool
    stage: str
    owner: str
    light: Light | None
    next_light: Light | None
    next_at: int | None
    due_at: int | None
    next_code: str
    next_unit: str
    asked_at: int
    operator_name: str


class DispatchSlip(msgspec.Struct, frozen=True):
    """派单, sub-centre → unit (practice.md §6): one sheet for one unit, fields in the paper's order.

    `draft`: the dispatch has not yet taken effect at the centre. `reckoned`: the unit has not been told yet, so the times
    count from `printed_at`. `source` is what the reference data calls itself when it is not real (演示数据), else "".
    """

    number: str
    unit_name: str
    role: str
    round: int
    emergency: bool
    reported_at: Moment
    assigned_at: Moment
    place: str
    station_name: str
    title: str
    category_name: str
    words: str
    first_responses: tuple[str, ...]
    lead_name: str
    lead_phone: str
    co: tuple[tuple[str, str], ...]
    promises: tuple[Promise, ...]
    return_minutes: int
    note: str
    giver_name: str
    giver_phone: str
    by_name: str
    draft: bool
    source: str
    operator_name: str
    printed_at: int

    @property
    def reckoned(self) -> bool:
        """True when the times hold only for a unit told at `printed_at`."""
        return any(p.reckoned for p in self.promises)
