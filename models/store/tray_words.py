"""What was said of acts that did not take effect, and what follows from it here: which entries of the tray are closed, and which lie
with a colleague (models/tray_acts.py, sync.md §3.8).

Own words stand in the outbox, with their verdicts, and count until they are refused. Those of the unit's other workstations come
with its feed: a close leaves its mark on the act, what was handed on is kept as a document until it is closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from msgspec import Struct
from sqlalchemy import Connection, select

from models.commands import Command
from models.store import carried, documents, outbox
from models.store.console_tables import outbox as table
from models.tray_acts import KINDS, CloseEntry, HandOn
from models.wire import Reason, decode, decode_command, encode

_NAMED = "handed:"
_STANDS = ("accepted", "merged")
Kind = TypeVar("Kind", CloseEntry, HandOn)


class Handed(Struct, frozen=True):
    """Who (`by`, of the unit) handed an entry on, when (ms UTC), and what he said."""

    by: str
    at: int
    said: HandOn


class Found(Struct, frozen=True):
    """What an act of this store, or carried here, came to; `is_closed`: somebody has seen that."""

    cmd_id: str
    case_id: str
    kind: str
    maker: str
    made_at: int
    outcome: str
    reason: Reason
    is_closed: bool


def find(connection: Connection, cmd_id: str) -> Found | None:
    """The act, when it is here."""
    row = outbox.find(connection, cmd_id)
    if row is not None:
        reason = decode(row.reason, Reason) if row.reason else Reason("")
        closed = row.closed_at is not None
        return Found(cmd_id, row.case_id, row.kind, row.actor, row.made_at, row.outcome, reason, closed)
    acts = (act for given in carried.every(connection) for act in given.acts if act.cmd_id == cmd_id)
    act = next(acts, None)
    if act is None:
        return None
    reason, closed = act.reason or Reason(""), act.closed_at is not None
    return Found(cmd_id, act.case_id, act.kind, act.actor, act.made_at, act.outcome, reason, closed)


def handed(connection: Connection, cmd_id: str) -> Handed | None:
    """With whom the entry lies: what was said last, here or as the feed tells; None when nobody handed it on."""
    mine = [said for said in _own(connection, cmd_id, HandOn) if said[0] == ""]
    if mine:
        return _handed(mine[-1][1], mine[-1][2])
    return _lies_with(connection, cmd_id)


def handed_ids(connection: Connection) -> set[str]:
    """The acts whose entries lie with a colleague."""
    return {decode(body, Handed).said.cmd_id for body in documents.beginning(connection, _NAMED)}


def handed_elsewhere(connection: Connection) -> list[Handed]:
    """The entries that lie with a colleague, of acts that are not here."""
    told = (decode(body, Handed) for body in documents.beginning(connection, _NAMED))
    return [
        kept for kept in told if find(connection, kept.said.cmd_id) is None and not _is_closed(connection, kept.said)
    ]


def open_ids(connection: Connection) -> list[str]:
    """The acts whose entries stand in the tray."""
    own = (row.cmd_id for row in outbox.not_effective(connection))
    others = (act.cmd_id for act in carried.not_effective(connection))
    return [*own, *others, *(found.said.cmd_id for found in handed_elsewhere(connection))]


def said(connection: Connection, command: Command, at_ms: int) -> None:
    """Somebody here has just said it: what is closed leaves the tray with the transaction that keeps the act."""
    if isinstance(command.args, CloseEntry):
        _put_away(connection, command.args.cmd_id, at_ms)


def heard(connection: Connection, command: Command, outcome: str) -> None:
    """The verdict on a word of this unit came through the feed, whichever workstation said it."""
    args = command.args
    if isinstance(args, CloseEntry):
        if outcome in _STANDS:
            _close(connection, args, command.time.wall_ms)
        elif outcome == "rejected":
            _shows_again(connection, args.cmd_id)
    elif isinstance(args, HandOn) and outcome == "accepted":
        documents.put(connection, _NAMED + args.cmd_id, encode(_handed(command, args)))


def judged(connection: Connection, cmd_id: str, outcome: str, code: str) -> None:
    """An act of this unit has its verdict: what was said of that verdict holds again, what was said of another does not."""
    closes = [(command, close) for _state, command, close in _own(connection, cmd_id, CloseEntry)]
    at = next((c.time.wall_ms for c, close in closes if close.verdict == (outcome, code)), None)
    if at is not None:
        _put_away(connection, cmd_id, at)
    lies = _lies_with(connection, cmd_id)
    if lies is not None and lies.said.verdict != (outcome, code):
        documents.forget(connection, _NAMED + cmd_id)


def _lies_with(connection: Connection, cmd_id: str) -> Handed | None:
    """As the feed told."""
    body = documents.read(connection, _NAMED + cmd_id)
    return None if body is None else decode(body, Handed)


def _close(connection: Connection, close: CloseEntry, at_ms: int) -> None:
    here = find(connection, close.cmd_id)
    if here is not None and (here.outcome, here.reason.code) == close.verdict:
        _put_away(connection, close.cmd_id, at_ms)
    lies = _lies_with(connection, close.cmd_id)
    if lies is not None and lies.said.verdict == close.verdict:
        documents.forget(connection, _NAMED + close.cmd_id)


def _shows_again(connection: Connection, cmd_id: str) -> None:
    """A close was refused: unless somebody else's holds, the entry is back."""
    here = find(connection, cmd_id)
    if here is not None:
        _put_away(connection, cmd_id, None)
        judged(connection, cmd_id, here.outcome, here.reason.code)


def _put_away(connection: Connection, cmd_id: str, at_ms: int | None) -> None:
    outbox.put_away(connection, cmd_id, at_ms)
    carried.put_away(connection, cmd_id, at_ms)


def _is_closed(connection: Connection, lies: HandOn) -> bool:
    """Somebody here has closed it, and the centre has yet to say so."""
    closes = (close for _state, _command, close in _own(connection, lies.cmd_id, CloseEntry))
    return any(close.verdict == lies.verdict for close in closes)


def _own(connection: Connection, cmd_id: str, kind: type[Kind]) -> Iterator[tuple[str, Command, Kind]]:
    """What this workstation said of an act and was not refused, in order, each with what it came to: "" while that is to come."""
    mine = select(table.c.body, table.c.outcome).where(table.c.case_id == cmd_id, table.c.kind.in_(KINDS))
    stands = table.c.outcome.in_(("", "deferred", *_STANDS))
    for row in connection.execute(mine.where(stands).order_by(table.c.dseq)):
        command = decode_command(row.body)
        if isinstance(command.args, kind):
            yield ("" if row.outcome in ("", "deferred") else row.outcome), command, command.args


def _handed(command: Command, args: HandOn) -> Handed:
    return Handed(command.actor, command.time.wall_ms, args)
