"""The order of a centre read from the first entry to the last, with every case as each entry found and left it."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import select

from district.store.audit import entries
from district.store.tables import device
from models.case import Case
from models.commands import Command, ReviewQuarantined, Settle
from models.evidence import Grade, Moment
from models.evolve import apply_effect
from models.wire import Effect, Reason, decode, decode_command
from tests.invariants.at_rest import AtRest


class Entry(NamedTuple):
    """One entry: the row, the act, its evidence, and the case before and after."""

    row: Any
    command: Command
    at: Moment
    reason: Reason | None
    before: Case | None
    after: Case | None


class History(NamedTuple):
    """All entries; every case as the log leaves it; what became of each act in the end (outcome, code); each device's
    unit and public key."""

    entries: list[Entry]
    cases: dict[str, Case]
    outcomes: dict[str, tuple[str, str, int]]
    devices: dict[str, Any]

    def unit_of(self, entry: Entry) -> str:
        """At whose desk the act was made: of a settlement, the one it settles; of a review beside the cases, the one reviewed."""
        args = entry.command.args
        acted = self.entry_of(args.cmd_id) if isinstance(args, Settle) else None
        device = (acted or entry).row.device
        if isinstance(args, ReviewQuarantined) and entry.row.effect == "null":
            device = args.device
        return str(self.devices[device].unit)

    def entry_of(self, cmd_id: str) -> Entry | None:
        """The entry of an act."""
        return next((e for e in self.entries if e.command.cmd_id == cmd_id), None)


def read(rest: AtRest) -> History:
    """Fold the log."""
    found = History([], {}, {}, {})
    with rest.district.reading() as connection:
        for row in connection.execute(select(device)):
            found.devices[row.id] = row
        for row in entries(connection):
            _take(found, row)
    return found


def _take(found: History, row: Any) -> None:
    command = decode_command(row.body)
    before = found.cases.get(row.case_id)
    after = before
    if row.effect != "null":
        effect = decode(row.effect, Effect)
        after = found.cases[effect.case] = apply_effect(before, effect)
    reason: Reason | None = decode(row.reason, Reason | None)  # type: ignore[arg-type]
    at = Moment(row.lo, row.hi, Grade(row.grade))
    found.entries.append(Entry(row, command, at, reason, before, after))
    found.outcomes[row.cmd_id] = (row.outcome, reason.code if reason else "", row.gseq)
    args = command.args
    if isinstance(args, Settle):
        found.outcomes[args.cmd_id] = (args.outcome, args.code, row.gseq)
