"""The database thread as the conversation with the centre sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from models.errors import Weather
from models.store.work import Work
from services.sync.line import Line

T = TypeVar("T")


class Database(Protocol):
    """Runs a job in one unit of work on the database thread; the job commits by itself."""

    def __call__(self, job: Callable[[Work], T]) -> T: ...


def as_asked(database: Database, line: Line, job: Callable[[Work], T]) -> T:
    """Do in the store what rests on where the centre said, over this line, that its device's chain ends. Weather when the
    workstation was let in again meanwhile: the store's chain is another device's by then, and goes on from another head."""

    def asked(work: Work) -> T:
        if line.device != work.read_meta("device"):
            raise Weather("answer_unreadable", "of a former device")
        return job(work)

    return database(asked)
