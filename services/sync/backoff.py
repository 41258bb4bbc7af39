"""How long to wait before asking again: full jitter from one second to a minute (sync.md §3.9)."""

from __future__ import annotations

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0
LONGEST_ASKED_SECONDS = 900.0
"""Whoever answers may ask for so much quiet and no more: it may be a proxy on the way that asks for days."""


def wait_seconds(failures: int, chance: float, retry_after_seconds: float | None = None) -> float:
    """Seconds to wait after `failures` failures in a row; `chance` in 0..1 spreads a hundred consoles apart.

    The centre's own word (Retry-After) is a floor, as far as it is sane.
    """
    ceiling = min(LONGEST_SECONDS, FIRST_SECONDS * (1 << min(failures, 10)))
    return max(ceiling * chance, min(retry_after_seconds or 0.1, LONGEST_ASKED_SECONDS))
