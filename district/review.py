"""The review of what revoked workstations handed in (sync.md §3.9, docs/decisions/0015): a district operator sees what lies
apart, and admits or declines it, on record in the one order.

An act is admitted at its own place of its workstation's chain and nowhere else, with its own signature, and is judged by its own
evidence as of when the centre got it. A declined one keeps its place: what follows it may still join.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import msgspec

from district.journal import Journal
from district.parsing import Parsed, parse
from district.store import Connection
from district.store import quarantine as rows
from district.store.devices import find_device
from district.store.quarantine import ADMITTED, DECLINED
from district.store.reader import seen_anywhere
from models.commands import ReviewQuarantined, Subject
from models.errors import Refused
from models.quarantine import MOST_AT_ONCE, Apart, ApartAct
from models.signing import is_signed
from models.store.case_table import get_case
from models.wire import Malformed, Sealed, decode_any

Verdict = tuple[str, str, str, int]


class Asked(msgspec.Struct, frozen=True):
    """Who decides what about which acts (chain hashes) of a workstation, and why. `by` is a person's id, or the command line."""

    device: str
    hashes: tuple[str, ...]
    admit: bool
    by: str
    reason: str


class Reviewed(msgspec.Struct, frozen=True):
    """How many acts were decided on now, and what the admitted ones came to: (cmd_id, outcome, code, gseq)."""

    decided: int
    known: list[Verdict]


# What lies apart


def apart(connection: Connection, device_id: str, now_ms: int) -> Apart:
    """What lies apart of a workstation. Refused("no_such_device")."""
    device = find_device(connection, device_id)
    if device is None:
        raise Refused("no_such_device", device=device_id)
    shown = rows.first(connection, device_id, MOST_AT_ONCE)
    joining = _joining(connection, device)
    seen = {s.cmd_id: s for s in seen_anywhere(connection, [row.cmd_id for row in shown])}
    waiting, decided = rows.tally(connection, device_id)
    return Apart(
        device=device.id,
        unit=device.unit,
        slot=device.slot,
        revoked_at=device.revoked_at,
        revoked_by=device.revoked_by,
        why=device.revoke_reason,
        waiting=waiting,
        decided=decided,
        acts=[_told(connection, row, device.public_key, joining, seen.get(row.cmd_id)) for row in shown],
        now_ms=now_ms,
    )


def _told(connection: Connection, row: Any, key: str, joining: Set[str], seen: Any) -> ApartAct:
    body = decode_any(row.body)
    case_id = str(body["subject"]["id"]) if body["subject"]["type"] == "case" else ""
    case = get_case(connection, case_id) if case_id else None
    return ApartAct(
        hash=row.hash,
        cmd_id=row.cmd_id,
        dseq=int(row.dseq),
        actor=str(body["actor"]),
        kind=str(body["args"].get("type", "")),
        case_id=case_id,
        case_number=case.number if case is not None else "",
        made_at=int(body["time"]["wall_ms"]),
        received_at=int(row.received_at),
        is_signed=is_signed(_sealed(row), key),
        joins=row.hash in joining,
        decision=row.decision,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        outcome=seen.outcome if seen is not None else "",
        code=seen.code if seen is not None else "",
        through=seen.device if seen is not None and seen.device != row.device else "",
    )


def _joining(connection: Connection, device: Any) -> set[str]:
    """The hashes of the acts whose chain leads back to what the centre has of that workstation. Of a copied store there may be
    two that claim one place: either joins, until one of them is admitted."""
    reached = {(int(device.head_dseq), str(device.head_hash))}
    for row in rows.beyond(connection, device.id, int(device.head_dseq)):
        if (int(row.dseq) - 1, _previous(row)) in reached:
            reached.add((int(row.dseq), str(row.hash)))
    return {found for _, found in reached}


# Deciding


def read(connection: Connection, asked: Asked) -> dict[str, Parsed]:
    """The acts a decision names, read and their signatures verified: before the order is held, which changes neither
    (sync-R9). Refused("no_such_device"), ("no_such_act"), ("signature_wrong") for what can never be admitted."""
    device = find_device(connection, asked.device)
    if device is None:
        raise Refused("no_such_device", device=asked.device)
    found = {row.hash: row for row in rows.named(connection, asked.device, asked.hashes)}
    if set(asked.hashes) - set(found):
        raise Refused("no_such_act", act=", ".join(sorted(set(asked.hashes) - set(found))))
    if asked.admit and not all(is_signed(_sealed(row), device.public_key) for row in found.values()):
        raise Refused("signature_wrong")
    try:
        return {name: parse(_sealed(row)) for name, row in found.items()}
    except Malformed as error:
        raise Refused("signature_wrong") from error


