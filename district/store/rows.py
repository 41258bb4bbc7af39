"""The rows of one transaction, gathered in memory and written together: the API path and the bulk loader share them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, tuple_, update

from district.store.personal import await_these
from district.store.records import Alias, Deferral, DeviceHead, Settlement, Waiting
from district.store.tables import alias, case_scope, deferral, device, feed, log, scope_head, undelivered
from models.case import Case
from models.store.case_table import put_cases
from models.store.many_rows import insert_rows, one_or_many

_AT_ONCE = 400
# Made once: every push moves heads, and making a statement takes longer than carrying it out.
_MOVE_HEAD = (
    update(scope_head).where(scope_head.c.scope == bindparam("key")).values(sseq=bindparam("n"), chain=bindparam("c"))
)
_MOVE_DEVICE = (
    update(device)
    .where(device.c.id == bindparam("key"))
    .values(head_dseq=bindparam("n"), head_hash=bindparam("h"), proven_lo=bindparam("lo"))
)


class Rows:
    """What is still to be written. `cases` holds only the last version of each; scopes and deliveries only the net."""

    def __init__(self) -> None:
        self.log: list[dict[str, Any]] = []
        self.feed: list[dict[str, Any]] = []
        self.cases: dict[str, Case] = {}
        self.new_cases: set[str] = set()
        self.entered: set[tuple[str, str]] = set()
        self.left: set[tuple[str, str]] = set()
        self.given: dict[tuple[str, str], Waiting] = {}
        self.settled: set[tuple[str, str]] = set()
        self.scopes: dict[str, tuple[int, str]] = {}
        self.new_scopes: set[str] = set()
        self.devices: dict[str, DeviceHead] = {}
        self.aliases: list[Alias] = []
        self.deferrals: list[Deferral] = []
        self.settlements: list[Settlement] = []
        self.awaited: dict[tuple[str, str], int] = {}

    def keep(self, case: Case, *, new: bool) -> None:
        """A case's new version; `new` when the store has none yet."""
        self.cases[case.id] = case
        if new:
            self.new_cases.add(case.id)

    def enter(self, case_id: str, scope: str) -> None:
        """The case comes into a scope."""
        if (case_id, scope) in self.left:
            self.left.discard((case_id, scope))
        else:
            self.entered.add((case_id, scope))

    def leave(self, case_id: str, scope: str) -> None:
        """The case goes out of a scope."""
        if (case_id, scope) in self.entered:
            self.entered.discard((case_id, scope))
        else:
            self.left.add((case_id, scope))

    def give(self, waiting: Waiting) -> None:
        """An assignment, or a duty that hangs on none, waits for its delivery."""
        self.given[waiting.key] = waiting

    def settle(self, key: tuple[str, str]) -> None:
        """It needs none any more."""
        if self.given.pop(key, None) is None:
            self.settled.add(key)


def write(connection: Connection, rows: Rows) -> None:
    """Write everything, in as few statements as there are tables (R8: one transaction with the verdicts)."""
    insert_rows(connection, log, rows.log)
    insert_rows(connection, feed, rows.feed)
    _write_cases(connection, rows)
    _write_scopes(connection, rows)
    _write_deliveries(connection, rows)
    _write_devices(connection, rows)
    _write_deferrals(connection, rows)
    await_these(connection, rows.awaited)


def _write_cases(connection: Connection, rows: Rows) -> None:
    put_cases(connection, [c for i, c in rows.cases.items() if i in rows.new_cases], new=True)
    put_cases(connection, [c for i, c in rows.cases.items() if i not in rows.new_cases])


def _write_scopes(connection: Connection, rows: Rows) -> None:
    for page in _pages(sorted(rows.left)):
        gone = tuple_(case_scope.c.case_id, case_scope.c.scope).in_(page)
        connection.execute(delete(case_scope).where(gone))
    insert_rows(connection, case_scope, [{"case_id": c, "scope": s} for c, s in sorted(rows.entered)])
    fresh = [{"scope": s, "sseq": n, "chain": c} for s, (n, c) in rows.scopes.items() if s in rows.new_scopes]
    if fresh:
        connection.execute(insert(scope_head), fresh)
    moved = [{"key": s, "n": n, "c": c} for s, (n, c) in rows.scopes.items() if s not in rows.new_scopes]
    if moved:
        connection.execute(_MOVE_HEAD, one_or_many(moved))


def _write_deliveries(connection: Connection, rows: Rows) -> None:
    for page in _pages(sorted((assignment, case_id) for case_id, assignment in rows.settled)):
        done = tuple_(undelivered.c.assignment, undelivered.c.case_id).in_(page)
        connection.execute(delete(undelivered).where(done))
    if rows.given:
        values = [
            {"assignment": w.assignment, "case_id": w.case_id, "receiver": w.receiver, "gseq": w.gseq}
            for w in rows.given.values()
        ]
        insert_rows(connection, undelivered, values)


def _write_devices(connection: Connection, rows: Rows) -> None:
    if rows.devices:
        values = [{"key": d.id, "n": d.dseq, "h": d.hash, "lo": d.proven_lo} for d in rows.devices.values()]
        connection.execute(_MOVE_DEVICE, one_or_many(values))
    if rows.aliases:
        values = [
            {"device": a.device, "dseq": a.dseq, "cmd_id": a.cmd_id, "hash": a.hash, "received_at": a.received_at}
            for a in rows.aliases
        ]
        connection.execute(insert(alias), values)


def _write_deferrals(connection: Connection, rows: Rows) -> None:
    if rows.deferrals:
        values = [
            {
                "cmd_id": d.cmd_id,
                "gseq": d.gseq,
                "case_id": d.case_id,
                "unit": d.unit,
                "blocks": d.blocks,
                "settled_gseq": None,
                "outcome": "",
                "code": "",
            }
            for d in rows.deferrals
        ]
        connection.execute(insert(deferral), values)
    for s in rows.settlements:
        change = update(deferral).where(deferral.c.cmd_id == s.cmd_id)
        connection.execute(change.values(settled_gseq=s.gseq, outcome=s.outcome, code=s.code))


def _pages(found: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    return [found[start : start + _AT_ONCE] for start in range(0, len(found), _AT_ONCE)]
