"""Who may read a requester's record (D2). One rule for the district, which gives it out, and the console, which offers it."""

from __future__ import annotations

from models.case import Case
from models.organisation import DISTRICT_CODE


def may_read_requester(case: Case, unit: str) -> bool:
    """True for the unit that wrote it, the sub-centre of the place and the district; never for who only handles or checks
    the case."""
    return bool(case.personal) and unit in (case.reporter_unit, case.town, DISTRICT_CODE)
