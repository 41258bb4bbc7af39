"""A base loaded in bulk is the one that would have grown case by case."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Table

from models.rules import Rules
from models.store.case_table import case_row, get_case
from models.store.console_tables import case_search, last_call
from models.store.engine import open_file
from models.store.loading import load_cases
from models.store.migrate import migrate
from models.wire import encode
from tests.ui.every_state import EveryState


def rows(connection: Connection, table: Table) -> list[tuple[object, ...]]:
    return sorted(tuple(row) for row in connection.execute(table.select()))


def test_rows_texts_and_last_calls_are_those_of_cases_put_one_by_one(tmp_path: Path, rules: Rules) -> None:
    grown = EveryState(tmp_path, rules)
    grown.fill()
    loaded = open_file(tmp_path / "loaded.sqlite")
    migrate(loaded)
    with grown.work() as work, loaded.connect() as connection:
        ids = [row.id for row in work.connection.execute(case_row.select())]
        cases = [case for i in ids if (case := get_case(work.connection, i)) is not None]
        lines = [encode(case) for case in cases]
        taken = load_cases(connection, lines[:7], rules) | load_cases(connection, lines[7:], rules)
        assert taken == set(ids) and len(ids) > 20
        for table in (case_row, case_search, last_call):
            assert rows(connection, table) == rows(work.connection, table), table.name
        assert rows(connection, last_call), "some were called"


def test_nothing_is_loaded_from_nothing(tmp_path: Path, rules: Rules) -> None:
    engine = open_file(tmp_path / "empty.sqlite")
    migrate(engine)
    with engine.connect() as connection:
        assert load_cases(connection, [], rules) == set()
        assert rows(connection, case_row) == []
