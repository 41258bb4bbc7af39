"""What a store keeps of the centre's clock: the best reading of this boot, and the latest instant that has surely come."""

from __future__ import annotations

from models.evidence import Anchor
from models.store import present_mark
from models.store.work import Work
from services.sync.time_anchor import better


def keep_anchor(work: Work, new: Anchor) -> None:
    """Keep the better of the known and the new reading of the centre's clock; commits."""
    old = work.anchor()
    best = better(old, new)
    if best != old:
        work.keep_anchor(best)
        present_mark.hear(work, work.present())
        work.commit()
