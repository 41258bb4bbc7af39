"""What is said, read and printed about a case: made of the case as it stands here, with nothing of the requester (D2)."""

from __future__ import annotations

from models.case import KEPT_ONLY, Assignment, AssignmentRole, Case, Step
from models.clock import MINUTE_MS
from models.decide.made_twice import giving_step
from models.evidence import counting_bounds
from models.light import explain
from models.moves import OF_THE_CENTRE
from models.papers import HERE, CallCard, Callee, DispatchSlip, HasIt, ReadingCard, promises
from models.row import at_desk, row_of, running
from models.store import outbox
from models.store.case_table import get_case
from models.store.work import Work
from services.desk import Desk
from services.spared import spared

NOT_WORTH_TELLING = OF_THE_CENTRE | {"case.note", "case.describe", "case.ratify", "case.attach"}
TOLD_IN_WORDS = ("case.give_opinion", "case.note_progress", "case.feedback", "case.handled", "case.first_response")
"""Acts whose own words are told on: what a unit found and did. Notes of calls and requests are not."""


def _name(work: Work, code: str) -> str:
    unit = work.rules.organisations.get(code)
    return unit.name if unit else ""


def _phone(work: Work, code: str) -> str:
    unit = work.rules.organisations.get(code)
    return unit.duty_phone if unit else ""


def _category(work: Work, case: Case) -> str:
    found = work.rules.categories.get(case.category)
    return found.name if found else ""


# The call card


def call_card(work: Work, desk: Desk, case_id: str) -> CallCard | None:
    """Whom to ring about the case from this desk, who waits first, and what to say; None when the case is gone."""
    case = get_case(work.connection, case_id)
    if case is None:
        return None
    now = work.present().shown_at
    spare = spared(work, case)
    callees = [_callee(work, desk, case, a, now) for a in _duties(case) if a.receiver != desk.unit]
    known = {c.unit for c in callees}
    others = [case.station, case.town, *(a.giver for a in case.assignments if a.receiver == desk.unit and not a.ended)]
    for code in dict.fromkeys(others):
        if code and code != desk.unit and code not in known:
            callees.append(_plain_callee(work, case, code))
    callees.sort(key=lambda c: not c.waits)
    lead = case.lead
    return CallCard(
        case_id=case.id,
        number=case.number,
        title=spare(case.title),
        category_name=_category(work, case),
        place=spare(case.place),
        station_name=_name(work, case.station),
        emergency=case.emergency,
        round=case.round,
        lead_name=_name(work, lead.receiver) if lead else "",
        return_minutes=work.rules.policy.return_within_minutes,
        asked_at=now,
        callees=tuple(callees),
    )


def _duties(case: Case) -> list[Assignment]:
    found = [a for a in case.assignments if not a.ended and a.role is not AssignmentRole.TOWN]
    return sorted(found, key=lambda a: a.role is not AssignmentRole.LEAD)


def _callee(work: Work, desk: Desk, case: Case, assignment: Assignment, now_ms: int) -> Callee:
    knows = (assignment.delivered_at, assignment.notified_at, assignment.acknowledged_at, assignment.arrived_at)
    told = [m.shown_at for m in knows if m is not None]
    plain = _plain_callee(work, case, assignment.receiver)
    return Callee(
        unit=plain.unit,
        name=plain.name,
        phone=plain.phone,
        role=assignment.role.value,
        assignment=assignment.id,
        ours=assignment.giver == desk.unit,
        told_at=min(told) if told else None,
        promises=promises(case, assignment, work.rules, now_ms),
        staff=plain.staff,
        last_call_at=plain.last_call_at,
        last_call_result=plain.last_call_result,
        ring_again_at=None if told else plain.ring_again_at,
    )


def _plain_callee(work: Work, case: Case, code: str) -> Callee:
    calls = [s for s in case.history if s.kind == "case.log_call" and s.to == code]
    last = calls[-1] if calls else None
    again = work.rules.policy.ring_again_minutes * MINUTE_MS
    unanswered = last is not None and last.result == "no_answer"
    return Callee(
        unit=code,
        name=_name(work, code),
        phone=_phone(work, code),
        role="",
        assignment="",
        ours=False,
        told_at=None,
        promises=(),
        staff=tuple(p.name for p in work.rules.staff(code)),
        last_call_at=last.at.shown_at if last else None,
        last_call_result=last.result if last else "",
        ring_again_at=last.at.shown_at + again if last is not None and unanswered else None,
    )


# The card to read


