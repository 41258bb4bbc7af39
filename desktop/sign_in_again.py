"""Somebody signs in again in the middle of something only the centre can answer; he goes on, another begins afresh."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from desktop.change_user import ChangeUser
from desktop.open_file import OpenFile
from services.session import Entered
from ui.ports import Seat

SignedIn = Callable[[OpenFile, Entered], None]


def sign_in_again(
    file: OpenFile,
    seat: Seat,
    over: QWidget,
    signed_in: SignedIn,
    go_on: Callable[[], None],
    somebody_else: Callable[[], None] = lambda: None,
) -> None:
    """Ask over a window; what is half typed below it stays. `signed_in` is told in any case."""

    def entered(of: OpenFile, who: Entered) -> None:
        same = who.person == seat.desk.person
        if not same:
            somebody_else()
        signed_in(of, who)
        if same:
            go_on()

    ChangeUser(file, over, entered).ask(seat.desk.person)
