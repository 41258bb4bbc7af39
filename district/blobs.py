"""Photographs and files at the centre: received piece by piece from whoever has the case, given out by case (sync.md §3.9).

Knowing a hash opens nothing: bytes are taken for a case that names the hash, and given out for a case of the reader's scope
that names it and for which they were handed in. What lies under a hash is kept once, however many cases name it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from district.devices import Device
from district.store import Connection
from district.store import blobs as rows
from district.store.documents import scope_has_case
from models.attachment import Attachment
from models.blob_folder import BlobFolder
from models.case import Case
from models.clock import DAY_MS
from models.errors import Refused
from models.files import free_bytes
from models.store.case_table import get_case

_KEPT_PART_DAYS = 30
RESERVE_BYTES = 512 * 1024 * 1024
"""Left free of files: the order itself must never want for room."""


def folder_of(database_url: str, keys_folder: Path, named: Path | None) -> Path:
    """Where the files lie: where they were said to, else beside the SQLite file, else beside the folder of keys."""
    if named is not None:
        return named
    if database_url.startswith("sqlite:///"):
        return Path(database_url.removeprefix("sqlite:///")).with_suffix(".blobs")
    return keys_folder.with_suffix(".blobs")


class Upload(msgspec.Struct, frozen=True):
    """How far a device's upload of a file has come: the bytes that are here, of how many; `complete`: the case has it."""

    offset: int
    size: int
    complete: bool


def to_receive(connection: Connection, device: Device, case_id: str, sha256: str) -> Attachment | None:
    """The attachment a device may hand in: of a case of its unit's scope, or added by its own unit, which may have lost the
    case meanwhile; None for any other."""
    found = _named(get_case(connection, case_id), sha256)
    if found is None:
        return None
    mine = found.unit == device.unit or scope_has_case(connection, device.unit, case_id)
    return found if mine else None


def to_give(connection: Connection, device: Device, case_id: str, sha256: str) -> Attachment | None:
    """The attachment a device may read: of a case of its unit's scope, and here; None for any other."""
    found = _named(get_case(connection, case_id), sha256)
    if found is None or found.arrived_at is None or not scope_has_case(connection, device.unit, case_id):
        return None
    return found


def _named(case: Case | None, sha256: str) -> Attachment | None:
    return next((a for a in case.attachments if a.sha256 == sha256), None) if case is not None else None


def stands_at(folder: BlobFolder, device: Device, wanted: Attachment) -> Upload:
    """How far it has come."""
    if wanted.arrived_at is not None:
        folder.drop_part(wanted.sha256, device.id)
        return Upload(wanted.size, wanted.size, True)
    return Upload(folder.part_size(wanted.sha256, device.id), wanted.size, False)


def take(folder: BlobFolder, device: Device, wanted: Attachment, offset: int, body: bytes) -> Upload:
    """Add the next bytes. Refused("offset_differs"), ("too_large"), and with the last of them ("wrong_hash"), when what
    came is not what the act named and has to come again from the beginning; ("store_full") while there is room left for
    acts. Whole, it has its name; that the case has it is the order's to say."""
    here = stands_at(folder, device, wanted)
    if here.complete:
        return here
    if offset != here.offset:
        raise Refused("offset_differs")
    if offset + len(body) > wanted.size:
        raise Refused("too_large")
    if body and _free_bytes(folder) < RESERVE_BYTES:
        raise Refused("store_full")
    now = folder.append(wanted.sha256, body, device.id) if body else offset
    if now == wanted.size and not folder.finish(wanted.sha256, device.id):
        folder.drop_part(wanted.sha256, device.id)
        raise Refused("wrong_hash")
    return Upload(now, wanted.size, False)


def _free_bytes(folder: BlobFolder) -> int:
    there = next(place for place in (folder.folder, *folder.folder.absolute().parents) if place.exists())
    return free_bytes(there)


def keep(connection: Connection, wanted: Attachment, device: Device, now_ms: int) -> None:
    """A row for the bytes, once."""
    if not rows.is_kept(connection, wanted.sha256):
        rows.insert_kept(connection, wanted.sha256, wanted.size, device.id, now_ms)


def drop_old_parts(folder: BlobFolder, now_ms: int) -> int:
    """Forget what began to come and was given up; returns how many."""
    dropped = 0
    for part in folder.folder.glob("parts/*"):
        with suppress(FileNotFoundError):  # it may just have become whole
            if part.stat().st_mtime * 1000 < now_ms - _KEPT_PART_DAYS * DAY_MS:
                part.unlink()
                dropped += 1
    return dropped


class Holdings(msgspec.Struct, frozen=True):
    """What the cases name: `kept` by hash with its size, and what they still wait for as (case, hash, unit that owes it)."""

    kept: dict[str, int]
    awaited: tuple[tuple[str, str, str], ...]


def holdings(cases: Iterable[Case]) -> Holdings:
    """Everything every case names, from the cases themselves (I17)."""
    kept: dict[str, int] = {}
    awaited: list[tuple[str, str, str]] = []
    for case in cases:
        for found in case.attachments:
            if found.arrived_at is not None:
                kept[found.sha256] = found.size
            else:
                awaited.append((case.id, found.sha256, found.unit))
    return Holdings(kept, tuple(awaited))


def contradictions(connection: Connection, named: Holdings) -> list[str]:
    """Where the rows and the cases say different things."""
    listed = rows.all_kept(connection)
    return [f"attachment {sha256[:12]}: the cases and the list differ" for sha256 in _differing(named.kept, listed)]


def missing(folder: BlobFolder, wanted: Iterable[str]) -> list[str]:
    """The hashes whose file is not in the folder, or is not what its name says. Reads every file through."""
    return [sha256 for sha256 in sorted(wanted) if not folder.is_sound(sha256)]


def _differing(one: dict[str, int], other: dict[str, int]) -> list[str]:
    return sorted(sha256 for sha256 in one.keys() | other.keys() if one.get(sha256) != other.get(sha256))
