"""Who sits at which desk: whether an actor may make a move on a case at all (D17, D18, practice.md §1–2).

Answers with a refusal code, or "" when the desk is right. Shared by `decide` and by the action bar.
"""

from __future__ import annotations

from models.case import Assignment, AssignmentRole, Case, Check, Request, RequestKind, State, hands_of_round
from models.moves import Desk, Move
from models.organisation import DISTRICT_CODE
from models.people import DISTRICT_ITSELF, Actor, Capacity, Role
from models.row import scopes_of
from models.rules import Rules

CLERKS = (Role.DUTY_CLERK, Role.CONFIRMER, Role.DEPUTY_DIRECTOR, Role.DISTRICT_OPERATOR, Role.DISTRICT_INTAKE)
OFFICERS = (Role.UNIT_OFFICER, Role.UNIT_LEADER, Role.STATION_HEAD, Role.STATION_DEPUTY, Role.GRID_MEMBER)
STATION_STAFF = (Role.STATION_HEAD, Role.STATION_DEPUTY, Role.GRID_MEMBER)
STATION_LEADERS = (Role.STATION_HEAD, Role.STATION_DEPUTY)
CHECKING_LEADERS = (*STATION_LEADERS, Role.UNIT_LEADER)


def own_assignments(case: Case, unit: str) -> tuple[Assignment, ...]:
    """The duties a unit has on the case now, the lead's first."""
    mine = [a for a in case.assignments if a.receiver == unit and not a.ended]
    return tuple(sorted(mine, key=lambda a: a.role is not AssignmentRole.LEAD))


def given_assignments(case: Case, unit: str) -> tuple[Assignment, ...]:
    """The duties a unit gave to others that are not over."""
    return tuple(a for a in case.assignments if a.giver == unit and not a.ended)


def to_answer(case: Case, unit: str, kind: RequestKind) -> tuple[Request, ...]:
    """The open requests of that kind that wait for this unit, oldest first. What is about an assignment waits for whoever
    gave it."""
    given = {a.id for a in case.assignments if a.giver == unit}
    return tuple(r for r in case.open_requests(kind) if not r.assignment or r.assignment in given)


def is_involved(case: Case, actor: Actor) -> bool:
    """True when the case stands in the actor's feed."""
    return actor.unit in scopes_of(case) or actor.unit == DISTRICT_CODE


def wrong_desk(move: Move, case: Case, actor: Actor, rules: Rules, on_behalf: bool = False) -> str:
    """Why this actor may not make this move; "" when he may. `on_behalf`: a clerk types a unit's telephone word (代录)."""
    if move.desk is Desk.CENTRE:
        return "" if actor.person == DISTRICT_ITSELF else "only_the_centre"
    if not is_involved(case, actor):
        return "unknown_case"
    if actor.capacity is Capacity.SECONDED and move.desk is not Desk.INVOLVED:
        return "seconded_may_not"
    return _AT[move.desk](move, case, actor, on_behalf, rules)


def _level(move: Move, case: Case, actor: Actor, on_behalf: bool, rules: Rules) -> str:
    return "" if actor.unit == case.level and actor.has(*CLERKS) else "not_your_level"


def _reporter(move: Move, case: Case, actor: Actor, on_behalf: bool, rules: Rules) -> str:
    return "" if actor.unit in (case.reporter_unit, case.level) else "not_the_reporter"


def _giver(move: Move, case: Case, actor: Actor, on_behalf: bool, rules: Rules) -> str:
    if move.kind == "case.answer_return":
        gave = bool(to_answer(case, actor.unit, RequestKind.RETURN))
    elif move.kind in ("case.answer_extension", "case.answer_suspension"):
        gave = any(a.giver == actor.unit for a in case.assignments)  # also what is over: a held verdict waits
    elif move.kind == "case.withdraw_co_handler":
        co_handlers = (a for a in case.assignments if a.role is AssignmentRole.CO)
        gave = any(a.giver == actor.unit for a in co_handlers)  # also what is over: this may have been done before
    else:
        gave = any(a.role is not AssignmentRole.TOWN for a in given_assignments(case, actor.unit))
    return "" if gave and actor.has(*CLERKS) else "not_the_giver"


