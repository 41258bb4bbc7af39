"""A store whose jobs wait until the test lets them run, as those behind a snapshot or a slow disk do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.store.work import Work
from tests.ui.every_state import EveryState


class SlowStore(EveryState):
    """At once like the other, from `hold` until `go` not at all."""

    waiting: list[Callable[[], None]] | None = None

    def run(
        self,
        job: Callable[[Work], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """See ui.ports.Jobs."""
        if self.waiting is None:
            super().run(job, done, failed)
        else:
            self.waiting.append(lambda: EveryState.run(self, job, done, failed))

    def hold(self) -> None:
        """From now on jobs wait."""
        self.waiting = []

    def step(self) -> None:
        """Only what has waited longest."""
        if self.waiting:
            self.waiting.pop(0)()

    def go(self) -> None:
        """What waits, in order, and what follows from it."""
        while self.waiting:
            self.waiting.pop(0)()
        self.waiting = None
