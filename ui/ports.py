"""What screens need of the program around them; desktop/ provides it, tests provide it inline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from models.evidence import Moment
from services.desk import Desk
from services.work import Work

T = TypeVar("T")


class Jobs(Protocol):
    """Runs a job in a unit of work on the one database thread; `done` or `failed` comes back on the screen's thread.

    A job that changes something commits by itself; the ids it changed are told to every screen.
    """

    def run(
        self, job: Callable[[Work], T], done: Callable[[T], None], failed: Callable[[Exception], None] | None = None
    ) -> None: ...


InWords = Callable[[Exception], str]
"""Why something was not done, as it is told where nobody looks any more at what it was done with."""


class Acts(Jobs, Protocol):
    """The jobs of a window in which people also do something."""

    def act(
        self,
        job: Callable[[Work], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None,
        late: InWords,
    ) -> None:
        """What somebody did, or typed. When it failed it is told: by `failed`, or, if there is none or its window has gone
        meanwhile, in the words of `late` in whichever window stands here by then, with his name if another sits there."""


class Present(Protocol):
    """The present, as well as it is known here."""

    def now(self) -> Moment: ...


class Seat(Protocol):
    """Who sits here now; the desk changes when the user does."""

    @property
    def desk(self) -> Desk: ...


class LineSwitch(Protocol):
    """The verbs of the sync page."""

    def work_offline(self, on: bool) -> None: ...

    def try_now(self) -> None: ...

    def let_in_again(self) -> None: ...

    def check_itself(self) -> None: ...

    def write_handover(self) -> None: ...

    def take_handover(self) -> None: ...

    def move_secrets(self, way: str) -> None: ...


Done = Callable[[Any], None]
