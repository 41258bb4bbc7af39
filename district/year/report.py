"""`python -m district.year.report`: what a loaded year comes to, beside what practice.md §4 says of one (演示数据)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from district.opening import open_database
from district.reference import load
from district.store.reader import Reader
from district.year.figures import Figure, Tally
from models.rules import Rules
from models.store.case_table import every_case


def main() -> int:
    """Print every figure with its band; 1 when one lies outside."""
    parser = argparse.ArgumentParser(prog="python -m district.year.report")
    parser.add_argument("--database", required=True)
    engine = open_database(parser.parse_args().database)
    with engine.connect().execution_options(read_only=True) as connection:
        rules = Rules(load(connection))
        tally = Tally(rules, Reader(connection).last_received_ms()).add_all(every_case(connection))
    engine.dispose()
    figures = tally.figures()
    for line in (*map(_row, figures), *_details(tally, rules)):
        sys.stdout.write(f"{line}\n")
    return 0 if all(figure.fits for figure in figures) else 1


def _row(figure: Figure) -> str:
    mark = " " if figure.fits else "!"
    return f"{mark} {figure.name:40} {figure.made:8.2f}   {figure.low:g}–{figure.high:g} {figure.unit}"


def _details(tally: Tally, rules: Rules) -> Iterator[str]:
    yield "\nlate by group, %"
    for group in tally.groups():
        yield f"  {group:40} {tally.late_percent(group):8.2f} of {tally.stopped(group)}"
    yield "\nhandling late by category, %"
    for key, count in tally.handled_by_category.most_common():
        late = tally.late_by_category[key]
        yield f"  {key:24} {100 * late / count:8.2f} of {count:5}  {rules.categories[key].name}"
    yield "\nopen at the end; reports of the year, by organisation"
    for code in sorted(set(tally.open_by_level) | set(tally.reports_by_town)):
        name = rules.organisations[code].name
        yield f"  {tally.open_by_level[code]:6} {tally.reports_by_town[code]:7}  {code} {name}"


if __name__ == "__main__":
    sys.exit(main())
