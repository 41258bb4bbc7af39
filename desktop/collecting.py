"""Objects that hold each other are let go of on the screen's thread only: a window that another thread finds among them, and
takes apart there, takes the program along.

By itself Python looks for such cycles on whichever thread has just made an object: beside the screen that is often the
database's. The thresholds are Python's own; only who looks, and at most how often, is ours.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1_000


class CollectsCycles(QObject):
    """From now on cycles are looked for in turns of `parent`'s thread, and nowhere else in this process."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self)
        timer.timeout.connect(collect_what_is_due)
        timer.start(EVERY_MS)


def pass_over_what_was_read() -> None:
    """Modules, classes and words stay until the end: looking through all else takes 2 ms where it took 60."""
    gc.freeze()


def collect_what_is_due() -> None:
    """Collect the oldest generation whose threshold is passed, as Python would have done."""
    for generation in (2, 1, 0):
        if 0 < gc.get_threshold()[generation] < gc.get_count()[generation]:
            gc.collect(generation)
            return
