"""代录 and 追认: what a clerk may type for a unit that reported by telephone, and what the unit may stand by (practice.md §2, D17).

A typed word names who spoke; he must be of the unit whose duty it is, and the unit must have that duty from the clerk's
own desk. Until the unit ratifies it, it is neither evidence nor breach.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from models.case import KEPT_ONLY, Assignment, AssignmentRole, Case, Step
from models.deadline import Limit, LimitUnit
from models.decide.desks import CLERKS, given_assignments, wrong_desk
from models.decide.situation import Situation
from models.moves import MOVES
from models.people import Actor
from models.rules import Rules
from models.stage_clock import awaits_ratification


class SpokenFor(msgspec.Struct, frozen=True):
    """One duty whose unit may be typed for: the assignment, its unit, the kinds of act, most likely first."""

    assignment: str
    unit: str
    kinds: tuple[str, ...]


RATIFY_LIMIT = Limit(1, LimitUnit.WORK_DAY)
"""Within which a unit says 追认 to what was typed for it (practice.md §2). Nobody is charged with it: till then the word is worth
nothing, and the unit is reminded."""

_FITS: dict[str, Callable[[Assignment], bool]] = {
    "case.acknowledge": lambda a: a.acknowledged_at is None and a.arrived_at is None,
    "case.arrive": lambda a: a.arrived_at is None,
    "case.give_opinion": lambda a: a.role is AssignmentRole.LEAD and a.opinion_at is None,
    "case.feedback": lambda a: a.role is AssignmentRole.LEAD and a.arrived_at is not None and a.handled_at is None,
    "case.handled": lambda a: a.role is AssignmentRole.CO and a.handled_at is None,
    "case.note_progress": lambda a: True,
    "case.first_response": lambda a: True,
}
"""The acts that carry `on_behalf`, in their order on the menu, and when one is still owed."""


def spoken_for(case: Case, actor: Actor, rules: Rules) -> tuple[SpokenFor, ...]:
    """The duties this clerk gave, and what may be typed for each now; the lead's first."""
    if not actor.has(*CLERKS):
        return ()
    kinds = [
        kind
        for kind in _FITS
        if case.state in MOVES[kind].states and not wrong_desk(MOVES[kind], case, actor, rules, on_behalf=True)
    ]
    given = [a for a in given_assignments(case, actor.unit) if a.role is not AssignmentRole.TOWN]
    given.sort(key=lambda a: a.role is not AssignmentRole.LEAD)
    found = [SpokenFor(a.id, a.receiver, tuple(k for k in kinds if _FITS[k](a))) for a in given]
    return tuple(one for one in found if one.kinds)


def check_speaker(s: Situation, targets: Sequence[Assignment]) -> None:
    """Reject a typed word unless one of `targets` was given from this desk to the unit of whoever spoke."""
    spoke = s.args.on_behalf
    if not spoke:
        return
    person = s.rules.people.get(spoke)
    if person is None:
        s.reject("unknown_person", person=spoke)
    given = [a for a in targets if a.giver == s.actor.unit and a.role is not AssignmentRole.TOWN]
    if not given or not s.actor.has(*CLERKS):
        s.reject("not_the_giver")
    if person.unit not in {a.receiver for a in given}:
        s.reject("not_of_that_unit", person=spoke, unit=given[0].receiver)


def is_typed_word_of(s: Situation, given: Assignment) -> bool:
    """True when a clerk of the desk that gave the duty types for somebody of the unit that has it, or had it."""
    spoke = s.rules.people.get(s.args.on_behalf)
    return given.giver == s.actor.unit and s.actor.has(*CLERKS) and spoke is not None and spoke.unit == given.receiver


def follow_words(s: Situation) -> None:
    """After every act: a unit that has the case no more keeps it in sight until it has said 追认 to what a clock stopped by."""
    for given in s.case.assignments:
        if given.ended and not given.may_ratify and awaits_ratification(s.case, given.id):
            s.set_assignment(given, may_ratify=True)


def may_ratify(case: Case, step: Step, unit: str, rules: Rules) -> bool:
    """True when the step was typed for somebody of this unit and still waits. A second word on a duty already done
    needs no 追认 unless a clock stopped by it: nothing hangs on it."""
    if not step.on_behalf or step.ratified is not False:
        return False
    if step.result in KEPT_ONLY and all(clock.stopped_by != step.cmd_id for clock in case.clocks):
        return False
    return is_word_of(case, step, unit, rules)


def is_word_of(case: Case, step: Step, unit: str, rules: Rules) -> bool:
    """True when the word was the unit's: it met a duty of its own, wherever whoever spoke works by now; else when he belongs
    to it. Somebody who has left spoke for the unit the act was about."""
    for clock in case.clocks:
        words = {clock.stopped_by, *(word.cmd_id for word in clock.others)}
        met = case.assignment(clock.assignment) if step.cmd_id in words else None
        if met is not None and met.role is not AssignmentRole.TOWN:
            return met.receiver == unit
    person = rules.people.get(step.on_behalf)
    return (person.unit if person is not None else step.to) == unit


def to_ratify(case: Case, unit: str, rules: Rules) -> tuple[str, ...]:
    """The ids of the acts that wait for this unit's 追认, oldest first."""
    return tuple(step.cmd_id for step in case.history if may_ratify(case, step, unit, rules))
