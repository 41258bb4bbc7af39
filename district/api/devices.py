"""Workstations: let in by a one-time code, listed and revoked by a district operator (sync.md §3.4, §3.9)."""

from __future__ import annotations

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district import devices, enrolment
from district.api.answers import Answer, Done, body_of, centre_of, in_turn, ok, operator_of
from district.api.contract import Call, Calls
from district.certificates import authority_bytes
from district.sheets import audits
from models.enrolment_code import fingerprint, pin_of
from models.errors import Refused
from models.signing import ENROLMENT, is_signature
from models.workstations import CodeBody, CodeMade, RevokeBody, Workstation, Workstations

router = APIRouter()


class EnrolBody(msgspec.Struct, frozen=True):
    """The secret of a one-time code, this workstation's public key, and its signature over the secret, which proves that
    it has the private half. `unit`, when given, must be the code's. `replaces`: the device this workstation was until now,
    with the secret signed by that one's key too, and why (a code of words)."""

    secret: str
    public_key: str
    proof: str
    unit: str = ""
    replaces: str = ""
    replaces_proof: str = ""
    why: str = ""


class Enrolled(msgspec.Struct, frozen=True):
    """The new workstation: its id, its token (shown once), the letter of its case numbers, and the key the centre signs
    receipts with."""

    device: str
    token: str
    slot: str
    unit: str
    epoch: int
    centre_key: str
    now_ms: int


CALLS: Calls = {
    ("post", "/v1/enrol"): Call(Enrolled, EnrolBody, errors=(403, 409, 429), status=201),
    ("post", "/v1/enrolment-codes"): Call(CodeMade, CodeBody, by="session", errors=(403,), status=201),
    ("get", "/v1/devices"): Call(Workstations, by="session", errors=(403,)),
    ("post", "/v1/revocations"): Call(Done, RevokeBody, by="session", errors=(403, 404)),
}


@router.post("/v1/enrol")
async def enrol(request: Request) -> Response:
    """Let a workstation in. Five wrong codes from one address, and it waits a quarter of an hour."""
    body = await body_of(request, EnrolBody)
    if not await run_sync(is_signature, body.public_key, body.proof, ENROLMENT, body.secret):
        raise Answer(400, "malformed", "proof")
    centre = centre_of(request)
    address = request.client.host if request.client is not None else ""
    former = enrolment.Former(body.replaces, body.replaces_proof, body.why)
    asked = enrolment.Asked(body.secret, body.public_key, body.unit, address, former)
    token = centre.new_token()

    def write() -> enrolment.Redeemed:
        with centre.writing() as connection:
            made = enrolment.redeem(connection, asked, token, centre.clock.wall_ms(), centre.new_id)
        centre.note_workstations()
        return made

    try:
        found = await in_turn(request, write)
    except Refused as error:
        raise Answer(409, error.code) from error
    if found.refusal == "too_many_codes":
        raise Answer(429, found.refusal, retry_after_seconds=enrolment.LOCK_MS // 1000)
    if found.device is None:
        raise Answer(403, found.refusal)
    made, key = found.device, centre.keys.signing.public
    return ok(Enrolled(made.id, token, made.slot, made.unit, centre.epoch, key, centre.clock.wall_ms()), 201)


@router.post("/v1/enrolment-codes")
async def new_code(request: Request) -> Response:
    """A one-time code, for a district operator to read out."""
    person = await operator_of(request)
    body = await body_of(request, CodeBody)
    centre = centre_of(request)
    if body.unit not in centre.rules.organisations:
        raise Answer(400, "unknown_unit")
    der = authority_bytes(centre.keys.authority) if centre.keys.authority else b""

    def write() -> CodeMade:
        now = centre.clock.wall_ms()
        pin, shown = (pin_of(der), fingerprint(der)) if der else ("", "")
        with centre.writing() as connection:
            made = enrolment.make(
                connection, body.unit, body.label, person, body.valid_minutes, pin, now, centre.random_bytes
            )
        return CodeMade(made[0].shown(), body.unit, made[1], shown, now)

    return ok(await in_turn(request, write), 201)


@router.get("/v1/devices")
async def listed(request: Request) -> Response:
    """Every workstation, its key, when it was last heard of, what lies in quarantine, and what the last nightly audit found, for a
    district operator."""
    await operator_of(request)
    centre = centre_of(request)

    def read() -> list[Workstation]:
        with centre.reading() as connection:
            return devices.listed(connection, centre.heard)

    waits = centre.recovery
    until = None if waits is None else waits.ends_at_ms
    sheets = request.app.state.sheets
    audited = None if sheets is None else await run_sync(audits, sheets)
    return ok(Workstations(await run_sync(read), centre.clock.wall_ms(), centre.epoch, until, audited))


@router.post("/v1/revocations")
async def revoke(request: Request) -> Response:
    """Revoke a workstation: nothing of it is judged any more, what it still hands in is kept apart."""
    person = await operator_of(request)
    body = await body_of(request, RevokeBody)
    centre = centre_of(request)

    def write() -> None:
        now = centre.clock.wall_ms()
        with centre.writing() as connection:
            devices.revoke(connection, body.device, person, body.reason, now)
        centre.note_workstations()

    try:
        await in_turn(request, write)
    except Refused as error:
        raise Answer(404 if error.code == "no_such_device" else 400, error.code) from error
    return ok(Done(centre.clock.wall_ms()))
