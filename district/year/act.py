"""One act of a year, as its script says it; what the rule book makes of it is seen when it is loaded."""

from __future__ import annotations

import msgspec

from models import commands as c


class Act(msgspec.Struct, frozen=True):
    """One act of a script: when it was made, at which unit's console, by whom, on which case."""

    at_ms: int
    unit: str
    person: str
    case_id: str
    cmd_id: str
    args: c.Args
