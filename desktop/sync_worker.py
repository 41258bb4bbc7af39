"""The network side: two workers, one for the long pull and one for everything else, driven by the pure machine (D24)."""

from __future__ import annotations

import logging
import queue
import random
import threading
from collections.abc import Callable
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from models.clock import Clock
from models.evidence import moment_by_anchor
from models.signing import key_fingerprint
from models.store import blobs, carried, outbox, present_mark, tray_words
from models.store.work import Work
from models.views import SILENT, CarriedFor, Kept, LineState
from services import attachments
from services.receipts import newest_receipt
from services.sync import machine
from services.sync.driver import fact_of
from services.sync.line import Line
from services.sync.machine import Sync, step
from services.sync.round import WAIT_SECONDS, Exchange
from ui.ports import Jobs

_log = logging.getLogger("sync")
SILENCE_MS = (WAIT_SECONDS + 3) * 1_000
"""A centre that is there has answered by then: after that the line is called silent, before any request is given up."""


_ANSWERS = (
    machine.HelloAnswered
    | machine.ReferenceTaken
    | machine.Pushed
    | machine.Uploaded
    | machine.Pulled
    | machine.SnapshotTaken
    | machine.SnapshotNeeded
)
"""The facts that say the centre is there."""


class SyncWorker(QObject):
    """Facts come in from any thread; the machine steps on the screen's thread; effects run on the workers."""

    line = Signal(object)
    _fact = Signal(object)

    def __init__(
        self,
        exchange: Exchange,
        make_line: Callable[[], Line],
        jobs: Jobs,
        clock: Clock,
        kept: Callable[[], Kept],
    ) -> None:
        super().__init__()
        self._exchange = exchange
        self._jobs = jobs
        self._clock = clock
        self._kept = kept
        self._state = Sync()
        self._since = clock.wall_ms()
        self._contact: int | None = None
        self._stopped = False
        self._last: LineState | None = None
        self._chance = random.Random()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(lambda: self._take(machine.TimerFired()))
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.setInterval(SILENCE_MS)
        self._silence.timeout.connect(self.tell)
        self._fact.connect(self._take)
        self._queues: list[queue.SimpleQueue[machine.Effect | None]] = [queue.SimpleQueue(), queue.SimpleQueue()]
        self._make_line = make_line
        self._lines: list[Line | None] = [None, None]
        self._outdated = [False, False]
        self._threads = [threading.Thread(target=self._serve, args=(n,), daemon=True, name=f"net{n}") for n in (0, 1)]
        for thread in self._threads:
            thread.start()

    def _serve(self, number: int) -> None:
        while (effect := self._queues[number].get()) is not None:
            try:
                fact = fact_of(effect, partial(self._do, effect, number), self._chance.random)
            except Exception as error:
                _log.exception("an exchange failed")
                fact = machine.Failed(type(effect).__name__, f"bug {type(error).__name__}", self._chance.random())
            if isinstance(fact, machine.Denied):
                self._hang_up(number)
            self._fact.emit(fact)

    def _do(self, effect: machine.Effect, number: int) -> machine.Fact:
        """The line is made here, on the worker: a locked keyring may hold it up for seconds."""
        if self._outdated[number]:
            self._outdated[number] = False
            self._hang_up(number)
        line = self._lines[number] or self._make_line()
        self._lines[number] = line
        return self._exchange.do(effect, line)

    def _hang_up(self, number: int) -> None:
        """The next try begins with the token read anew."""
        line, self._lines[number] = self._lines[number], None
        if line is not None:
            line.close()

    def _take(self, fact: machine.Fact) -> None:
        if self._stopped:
            return
        before = self._state.phase
        self._state, effects = step(self._state, fact)
        if isinstance(fact, _ANSWERS) and not self.working_offline:
            self._contact = self._clock.wall_ms()
            self._silence.start()
        if self._state.phase is not before:
            self._since = self._clock.wall_ms()
            _log.info("line of %s: %s", self._exchange.unit, self._state.phase.value)
        for effect in effects:
            if isinstance(effect, machine.Wait):
                self._timer.start(int(effect.seconds * 1000))
            else:
                self._queues[0 if isinstance(effect, machine.Pull) else 1].put(effect)
        self.tell()

    # Verbs

    def start(self) -> None:
        """Begin."""
        self._take(machine.TimerFired())

    def acted(self) -> None:
        """Somebody acted: send it, or try the line again."""
        self._take(machine.Acted())

    def work_offline(self, on: bool) -> None:
        """The drill switch of the sync page."""
        self._exchange.cut = on
        self._take(machine.WorkOffline(on))

    @property
    def working_offline(self) -> bool:
        """True while the line is cut by the switch."""
        return self._state.phase is machine.Phase.WORK_OFFLINE

    def try_now(self) -> None:
        """Do not wait any longer."""
        self._take(machine.TimerFired())

    def begin_anew(self) -> None:
        """The file has become another device's: nothing is asked any more as the one it was."""
        self.renew_lines()
        self.try_now()

    def renew_lines(self) -> None:
        """Each worker makes its line anew before it asks again: as whom it asks, or whom it trusts, has changed."""
        self._outdated = [True, True]

    def tell(self) -> None:
        """Work out the line's state below and tell it."""
        state, since, contact = self._state, self._since, self._contact
        # What takes its time on purpose (a snapshot) is given up by itself when nothing comes any more.
        is_silent = state.phase is machine.Phase.ONLINE and not state.busy and not self._silence.isActive()
        word = SILENT if is_silent else state.phase.value

        def job(work: Work) -> LineState:
            waiting = outbox.unsent(work.connection)
            anchor = work.anchor()
            now = moment_by_anchor(work.clock.mono_ms(), work.clock.boot_id(), anchor) if anchor else None
            radius = None if now is None else (now.hi - now.lo) // 2
            lost = len(tray_words.open_ids(work.connection))
            receipt = newest_receipt(work)
            key = work.read_meta("centre_key")
            return LineState(
                state=word,
                since_at=since,
                last_contact_at=contact,
                unsent=waiting.count,
                oldest_unsent_at=waiting.oldest_at,
                not_effective=lost,
                clock_radius_ms=radius,
                reason=state.reason,
                device=work.read_meta("device"),
                has_key=bool(work.read_meta("public_key")),
                is_encrypted=bool(work.read_meta("authority")),
                kept=self._kept(),
                receipt=(receipt.dseq, receipt.at) if receipt is not None else None,
                centre_key=key_fingerprint(key) if key else "",
                carried=tuple(_carried_for(found) for found in carried.every(work.connection)),
                files_unsent=blobs.count_unsent(work.connection),
                unplaced=waiting.unplaced,
                files_held=self._exchange.holds_files(),
                wall_behind_ms=max(0, present_mark.surely(work) - work.clock.wall_ms()),
                held_back=attachments.held_back(work),
            )

        def without_figures(_error: Exception) -> None:
            """A store that does not answer keeps no truth about the line from the screen."""
            if self._last is not None:
                self._told(
                    replace(self._last, state=word, since_at=since, last_contact_at=contact, reason=state.reason)
                )

        self._jobs.run(job, self._told, without_figures)

    def _told(self, state: LineState) -> None:
        self._last = state
        if not self._stopped:  # asked before the end, answered after it: nobody listens any more
            self.line.emit(state)

    def stop(self) -> None:
        """Ask nothing more. Never waits for a worker: one that hangs on the line holds nothing, and ends with the program
        (D24)."""
        self._stopped = True
        self._timer.stop()
        self._silence.stop()
        for q in self._queues:
            q.put(None)
        for line in filter(None, self._lines):
            line.close()


def _carried_for(found: carried.Carried) -> CarriedFor:
    waiting = sum(act.waits for act in found.acts)
    return CarriedFor(found.slot, len(found.acts), waiting, found.handed, found.refusal)
