"""Two checks with different results, for a district operator to look at and decide (sync.md §3.6)."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district import check_review
from district.api.answers import Answer, Done, body_of, centre_of, in_turn, ok, operator_of
from district.api.contract import Call, Calls
from models.check_review import CheckReviewBody, ChecksToReview, CheckToReview
from models.errors import Refused

router = APIRouter()
PATH = "/v1/check-reviews"

CALLS: Calls = {
    ("get", PATH): Call(ChecksToReview, by="session", errors=(403,)),
    ("post", PATH): Call(Done, CheckReviewBody, by="session", errors=(403, 404, 409)),
}

_STATUS = {"reason_missing": 400, "no_such_check": 404, "own_check_not_reviewed": 403}


@router.get(PATH)
async def listed(request: Request) -> Response:
    """Checks that were refused for their other result and that nobody has decided on, each beside the one that counts."""
    person = await operator_of(request)
    centre = centre_of(request)

    def read() -> list[CheckToReview]:
        with centre.reading() as connection:
            return check_review.waiting(connection, person)

    return ok(ChecksToReview(await run_sync(read), centre.clock.wall_ms()))


@router.post(PATH)
async def decided(request: Request) -> Response:
    """Decide on one of them, once, on record with the reason; never who made either check."""
    person = await operator_of(request)
    body = await body_of(request, CheckReviewBody)
    centre = centre_of(request)

    def write() -> None:
        with centre.in_order() as journal:
            check_review.decide(journal, body, person)

    try:
        await in_turn(request, write)
    except Refused as error:
        raise Answer(_STATUS.get(error.code, 409), error.code) from error
    return ok(Done(centre.clock.wall_ms()))
