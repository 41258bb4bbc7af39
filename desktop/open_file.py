"""A unit's file at work: its database thread, its line to the centre, its present. It pushes whoever is signed in (D4, D21)."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from desktop.asking import Asking
from desktop.jobs import DatabaseThread
from desktop.metered import THE_LINE
from desktop.present import PresentClock
from desktop.station import STORE_FILE, Station
from desktop.sync_worker import SyncWorker
from desktop.worded import salvage_words
from models.clock import DAY_MS, MINUTE_MS, Clock, DemoClock, SystemClock
from models.ids import id_source
from models.rules import Rules
from models.store import present_mark, wall_steps
from models.store.identity import Identity
from models.store.search import renew_portion
from models.store.work import Work
from models.views import LineState
from models.wall_step import Seen, Watch
from services import attachments, requester
from services.sync.round import Exchange

QUIT_SECONDS = 1.0
_log = logging.getLogger("attachments")


class OpenFile(QObject):
    """`told` after the line's state changed, `moved` with the ids of cases that changed, `ruled` after new reference data.

    Each carries this file first, so that one listener can serve several files.
    """

    told = Signal(object, object)
    moved = Signal(object, object)
    ruled = Signal(object)

    def __init__(self, station: Station, rules: Rules) -> None:
        super().__init__()
        self.station = station
        self.line: LineState | None = None
        self.present = PresentClock(station.clock)
        self.jobs = DatabaseThread(station.engine, rules, station.clock, id_source(station.clock))
        told = (self.jobs.wait, station.unit, self._rules_arrived)
        self._held_files = THE_LINE.holds_files
        exchange = Exchange(*told, blobs=station.blobs, trusts=self._trusts, holds_files=lambda: THE_LINE.holds_files)
        self.sync = SyncWorker(exchange, station.line, self.jobs, station.clock, station.kept)
        self.jobs.changed.connect(self._changed)
        self.sync.line.connect(self._line_told)
        self._hear_anchor()
        self._renew_search_text(True)
        self.ruled.connect(self._renew_for_edition)
        self._seal_attachments()
        self._tidied_ms = self._marked_ms = station.clock.mono_ms()
        self._wall = Watch(_glance(station.clock))
        self.jobs.run(_looked_first, lambda _none: None)
        self._let_go()

    def tick(self, mono_ms: int) -> None:
        """A workstation runs for weeks: once a day it does what it does when it starts; once a minute, and when its wall clock was
        moved, it keeps what time it surely is. `mono_ms` by its clock's counter."""
        moved_ms = self._wall.look(_glance(self.station.clock))
        if moved_ms or mono_ms - self._marked_ms >= MINUTE_MS:
            self._marked_ms = mono_ms
            self.jobs.run(lambda work: _looked(work, moved_ms), lambda _none: None)
        if self._held_files != THE_LINE.holds_files:
            self._held_files = not self._held_files
            (self.sync.tell if self._held_files else self.sync.acted)()
        if mono_ms - self._tidied_ms >= DAY_MS:
            self._tidied_ms = mono_ms
            self._let_go()

    def _let_go(self) -> None:
        """What need not be kept any longer: requesters' records, and files nobody has used."""
        folder, store = self.station.blobs, self.station.folder / STORE_FILE
        self.jobs.run(lambda work: attachments.tidy(work, folder), lambda _gone: None)
        self.jobs.run(lambda work: requester.erase_old(work, store), lambda _gone: None)

    def _seal_attachments(self) -> None:
        """Files from before the store was encrypted, beside everything else; usually there are none."""
        folder = self.station.blobs
        Asking().ask(
            lambda: attachments.seal_plain(folder),
            lambda count: _log.info("%s attachments encrypted", count) if count else None,
            lambda error: _log.warning("attachments stay plain until the next start: %s", type(error).__name__),
        )

    @property
    def rules(self) -> Rules:
        """The reference data in force in this file."""
        return self.jobs.rules

    def damage_to_tell(self) -> str:
        """What the person must still be told of damage to this file, in words, and is told with this; "" when there was none."""
        salvage, self.station.salvage = self.station.salvage, None
        if salvage is None:
            return ""
        self.jobs.run(self.station.show_salvaged, lambda _none: None)
        return f"{self.rules.organisations[self.station.unit].name}:{salvage_words(salvage)}"

    def _changed(self, case_ids: object) -> None:
        self.moved.emit(self, case_ids)

    def _rules_arrived(self, rules: Rules) -> None:
        self.jobs.rules = rules
        self.station.rules = rules
        self.ruled.emit(self)

    def _trusts(self, identity: Identity) -> None:
        """Told on a worker's thread."""
        self.station.trusts(identity)
        self.sync.renew_lines()

    def _line_told(self, state: LineState) -> None:
        self.line = state
        self._hear_anchor()
        self.told.emit(self, state)

    def _hear_anchor(self) -> None:
        self.jobs.run(lambda work: (work.anchor(), work.proven_ms()), lambda known: self.present.heard(*known))

    def stop(self) -> None:
        """Ask its threads to stop; nobody waits for them here."""
        self.sync.stop()
        self.jobs.stop()

    def _renew_search_text(self, more: bool) -> None:
        """Portion by portion, behind whatever else was asked of the database meanwhile."""
        if more:
            self.jobs.run(renew_portion, self._renew_search_text)

    def _renew_for_edition(self, _file: object) -> None:
        """Units and people may have other names now. Told on the screen's thread: the line's own may ask for nothing here."""
        self._renew_search_text(True)

    def end(self) -> None:
        """Stop; nothing is lost, and nobody waits longer than a second."""
        end_all([self])


def end_all(files: Iterable[OpenFile]) -> None:
    """End files together: all are asked first, then all share one second (D24). What was queued for their stores is
    written; an exchange under way with a centre that does not answer is left alone, it holds nothing."""
    ending = list(files)
    for file in ending:
        file.stop()
    counter = SystemClock()
    until_ms = counter.mono_ms() + int(QUIT_SECONDS * 1_000)
    for file in ending:
        file.jobs.wait_stopped((until_ms - counter.mono_ms()) / 1_000)


def _glance(clock: Clock) -> Seen:
    """A demo's own time jumps where it likes: nobody has moved a clock then."""
    return Seen("", 0, 0) if isinstance(clock, DemoClock) else wall_steps.look(clock)


def _looked_first(work: Work) -> None:
    if not isinstance(work.clock, DemoClock):
        wall_steps.at_start(work)
    present_mark.raise_mark(work)
    work.commit()


def _looked(work: Work, moved_ms: int) -> None:
    wall_steps.note(work, moved_ms)
    present_mark.raise_mark(work)
    work.commit()


def tick_all(files: Iterable[OpenFile]) -> None:
    """The second has turned, for each by its own clock."""
    THE_LINE.look()
    for file in files:
        file.tick(file.station.clock.mono_ms())
