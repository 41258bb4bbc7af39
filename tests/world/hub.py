"""Simulated time: events in one order, and jobs that may wait in the middle of what they do.

A job that waits (for an answer, for the next request) is a thread that holds still while others run; exactly one runs at
any moment, and who is next is decided by simulated time alone. So the same seed gives the same world.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from typing import ClassVar


class Dead(BaseException):
    """Whoever was doing this is no more: a program that was ended, a request to a centre that fell."""


class Fibre:
    """A thread that runs only while it holds the baton."""

    _idle: ClassVar[list[Fibre]] = []

    def __init__(self) -> None:
        self._go, self._back = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._back.acquire()
        self._job: Callable[[], None] = lambda: None
        self._dead = False
        self.error: BaseException | None = None
        self.is_over = False
        threading.Thread(target=self._live, daemon=True).start()

    @classmethod
    def taken(cls, job: Callable[[], None]) -> Fibre:
        """One that will do this job when it is first given the baton."""
        found = cls._idle.pop() if cls._idle else cls()
        found._job, found._dead, found.error, found.is_over = job, False, None, False
        return found

    def _live(self) -> None:
        while True:
            self._go.acquire()
            try:
                if not self._dead:
                    self._job()
            except Dead:
                pass
            except BaseException as error:
                self.error = error
            self.is_over = True
            self._back.release()

    def proceed(self, dead: bool = False) -> None:
        """Give it the baton until it waits again or is done."""
        self._dead = dead
        self._go.release()
        self._back.acquire()
        if self.is_over:
            error, self.error = self.error, None
            Fibre._idle.append(self)
            if error is not None:
                raise error

    def wait(self) -> None:
        """Hand the baton back; Dead when it is given again only to end."""
        self._back.release()
        self._go.acquire()
        if self._dead:
            raise Dead


class Sleep:
    """One waiting of one fibre: it ends once, by time, by a call, or with whoever waited."""

    def __init__(self, hub: Hub, fibre: Fibre) -> None:
        self._hub, self._fibre = hub, fibre
        self.is_over = False

    def end(self, dead: bool = False) -> None:
        """Let it go on, or end, if it still waits."""
        if not self.is_over:
            self.is_over = True
            self._hub.carry_on(self._fibre, dead)


class Hub:
    """The one order of events. Times in ms UTC."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self.steps = 0
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._current: Fibre | None = None
        self._asleep: dict[Fibre, Sleep] = {}

    @property
    def current(self) -> Fibre:
        """Who runs now."""
        assert self._current is not None
        return self._current

    def after(self, ms: int, job: Callable[[], None]) -> None:
        """Do it so many ms from now."""
        self._count += 1
        heapq.heappush(self._heap, (self.now_ms + max(0, ms), self._count, job))

    def start(self, job: Callable[[], None]) -> Fibre:
        """Begin a job that may wait; it first runs when this event is over."""
        fibre = Fibre.taken(job)
        self._asleep[fibre] = sleep = Sleep(self, fibre)
        self.after(0, sleep.end)
        return fibre

    def carry_on(self, fibre: Fibre, dead: bool) -> None:
        self._asleep.pop(fibre, None)
        before, self._current = self._current, fibre
        assert before is None, "only the hub hands the baton on"
        try:
            fibre.proceed(dead)
        finally:
            self._current = None

    def end(self, fibre: Fibre) -> None:
        """Whoever ran this is no more."""
        sleep = self._asleep.get(fibre)
        if sleep is not None:
            sleep.end(dead=True)

    def sleep(self, ms: int, told: Callable[[Sleep], None] = lambda _: None) -> None:
        """Wait in the middle of a job; `told` gets what may end the waiting earlier."""
        fibre = self._current
        assert fibre is not None, "who waits must run in a fibre"
        self._asleep[fibre] = sleep = Sleep(self, fibre)
        self.after(ms, sleep.end)
        told(sleep)
        fibre.wait()

    def sleep_if_able(self, ms: int) -> None:
        """Wait, unless nobody who can wait is at work."""
        if self._current is not None:
            self.sleep(ms)

    def run(self, until_ms: int) -> None:
        """Let everything happen that is due by then."""
        while self._heap and self._heap[0][0] <= until_ms:
            at, _, job = heapq.heappop(self._heap)
            self.now_ms = max(self.now_ms, at)
            self.steps += 1
            job()
        self.now_ms = until_ms

    def close(self) -> None:
        """End whatever still waits."""
        self._heap.clear()
        for sleep in list(self._asleep.values()):
            sleep.end(dead=True)
