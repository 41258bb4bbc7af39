"""`python -m district.year`: fill an initialised demo district with a generated past year (演示数据)."""

from __future__ import annotations

import argparse
import gc
import sys

from district.opening import open_database
from district.reference import load
from district.year.load import load_year
from models.clock import SystemClock
from models.rules import Rules

REPORTS = 30_400
SEED = 20261124


def main() -> int:
    """Load and say how far it is, on one line."""
    parser = argparse.ArgumentParser(prog="python -m district.year")
    parser.add_argument("--database", required=True)
    parser.add_argument("--reports", type=int, default=REPORTS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--end-ms", type=int, default=0, help="the year ends then; default: now")
    asked = parser.parse_args()
    engine = open_database(asked.database)
    with engine.connect().execution_options(read_only=True) as connection:
        rules = Rules(load(connection))
    engine.dispose()
    # Everything made here lives to the end or dies by itself: looking for rings in it took a tenth of the time.
    gc.freeze()
    gc.disable()
    end_ms = asked.end_ms or SystemClock().wall_ms()
    count = load_year(asked.database, rules, asked.seed, end_ms, asked.reports, _say)
    sys.stdout.write(f"\rA past year is loaded: {count} acts of {asked.reports} reports.\n")
    return 0


def _say(done: int, everything: int) -> None:
    sys.stdout.write(f"\rLoading a past year (demo data): {100 * done // max(1, everything)} % ")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
