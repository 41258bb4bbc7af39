"""提请区中心明确主协办: who leads where several departments are needed and the town has no such function (plan §四(四), R44, D18).

While the district considers, the clocks of the town and of its units stand still: time at the upper level is not charged
to the lower (R39, practice.md §3).
"""

from __future__ import annotations

from msgspec.structs import replace

from models.case import RequestKind, State
from models.decide.dispatching import must_be_nameable, name_units
from models.decide.situation import Situation
from models.events import RequestSet
from models.organisation import DISTRICT_CODE
from models.rules import Rules


def may_be_asked(category: str, rules: Rules) -> bool:
    """True unless the responsibility rules say that the town has the function. Where they say nothing of the category
    (no rule, or only the catch-all for everything) the sub-centre's word is taken."""
    rule = rules.responsibility(category)
    return rule is None or not rule.key_prefix or not rule.town_has_function


def ask_ruling(s: Situation) -> None:
    """提请: the town's ten minutes stop, the district's begin."""
    if s.case.level == DISTRICT_CODE:
        s.reject("district_rules_itself")
    if not s.args.reason.strip():
        s.reject("reason_missing")
    if not may_be_asked(s.case.category, s.rules):
        s.reject("town_has_the_function")
    for unit in s.args.suggested:
        if unit not in s.rules.organisations:
            s.reject("unknown_unit", unit=unit)
    s.stop_dispatch()
    s.ask(RequestKind.RULING, s.args.reason, suggested=s.args.suggested)
    town = s.case.town_assignment
    if town is not None:
        s.close_return(town.id, granted=False)
    s.pause_units()
    s.open_dispatch_cycle(DISTRICT_CODE, s.reaches(DISTRICT_CODE), "received")
    s.move(State.AWAITING_RULING)
    s.note(to=DISTRICT_CODE, note=s.args.reason)


def rule(s: Situation) -> None:
    """The district names lead, co-handlers and the limit; the town's own arrival duty passes to the lead."""
    must_be_nameable(s, DISTRICT_CODE, s.args.to)
    if not s.case.station:
        s.reject("station_missing")
    asked = s.case.open_request(RequestKind.RULING)
    if asked is not None:
        s.emit(RequestSet(replace(asked, granted=True, until=s.reaches(""))))
    s.stop_dispatch()
    town = s.case.town_assignment
    if town is not None:
        s.end_assignment(town, "withdrawn")
    s.resume_units()
    name_units(s, s.args.to, s.args.co, s.args.limit, DISTRICT_CODE)
    s.move(State.DISPATCHED)
    s.note(to=s.args.to, note=s.args.note)


def refuse_ruling(s: Situation) -> None:
    """不予明确, with the reason: the case goes back to the town that asked, which has ten minutes again. What two units
    gave back is not sent round a third time: there the district rules."""
    if not s.args.reason.strip():
        s.reject("reason_missing")
    asked = s.case.open_request(RequestKind.RULING)
    if asked is None:
        s.reject("no_such_request")
    if asked.assignment:
        s.reject("returned_twice")
    s.emit(RequestSet(replace(asked, granted=False, until=s.reaches(""))))
    s.stop_dispatch()
    s.resume_units()
    s.open_dispatch_cycle(asked.unit, s.reaches(asked.unit), "received")
    s.move(State.AWAITING_DISPATCH)
    s.note(to=asked.unit, note=s.args.reason, result="refused")