def decide(journal: Journal, asked: Asked, acts: Mapping[str, Parsed]) -> Reviewed:
    """Decide, all or nothing, under the order's lock; `acts` are what `read` made of them. What was decided so before stays as it
    is and is not counted. Refused: ("not_revoked"), ("reason_missing"), ("already_decided") otherwise; to admit besides
    ("revoker_may_not_admit"), ("own_act_not_admitted"), ("does_not_join"), ("earlier_undecided"), ("taken_back_later"),
    ("its_act_declined")."""
    connection = journal.source.connection
    device = find_device(connection, asked.device)
    if device is None or device.revoked_at is None:
        raise Refused("not_revoked", device=asked.device)
    if not asked.reason.strip():
        raise Refused("reason_missing")
    decision = ADMITTED if asked.admit else DECLINED
    found = rows.named(connection, asked.device, asked.hashes)
    if any(row.decision not in ("", decision) for row in found):
        raise Refused("already_decided")
    fresh = [row for row in found if not row.decision]
    known: list[Verdict] = []
    new: set[str] = set()
    if asked.admit and fresh:
        _may_admit(device, asked, [acts[row.hash] for row in fresh])
        new = {row.cmd_id for row in fresh if journal.source.seen(row.cmd_id) is None}
        known = _admit(journal, device, fresh, acts)
    for row in fresh:
        parsed = acts[row.hash]
        args = ReviewQuarantined(row.cmd_id, row.hash, row.device, asked.admit, asked.by, asked.reason.strip())
        subject = parsed.subject if parsed.subject.type == "case" else Subject("device", row.device)
        journal.reviewed(args, subject, device.unit, in_history=row.cmd_id in new)
        rows.decide(connection, row, decision, asked.by, asked.reason.strip(), journal.now_ms)
    return Reviewed(len(fresh), known)


def _may_admit(device: Any, asked: Asked, acts: Sequence[Parsed]) -> None:
    """Two persons stand behind an admitted act: who took its workstation out, and another who lets the act in all the same.
    Neither is who made it."""
    if asked.by == device.revoked_by:
        raise Refused("revoker_may_not_admit")
    if any(parsed.actor == asked.by for parsed in acts):
        raise Refused("own_act_not_admitted")


def _admit(journal: Journal, device: Any, wanted: Sequence[Any], acts: Mapping[str, Parsed]) -> list[Verdict]:
    connection = journal.source.connection
    beyond = rows.beyond(connection, device.id, int(device.head_dseq))
    path = _path(device, wanted, beyond)
    asked = {row.hash for row in wanted}
    _nothing_taken_back(wanted, acts, [row for row in beyond if row.hash not in asked])
    if rows.declined(connection, device.id) & {acts[row.hash].takes_back for row in wanted}:
        # Else it counts as an undo of nothing, and what it takes back takes effect when the workstation is let in again.
        raise Refused("its_act_declined")
    journal.came_in.update({row.cmd_id: int(row.received_at) for row in wanted})
    known: list[Verdict] = []
    run: list[Any] = []
    left = [acts[row.hash] for row in path if row.hash in asked]
    for row in [*path, None]:
        if row is not None and row.hash in asked:
            run.append(row)
            continue
        if run:
            known += _push(journal, device.id, [acts[r.hash] for r in run], left)
            run = []
        if row is not None:
            journal.pass_over(device.id, int(row.dseq), row.hash)
            rows.pass_over(connection, row)
    return known


def _push(journal: Journal, device_id: str, run: list[Parsed], left: Sequence[Parsed]) -> list[Verdict]:
    """Push acts that stand one after the other. What takes one of them back further on goes ahead of its place, as in every
    push (D3)."""
    ids = {parsed.cmd_id for parsed in run}
    ahead = [p for p in left if p.takes_back in ids and p.dseq > run[-1].dseq + 1]
    reply = journal.push(device_id, [*run, *ahead])
    if reply.error:
        raise Refused("does_not_join", dseq=reply.head_dseq + 1)
    return reply.known


def _path(device: Any, wanted: Sequence[Any], beyond: Sequence[Any]) -> list[Any]:
    """The acts from the head the centre knows to the last one that is wanted, in their order: each is wanted, or was declined."""
    by_hash = {row.hash: row for row in beyond}
    end = max(wanted, key=lambda row: row.dseq)
    path: list[Any] = []
    step = by_hash.get(end.hash)
    while step is not None:
        path.append(step)
        step = by_hash.get(_previous(step))
    path.reverse()
    first = path[0] if path else end
    starts = int(first.dseq) == int(device.head_dseq) + 1 and _previous(first) == device.head_hash
    strays = {row.hash for row in wanted} - {row.hash for row in path}
    if not starts or strays:
        stray = next((row for row in wanted if row.hash in strays), first)
        raise Refused("does_not_join", dseq=int(stray.dseq))
    names = {row.hash for row in wanted}
    for row in path:
        if row.hash not in names and row.decision != DECLINED:
            raise Refused("earlier_undecided", dseq=int(row.dseq))
    return path


def _nothing_taken_back(wanted: Sequence[Any], acts: Mapping[str, Parsed], others: Sequence[Any]) -> None:
    """An act and its undoing are decided on together: who took it back meant it to have no effect (D3), and that the undoing was
    declined before does not mean otherwise."""
    ids = {row.cmd_id: acts[row.hash].actor for row in wanted}
    for row in others:
        body = decode_any(row.body)
        if body["args"].get("type") == "act.retract" and ids.get(str(body["args"].get("cmd_id"))) == body["actor"]:
            raise Refused("taken_back_later", dseq=int(row.dseq))


def _previous(row: Any) -> str:
    return str(decode_any(row.body)["prev"])


def _sealed(row: Any) -> Sealed:
    return Sealed(row.body, row.hash, row.alg, row.sig)
