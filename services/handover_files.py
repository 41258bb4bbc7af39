"""The photographs and files in a 交接包 (sync.md §3.10, docs/decisions/0016): which go along, how they are written behind the acts, and
how another workstation takes them to send them itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

import msgspec

from models.attachment import AttachmentKind
from models.blob_folder import BlobFolder
from models.errors import Refused
from models.handover_file import MOST_FILE_BYTES, CarriedFile, Inside
from models.sealed_pieces import PieceSeal, WholeFile, sealed_length, sealed_stream
from models.store import blobs
from models.store.case_table import get_case
from models.store.work import Work


class Unsent(msgspec.Struct, frozen=True):
    """A file the centre has not got, and what a person calls it: the case's number and the kind."""

    file: CarriedFile
    number: str
    kind: AttachmentKind | None


def unsent(work: Work) -> list[Unsent]:
    """Every file that waits here, own or carried, oldest first."""
    return [_unsent(work, held, cmd_id) for held, cmd_id in blobs.waiting(work.connection)]


def _unsent(work: Work, held: blobs.Held, cmd_id: str) -> Unsent:
    case = get_case(work.connection, held.case_id)
    named = next((a for a in case.attachments if a.sha256 == held.sha256), None) if case is not None else None
    file = CarriedFile(held.case_id, cmd_id, held.sha256, held.size)
    return Unsent(file, case.number if case is not None else "", named.kind if named is not None else None)


def chosen(
    found: Iterable[Unsent], folder: BlobFolder, at_most: int = MOST_FILE_BYTES
) -> tuple[list[Unsent], list[Unsent]]:
    """Those that go along, and those that do not: they do not fit beside the older ones, or are spoilt here. Reads each
    through: for a worker."""
    along: list[Unsent] = []
    left: list[Unsent] = []
    for one in found:
        fits = one.file.size <= at_most and folder.is_sound(one.file.sha256)
        (along if fits else left).append(one)
        at_most -= one.file.size if fits else 0
    return along, left


def stream(along: Iterable[Unsent], folder: BlobFolder, key: bytes) -> Iterator[bytes]:
    """What is written behind the acts. OSError, Refused("attachment_spoilt")."""
    seal = PieceSeal(key)
    for one in along:
        yield from sealed_stream(folder.pieces(one.file.sha256), seal)


def check(opened: IO[bytes], at: int, inside: Inside) -> None:
    """Every file is there as it was written; reads all of it. Refused("bundle_unreadable") when the copy is not whole,
    ("bundle_changed")."""
    rest = opened.seek(0, 2) - at
    if rest < sum(sealed_length(file.size) for file in inside.files):
        raise Refused("bundle_unreadable")
    if rest > sum(sealed_length(file.size) for file in inside.files):
        raise Refused("bundle_changed")
    try:
        for file, whole in _files(opened, at, inside):
            for _piece in _pieces(whole):
                pass
            if (whole.sha256, whole.size) != (file.sha256, file.size):
                raise Refused("bundle_changed")
    except ValueError as error:
        raise Refused("bundle_changed") from error
    except Refused as error:
        raise Refused("bundle_changed") from error


def take(opened: IO[bytes], at: int, inside: Inside, wanted: Iterable[CarriedFile], folder: BlobFolder) -> None:
    """Copy the wanted ones into the folder. Refused("store_full"), ("bundle_changed"): the acts are carried all the same, and
    the same file can be taken in again."""
    names = {(file.case_id, file.sha256) for file in wanted}
    for file, whole in _files(opened, at, inside):
        if (file.case_id, file.sha256) in names and not folder.is_sound(file.sha256):
            pieces = _pieces(whole)
            if folder.take_read(lambda _size, pieces=pieces: next(pieces, b""), file.size).sha256 != file.sha256:  # type: ignore[misc]
                raise Refused("bundle_changed")


def wanted(work: Work, inside: Inside) -> tuple[CarriedFile, ...]:
    """Those of which this workstation has nothing."""
    return tuple(file for file in inside.files if file.sha256 not in blobs.of_case(work.connection, file.case_id))


def enter(work: Work, files: Sequence[CarriedFile], folder: BlobFolder) -> None:
    """They lie here now and are sent from here; commits. One of which room was made since it was copied is not: the file it came
    in brings it again. Refused("attachment_let_go") when there was such a one."""
    there = [file for file in files if folder.has(file.sha256)]
    queue(work, there)
    work.commit()
    if len(there) < len(files):
        raise Refused("attachment_let_go")


def queue(work: Work, files: Iterable[CarriedFile]) -> None:
    """Of these the bytes are here: they are sent from here, unless an own act that names them is to send them."""
    for file in files:
        blobs.enter_carried(work.connection, file.case_id, file.sha256, file.size, file.cmd_id, work.clock.wall_ms())
        work.changed.add(file.case_id)


def _files(opened: IO[bytes], at: int, inside: Inside) -> Iterator[tuple[CarriedFile, WholeFile]]:
    seal = PieceSeal(bytes.fromhex(inside.files_key)) if inside.files else None
    for file in inside.files:
        assert seal is not None
        yield file, WholeFile(opened, seal, at, sealed_length(file.size))
        at += sealed_length(file.size)


def _pieces(whole: WholeFile) -> Iterator[bytes]:
    step = 1 << 20
    for offset in range(0, whole.size, step):
        yield whole.read(offset, step)
