"""The one database thread: every unit of work runs there, results come back on the screen's thread (house.md §4.2)."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from desktop.held import Held, without_frames
from models.clock import Clock
from models.errors import Refused, Weather
from models.ids import NewId
from models.rules import Rules
from models.store.engine import StoreEngine
from models.store.trouble import in_words
from models.store.work import Work
from ui import words
from ui.ports import InWords, Seat

T = TypeVar("T")
Told = Callable[[Any], None]
Failed = Callable[[Exception], None]
_log = logging.getLogger("jobs")


class DatabaseThread(QObject):
    """Jobs in order, one at a time. `changed` tells which cases moved."""

    changed = Signal(object)
    _back = Signal(int, bool, object)

    def __init__(self, engine: StoreEngine, rules: Rules, clock: Clock, new_id: NewId) -> None:
        super().__init__()
        self._engine = engine
        self.rules = rules
        self._clock = clock
        self._new_id = new_id
        self._ending = threading.Event()
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._asked: Held[tuple[Callable[[Work], Any], Told, Failed | None]] = Held()
        self._back.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._serve, name="database", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while (job := self._queue.get()) is not None:
            job()

    def _one(self, job: Callable[[Work], T], given_up: threading.Event | None = None) -> T:
        opened = _Work(given_up, self._engine, self.rules, self._clock, self._new_id)
        with in_words(self._engine), opened as work:
            result = job(work)
            if work.changed:
                self.changed.emit(frozenset(work.changed))
            return result

    def run(
        self, job: Callable[[Work], T], done: Callable[[T], None], failed: Callable[[Exception], None] | None = None
    ) -> None:
        """See ui.ports.Jobs. A failure nobody asked about is logged: it is our bug or the weather."""
        number = self._asked.put((job, done, failed))
        self._queue.put(lambda: self._serve_one(number))

    def _serve_one(self, number: int) -> None:
        good, value = self._came_to(number)
        with contextlib.suppress(RuntimeError):  # the program may have ended meanwhile
            self._back.emit(number, good, value)

    def _came_to(self, number: int) -> tuple[bool, Any]:
        try:
            return True, self._one(self._asked[number][0])
        except Exception as error:
            if not isinstance(error, Refused | Weather):
                _log.exception("a job failed")
            return False, without_frames(error)

    def _deliver(self, number: int, good: bool, value: Any) -> None:
        _job, done, failed = self._asked.let_go(number)
        told = done if good else failed
        if told is not None:
            told(value)

    def wait(self, job: Callable[[Work], T]) -> T:
        """For a network worker: run and wait for the value. Never called from the screen's thread. Weather when the end has
        come: what the centre sent it sends again, and what a person did goes first."""
        box: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()

        def serve() -> None:
            try:
                box.put((True, self._one(job, self._ending)))
            except Exception as error:
                box.put((False, error))

        self._queue.put(serve)
        good, value = box.get()
        if not good:
            raise value
        result: T = value
        return result

    def stop(self) -> None:
        """Finish what is queued, but for what network workers want, then nothing more; nobody waits for it here."""
        self._ending.set()
        self._queue.put(None)

    def wait_stopped(self, seconds: float) -> None:
        """Wait until it has stopped, at most so long; a transaction cut short then is rolled back at the next opening."""
        self._thread.join(max(0.0, seconds))

    def end(self, seconds: float = 1.0) -> None:
        """Stop, and wait for it."""
        self.stop()
        self.wait_stopped(seconds)


class _Work(Work):
    """One that is given up in the middle: a snapshot takes longer to take in than anybody waits for a program to end."""

    def __init__(self, given_up: threading.Event | None, *told: Any) -> None:
        super().__init__(*told)
        self._given_up = given_up

    @property
    def connection(self) -> Any:
        """See Work.connection; Weather when it is given up."""
        if self._given_up is not None and self._given_up.is_set():
            raise Weather("store_busy")
        return super().connection


class WindowJobs:
    """The jobs of one window: once it has gone, they still run, but only what somebody did and was not done is told, by `tell`."""

    def __init__(self, inner: DatabaseThread, seat: Seat, tell: Callable[[str], None]) -> None:
        self._inner, self._seat, self._tell = inner, seat, tell
        self._gone = False

    def run(
        self, job: Callable[[Work], T], done: Callable[[T], None], failed: Callable[[Exception], None] | None = None
    ) -> None:
        """See ui.ports.Jobs."""
        if failed is None:
            self._inner.run(job, lambda found: self._unless_gone(done, found))
        else:
            told = failed
            self._inner.run(
                job, lambda found: self._unless_gone(done, found), lambda error: self._unless_gone(told, error)
            )

    def act(
        self,
        job: Callable[[Work], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None,
        late: InWords,
    ) -> None:
        """See ui.ports.Acts."""
        person = self._seat.desk.person

        def not_done(error: Exception) -> None:
            if failed is None or self._gone:
                self._tell(words.by_whom(person, self._seat.desk.person, self._inner.rules, late(error)))
            else:
                failed(error)

        self._inner.run(job, lambda found: self._unless_gone(done, found), not_done)

    def _unless_gone(self, callback: Callable[[Any], None], value: Any) -> None:
        if not self._gone:
            callback(value)

    def forget(self) -> None:
        """The window goes."""
        self._gone = True
