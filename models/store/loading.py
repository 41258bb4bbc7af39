"""A whole confirmed base in bulk: rows, search text and last calls, straight from the lines of a snapshot.

A case is decoded, turned into its row and let go: kept all at once, ten thousand cases cost six times as much, nearly all of
it Python looking for garbage among them (measured).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Table, insert

from models.rules import Rules
from models.store.case_table import case_row, values_of
from models.store.console_tables import case_search
from models.store.search import Calls, add_calls, keep_calls, plain_text
from models.wire import decode_case


def load_cases(connection: Connection, lines: Iterable[bytes], rules: Rules) -> set[str]:
    """Store the cases, none of which is stored yet, each line as it came; returns their ids."""
    rows, texts = [], []
    calls: Calls = {}
    for line in lines:
        case = decode_case(line)
        rows.append(values_of(case, line))
        texts.append((case.id, plain_text(case, rules)))
        add_calls(calls, case)
    if rows:
        connection.exec_driver_sql(_insert_of(connection, case_row), rows)
        connection.exec_driver_sql(_insert_of(connection, case_search), texts)
    keep_calls(connection, calls)
    return {case_id for case_id, _text in texts}


def _insert_of(connection: Connection, table: Table) -> str:
    """The driver's own statement for whole rows in column order: rows go to it as they are."""
    return str(insert(table).compile(dialect=connection.dialect))
