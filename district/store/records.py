"""What the order reads from the store before it writes, as values."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from models.people import Actor, Capacity, Person, Role
from models.wire import Reason


class DeviceHead(msgspec.Struct, frozen=True):
    """A workstation and the end of its chain. `proven_lo`: the last instant (ms UTC) before which it surely did not act:
    its registration, then the lower bound of its last anchored act (sync.md §3.7)."""

    id: str
    unit: str
    dseq: int
    hash: str
    proven_lo: int


class Revocation(msgspec.Struct, frozen=True):
    """A workstation was taken out: when (ms UTC), by whom (a person's id, or the command line), why."""

    at_ms: int
    by: str
    reason: str


class Seen(msgspec.Struct, frozen=True):
    """An act the log already has, and what it came to by now (a settled deferral names its settlement)."""

    cmd_id: str
    device: str
    unit: str
    dseq: int
    hash: str
    outcome: str
    reason: Reason | None
    gseq: int

    @property
    def code(self) -> str:
        """The code of its reason; "" when there is none."""
        return self.reason.code if self.reason is not None else ""

    def verdict(self) -> tuple[str, str, str, int]:
        """As a push reply lists it."""
        return (self.cmd_id, self.outcome, self.code, self.gseq)

    def told_to(self, unit: str) -> tuple[str, str, str, int]:
        """What a unit is told of it. Of another unit's act only this much: that its id is taken."""
        return self.verdict() if self.unit == unit else (self.cmd_id, "rejected", "id_taken", 0)


class FormerDesk(msgspec.Struct, frozen=True):
    """A person sat at `unit` with these roles, in this capacity, until `until_at` (ms UTC)."""

    unit: str
    until_at: int
    roles: tuple[Role, ...]
    capacity: Capacity = Capacity.OWN_UNIT


class Standing(msgspec.Struct, frozen=True):
    """What the centre knows of a person beside the reference data: since when disabled, and former desks, the earliest
    end first."""

    disabled_at: int | None = None
    former: tuple[FormerDesk, ...] = ()

    def former_actor(self, person: str, unit: str, at_hi: int) -> Actor | None:
        """The person at that desk as he was before it changed or was taken away, for an act surely made before then; None
        otherwise. Of several changes, the first that came after the act."""
        desk = self._former_desks(at_hi).get(unit)
        return Actor(person, unit, frozenset(desk.roles), desk.capacity) if desk is not None else None

    def former_person(self, name: str, now: Person | None, at_hi: int) -> Person | None:
        """Who is named by an act surely made before one of his desks changed, as he was then (`now`: as he is); None otherwise."""
        desks = self._former_desks(at_hi).values()
        if not desks:
            return None
        person = now if now is not None else Person(name, name, "", (), active=False)
        seconded = (desk.unit for desk in desks if desk.capacity is Capacity.SECONDED)
        person = replace(person, seconded_to=tuple(dict.fromkeys((*person.seconded_to, *seconded))))
        own = next((desk for desk in desks if desk.capacity is Capacity.OWN_UNIT), None)
        return person if own is None else replace(person, unit=own.unit, roles=own.roles, active=True)

    def _former_desks(self, at_hi: int) -> dict[str, FormerDesk]:
        """By unit, the desk he had for an act surely made before it ended: of several, the first that ended after the act."""
        found: dict[str, FormerDesk] = {}
        for desk in self.former:
            if at_hi < desk.until_at:
                found.setdefault(desk.unit, desk)
        return found


class Waiting(msgspec.Struct, frozen=True):
    """An assignment its receiver's console has not been sent yet, and the entry that gave it. Of a duty that hangs on none
    (dispatch, check, confirm) `assignment` is the id of its clock."""

    assignment: str
    case_id: str
    receiver: str
    gseq: int

    @property
    def key(self) -> tuple[str, str]:
        """Case and id: clocks of two cases have the same."""
        return self.case_id, self.assignment


class Deferral(msgspec.Struct, frozen=True):
    """An act kept undecided (D12); `blocks`: later acts on its case wait with it."""

    cmd_id: str
    gseq: int
    case_id: str
    unit: str
    blocks: bool


class Settlement(msgspec.Struct, frozen=True):
    """What a deferral came to, and the entry that says so."""

    cmd_id: str
    gseq: int
    outcome: str
    code: str


class Alias(msgspec.Struct, frozen=True):
    """A place of a device's chain whose act the log has already (sync-R3)."""

    device: str
    dseq: int
    cmd_id: str
    hash: str
    received_at: int
