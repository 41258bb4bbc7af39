"""A restored database is detected, not remembered (D14, sync-R6): the centre keeps where its order ended in a file beside its
keys, outside the database. A database that is behind that file, or says something else at that place, has forgotten acts: its
history gets a new number (epoch), every console takes a snapshot and offers again what it still holds.
"""

from __future__ import annotations

from pathlib import Path

from district.centre import Centre
from district.past import Head, Restoration, has_forgotten, head_of, remembering
from models.files import FOR_ITS_OWNER, write_whole
from models.wire import Malformed, decode, encode

_FILE = "head.json"


def kept_head(folder: Path) -> Head | None:
    """What the file says; None when there is none, or it cannot be read."""
    try:
        return decode((folder / _FILE).read_bytes(), Head)
    except (FileNotFoundError, Malformed):
        return None


def keep_head(folder: Path, head: Head) -> None:
    """Write down where the order ends, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(folder / _FILE, encode(head), FOR_ITS_OWNER)


def look_for_restore(centre: Centre, folder: Path) -> Restoration | None:
    """At every start of the service, and while it runs: what the database has forgotten begins a new epoch. Returns it, if it
    did."""
    known = _known(centre, kept_head(folder))
    found: Restoration | None = None
    if known is not None:
        with centre.writing() as connection:
            if has_forgotten(connection, known):
                found = centre.begin_new_epoch(connection, known)
            centre.keep_up(connection)
    watch_head(centre, folder)
    return found


def _known(centre: Centre, kept: Head | None) -> Head | None:
    """What the file and this process know; None when there is no file."""
    return None if kept is None else centre.knowing(kept, has_chains=bool(kept.devices))


def watch_head(centre: Centre, folder: Path) -> None:
    """Keep the file up to date; asked every few seconds and at the end. A database that was put back while the service went on
    running is noticed here as well."""
    kept = kept_head(folder)
    known = _known(centre, kept)
    with centre.reading() as connection:
        here = remembering(head_of(connection), kept)
        has_lost = known is not None and has_forgotten(connection, known)
    if has_lost:
        look_for_restore(centre, folder)
        return
    centre.note_revoked(here.revoked)
    if here != kept:
        keep_head(folder, here)
