"""What revoked workstations handed in, for a district operator to look at and decide (docs/decisions/0015)."""

from __future__ import annotations

from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district import review
from district.api.answers import Answer, asked, body_of, centre_of, in_turn, ok, operator_of
from district.api.contract import Call, Calls
from district.parsing import Parsed
from models.errors import Refused
from models.quarantine import Apart, ReviewBody, ReviewDone

router = APIRouter()
PATH = "/v1/quarantine"

CALLS: Calls = {
    ("get", PATH): Call(Apart, by="session", query={"device": "whose acts"}, errors=(400, 403, 404)),
    ("post", PATH): Call(ReviewDone, ReviewBody, by="session", errors=(403, 404, 409)),
}

_STATUS = {"no_such_device": 404, "no_such_act": 404, "reason_missing": 400}
_STATUS |= dict.fromkeys(("signature_wrong", "revoker_may_not_admit", "own_act_not_admitted"), 403)


@router.get(PATH)
async def listed(request: Request) -> Response:
    """What lies apart of a workstation: who made it, what it is, whether its signature and its chain hold."""
    await operator_of(request)
    device, centre = asked(request, "device"), centre_of(request)

    def read() -> Apart:
        with centre.reading() as connection:
            return review.apart(connection, device, centre.clock.wall_ms())

    try:
        return ok(await run_sync(read))
    except Refused as error:
        raise _answer(error) from error


@router.post(PATH)
async def decided(request: Request) -> Response:
    """Admit acts that lie apart, or decline them: all that are named or none, once, on record with the reason."""
    person = await operator_of(request)
    body = await body_of(request, ReviewBody)
    wanted = review.Asked(body.device, tuple(body.hashes), body.admit, person, body.reason)
    centre = centre_of(request)

    def read() -> dict[str, Parsed]:
        with centre.reading() as connection:
            return review.read(connection, wanted)

    def write(acts: dict[str, Parsed]) -> review.Reviewed:
        with centre.in_order() as journal:
            return review.decide(journal, wanted, acts)

    try:
        acts = await run_sync(read)
        done = await in_turn(request, partial(write, acts))
    except Refused as error:
        raise _answer(error) from error
    return ok(ReviewDone(done.decided, done.known, centre.clock.wall_ms()))


def _answer(error: Refused) -> Answer:
    where = error.args_by_name.get("dseq")
    return Answer(_STATUS.get(error.code, 409), error.code, "" if where is None else str(where))
