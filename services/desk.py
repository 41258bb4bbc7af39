"""Where somebody sits: the person, the unit whose file is open, and the workstation it is open on (D21)."""

from __future__ import annotations

import msgspec

from models.people import Actor
from models.rules import Rules


class Desk(msgspec.Struct, frozen=True):
    """Everything an act is signed with besides its content."""

    person: str
    unit: str
    device: str
    slot: str
    session: str = ""
    app: str = ""

    def actor(self, rules: Rules) -> Actor | None:
        """The person as the rule book sees him at this desk; None when he may not sit here."""
        return rules.actor(self.person, self.unit)
