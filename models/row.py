"""A case as lists see it: one flat row, computed from the case, kept by both stores, read by every count (D10)."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from models.case import (
    Assignment,
    AssignmentRole,
    Case,
    ClockState,
    RequestKind,
    StageClock,
    State,
    Verdict,
    hands_of_round,
)
from models.moves import WITH_UNITS
from models.organisation import DISTRICT_CODE
from models.owed_evidence import is_owed
from models.policy import Stage
from models.stage_clock import awaits_ratification, owes_opinion


class NextStep(msgspec.Struct, frozen=True):
    """Who must do what now (下一步): a code and the unit that owes the move; ("", "") when the case has ended and nothing
    of it waits to be judged."""

    code: str
    unit: str


class CaseRow(msgspec.Struct, frozen=True):
    """The columns of `case_row`. `clock_*` describe the running clock that is due first (D5), 暂定 ones last; instants in ms UTC.

    `yellow_at` is the earliest yellow of all running clocks; `paused` is true when every unfinished clock is paused, or
    waits for what is decided about it. `suspended_until`: 挂账 of the lead was granted up to then. `evidence_owed`: some clock is
    待补证据.
    """

    id: str
    number: str
    version: int
    state: str
    is_open: bool
    town: str
    station: str
    level: str
    lead: str
    co_count: int
    clock_stage: str
    clock_owner: str
    clock_started_at: int | None
    clock_provisional: bool
    due_at: int | None
    yellow_at: int | None
    paused: bool
    next_code: str
    next_unit: str
    emergency: bool
    channel: str
    category: str
    title: str
    place: str
    reported_at: int
    filed_at: int | None
    closed_at: int | None
    close_kind: str
    any_late: bool
    any_doubtful: bool
    suspended_until: int | None = None
    evidence_owed: bool = False


def running(case: Case) -> list[StageClock]:
    """The clocks that run and are not paused, earliest due first; behind them those that are 暂定, which turn nothing red and
    must hide none that does."""
    found = [c for c in case.clocks if c.is_counting]
    return sorted(found, key=lambda c: (c.provisional, c.due_at or 0))


def next_step(case: Case) -> NextStep:
    """Whose move it is and which one (practice.md §5 下一步)."""
    state = case.state
    if not case.is_open:
        return _judging(case) or _ratifying(case) or NextStep("", "")
    void = case.open_request(RequestKind.VOID)
    if void is not None and void.to:
        # Whether the case goes on at all is settled first; what runs meanwhile shows in its clocks and on its unit's page.
        return NextStep("case.answer_void", void.to if void.to == case.town else DISTRICT_CODE)
    asked = _return_first(case)
    if asked is not None:
        return NextStep("case.answer_return", asked.giver)
    if state is State.REPORTED:
        return NextStep("case.file", case.level)
    if state is State.AWAITING_SUPPLEMENT:
        return NextStep("case.supplement", case.reporter_unit)
    if state is State.AWAITING_DISPATCH:
        return NextStep("case.dispatch", case.level)
    if state is State.AWAITING_RULING:
        return NextStep("case.rule", DISTRICT_CODE)
    if state is State.AWAITING_REVIEW:
        return NextStep("case.review_self_handled", case.town)
    if state in WITH_UNITS:
        return _unit_step(case)
    if state is State.AWAITING_CHECK:
        check = case.check
        if check is None or not check.checker or check.nobody_submits or check.checker in hands_of_round(case):
            return NextStep("case.name_checker", check.station if check else case.station)
        return NextStep("case.check", check.checker_unit or check.station)
    if state is State.AWAITING_SUBMIT:
        check = case.check
        if check is not None and check.nobody_submits:
            return NextStep("case.name_checker", check.station)
        submits = check.submitter_unit or check.station if check is not None else case.station
        return NextStep("case.submit_check", submits)
    if state is State.AWAITING_CONFIRM:
        judging = _judging(case)
        if judging is not None and judging.unit == case.town:
            return judging
        given_back = any(case.return_request(a.id) for a in case.active(AssignmentRole.CO) if a.giver == case.town)
        return NextStep("case.answer_return" if given_back else "case.confirm", case.town)
    return NextStep("", "")


def _judging(case: Case) -> NextStep | None:
    """The answer that a late result still waits for, because more time was asked for in due time: until then it has no verdict,
    also when the case is over (docs/decisions/0008)."""
    for kind in (RequestKind.EXTENSION, RequestKind.SUSPENSION):
        for asked in case.open_requests(kind):
            clock, given = case.clock_of(asked.assignment, Stage.HANDLING), case.assignment(asked.assignment)
            if clock is not None and clock.verdict is Verdict.HELD and given is not None:
                return NextStep(f"case.answer_{kind.value}", given.giver)
    return None


def _ratifying(case: Case) -> NextStep | None:
    """The 追认 that a typed word still waits for when the case is over: its clock has no verdict until then (practice.md §2)."""
    waits = (a for a in case.assignments if a.role is not AssignmentRole.TOWN and awaits_ratification(case, a.id))
    given = next(waits, None)
    return NextStep("case.ratify", given.receiver) if given is not None else None


def _return_first(case: Case) -> Assignment | None:
    """The assignment whose 退单 must be answered before anything else can go on: the one that has the next move. A
    co-handler's request, and a town's whose units are at work, leave the next step as it is."""
    for asked in case.open_requests(RequestKind.RETURN):
        given = case.assignment(asked.assignment)
        if given is None or given.ended or given.role is AssignmentRole.CO:
            continue
        if given.role is AssignmentRole.LEAD or case.lead is None:
            return given
    return None


def _unit_step(case: Case) -> NextStep:
    lead = case.lead
    if lead is None:
        return NextStep("case.dispatch", case.level)
    asked = case.time_request(lead.id)
    if asked is not None:
        return NextStep(f"case.answer_{asked.kind.value}", lead.giver)
    if lead.delivered_at is None and lead.notified_at is None:
        return NextStep("case.log_call", lead.giver)
    if lead.acknowledged_at is None and lead.arrived_at is None:
        return NextStep("case.acknowledge", lead.receiver)
    if lead.arrived_at is None:
        return NextStep("case.arrive", lead.receiver)
    if owes_opinion(case, lead):
        return NextStep("case.give_opinion", lead.receiver)
    return NextStep("case.feedback", lead.receiver)


def at_desk(row: CaseRow, unit: str) -> CaseRow:
    """The row as a desk of `unit` is shown it. What lies in the lead's own store has come to it, though the centre has not
    said so yet: it is his to sign for, and nobody's to ring him about (docs/decisions/0005)."""
    if row.next_code == "case.log_call" and row.lead == unit:
        return replace(row, next_code="case.acknowledge", next_unit=unit)
    return row


