"""Whom to ask for at a unit that has a case: who acted on it there last, else who is on duty, else who leads it."""

from __future__ import annotations

from models.case import Assignment, Case
from models.organisation import OrganisationKind
from models.people import Person, Role
from models.rules import Rules
from models.views import Contact


def contacts(rules: Rules, case: Case, at_ms: int) -> dict[str, Contact]:
    """By the code of every unit with a duty on the case, as things stand at an instant (ms UTC)."""
    found = {}
    for duty in case.assignments:
        contact = None if duty.ended else _contact(rules, case, duty, at_ms)
        if contact is not None:
            found[duty.receiver] = contact
    return found


def _contact(rules: Rules, case: Case, duty: Assignment, at_ms: int) -> Contact | None:
    unit = duty.receiver
    staff = {person.id: person for person in rules.staff(unit)}
    since_ms = duty.assigned_at.shown_at
    acted = [step.on_behalf or step.actor for step in case.history if step.at.shown_at >= since_ms]
    handler = next((staff[who] for who in reversed((*acted, *duty.handlers)) if who in staff), None)
    if handler is not None:
        return _said(handler, "handler")
    if rules.kind(unit) is OrganisationKind.STATION:
        on_duty = rules.on_duty(unit, at_ms)
        return _said(on_duty, "on_duty") if on_duty is not None else None
    leaders = [person for person in staff.values() if Role.UNIT_LEADER in person.roles]
    first = next(iter(leaders or staff.values()), None)
    return _said(first, "leader") if first is not None else None


def _said(person: Person, part: str) -> Contact:
    return Contact(person.name, person.phone, part)
