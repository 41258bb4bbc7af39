"""Districts with a past to measure beside: years of real acts, through the year's own script, journal and feeds; and, where there
is no time for that many, earlier years as copied rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from models.clock import DAY_MS, SystemClock
from models.store.case_table import case_row
from models.store.engine import open_engine
from tests.whole.parties import ROOT, initialise

YEAR_MS = 365 * DAY_MS
SEED = 20261124
MOST_EARLIER = 5
"""Years: the calendar's tables reach no further back."""

_CASES_OF_REPORTS = 0.995
"""A report that is told to be another's makes no case of its own; a few of the last hours have not come yet."""


def made(folder: Path, cases: int, a_year: int = 0) -> str:
    """A district with so many cases, the oldest first: at most `a_year` of them in the year that ends now, the rest evenly
    in earlier ones (0: all in one year). Returns its URL. A minute and more for ten thousand."""
    folder.mkdir(parents=True, exist_ok=True)
    database = f"sqlite:///{folder}/district.sqlite"
    initialise(database)
    reports = int(cases / _CASES_OF_REPORTS)
    last = min(reports, a_year or reports)
    earlier = min(MOST_EARLIER, -(-(reports - last) // (a_year or 1)))
    now = SystemClock().wall_ms()
    for back in range(earlier, -1, -1):
        many = last if back == 0 else (reports - last) // earlier
        year = [sys.executable, "-m", "district.year", "--database", database, "--reports", str(many)]
        year += ["--seed", str(SEED + back), "--end-ms", str(now - back * YEAR_MS)]
        subprocess.run(year, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=7_200)
    return database


def cases_of(database: str) -> int:
    """How many cases it has."""
    engine = open_engine(database)
    with engine.connect().execution_options(read_only=True) as connection:
        found = int(connection.execute(text("SELECT count(*) FROM case_row")).scalar_one())
    engine.dispose()
    return found


def add_earlier_years(database: str, wanted: int) -> None:
    """Copies of the ended cases, each round a year earlier, until there are so many cases. Their documents are those of the
    originals: nobody reads them but whoever looks for older cases."""
    engine = open_engine(database)
    with engine.connect().execution_options(read_only=True) as connection:
        have, last = connection.execute(text("SELECT count(*), max(rowid) FROM case_row")).one()
    names = ", ".join(c.name for c in case_row.columns if c.name not in ("id", "ended_by", "reported_at", "closed_at"))
    number = 0
    while have < wanted:
        number += 1
        back = number * YEAR_MS
        rows = (
            f"INSERT INTO case_row (id, ended_by, reported_at, closed_at, {names}) SELECT id || '-{number}',"
            f" ended_by - {back}, reported_at - {back}, closed_at - {back}, {names} FROM case_row"
            f" WHERE rowid <= {last} AND is_open = 0 LIMIT {wanted - have}"
        )
        scopes = (
            "INSERT INTO case_scope (case_id, scope) SELECT r.id, s.scope FROM case_row r"
            f" JOIN case_scope s ON s.case_id = substr(r.id, 1, 36) WHERE r.rowid > {last} AND r.id LIKE '%-{number}'"
            " AND length(r.id) > 36"
        )
        with engine.begin() as connection:
            have += connection.execute(text(rows)).rowcount
            connection.execute(text(scopes))
    engine.dispose()
