"""`python -m district audit`: recompute everything, and say so on a sheet."""

from __future__ import annotations

import argparse
import os

from district import sheets
from district.commands import clock_of, say
from district.opening import open_database
from models.errors import Refused

_GIVES_WAY = 19


def audit_all(arguments: argparse.Namespace) -> None:
    """Refused("audit_failed") when the store contradicts its own log, ("not_initialised") where there is nothing to
    contradict. With a folder for the sheet it is the service's own nightly audit, and gives way to everything else."""
    folder = arguments.sheets
    if folder is not None and hasattr(os, "nice"):
        os.nice(_GIVES_WAY)
    engine = open_database(arguments.database)
    try:
        sheet = sheets.look(engine, clock_of(arguments.demo_clock).wall_ms())
    finally:
        engine.dispose()
    say(sheets.page_of(sheet).rstrip())
    if folder is not None:
        say(f"kept as {sheets.keep(folder, sheet)}")
    wrong = sheet.found.contradictions
    if wrong:
        raise Refused("audit_failed", count=len(wrong), first=wrong[0])
