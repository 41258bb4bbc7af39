"""Receipts of acts that a restore has lost, as workstations show them: this centre's own word for when it had those acts.

An act made while the clock of its workstation was not set is bounded by when it came in (sync.md, time). When it comes again after a
restore that is later, and an arrival that was surely in time would be in doubt. The receipt says until when it had surely come.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from district.parsing import Parsed
from district.store import Connection
from district.store.devices import find_device
from district.store.documents import read_meta, write_meta
from models.wire import Receipted, decode, encode

_SHOWN = "receipts_shown:"
_MOST_KEPT = 20


class Had(msgspec.Struct, frozen=True):
    """The centre had this chain up to that act, by its hash, at that instant (ms UTC)."""

    dseq: int
    hash: str
    at: int


def is_of_use(connection: Connection, said: Receipted) -> bool:
    """True when the order lacks acts that the receipt is for, and it is not kept yet."""
    device = find_device(connection, said.device)
    lacks = device is not None and int(device.head_dseq) < said.dseq
    return lacks and _had(said) not in _kept(connection, said.device)


def keep(connection: Connection, said: Receipted) -> None:
    """Keep a receipt whose signature was checked, the newest of a workstation."""
    if is_of_use(connection, said):
        kept = sorted([*_kept(connection, said.device), _had(said)], key=lambda had: had.at)
        write_meta(connection, _SHOWN + said.device, encode(kept[-_MOST_KEPT:]).decode())


def came_before(connection: Connection, device: str, batch: Sequence[Parsed], now_ms: int) -> dict[str, int]:
    """When acts of a workstation had come in at the latest (ms UTC by id), those that a kept receipt proves to be the very acts:
    by the hash of the last, and from there back by each act's own word for what it follows."""
    found: dict[str, int] = {}
    by_hash = {parsed.sealed.hash: parsed for parsed in batch if parsed.device == device}
    for had in _kept(connection, device):
        act = by_hash.get(had.hash)
        while act is not None:
            found[act.cmd_id] = min(had.at, found.get(act.cmd_id, now_ms))
            act = by_hash.get(act.prev)
    return found


def _had(said: Receipted) -> Had:
    return Had(said.dseq, said.hash, said.at)


def _kept(connection: Connection, device: str) -> list[Had]:
    words = read_meta(connection, _SHOWN + device)
    return decode(words, list[Had]) if words else []
