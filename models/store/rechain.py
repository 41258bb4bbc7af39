"""Giving a store's acts a place in a chain again: after the store that held them was damaged, or after the workstation was
let in again because its chain and the centre's no longer fitted (sync-R3, R4, R5).

What an act says stays as it is, and so does its id: only its device, its number and its predecessor are new. An act the
centre has already is known there by its id, so it is never counted twice.
"""

from __future__ import annotations

from collections.abc import Set

from msgspec.structs import replace
from sqlalchemy import Connection, delete, func, insert, select, update

from models.commands import Command
from models.origin import Origin
from models.store import outbox
from models.store.console_tables import outbox as table
from models.wire import Sealed, decode_command, seal

CHAIN_UNSURE = "chain_unsure"
"""The fact of a store whose chain may not follow the centre's head; gone once it does."""

_FAR = 1 << 40
"""Further than any number: rows moved there and back never meet one that is still in its place."""


def trouble(connection: Connection, head_dseq: int, head_hash: str) -> str:
    """Why this store's chain cannot go on from the centre's head of it: "fork", the centre has another act at a place of
    ours, or more acts than we (an older image of this store was put back, or a copy of it is at work); "gap", it lacks acts
    that are here no more; "" when all is well."""
    last, _ = outbox.head(connection)
    if head_dseq > last:
        return "fork"
    own = connection.execute(select(table.c.hash).where(table.c.dseq == head_dseq)).scalar()
    if head_dseq and own is not None and own != head_hash:
        return "fork"
    first = connection.execute(select(func.min(table.c.dseq)).where(table.c.dseq > 0)).scalar()
    return "gap" if first is not None and first > head_dseq + 1 else ""


def begin_anew(connection: Connection) -> None:
    """The store becomes another device's. What it made before keeps its order, below zero; what of it the centre has not
    got gets a place in the new chain when that is known (`rechain`)."""
    last, _ = outbox.head(connection)
    for shift in (-_FAR, _FAR - last - 1):
        connection.execute(update(table).values(dseq=table.c.dseq + shift))
    # What the former device had handed in and nobody has decided (kept apart, and declined) is asked about, and offered again.
    connection.execute(update(table).where(table.c.state == outbox.SENT).values(state=outbox.PENDING))


def place_again(command: Command, dseq: int, prev: str, device: str = "", was: str = "") -> tuple[Command, Sealed]:
    """The same act at another place: of its device's chain, or of another `device`'s, when it names the place it was made
    at, where its hash `was`."""
    moved = replace(command, dseq=dseq, prev=prev)
    if device and device != command.device:
        moved = replace(moved, device=device, origin=command.origin or Origin(command.device, command.dseq, was))
    return moved, seal(moved)


def rechain(connection: Connection, device: str, head_dseq: int, head_hash: str, arrived: Set[str]) -> bool:
    """Number every act the centre has not got after its head of this device's chain, in the order they were made.

    `arrived` holds the ids of unsettled acts the centre knows. False when there is nothing to number: the next act made
    here would still not follow the centre's head.
    """
    rows = connection.execute(select(table).order_by(table.c.dseq)).mappings().all()
    moving = [r for r in rows if r["dseq"] > head_dseq or not (_is_settled(r) or r["cmd_id"] in arrived)]
    for row in moving:
        connection.execute(delete(table).where(table.c.dseq == row["dseq"]))
    dseq, prev = head_dseq, head_hash
    for row in moving:
        command, sealed = place_again(decode_command(row["body"]), dseq + 1, prev, device, row["hash"])
        state = row["state"] if _is_settled(row) else outbox.PENDING
        placed = {**row, "dseq": command.dseq, "body": sealed.body, "hash": sealed.hash, "state": state}
        connection.execute(insert(table).values(**{**placed, "device": command.device}))
        dseq, prev = command.dseq, sealed.hash
    last_dseq, last_hash = outbox.head(connection)
    return (last_dseq, last_hash) == (dseq, prev)


def _is_settled(row: object) -> bool:
    return bool(row["state"] == outbox.SETTLED)  # type: ignore[index]