def reading_card(work: Work, desk: Desk, case_id: str) -> ReadingCard | None:
    """The case as a desk tells it to a leader, now; None when the case is gone."""
    case = get_case(work.connection, case_id)
    if case is None:
        return None
    present = work.present()
    spare = spared(work, case)
    first = next(iter(running(case)), None)
    told = explain(first, *counting_bounds(present)) if first is not None else None
    last = _last_told(case)
    row = at_desk(row_of(case), desk.unit)
    operator = work.rules.people.get(desk.person)
    return ReadingCard(
        number=case.number,
        state=case.state.value,
        title=spare(case.title),
        category_name=_category(work, case),
        place=spare(case.place),
        station_name=_name(work, case.station),
        emergency=case.emergency,
        reported_at=case.reported_at,
        has_it=tuple(
            HasIt(a.role.value, _name(work, a.receiver), _phone(work, a.receiver), _fact(a, desk.unit))
            for a in _duties(case)
        ),
        last_kind=last.kind,
        last_at=last.at,
        last_unit=_name(work, _doer(work, last)),
        last_note=spare(last.note) if last.kind in TOLD_IN_WORDS else "",
        last_result=last.result,
        last_typed=bool(last.on_behalf),
        stage=first.stage.value if first else "",
        owner=_name(work, first.owner) if first else "",
        light=told.light if told else None,
        next_light=told.next_light if told else None,
        next_at=told.next_at if told else None,
        due_at=first.due_at if first else None,
        next_code=row.next_code,
        next_unit=_name(work, row.next_unit),
        asked_at=present.shown_at,
        operator_name=operator.name if operator else "",
    )


def _fact(assignment: Assignment, unit: str) -> str:
    """How far it is; what lies in a unit's own store has come to it, though the centre has not said so yet."""
    return fact_of(assignment) or (HERE if assignment.receiver == unit else "")


def _last_told(case: Case) -> Step:
    return next((s for s in reversed(case.history) if s.kind not in NOT_WORTH_TELLING), case.history[0])


def _doer(work: Work, step: Step) -> str:
    """The unit that did it; of a typed word, the unit that spoke; of a call, the unit that was rung."""
    if step.kind == "case.log_call":
        return step.to
    person = work.rules.people.get(step.on_behalf)
    return person.unit if person is not None else step.unit


def fact_of(assignment: Assignment) -> str:
    """The furthest a unit has come: a field of Assignment, "" while it knows nothing of the case."""
    for fact in ("handled_at", "opinion_at", "arrived_at", "acknowledged_at", "notified_at", "delivered_at"):
        if getattr(assignment, fact) is not None:
            return fact
    return ""


# The slip


def slips(work: Work, desk: Desk, case_id: str) -> tuple[DispatchSlip, ...]:
    """派单, one sheet for each unit that has the case, the lead's first; none while no unit has it."""
    case = get_case(work.connection, case_id)
    if case is None:
        return ()
    return tuple(_slip(work, desk, case, assignment) for assignment in _duties(case))


def _slip(work: Work, desk: Desk, case: Case, assignment: Assignment) -> DispatchSlip:
    now = work.present().shown_at
    spare = spared(work, case)
    given = giving_step(case, assignment)
    lead = case.lead
    people = work.rules.people
    operator, by = people.get(desk.person), people.get(given.actor if given else "")
    co = [(_name(work, a.receiver), _phone(work, a.receiver)) for a in case.active(AssignmentRole.CO)]
    first = [spare(s.note) for s in case.history if s.kind == "case.first_response" and s.result not in KEPT_ONLY]
    return DispatchSlip(
        number=case.number,
        unit_name=_name(work, assignment.receiver),
        role=assignment.role.value,
        round=assignment.round,
        emergency=case.emergency,
        reported_at=case.reported_at,
        assigned_at=assignment.assigned_at,
        place=spare(case.place),
        station_name=_name(work, case.station),
        title=spare(case.title),
        category_name=_category(work, case),
        words=spare(case.words),
        first_responses=tuple(first),
        lead_name=_name(work, lead.receiver) if lead else "",
        lead_phone=_phone(work, lead.receiver) if lead else "",
        co=tuple(co),
        promises=promises(case, assignment, work.rules, now),
        return_minutes=work.rules.policy.return_within_minutes,
        note=spare(given.note) if given else "",
        giver_name=_name(work, assignment.giver),
        giver_phone=_phone(work, assignment.giver),
        by_name=by.name if by else "",
        draft=given is not None and _unsettled(work, case.id, given.cmd_id),
        source=work.rules.reference.source,
        operator_name=operator.name if operator else "",
        printed_at=now,
    )


def _unsettled(work: Work, case_id: str, cmd_id: str) -> bool:
    rows = outbox.states_of_case(work.connection, case_id)
    return any(row.cmd_id == cmd_id and row.outcome not in ("accepted", "merged") for row in rows)
