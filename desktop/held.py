"""What belongs to the screen while another thread works for it: held here under a number, and let go of here.

Whoever works elsewhere is given the number, looks at what it stands for inside a call of its own, and holds nothing when that has
returned: a window whose last holder is another thread is taken apart there, while the screen's thread paints.
"""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Held(Generic[T]):
    """Put in and let go of on the screen's thread alone; looked at on any."""

    def __init__(self) -> None:
        self._number = 0
        self._by_number: dict[int, T] = {}

    def put(self, what: T) -> int:
        """The number it is held under until `let_go`."""
        self._number += 1
        self._by_number[self._number] = what
        return self._number

    def __getitem__(self, number: int) -> T:
        return self._by_number[number]

    def let_go(self, number: int) -> T:
        """It is held no longer; whoever asks has it."""
        return self._by_number.pop(number)


def without_frames(error: Exception) -> Exception:
    """The error alone, also of those behind it, to be handed to the screen's thread: frames hold the job."""
    found: BaseException | None = error
    while found is not None:
        found.__traceback__ = None
        found = found.__cause__ or found.__context__
    return error
