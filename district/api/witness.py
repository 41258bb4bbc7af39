"""A workstation shows the newest receipt this centre signed: is what it names still in the order (D14, sync-R6)?

The head file beside the keys is some seconds old, and an earlier copy of the database may be younger than that. Receipts are proof
that nobody but this centre can make: what one names and the order lacks has been forgotten, and a new epoch begins.
"""

from __future__ import annotations

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district import receipts_shown
from district.api.answers import Answer, body_of, centre_of, device_of, in_turn, ok
from district.api.contract import Call, Calls
from district.centre import Centre
from district.past import Head, has_forgotten
from district.recovery import expect
from district.store import Connection
from district.store.reader import chain_of_order
from models.signing import RECEIPT, is_signature
from models.wire import Receipt, Receipted, decode

router = APIRouter()


class WitnessReply(msgspec.Struct, frozen=True):
    """The number of the history that holds from now on."""

    epoch: int
    now_ms: int


CALLS: Calls = {("post", "/v1/witness"): Call(WitnessReply, Receipt, by="device")}


@router.post("/v1/witness")
async def witness(request: Request) -> Response:
    """Hold a receipt against the order; what is not this centre's own word is refused, whoever shows it."""
    await device_of(request, or_revoked=True)
    shown = await body_of(request, Receipt)
    centre = centre_of(request)
    if not is_signature(centre.keys.signing.public, shown.sig, RECEIPT, shown.body):
        raise Answer(403, "receipt_wrong")
    said = decode(shown.body, Receipted)  # this centre wrote it
    known = Head(said.epoch, said.gseq, said.chain)

    def is_lost() -> bool:
        with centre.reading() as connection:
            is_past = has_forgotten(connection, known) or _is_of_the_lost_past(centre, connection, said)
            return is_past or receipts_shown.is_of_use(connection, said)

    def begin() -> None:
        with centre.writing() as connection:
            if has_forgotten(connection, known):
                centre.has_lost(connection, known)
            receipts_shown.keep(connection, said)
            if _is_of_the_lost_past(centre, connection, said):
                expect(connection, said.device, said.dseq)
                centre.keep_up(connection)

    if await run_sync(is_lost):
        await in_turn(request, begin)
    return ok(WitnessReply(centre.epoch, centre.clock.wall_ms()))


def _is_of_the_lost_past(centre: Centre, connection: Connection, said: Receipted) -> bool:
    """The workstation has handed in acts that a restore has lost: it is waited for (district/recovery.py). The number of the
    place says nothing: before the restore was noticed others may have acted, and the order gone beyond it."""
    recovery = centre.recovery
    is_former = recovery is not None and said.epoch < recovery.epoch
    return is_former and chain_of_order(connection, said.gseq) != said.chain
