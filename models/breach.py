"""What the centre has found of a clock that was not met: a value of its own, beside the light (D18a, docs/decisions/0009)."""

from __future__ import annotations

from enum import Enum

import msgspec

BLAMELESS = ("returned", "void", "merged", "transferred")
"""Ends of an assignment after which it never was the unit's to meet: also what it had been late with is not counted."""


class BreachState(str, Enum):
    """PROVISIONAL: an act that met it may still turn up. FINAL: none can, or the time for it is over. WITHDRAWN: it was met,
    moved, or never was the unit's."""

    PROVISIONAL = "provisional"
    FINAL = "final"
    WITHDRAWN = "withdrawn"


class Breach(msgspec.Struct, frozen=True, omit_defaults=True):
    """The centre's finding that a clock (`id`) of `unit` was not met by `due_at` (sync.md §3.7; models/decide/breaches.py).
    Instants in ms UTC. `settled_at`: since when it is final or withdrawn. `basis`: "evidence", "ruling", "watermark" or
    "grace"; `silent`: the workstations that had not been heard of when the grace was over."""

    id: str
    unit: str
    due_at: int
    state: BreachState
    noticed_at: int
    settled_at: int | None = None
    basis: str = ""
    silent: tuple[str, ...] = ()
