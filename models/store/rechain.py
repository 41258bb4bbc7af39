"""Giving a device's acts a place in its chain again, after the store that held them was damaged (sync-R3, R4).

What an act says stays as it is, and so does its id: only its number and its predecessor are new. An act the centre has
already is known there by its id, so it is never counted twice.
"""

from __future__ import annotations

from collections.abc import Set

from msgspec.structs import replace
from sqlalchemy import Connection, delete, insert, select

from models.commands import Command
from models.store import outbox
from models.store.console_tables import outbox as table
from models.wire import Sealed, decode_command, seal

CHAIN_UNSURE = "chain_unsure"
"""The fact of a store whose chain may not follow the centre's head; gone once it does."""


def place_again(command: Command, dseq: int, prev: str) -> tuple[Command, Sealed]:
    """The same act at another place of its device's chain."""
    moved = replace(command, dseq=dseq, prev=prev)
    return moved, seal(moved)


def rechain(connection: Connection, head_dseq: int, head_hash: str, arrived: Set[str]) -> bool:
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
        command, sealed = place_again(decode_command(row["body"]), dseq + 1, prev)
        state = row["state"] if _is_settled(row) else outbox.PENDING
        placed = {**row, "dseq": command.dseq, "body": sealed.body, "hash": sealed.hash, "state": state}
        connection.execute(insert(table).values(**placed))
        dseq, prev = command.dseq, sealed.hash
    last_dseq, last_hash = outbox.head(connection)
    return (last_dseq, last_hash) == (dseq, prev)


def _is_settled(row: object) -> bool:
    return bool(row["state"] == outbox.SETTLED)  # type: ignore[index]