def _responsible(case: Case) -> str:
    """The lead; of an ended case the unit that led it last."""
    if case.lead is not None:
        return case.lead.receiver
    leads = [a.receiver for a in case.assignments if a.role is AssignmentRole.LEAD]
    return leads[-1] if leads and not case.is_open else ""


def row_of(case: Case) -> CaseRow:
    """The flat row of a case. Pure: the same case always gives the same row."""
    clocks = running(case)
    first = clocks[0] if clocks else None
    unfinished = [c for c in case.clocks if c.state is ClockState.RUNNING]
    yellows = [c.yellow_at for c in clocks if c.yellow_at is not None]
    step = next_step(case)
    verdicts = {c.verdict for c in case.clocks if c.verdict is not None}
    return CaseRow(
        id=case.id,
        number=case.number,
        version=case.version,
        state=case.state.value,
        is_open=case.is_open,
        town=case.town,
        station=case.station,
        level=case.level,
        lead=_responsible(case),
        co_count=len(case.active(AssignmentRole.CO)),
        clock_stage=first.stage.value if first else "",
        clock_owner=first.owner if first else "",
        clock_started_at=first.started_at if first else None,
        clock_provisional=first.provisional if first else False,
        due_at=first.due_at if first else None,
        yellow_at=min(yellows) if yellows else None,
        paused=bool(unfinished) and not clocks,
        next_code=step.code,
        next_unit=step.unit,
        emergency=case.emergency,
        channel=case.channel,
        category=case.category,
        title=case.title,
        place=case.place,
        reported_at=case.reported_at.shown_at,
        filed_at=case.filed_at.shown_at if case.filed_at else None,
        closed_at=case.closed_at.shown_at if case.closed_at else None,
        close_kind=case.close_kind,
        any_late="late" in verdicts,
        any_doubtful="doubtful" in verdicts,
        suspended_until=case.lead.suspended_until if case.lead is not None and case.state in WITH_UNITS else None,
        evidence_owed=is_owed(case),
    )


def scopes_of(case: Case) -> frozenset[str]:
    """The feeds that carry the case: the district, the sub-centre of the place once the case left the district's own
    desk (D17: also of cases given directly to a department), every unit with a duty now, the checking station and whoever checks for it. What a
    sub-centre once had to dispatch it goes on seeing, also while the district rules (R44)."""
    scopes = {DISTRICT_CODE, case.reporter_unit}
    town = case.level != DISTRICT_CODE or bool(case.assignments)
    for clock in case.clocks:
        town = town or (clock.stage is Stage.DISPATCH and clock.owner == case.town)
    if town:
        scopes.add(case.town)
    for assignment in case.assignments:
        # Only where the end says so: feeds of a database from before are what they were.
        waits = assignment.may_ratify and awaits_ratification(case, assignment.id)
        if waits or assignment.ended in ("", "closed", "reworked"):
            scopes.add(assignment.receiver)
    for check in case.checks:
        scopes.add(check.station)
        scopes.add(check.checker_unit)
    scopes.discard("")
    return frozenset(scopes)
