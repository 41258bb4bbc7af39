"""Loaded by every Python of a run at another hour: libfaketime 0.9.10 takes the counter that `time.sleep` waits for (Python 3.11)
for the wall clock, and each sleep fails; `select` waits for so many seconds instead."""

from __future__ import annotations

import select
import time


def _sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = _sleep