def _receiver(move: Move, case: Case, actor: Actor, on_behalf: bool, rules: Rules) -> str:
    if on_behalf:
        return "" if given_assignments(case, actor.unit) and actor.has(*CLERKS) else "not_the_giver"
    mine = own_assignments(case, actor.unit)
    if move.kind == "case.ratify":
        mine = tuple(a for a in case.assignments if a.receiver == actor.unit)
    if not mine:
        return "not_your_assignment"
    if all(a.role is AssignmentRole.TOWN for a in mine):
        # Once the town has sent somebody, that it has the case needs no word of its own any more.
        to_send = case.state is State.AWAITING_DISPATCH
        allowed = move.kind == "case.ask_return" or (move.kind == "case.acknowledge" and to_send)
        return "" if allowed and actor.has(*CLERKS) else "not_your_assignment"
    if move.kind == "case.feedback" and all(a.role is not AssignmentRole.LEAD for a in mine):
        return "only_the_lead"
    return "" if actor.has(*OFFICERS) else "not_an_officer"


def _station(move: Move, case: Case, actor: Actor, on_behalf: bool, rules: Rules) -> str:
    check = case.check
    if check is None:
        return "no_check_due"
    if move.kind == "case.submit_check":
        return _submitter(case, check, actor, rules)
    if check.elsewhere and move.kind == "case.check" and actor.person == check.checker:
        return ""
    if actor.unit != check.station:
        return "not_the_station"
    wanted = STATION_STAFF if move.kind == "case.check" else STATION_LEADERS
    return "" if actor.has(*wanted) else "station_leaders_only"


def signing_unit(case: Case, check: Check, rules: Rules) -> str:
    """Whose leaders may put a name to the check: the station's, or else those of whoever checks in its place; "" when nobody may."""
    units = (check.station, check.checker_unit) if check.elsewhere else (check.station,)
    return next((unit for unit in units if free_leaders(case, unit, rules)), "")


def has_submitter(case: Case, rules: Rules) -> bool:
    """True when somebody may put a name to the check."""
    return case.check is not None and signing_unit(case, case.check, rules) != ""


def free_leaders(case: Case, unit: str, rules: Rules) -> list[str]:
    """The leaders of a unit without a hand in this round."""
    hands = hands_of_round(case)
    leaders = (p.id for p in rules.staff(unit) if any(role in CHECKING_LEADERS for role in p.roles))
    return [person for person in leaders if person not in hands]


def _submitter(case: Case, check: Check, actor: Actor, rules: Rules) -> str:
    """The station's own leaders submit; a leader of whoever checked from elsewhere only when none of them may (D17)."""
    stands_in = check.elsewhere and actor.unit == check.checker_unit
    if actor.unit != check.station and not stands_in:
        return "not_the_station"
    if not actor.has(*(CHECKING_LEADERS if stands_in else STATION_LEADERS)):
        return "station_leaders_only"
    if actor.person in hands_of_round(case):
        return "handler_may_not_check"
    if stands_in and free_leaders(case, check.station, rules):
        return "not_the_station"
    return ""


def _town(move: Move, case: Case, actor: Actor, on_behalf: bool, rules: Rules) -> str:
    may = actor.unit == case.town and actor.has(Role.CONFIRMER, Role.DEPUTY_DIRECTOR)
    return "" if may else "confirmers_only"


def _approver(move: Move, case: Case, actor: Actor, on_behalf: bool, rules: Rules) -> str:
    asked = case.open_request(RequestKind.VOID)
    if asked is None:
        return "no_such_request"
    if asked.asked_by == actor.person:
        return "not_your_own_request"
    right = actor.has(Role.DISTRICT_OPERATOR) or (actor.unit == case.town and actor.has(Role.DEPUTY_DIRECTOR))
    return "" if right else "approvers_only"


def _district(move: Move, case: Case, actor: Actor, on_behalf: bool, rules: Rules) -> str:
    return "" if actor.unit == DISTRICT_CODE and actor.has(Role.DISTRICT_OPERATOR) else "district_only"


def _involved(move: Move, case: Case, actor: Actor, on_behalf: bool, rules: Rules) -> str:
    return ""


_AT = {
    Desk.LEVEL: _level,
    Desk.REPORTER: _reporter,
    Desk.GIVER: _giver,
    Desk.RECEIVER: _receiver,
    Desk.STATION: _station,
    Desk.TOWN: _town,
    Desk.APPROVER: _approver,
    Desk.DISTRICT: _district,
    Desk.INVOLVED: _involved,
}
