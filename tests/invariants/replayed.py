"""Everything handed in once more, and read anew from a snapshot: I21, I6."""

from __future__ import annotations

import hashlib
from collections import defaultdict

from district import snapshots
from district.api.push import _parsed, take
from district.devices import Device
from district.journal import CENTRE_DEVICE
from district.store import Connection
from models.organisation import DISTRICT_CODE
from models.retention import ended_by, horizon
from models.row import scopes_of
from models.wire import Sealed, encode, join_lines
from tests.invariants.at_rest import AtRest, must
from tests.invariants.history import History

_AT_ONCE = 200


def pushed_again(rest: AtRest, history: History) -> None:
    """The whole past of every workstation again: nothing moves. Then every unit's snapshot is its part of the state."""
    centre = rest.district
    chains: dict[str, list[Sealed]] = defaultdict(list)
    for entry in sorted(history.entries, key=lambda e: (e.row.device, e.row.dseq)):
        row = entry.row
        if row.device != CENTRE_DEVICE:
            chains[row.device].append(Sealed(row.body, row.hash, row.alg, row.sig))
    before = _state(rest)
    for name, chain in chains.items():
        row = history.devices[name]
        device = Device(row.id, row.unit, row.slot, row.public_key, False, row.head_dseq)
        for start in range(0, len(chain), _AT_ONCE):
            reply = take(centre, device, _parsed(join_lines(chain[start : start + _AT_ONCE]), device))
            apart = "" if row.revoked_at is None else "revoked"
            must(reply.error == apart, "I21", f"{name}: its own past is a {reply.error}")
    must(_state(rest) == before, "I21", "handing everything in again has changed something")
    for unit in rest.units:
        _snapshot_is_the_state(rest, history, unit)


def _state(rest: AtRest) -> tuple[int, str, str]:
    def digest(connection: Connection, table: str) -> str:
        rows = connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2").all()
        return hashlib.sha256(repr([tuple(r) for r in rows]).encode()).hexdigest()

    with rest.district.reading() as connection:
        entries = int(connection.exec_driver_sql("SELECT count(*) FROM log").scalar() or 0)
        return entries, digest(connection, "case_row"), digest(connection, "device")


def _snapshot_is_the_state(rest: AtRest, history: History, unit: str) -> None:
    centre = rest.district
    manifest = snapshots.take(centre, unit, rest.now_ms)
    with centre.reading() as connection:
        bodies = [snapshots.part(connection, unit, part.sha256) or b"" for part in manifest.parts]
    lines = [line for body in bodies for line in body.splitlines()]
    must(manifest.ended_since <= horizon(rest.now_ms), "I6", f"the snapshot of {unit} leaves out what had just ended")
    seen = {i: c for i, c in history.cases.items() if unit == DISTRICT_CODE or unit in scopes_of(c)}
    wanted = {i: c for i, c in seen.items() if ended_by(c) >= manifest.ended_since}
    must(lines == [encode(wanted[i]) for i in sorted(wanted)], "I6", f"the snapshot of {unit} is not its state")
