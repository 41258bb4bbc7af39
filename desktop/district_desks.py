"""What only the district's window has: the pages an operator reads over the line."""

from __future__ import annotations

from collections.abc import Callable

from desktop.devices_desk import DevicesDesk
from desktop.open_file import OpenFile
from desktop.review_desk import ReviewDesk
from desktop.sign_in_again import SignedIn
from ui.main_window import MainWindow
from ui.ports import Seat


def district_desks(
    window: MainWindow, file: OpenFile, seat: Seat, signed_in: SignedIn, tell: Callable[[str], None]
) -> None:
    """Somebody behind each of them; nothing for another unit's window."""
    if window.devices is not None:
        DevicesDesk(window.devices, file, seat, signed_in, tell)
    if window.review is not None:
        ReviewDesk(window.review, file, seat, signed_in, tell)
