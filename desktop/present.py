"""The present, as this workstation knows it: carried by the boot counter from the last word of the centre (P6, D8)."""

from __future__ import annotations

from models.clock import Clock
from models.evidence import Anchor, Moment
from models.store.work import present


class PresentClock:
    """Answers `now` at once, from the last known anchor; the database thread tells it about better ones."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._anchor: Anchor | None = None
        self._proven_ms = 0

    def heard(self, anchor: Anchor | None, proven_ms: int) -> None:
        """The best reading of the centre's clock in this boot, and the latest instant it ever told."""
        self._anchor = anchor
        self._proven_ms = proven_ms

    def now(self) -> Moment:
        """See ui.ports.Present."""
        return present(self._clock, self._anchor, self._proven_ms)
