"""The evidence file of a case (R78, sync.md §3.9): gathered from the log, signed with the centre's own key, and on record.

Only the centre can make it: it alone holds the whole order and the key. The same case, asked for by the same person at the
same instant of the same order, gives the same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from district.past import Restoration, head_of, restorations
from district.receipts import receipt_of
from district.store import Connection
from district.store import evidence as rows
from models.blob_folder import BlobFolder
from models.case import Case
from models.evidence_file import (
    ABOUT,
    ATTACHMENTS,
    CHECKPOINTS,
    DEVICES,
    ENTRIES,
    FORMAT,
    MANIFEST,
    NAMES,
    READ_ME,
    RECEIPTS,
    SIGNATURE,
    EvidenceDevice,
    EvidenceEntry,
    EvidenceNames,
    Manifest,
    lines_of,
    sha256,
    sum_of,
)
from models.organisation import DISTRICT_CODE
from models.people import CENTRE_DEVICE
from models.rules import Rules
from models.signing import EVIDENCE, SigningKey
from models.store.case_table import get_case
from models.stored_zip import Member, pack
from models.wire import Receipted, decode_any, encode

_TEXT = Path(__file__).resolve().parents[1] / "resources" / "evidence" / "read-me.txt"
MOST_CHECKPOINTS = 200
MOST_ATTACHED_BYTES = 50 * 1024 * 1024
"""So much of attachments goes into one file, which is made in memory; each other one is named and can be fetched apart."""


class Asked(msgspec.Struct, frozen=True):
    """Who wants the file: a person at a unit's workstation ("": the command line). `seen`: a place of the order whose head is
    to be among the checkpoints, because a receipt names it; 0 for none."""

    case_id: str
    person: str
    unit: str
    device: str = ""
    seen: int = 0


class Made(msgspec.Struct, frozen=True):
    """A finished file, and where the order ended when it was made."""

    raw: bytes
    head_gseq: int


def make(
    connection: Connection, key: SigningKey, rules: Rules, folder: BlobFolder, asked: Asked, now_ms: int
) -> Made | None:
    """The file, made at `now_ms` (ms UTC), with the attachments that lie in `folder`; None when there is no such case.
    Whether the unit may see the case is asked before."""
    case = get_case(connection, asked.case_id)
    if case is None:
        return None
    entries, bodies = _entries(connection, asked)
    head = head_of(connection)
    places = {head.gseq, *_places(entries[0].gseq, head.gseq), *([asked.seen] if 0 < asked.seen <= head.gseq else [])}
    lines = [lines_of([entry]) for entry in entries]
    attached, left_out = _attachments(case, folder)
    members: list[Member] = [
        (READ_ME, _TEXT.read_bytes()),
        (ENTRIES, b"".join(lines)),
        (RECEIPTS, lines_of(_receipts(key, entries, bodies, restorations(connection)))),
        (DEVICES, encode(_devices(connection, {str(body["device"]) for body in bodies} | {asked.device}))),
        (NAMES, encode(_names(rules, bodies, asked))),
        (CHECKPOINTS, encode(sorted(rows.heads_at(connection, places).items()))),
        *attached,
    ]
    manifest = Manifest(
        format=FORMAT,
        about=ABOUT,
        district=rules.reference.district_name,
        case=case.id,
        number=case.number,
        whole=asked.unit == DISTRICT_CODE,
        made_at=now_ms,
        made_by=asked.person,
        unit=asked.unit,
        device=asked.device,
        epoch=head.epoch,
        head_gseq=head.gseq,
        head_chain=head.chain,
        centre_key=key.public,
        entries=tuple((entry.gseq, sha256(line)) for entry, line in zip(entries, lines, strict=True)),
        members=tuple(sum_of(name, body) for name, body in members),
        left_out=left_out,
    )
    said = encode(manifest)
    signature = key.sign(EVIDENCE, said.decode()).encode()
    return Made(pack([(MANIFEST, said), (SIGNATURE, signature), *members]), head.gseq)


def record(connection: Connection, asked: Asked, made: Made, now_ms: int) -> None:
    """Put on record that it was given out."""
    told = {"case_id": asked.case_id, "person": asked.person, "unit": asked.unit, "device": asked.device}
    rows.insert_export(connection, **told, made_at=now_ms, head_gseq=made.head_gseq, sha256=sha256(made.raw))


def _entries(connection: Connection, asked: Asked) -> tuple[list[EvidenceEntry], list[dict[str, Any]]]:
    """What changed the case, and what came to nothing as far as the unit may know it: the district everything, a unit what
    its own workstations tried."""
    found = rows.entries_of_case(connection, asked.case_id)
    bodies = [decode_any(row.body) for row in found]
    if asked.unit != DISTRICT_CODE:
        own = {
            row.id for row in rows.devices_named(connection, {row.device for row in found}) if row.unit == asked.unit
        }
        kept = [(r, b) for r, b in zip(found, bodies, strict=True) if r.effect != "null" or r.device in own]
        found, bodies = [row for row, _ in kept], [body for _, body in kept]
    before = rows.heads_at(connection, (int(row.gseq) - 1 for row in found))
    entries = [
        EvidenceEntry(
            gseq=int(row.gseq),
            previous=before[int(row.gseq) - 1],
            chain=row.chain,
            hash=row.hash,
            outcome=row.outcome,
            effect=row.effect,
            body=row.body,
            alg=row.alg,
            sig=row.sig,
            reason=row.reason,
            case_version=int(row.case_version),
            rules=row.rules,
            received_at=int(row.received_at),
            lo=int(row.lo),
            hi=int(row.hi),
            grade=row.grade,
        )
        for row in found
    ]
    return entries, bodies


def _attachments(case: Case, folder: BlobFolder) -> tuple[list[Member], tuple[str, ...]]:
    """The photographs and files of the case as they were handed in, oldest first, and the hashes of those that are not in the
    file: not here yet, here no more as they were, or too large beside the others."""
    inside: list[Member] = []
    left_out: list[str] = []
    room = MOST_ATTACHED_BYTES
    for found in {a.sha256: a for a in case.attachments}.values():
        body = b""
        if found.arrived_at is not None and found.size <= room and folder.is_sound(found.sha256):
            body = folder.file_of(found.sha256).read_bytes()
        if sha256(body) == found.sha256:
            inside.append((ATTACHMENTS + found.sha256, body))
            room -= found.size
        else:
            left_out.append(found.sha256)
    return inside, tuple(left_out)


def _places(first: int, last: int) -> range:
    """Where the order's heads are noted: the multiples of a power of ten from the case's first entry on, so that files of
    different cases and days share the places they have in common."""
    step = 10
    while (last - first) // step > MOST_CHECKPOINTS:
        step *= 10
    return range(-(-first // step) * step, last + 1, step)


def _receipts(
    key: SigningKey, entries: list[EvidenceEntry], bodies: list[dict[str, Any]], past: list[Restoration]
) -> list[object]:
    """For each act of a workstation the receipt it got, or would have got had it handed in no more than this one."""
    found: list[object] = []
    for entry, body in zip(entries, bodies, strict=True):
        if body["device"] != CENTRE_DEVICE:
            epoch = max((r.epoch for r in past if r.gseq < entry.gseq), default=1)
            said = Receipted(
                body["device"], body["dseq"], entry.hash, entry.gseq, entry.chain, epoch, entry.received_at
            )
            found.append(receipt_of(key, said))
    return found


def _devices(connection: Connection, ids: set[str]) -> list[EvidenceDevice]:
    return [
        EvidenceDevice(row.id, row.unit, row.slot, row.public_key, int(row.registered_at), row.revoked_at)
        for row in rows.devices_named(connection, ids)
    ]


def _names(rules: Rules, bodies: list[dict[str, Any]], asked: Asked) -> EvidenceNames:
    units = {str(body["unit"]) for body in bodies} | {asked.unit}
    people = {str(body["actor"]) for body in bodies} | {asked.person}
    return EvidenceNames(
        {code: rules.organisations[code].name for code in sorted(units) if code in rules.organisations},
        {person: rules.people[person].name for person in sorted(people) if person in rules.people},
    )
