"""Adding a photograph or file to a case, and getting one that another workstation added (sync.md §3.2, §3.11).

The bytes are copied into the folder beside the store, whole and durable, before the act is made: what an act names is here.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from models.attachment import Attach, Attachment, AttachmentKind, Spot
from models.blob_folder import BlobFolder, Taken
from models.clock import DAY_MS
from models.decide.attaching import MEGABYTE
from models.errors import Refused, Weather
from models.exif import read_exif
from models.media import HEAD_BYTES, media_type_of
from models.rules import Rules
from models.sealed_blobs import SealedBlobFolder
from models.store import blobs
from models.store.case_table import get_case
from models.store.work import Work
from services import cases
from services.cases import Acted
from services.desk import Desk
from services.sync.line import Line
from services.sync.once_an_hour import files_backed_up

CACHE_BYTES = 2 * 1024 * MEGABYTE
"""So much is kept beside a store; what the centre has not got, or has in no verified copy, is kept whatever it comes to."""

OWN_KEPT_DAYS, KEPT_DAYS = 30, 90
"""Own files the centre has are kept so long at least, and until a verified copy of the centre's holds them (sync-R7); nothing unused
longer than D22 says."""

_PIECE = 256 * 1024


class Prepared(msgspec.Struct, frozen=True):
    """A file that lies in the folder, with what it says of itself."""

    sha256: str
    size: int
    media_type: str
    taken_at: int | None = None
    place: Spot | None = None


def at_most_bytes(rules: Rules) -> int:
    """How large a file may be."""
    return rules.policy.attachment_at_most_mb * MEGABYTE


def prepare(folder: BlobFolder, source: Path, at_most: int) -> Prepared:
    """Copy a file into the folder and read what its camera says; for a worker. Refused("attachment_empty"),
    ("attachment_too_large"), ("attachment_unreadable"), ("store_full"); other OSErrors pass through."""
    return _prepared(folder, folder.take(source, at_most), source.name)


def prepare_bytes(folder: BlobFolder, body: bytes, at_most: int) -> Prepared:
    """The same for a picture that was never a file."""
    return _prepared(folder, folder.take_bytes(body, at_most), "")


def _prepared(folder: BlobFolder, taken: Taken, name: str) -> Prepared:
    head = folder.read(taken.sha256, 0, HEAD_BYTES)
    said = read_exif(head)
    return Prepared(taken.sha256, taken.size, media_type_of(head, name), said.taken_at, said.place)


def attach(work: Work, desk: Desk, case_id: str, found: Prepared, kind: AttachmentKind, caption: str = "") -> Acted:
    """Add it: the act and the file's place in the queue are one transaction. Refused as `cases.act` says."""
    told = Attach(found.sha256, found.size, found.media_type, kind, found.taken_at, found.place, caption)
    acted = cases.act(work, desk, told, case_id)
    blobs.enter(work.connection, case_id, told, acted.cmd_id, work.clock.wall_ms())
    return acted


def add(
    work: Work,
    folder: BlobFolder,
    desk: Desk,
    case_id: str,
    found: Prepared,
    kind: AttachmentKind,
    caption: str = "",
) -> None:
    """`attach`; or, where the case has it already and still waits for the bytes that were spoilt here, `bring_again`.
    Refused("attachment_let_go") when room was made of the same file since it was prepared: nothing is named that is not here."""
    if not folder.has(found.sha256):
        raise Refused("attachment_let_go")
    try:
        attach(work, desk, case_id, found, kind, caption)
    except Refused as error:
        if error.code != "already_attached" or not bring_again(work, case_id, found):
            raise


def bring_again(work: Work, case_id: str, found: Prepared) -> bool:
    """The case still waits for this very file by an act of this workstation, whose bytes were spoilt here: now they are here again,
    and go to the centre. False when nothing waits for them."""
    case = get_case(work.connection, case_id)
    if case is None or all(a.sha256 != found.sha256 or a.arrived_at is not None for a in case.attachments):
        return False
    for named_in, cmd_id, told in blobs.without_row(work.connection):
        if (named_in, told.sha256) == (case_id, found.sha256):
            blobs.enter(work.connection, case_id, told, cmd_id, work.clock.wall_ms())
            work.changed.add(case_id)
            return True
    return False


def fetch(line: Line, folder: BlobFolder, case_id: str, wanted: Attachment) -> None:
    """Bring a file here from the centre, from where an earlier attempt was cut off, unless a sound one lies here; for a
    worker. What is spoilt here stays until a sound one has come. Weather; Refused("no_such_attachment"), ("store_full")."""
    if folder.is_sound(wanted.sha256):
        return
    here = folder.part_size(wanted.sha256)
    while here < wanted.size:
        piece = line.fetch_piece(case_id, wanted.sha256, here, _PIECE)
        if not piece or here + len(piece) > wanted.size or folder.part_size(wanted.sha256) != here:
            break
        before = here
        here = folder.append(wanted.sha256, piece, is_last=here + len(piece) == wanted.size)
        if here == before:
            break
    whole = folder.part_size(wanted.sha256) == wanted.size and folder.finish(wanted.sha256, in_place_of_it=True)
    folder.drop_part(wanted.sha256)
    if not whole:
        raise Weather("answer_unreadable")


def fetched(work: Work, folder: BlobFolder, case_id: str, wanted: Attachment) -> None:
    """It is here now; what has been unused longest makes room."""
    blobs.enter_fetched(work.connection, case_id, wanted.sha256, wanted.size, work.clock.wall_ms())
    work.commit()
    work.changed.add(case_id)
    tidy(work, folder)


def looked_at(work: Work, sha256: str) -> None:
    """Somebody looked at it: it is among the last to go."""
    blobs.mark_used(work.connection, sha256, work.clock.wall_ms())
    work.commit()


def seal_plain(folder: BlobFolder) -> int:
    """Encrypt what lies in plain beside an encrypted store; how many files. For a worker: may take long. OSError, Refused
    ("store_full"): the next start goes on."""
    return folder.seal_plain() if isinstance(folder, SealedBlobFolder) else 0


def tidy(work: Work, folder: BlobFolder, at_most: int = CACHE_BYTES) -> int:
    """Let go of what has been unused longest until the rest fits, and of what nobody used for 90 days; never of what the
    centre has not got, nor of an own file that it has in no verified copy. By what is sure of the present: no wall clock that is put on by a year takes a photograph away. Returns how
    many files went."""
    now_ms = work.present().lo
    folder.drop_left_over()
    blobs.give_up_refused(work.connection, work.read_meta("unit"))
    total = blobs.bytes_held(work.connection)
    gone: list[str] = []
    for held in blobs.longest_unused(work.connection, now_ms - OWN_KEPT_DAYS * DAY_MS, files_backed_up(work)):
        is_old = held.used_at < now_ms - KEPT_DAYS * DAY_MS
        if held.sha256 in gone or not (is_old or total > at_most):
            continue
        blobs.let_go(work.connection, held.sha256)
        gone.append(held.sha256)
        total -= held.size
    work.commit()
    for sha256 in gone:
        folder.drop(sha256)
    return len(gone)


def held_back(work: Work) -> tuple[int, int]:
    """How many own files are kept only because the centre has them in no verified copy yet, and how many bytes they are."""
    return blobs.held_back(work.connection, work.present().lo - OWN_KEPT_DAYS * DAY_MS, files_backed_up(work))
