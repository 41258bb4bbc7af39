"""What an edition of the reference data must be before it is put into force: afterwards it judges careers, and every console
has it. A mistake in a file is told by name; nothing is corrected unseen."""

from __future__ import annotations

from collections.abc import Iterable

from models.clock import DAY_MS
from models.deadline import LONGEST_LIMIT_AMOUNT
from models.errors import Refused
from models.rules import Reference, Rules
from models.wire import Malformed, decode, encode

_REACH_DAYS = 366
"""So far ahead the calendar must be able to reckon."""


def checked(edition: Reference, units_at_work: Iterable[str], now_ms: int) -> Rules:
    """The rule book of the edition. `units_at_work`: units with a workstation that is not revoked. Malformed for an edition
    that contradicts itself or cannot reckon; Refused("unit_has_workstations") when it lacks one of these units."""
    decode(encode(edition), Reference)  # what cannot be read again would stop every service and every console
    try:
        rules = Rules(edition)
        for days in (0, _REACH_DAYS):
            rules.calendar.next_working_instant(now_ms + days * DAY_MS)
    except ValueError as error:
        raise Malformed(f"reference data: {error}") from error
    _refuse_twice(edition)
    _refuse_unusable(edition, rules)
    for unit in sorted(set(units_at_work) - rules.organisations.keys()):
        raise Refused("unit_has_workstations", unit=unit)
    return rules


def _refuse_twice(edition: Reference) -> None:
    named = {
        "unit": [o.code for o in edition.organisations],
        "person": [p.id for p in edition.people],
        "category": [c.key for c in edition.categories],
        "channel": [c.code for c in edition.channels],
        "responsibility": [r.key_prefix for r in edition.responsibilities],
    }
    for what, names in named.items():
        twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
        if twice is not None:
            raise Malformed(f"reference data: {what} {twice} stands there twice")


def _refuse_unusable(edition: Reference, rules: Rules) -> None:
    for category in edition.categories:
        if not 1 <= category.limit.amount <= LONGEST_LIMIT_AMOUNT:
            raise Malformed(f"reference data: category {category.key} has a limit of {category.limit.amount}")
    for person in edition.people:
        if person.unit not in rules.organisations:
            raise Malformed(f"reference data: person {person.id} sits at {person.unit}, which is no unit")
    rota = edition.station_rota
    if rota is not None and rota.turn_days < 1:
        raise Malformed(f"reference data: a turn of the rota lasts {rota.turn_days} days")
