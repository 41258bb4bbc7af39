"""`python -m tests.at_hour "2027-01-13 12:30" [pytest's arguments]`: tests at another hour of another day (Beijing time).

The wall clock of all their processes, PostgreSQL's too, is moved by libfaketime, and goes on from there; counters are left alone.
Tests of whole consoles run at whatever hour it is: what is wrong only at night, at lunch, or in a year without its holiday notice
is found here.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.faults.clocks import library


def main() -> None:
    """Becomes pytest, at that hour; ends with 2 when it is none."""
    try:
        hour = datetime.strptime(sys.argv[1], "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    except (IndexError, ValueError):
        sys.exit(2)
    moved_seconds = round(hour.timestamp() - time.time())
    told = {"FAKETIME": f"{moved_seconds:+d}", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "LD_PRELOAD": library()}
    told["PYTHONPATH"] = str(Path(__file__).parent)  # sitecustomize.py
    os.execve(sys.executable, [sys.executable, "-m", "pytest", *sys.argv[2:]], {**os.environ, **told})


if __name__ == "__main__":
    main()
