"""交接包 (sync.md §3.10): one file in which a workstation that cannot reach the centre hands its unsent acts to another of its unit.

The acts stand in it as they were made: bodies, chain hashes, signatures. What is inside is sealed by a passphrase, because a case's
text and requesters' records are not to lie about (D2); the whole is signed with the workstation's key, so that a change is noticed
before anything is opened. After that line come the photographs and files that go along (models/sealed_pieces.py).
"""

from __future__ import annotations

from typing import IO

import msgspec

from models.errors import Refused
from models.signing import HANDOVER, SigningKey, is_signature, is_signed
from models.wire import Malformed, Sealed, chain_hash, decode, decode_any, encode, is_record

FORMAT = "handover-1"
SUFFIX = "handover"
MOST_BYTES = 64 * 1024 * 1024
"""A longer first line is none of ours: nobody makes so many acts before somebody comes."""

MOST_FILE_BYTES = 50 * 1024 * 1024
"""So much of photographs and files goes along; what does not fit is named to the person."""


class Head(msgspec.Struct, frozen=True):
    """What stands outside the seal: whose acts these are, of which unit and which district (by the key its centre signs with),
    how many, made when (ms UTC); how many photographs and files are left behind on that workstation, how many go along; how many
    acts are left behind (`acts_left`), because they have no place in its chain yet."""

    format: str
    centre_key: str
    unit: str
    device: str
    slot: str
    public_key: str
    made_at: int
    acts: int
    files_left: int
    files: int = 0
    acts_left: int = 0


class Record(msgspec.Struct, frozen=True):
    """A requester's record that an act names by its hash, as the workstation kept it."""

    hash: str
    case_id: str
    record: str


class CarriedFile(msgspec.Struct, frozen=True):
    """A photograph or file the centre has not got: of which case, named by which act, its hash and size in bytes."""

    case_id: str
    cmd_id: str
    sha256: str
    size: int


class Inside(msgspec.Struct, frozen=True):
    """What stands inside the seal. The files follow after it, in this order, each sealed with `files_key` (hex)."""

    acts: list[Sealed]
    records: list[Record]
    files: list[CarriedFile] = []
    files_key: str = ""


class _File(msgspec.Struct, frozen=True):
    head: str
    sealed: str
    sig: str


def begin_of(opened: IO[bytes]) -> bytes:
    """All but the photographs and files, which begin where the reading stands afterwards."""
    opened.seek(0)
    return opened.readline(MOST_BYTES + 1)


def written(head: Head, sealed: str, key: SigningKey) -> bytes:
    """The file, signed; what follows belongs to it by the hashes and the key inside."""
    text = encode(head).decode()
    return encode(_File(text, sealed, key.sign(HANDOVER, f"{text}|{sealed}"))) + b"\n"


def read_head(raw: bytes) -> tuple[Head, str]:
    """Who made it, and what is sealed. Refused("bundle_unreadable") when it is no such file or was cut off, ("bundle_changed")
    when it is not as its workstation signed it."""
    if len(raw) > MOST_BYTES:
        raise Refused("bundle_unreadable")
    try:
        file = decode(raw, _File)
        head = decode(file.head, Head)
    except Malformed as error:
        raise Refused("bundle_unreadable") from error
    if head.format != FORMAT:
        raise Refused("bundle_unreadable")
    if not is_signature(head.public_key, file.sig, HANDOVER, f"{file.head}|{file.sealed}"):
        raise Refused("bundle_changed")
    return head, file.sealed


def read_inside(head: Head, raw: bytes) -> Inside:
    """What was sealed: every act of that workstation, signed with its key, one joined to the other, and every record under its own
    hash. Refused("bundle_changed")."""
    try:
        inside = decode(raw, Inside)
        previous = ""
        for sealed in inside.acts:
            body = decode_any(sealed.body)
            joined = previous in ("", str(body["prev"]))
            whole = sealed.hash == chain_hash(str(body["prev"]), sealed.body)
            if body["device"] != head.device or not joined or not whole or not is_signed(sealed, head.public_key):
                raise Refused("bundle_changed")
            previous = sealed.hash
        if not all(is_record(record.hash, record.record.encode()) for record in inside.records):
            raise Refused("bundle_changed")
    except (Malformed, KeyError, TypeError) as error:
        raise Refused("bundle_changed") from error
    return inside
