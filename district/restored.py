"""A restored database is detected, not remembered (D14, sync-R6): the centre keeps where its order ended in a file beside its
keys, outside the database. A database that is behind that file, or says something else at that place, has forgotten acts: its
history gets a new number (epoch), every console takes a snapshot and offers again what it still holds.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from district.centre import Centre, epoch_of
from district.store import Connection
from district.store.documents import read_meta, write_meta
from district.store.reader import Reader, chain_of_order
from models.files import write_whole
from models.wire import Malformed, decode, encode

_FILE = "head.json"
_META = "restorations"
_PRIVATE = 0o600


class Head(msgspec.Struct, frozen=True):
    """Where the order ended: the history's number, the last place, the district's chain there."""

    epoch: int
    gseq: int
    chain: str


class Restoration(msgspec.Struct, frozen=True):
    """One time the past was found to be another: noticed when (ms UTC), where the order ended before, and now."""

    at_ms: int
    epoch: int
    was_gseq: int
    gseq: int


def head_of(connection: Connection) -> Head:
    """Where the order of this database ends."""
    gseq, chain = Reader(connection).log_head()
    return Head(epoch_of(connection), gseq, chain)


def kept_head(folder: Path) -> Head | None:
    """What the file says; None when there is none, or it cannot be read."""
    try:
        return decode((folder / _FILE).read_bytes(), Head)
    except (FileNotFoundError, Malformed):
        return None


def keep_head(folder: Path, head: Head) -> None:
    """Write down where the order ends, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(folder / _FILE, encode(head), _PRIVATE)


def has_forgotten(connection: Connection, known: Head) -> bool:
    """True when the database does not contain the history the file speaks of."""
    here = head_of(connection)
    if here.epoch != known.epoch:
        return here.epoch < known.epoch
    return here.gseq < known.gseq or chain_of_order(connection, known.gseq) != known.chain


def begin_new_epoch(connection: Connection, was: Head | None, now_ms: int) -> Restoration:
    """The history gets a number no console has heard of; that it did stays on record."""
    here = head_of(connection)
    epoch = max(here.epoch, was.epoch if was is not None else 0) + 1
    write_meta(connection, "epoch", str(epoch))
    found = Restoration(now_ms, epoch, was.gseq if was is not None else here.gseq, here.gseq)
    write_meta(connection, _META, encode([*restorations(connection), found]).decode())
    return found


def restorations(connection: Connection) -> list[Restoration]:
    """Every time it happened, oldest first."""
    return decode(read_meta(connection, _META, "[]"), list[Restoration])


def look_for_restore(centre: Centre, folder: Path) -> Restoration | None:
    """At every start of the service: what the database has forgotten begins a new epoch. Returns it, if it did."""
    known = kept_head(folder)
    found: Restoration | None = None
    if known is not None:
        with centre.writing() as connection:
            if has_forgotten(connection, known):
                found = begin_new_epoch(connection, known, centre.clock.wall_ms())
            centre.epoch = epoch_of(connection)
    watch_head(centre, folder)
    return found


def watch_head(centre: Centre, folder: Path) -> None:
    """Keep the file up to date; asked every few seconds and at the end."""
    with centre.reading() as connection:
        here = head_of(connection)
    if here != kept_head(folder):
        keep_head(folder, here)
