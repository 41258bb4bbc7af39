"""How far a restored district is with its past: who is missing, and what came to something else than before."""

from __future__ import annotations

from typing import Any

from district.clocks_again import ClockDifference, Compared
from district.past import epoch_of, restorations
from district.recovery import Recovery, still_expected, under_way
from district.store import Connection
from district.store import lost as rows
from district.store.devices import find_device
from district.store.reader import Reader
from models.recovery import EFFECTIVE, Difference, Missing, Recovered, RevokedAgain
from models.wire import Reason, decode

MOST_LISTED = 200


def recovered(connection: Connection, now_ms: int) -> Recovered:
    """Everything an operator is told of it; of differences the newest."""
    waits, back = under_way(connection), rows.decided_again(connection)
    same = [row for row in back if _verdict(row) == (row.was, row.was_code)]
    clocks = Compared(connection, [row for row in same if row.was in EFFECTIVE])
    named = [(row, clocks.differing.get(row.cmd_id)) for row in back]
    differing = [
        _difference(row, of) for row, of in named if of is not None or _verdict(row) != (row.was, row.was_code)
    ]
    return Recovered(
        epoch=epoch_of(connection),
        ends_at=waits.ends_at_ms if waits is not None else None,
        missing=_missing(connection, waits) if waits is not None else [],
        waiting=len(Reader(connection).deferrals()) if waits is not None else 0,
        offered=rows.count_told(connection),
        back=len(back),
        differing=len(differing),
        differences=differing[:MOST_LISTED],
        now_ms=now_ms,
        revoked_again=_revoked_again(connection),
        of_clocks=len(clocks.differing),
        uncompared=clocks.uncompared,
    )


def _revoked_again(connection: Connection) -> list[RevokedAgain]:
    found = []
    for restoration in restorations(connection):
        for device in restoration.revoked_again:
            row = find_device(connection, device)
            assert row is not None
            why = (int(row.revoked_at), row.revoked_by, row.revoke_reason)
            found.append(RevokedAgain(device, row.unit, row.slot, *why, restoration.epoch))
    return found


def _missing(connection: Connection, waits: Recovery) -> list[Missing]:
    found = []
    for device, dseq in sorted(still_expected(connection, waits).items()):
        row = find_device(connection, device)
        assert row is not None
        found.append(Missing(device, row.unit, row.slot, waits.expected[device], dseq))
    return found


def _verdict(row: Any) -> tuple[str, str]:
    """What the act came to now: by its settlement when it had to wait."""
    if row.settled:
        return row.settled, row.settled_code
    reason: Reason | None = decode(row.reason, Reason | None)  # type: ignore[arg-type]
    return row.outcome, reason.code if reason is not None else ""


def _difference(row: Any, clock: ClockDifference | None) -> Difference:
    of_act = (row.cmd_id, row.unit, row.slot, row.actor, row.kind, row.case_id, row.number or "")
    now, code = _verdict(row)
    if clock is None:
        return Difference(*of_act, row.was, row.was_code, now, code)
    return Difference(*of_act, row.was, row.was_code, now, clock.code, clock.stage, clock.was, clock.now)
