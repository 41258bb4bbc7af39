"""Stores of an older program learn when their cases had surely ended (models/retention.py): read from the cases themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from district.centre import HEAD as DISTRICT_HEAD
from district.centre import SCRIPTS
from models.case import Case, State
from models.evidence import Grade, Moment
from models.retention import NEVER_MS
from models.store import case_table
from models.store.engine import open_engine
from models.store.migrate import HEAD, migrate
from models.wire import encode

BEGAN = Moment(1_000, 1_000)
LATER = ("ended_by", "evidence_owed")
"""Columns that such a store has not got."""
HEARD_OF = 9_999_999


def _case(number: int, state: State, closed_at: Moment | None) -> Case:
    return Case(
        f"case-{number:04}", f"N-{number}", 1, state, "T", "grid", "m/1", "t", "p", "T", BEGAN, "clerk", "T",
        closed_at=closed_at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("scripts", "before", "head"), [(None, "0004", HEAD), (SCRIPTS, "0008", DISTRICT_HEAD)], ids=["console", "district"]
)
def test_every_ended_case_of_an_older_store_is_dated(
    tmp_path: Path, scripts: Path | None, before: str, head: str
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'older.sqlite'}")
    more = () if scripts is None else (scripts,)
    migrate(engine, *more, head=before)
    doubtful = Moment(5_000, HEARD_OF, Grade.DOUBTFUL)
    cases = [
        _case(0, State.HANDLING, None),
        *(_case(number, State.DECLINED, Moment(number, number + 7)) for number in range(1, 1_203)),
        _case(1_203, State.CLOSED, doubtful),
    ]
    columns = [name for name in case_table._NAMES if name not in LATER]
    insert = f"INSERT INTO case_row ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"
    with engine.begin() as connection:
        for case in cases:
            row = dict(zip(case_table._NAMES, case_table.values_of(case, encode(case)), strict=True))
            connection.execute(text(insert), {name: row[name] for name in columns})
    migrate(engine, *more, head=head)
    with engine.connect() as connection:
        found = {row.id: row.ended_by for row in connection.execute(text("SELECT id, ended_by FROM case_row"))}
    engine.dispose()
    assert found["case-0000"] == NEVER_MS and found["case-1203"] == HEARD_OF
    assert all(found[f"case-{number:04}"] == number + 7 for number in range(1, 1_203))
