"""What a unit does: first response, arrival, first opinion, progress, handled, feedback, 追认 (plan §四(四)(五), R5, R6, R46, R48).

These are testimonies: one that comes too late is kept in the history and changes nothing else (sync.md §1).
"""

from __future__ import annotations

from models.case import Assignment, AssignmentRole, Check, State
from models.decide.credit import credit, was_before_the_end
from models.decide.more_time import is_suspended
from models.decide.separation import must_not_have_checked
from models.decide.situation import Merged, Situation
from models.decide.spoken import check_speaker, is_word_of
from models.decide.starting import told, told_by_first_response
from models.events import CheckSet, ClockSet, Ratified
from models.policy import Stage
from models.stage_clock import ratified, started, waiting_clock


def _target(s: Situation) -> Assignment:
    target = s.case.assignment(s.args.assignment)
    typed_for_it = bool(getattr(s.args, "on_behalf", ""))
    owner_unit = target.giver if target is not None and typed_for_it else (target.receiver if target else "")
    if target is None or owner_unit != s.actor.unit:
        s.reject("not_your_assignment")
    if target.role is AssignmentRole.TOWN:
        s.reject("not_your_assignment")
    if target.ended:
        s.reject("assignment_ended", why=target.ended)
    check_speaker(s, (target,))
    return target


def _hands(s: Situation, target: Assignment) -> tuple[str, ...]:
    """Whoever handles or types a result, in order of first appearance (D17)."""
    named = (s.actor.person, getattr(s.args, "on_behalf", ""), *getattr(s.args, "handlers", ()))
    must_not_have_checked(s, named)
    return tuple(dict.fromkeys((*target.handlers, *(n for n in named if n))))


def _told(s: Situation, target: Assignment) -> None:
    """A unit that spoke on the telephone has been told: what it owes runs from now, if nothing earlier is known. What it has just
    done is met before this and was never measured."""
    if s.args.on_behalf:
        told(s, target)


def _with_hands(s: Situation, target: Assignment) -> Assignment:
    """Whose word comes second, and may be the one that counts, was there as well (D17)."""
    hands = _hands(s, target)
    return target if hands == target.handlers else s.set_assignment(target, handlers=hands)


def first_response(s: Situation) -> None:
    """先期处置 stops nobody's hour (D19)."""
    check_speaker(s, [a for a in s.case.assignments if not a.ended or was_before_the_end(s, a)])
    told_by_first_response(s)
    s.note(note=s.args.note, on_behalf=s.args.on_behalf, claimed_at=s.args.claimed_at)


def arrive(s: Situation) -> None:
    """到场: stops the unit's hour, and the town's when the town sent the unit (practice.md §1.4)."""
    target = _target(s)
    if target.arrived_at is not None:
        credit(s, _with_hands(s, target), Stage.ARRIVAL)
        _told(s, target)
        raise Merged("already_arrived", s.first_act(("case.arrive",), target.receiver))
    target = s.set_assignment(target, arrived_at=s.at, handlers=_hands(s, target))
    credit(s, target, Stage.ARRIVAL)
    _told(s, target)
    if target.role is AssignmentRole.LEAD and s.case.state is State.DISPATCHED:
        s.move(State.HANDLING)
    s.note(to=target.receiver, note=s.args.note, on_behalf=s.args.on_behalf, claimed_at=s.args.claimed_at)


def give_opinion(s: Situation) -> None:
    """初步意见: finding, measure, plan, expected finish. Of the lead: it is the town's word to the district too."""
    target = _target(s)
    if not s.args.finding.strip() or not s.args.measure.strip():
        s.reject("opinion_incomplete")
    if target.role is not AssignmentRole.LEAD:
        s.reject("only_the_lead")
    if target.opinion_at is not None:
        credit(s, _with_hands(s, target), Stage.OPINION)
        _told(s, target)
        raise Merged("opinion_already_given", s.first_act(("case.give_opinion",), target.receiver))
    target = s.set_assignment(target, opinion_at=s.at, handlers=_hands(s, target))
    credit(s, target, Stage.OPINION)
    _told(s, target)
    text = " / ".join(t for t in (s.args.finding, s.args.measure, s.args.plan) if t)
    s.note(to=target.giver, note=text, on_behalf=s.args.on_behalf)


