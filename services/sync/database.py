"""The database thread as the conversation with the centre sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from models.store.work import Work

T = TypeVar("T")


class Database(Protocol):
    """Runs a job in one unit of work on the database thread; the job commits by itself."""

    def __call__(self, job: Callable[[Work], T]) -> T: ...
