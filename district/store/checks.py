"""Refused checks, as rows of the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, literal_column, select

from district.store.tables import deferral, log
from models.wire import Reason, decode, decode_any

OTHER_RESULT = "verified_already"

# Written out, not bound: only so is the index over refused checks (log_refused_check) used.
_KIND: ColumnElement[str]
_REFUSED: ColumnElement[str]
_KIND, _REFUSED = literal_column("'case.check'"), literal_column("'rejected'")


class RefusedCheck(msgspec.Struct, frozen=True):
    """A check refused for its other result: its log row, and the id of the act it was refused for."""

    row: Any
    first: str


def refused_checks(connection: Connection) -> list[RefusedCheck]:
    """Every check that was ever refused for its other result, in the order in which they came in: at once, or when what had kept it
    undecided was over."""
    found = [*_at_once(connection), *_settled(connection)]
    return sorted(found, key=lambda refused: int(refused.row.gseq))


def _at_once(connection: Connection) -> Iterator[RefusedCheck]:
    wanted = select(log).where(log.c.kind == _KIND, log.c.outcome == _REFUSED)
    for row in connection.execute(wanted):
        reason = decode(row.reason, Reason)
        if reason.code == OTHER_RESULT:
            yield RefusedCheck(row, reason.by)


def _settled(connection: Connection) -> Iterator[RefusedCheck]:
    said = log.alias("said")
    joined = deferral.join(log, log.c.gseq == deferral.c.gseq).join(said, said.c.gseq == deferral.c.settled_gseq)
    mine = select(log, said.c.body.label("settled")).select_from(joined)
    for row in connection.execute(mine.where(deferral.c.code == OTHER_RESULT, log.c.kind == _KIND)):
        yield RefusedCheck(row, str(decode_any(row.settled)["args"].get("by", "")))
