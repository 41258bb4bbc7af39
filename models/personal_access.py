"""Who may read a requester's record (D2). One rule for the district, which gives it out, and the console, which offers it."""

from __future__ import annotations

from models.case import Case
from models.decide.desks import CLERKS, OFFICERS
from models.organisation import DISTRICT_CODE
from models.people import Actor, Capacity


def may_read_requester(case: Case, actor: Actor) -> bool:
    """True for the clerks of the sub-centre of the place and of the district, and for the unit that wrote the record; never
    for who only handles or checks the case, and never for an officer seconded to one of them: he sits there for his own
    unit, which may be the one the request is about (practice.md §2, whistle-blowers)."""
    if not case.personal or actor.capacity is Capacity.SECONDED:
        return False
    if actor.unit in (case.town, DISTRICT_CODE):
        return actor.has(*CLERKS)
    return actor.unit == case.reporter_unit and actor.has(*CLERKS, *OFFICERS)
