"""Wrong passwords in a row that no centre counts, and how long the next try waits (docs/decisions/0012).

Nobody is kept out for good: the longest wait is a quarter of an hour. Instants are what has surely come (models/present_mark.py), so
neither a reboot nor the wall clock shortens a wait; a reboot may lengthen it by the time the machine was off.
"""

from __future__ import annotations

import msgspec

from models.clock import MINUTE_MS, SECOND_MS

FREE = 5
"""So many cost nothing: everybody mistypes."""

FIRST_WAIT_MS, LONGEST_WAIT_MS = 30 * SECOND_MS, 15 * MINUTE_MS


class Guesses(msgspec.Struct, frozen=True, array_like=True):
    """How many wrong ones in a row, and when the last one was (surely not before, ms UTC)."""

    count: int = 0
    last_ms: int = 0


def wait_ms(guesses: Guesses, now_ms: int) -> int:
    """How long the next try still waits; never longer than the whole wait, whatever the instants say."""
    if guesses.count < FREE:
        return 0
    whole = min(FIRST_WAIT_MS << min(guesses.count - FREE, 10), LONGEST_WAIT_MS)
    return max(0, whole - max(0, now_ms - guesses.last_ms))


def one_more(guesses: Guesses, now_ms: int) -> Guesses:
    """Another wrong one."""
    return Guesses(guesses.count + 1, now_ms)


def restarted(guesses: Guesses, now_ms: int) -> Guesses:
    """The same wait, from now at the latest: after the centre's clock was set back, the last one would lie ahead, and its wait
    would not end until then."""
    return msgspec.structs.replace(guesses, last_ms=min(guesses.last_ms, now_ms))