def note_progress(s: Situation) -> None:
    """A line of progress, or of trouble (R12)."""
    if not s.args.note.strip():
        s.reject("note_missing")
    if s.args.on_behalf:
        _told(s, _target(s))
    s.note(note=s.args.note, result="problem" if s.args.problem else "", on_behalf=s.args.on_behalf)


def handled(s: Situation) -> None:
    """A co-handler's own part is done (D19)."""
    target = _target(s)
    if target.role is not AssignmentRole.CO:
        s.reject("lead_feeds_back")
    if target.handled_at is not None:
        credit(s, _with_hands(s, target), Stage.HANDLING)
        _told(s, target)
        s.settle_time_request(target.id)
        raise Merged("already_handled", s.first_act(("case.handled",), target.receiver))
    target = s.set_assignment(target, handled_at=s.at, handlers=_hands(s, target))
    credit(s, target, Stage.HANDLING)
    _told(s, target)
    s.settle_time_request(target.id)
    s.note(to=target.giver, note=s.args.note, on_behalf=s.args.on_behalf)


def feedback(s: Situation) -> None:
    """办结反馈: only the lead, only after arrival. Serves as the first opinion when none was given. Whoever hands in a
    result has taken the case on: what was asked about returning it is over."""
    target = _target(s)
    if target.role is not AssignmentRole.LEAD:
        s.reject("only_the_lead")
    if not s.args.result.strip():
        s.reject("result_missing")
    if target.arrived_at is None:
        s.reject("not_arrived")
    facts = {"handled_at": s.at, "handlers": _hands(s, target)}
    if target.opinion_at is None:
        facts["opinion_at"] = s.at
    target = s.set_assignment(target, **facts)
    credit(s, target, Stage.OPINION)
    credit(s, target, Stage.HANDLING)
    _told(s, target)
    s.settle_time_request(target.id)
    target = s.case.assignment(target.id) or target
    if is_suspended(target, s.at.lo):
        s.set_assignment(target, suspended_until=s.end_standstill(target))
    town = s.case.town_assignment
    s.close_return(target.id, granted=False)
    if town is not None:
        s.close_return(town.id, granted=False)
    _begin_check(s)
    s.move(State.AWAITING_CHECK)
    s.note(to=s.case.station, note=s.args.result, on_behalf=s.args.on_behalf)


def _begin_check(s: Situation) -> None:
    round_ = s.case.round
    s.emit(CheckSet(Check(id=f"check-{round_}", station=s.case.station, round=round_)))
    clock = waiting_clock(f"check-{round_}", Stage.CHECK, s.case.station, s.rules, None, "")
    s.emit(ClockSet(started(clock, s.reaches(clock.owner), "received", s.rules, s.case.emergency)))


def ratify(s: Situation) -> None:
    """追认: the unit whose word was typed stands by it; what it stopped is judged now (practice.md §2)."""
    step = next((h for h in s.case.history if h.cmd_id == s.args.cmd_id), None)
    if step is None or not step.on_behalf:
        s.reject("nothing_to_ratify")
    if step.ratified:
        raise Merged("already_ratified", s.first_act(("case.ratify",)))
    if not is_word_of(s.case, step, s.actor.unit, s.rules):
        s.reject("not_your_assignment")
    s.emit(Ratified(step.cmd_id, s.actor.person))
    for clock in s.case.clocks:
        stood_by = ratified(clock, step.cmd_id)
        if stood_by is not clock:
            s.judge(stood_by)
            s.settle_time_request(clock.assignment)
    s.note(to=step.cmd_id)
