"""How far verified copies of the order reach (sync-R7): `backup` and `verify` note it, workstations are told, and let go of nothing
of their own that no copy holds.

It is noted in the database itself, not beside the keys: one that is put back to an older copy knows of the copies before that one
and of no later. What stood in those is its own past still.
"""

from __future__ import annotations

import msgspec

from district.audit import Audit
from district.store import Connection, Engine
from district.store.documents import read_meta, write_meta
from district.store.reader import chain_of_order
from models.errors import Refused
from models.store.engine import take_order_lock
from models.store.trouble import in_words
from models.wire import decode, encode

_META = "backed_up"


class BackedUp(msgspec.Struct, frozen=True):
    """The last place of the order in a copy that was read through, and when (ms UTC) that was; the same of a copy all of whose
    photographs and files were read through with it. 0: there was none."""

    gseq: int = 0
    at_ms: int = 0
    files_gseq: int = 0
    files_at_ms: int = 0


def backed_up(connection: Connection) -> BackedUp:
    """How far the copies reach, as far as this database knows."""
    words = read_meta(connection, _META)
    return decode(words, BackedUp) if words else BackedUp()


def note(engine: Engine, copy: Audit, now_ms: int, *, with_files: bool) -> BackedUp:
    """A copy was found sound. An older one than is known already takes nothing back. Refused("copy_of_another_past") when it does not
    end at a place of this order."""
    with in_words(engine), engine.begin() as connection:
        take_order_lock(connection)
        if chain_of_order(connection, copy.entries) != copy.head:
            raise Refused("copy_of_another_past")
        known = backed_up(connection)
        if copy.entries >= known.gseq:
            known = msgspec.structs.replace(known, gseq=copy.entries, at_ms=now_ms)
        if with_files and copy.entries >= known.files_gseq:
            known = msgspec.structs.replace(known, files_gseq=copy.entries, files_at_ms=now_ms)
        write_meta(connection, _META, encode(known).decode())
    return known
