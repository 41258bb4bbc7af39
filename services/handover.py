"""交接包 (sync.md §3.10, docs/decisions/0016): writing this workstation's unsent acts into a file, and carrying another's.

Gathering and keeping happen in a unit of work; sealing and opening take a second and touch no store.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import IO

import msgspec
from msgspec.structs import replace

from models.blob_folder import BlobFolder
from models.errors import Refused
from models.handover_file import FORMAT, CarriedFile, Head, Inside, Record, begin_of, read_head, read_inside, written
from models.ids import SYSTEM_RANDOM, RandomBytes
from models.signing import SigningKey
from models.store import carried, outbox, personal
from models.store.carried import Carried
from models.store.work import Work
from models.wire import Sealed, UnknownKind, encode
from services import handover_files
from services.cases import replay
from services.handover_files import Unsent
from services.sealed_file import opened_bytes, sealed_bytes


class Gathered(msgspec.Struct, frozen=True):
    """What goes into the file: all but the signatures, which the key makes. `carried_for`, `carried`: whose acts (letters), how many,
    stand in no file of this workstation: only their own goes on from hand to hand."""

    head: Head
    acts: list[Sealed]
    records: list[Record]
    unsent: list[Unsent]
    carried_for: tuple[str, ...] = ()
    carried: int = 0


class Packed(msgspec.Struct, frozen=True):
    """A file to be written piece by piece; `head` as it stands in it, and the photographs and files that stay behind."""

    head: Head
    pieces: Iterator[bytes]
    left: list[Unsent]


class Opened(msgspec.Struct, frozen=True):
    """What a file holds, verified as far as this workstation can; its photographs and files begin `at` that byte."""

    head: Head
    inside: Inside
    at: int


class Kept(msgspec.Struct, frozen=True):
    """What came of taking a file in: whose acts (letter), how many new ones, how many were carried here before; the photographs
    and files still to be copied, and how many stayed behind; how many acts did."""

    slot: str
    new: int
    before: int
    files_left: int
    wanted: tuple[CarriedFile, ...] = ()
    acts_left: int = 0


# Writing


def gather(work: Work) -> Gathered:
    """Every act the centre has not acknowledged, in order, with the requesters' records and the files it has not got: there may be
    files without an act, as acts are small and go first. Acts of a former device stay behind, and the head says how many: they
    get their numbers when the centre has said which of them it has (0014), and numbered otherwise the file would be a fork.
    Refused("nothing_unsent"), ("handover_unplaced") when all that waits must stay behind, ("handover_only_carried") when it is
    another's, ("handover_without_key") for a workstation that signs nothing."""
    connection = work.connection
    public_key = work.read_meta("public_key")
    if not public_key:
        raise Refused("handover_without_key")
    acts, files = outbox.pending(connection), handover_files.unsent(work)
    records = [Record(name, case_id, body.decode()) for name, case_id, body in personal.unsent_with_case(connection)]
    unplaced = outbox.unsent(connection).unplaced
    others = [found for found in carried.every(connection) if found.is_to_hand_in or found.refusal == carried.GAP]
    waiting = {found.slot: sum(act.waits for act in found.acts) for found in others}
    slots, foreign = sorted(slot for slot, count in waiting.items() if count), sum(waiting.values())
    if not (acts or files or records):
        if unplaced:
            raise Refused("handover_unplaced", count=unplaced)
        raise (
            Refused("handover_only_carried", count=foreign, of=", ".join(slots))
            if foreign
            else Refused("nothing_unsent")
        )
    head = Head(
        format=FORMAT,
        centre_key=work.read_meta("centre_key"),
        unit=work.read_meta("unit"),
        device=work.read_meta("device"),
        slot=work.read_meta("slot"),
        public_key=public_key,
        made_at=work.present().shown_at,
        acts=len(acts),
        files_left=0,
        acts_left=unplaced,
    )
    return Gathered(head, acts, records, files, tuple(slots), foreign)


def packed(
    gathered: Gathered, folder: BlobFolder, key: SigningKey, passphrase: str, random_bytes: RandomBytes = SYSTEM_RANDOM
) -> Packed:
    """The file, with as many of the photographs and files in the folder as fit. Takes a second; its pieces are to be written
    while the folder stands. Refused("bundle_passphrase_short")."""
    along, left = handover_files.chosen(gathered.unsent, folder)
    acts = [key.signed(sealed) for sealed in gathered.acts]
    files_key = random_bytes(32)
    inside = Inside(acts, gathered.records, [one.file for one in along], files_key.hex())
    head = replace(gathered.head, files=len(along), files_left=len(left))
    begin = written(head, sealed_bytes(encode(inside), passphrase, random_bytes), key)
    return Packed(head, chain([begin], handover_files.stream(along, folder, files_key)), left)


# Taking in


def opened(source: IO[bytes], passphrase: str) -> Opened:
    """What is in a file, read through. Takes a second. Refused("bundle_unreadable"), ("bundle_changed"),
    ("bundle_passphrase_wrong")."""
    head, sealed = read_head(begin_of(source))
    at = source.tell()
    found = Opened(head, read_inside(head, opened_bytes(sealed, passphrase)), at)
    handover_files.check(source, at, found.inside)
    return found


def keep(work: Work, found: Opened) -> Kept:
    """Carry the acts from now on: they show as tentative, and go to the centre with the next exchange. What was carried before
    stays as it is. The files are copied afterwards (handover_files.take, enter). Refused: ("bundle_of_other_district"), ("bundle_of_other_unit"), ("bundle_is_own"), ("bundle_newer") for acts
    of kinds this version does not know, ("bundle_known") when nothing in it is new here and none of it need be tried again."""
    head, connection = found.head, work.connection
    if head.centre_key != work.read_meta("centre_key"):
        raise Refused("bundle_of_other_district")
    if head.unit != work.read_meta("unit"):
        raise Refused("bundle_of_other_unit", unit=head.unit)
    if head.device == work.read_meta("device"):
        raise Refused("bundle_is_own")
    try:
        acts = [carried.carried_act(sealed) for sealed in found.inside.acts]
    except UnknownKind as error:
        raise Refused("bundle_newer") from error
    before = carried.find(connection, head.device) or Carried(head.device, head.slot, ())
    known = {act.cmd_id for act in before.acts}
    fresh = tuple(a for a in acts if a.cmd_id not in known and outbox.find(connection, a.cmd_id) is None)
    wanted = handover_files.wanted(work, found.inside)
    records = [record for record in found.inside.records if not personal.is_here(connection, record.hash)]
    if not (fresh or wanted or records or before.refusal == carried.GAP):
        raise Refused("bundle_known")
    if fresh or before.acts:
        carried.put(connection, Carried(head.device, head.slot, carried.in_order((*before.acts, *fresh))))
    for record in records:
        personal.keep(connection, record.hash, record.case_id, record.record.encode())
    handover_files.queue(work, (file for file in found.inside.files if file not in wanted))
    replay(work, *(act.case_id for act in (*before.acts, *fresh)))  # those that were refused show again (world 7042)
    return Kept(head.slot, len(fresh), len(acts) - len(fresh), head.files_left, wanted, head.acts_left)
