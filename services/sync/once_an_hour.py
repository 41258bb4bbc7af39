"""What a workstation does once an hour, when the centre has nothing else to say: it tells where its feed ends, a witness against
a rewritten past (sync.md §3.4), and how its wall clock was moved (§3.7); it hears how far the centre's verified copies reach (sync-R7);
and it lets cases go whose end is long past (§3.11)."""

from __future__ import annotations

from typing import NamedTuple

from models.clock import HOUR_MS
from models.errors import Refused
from models.store import blobs, cursors, past_cases, wall_steps
from models.store.cursors import Cursor
from models.store.work import Work
from models.wall_step import WallStep
from services.sync.database import Database
from services.sync.line import Line
from services.sync.replies import Checkpointed

MOST_AT_ONCE = 500
_FILES_BACKED_UP = "files_backed_up"


class OnceAnHour:
    """By the boot counter; goes on at the next occasion while there is more to let go."""

    def __init__(self, database: Database, unit: str) -> None:
        self._database = database
        self._unit = unit
        self._tells_at = self._looks_at = 0

    def perhaps(self, line: Line, now_ms: int) -> None:
        """All that the centre had to say by `now_ms`, on its own clock, is taken in: whatever comes later of a case that ended
        long before comes with the whole case. Refused("feed_broken") when the centre's feed is another than ours."""
        mono_ms = line.mono_ms()
        if mono_ms >= self._tells_at:
            agrees = self._tell(line)
            self._tells_at = (
                mono_ms + HOUR_MS
            )  # also when it does not: a damaged centre gives a snapshot an hour, not one a pull
            if not agrees:
                raise Refused("feed_broken")
        if mono_ms >= self._looks_at:
            more = self._database(lambda work: _let_go(work, now_ms)) == MOST_AT_ONCE
            self._looks_at = mono_ms if more else mono_ms + HOUR_MS

    def _tell(self, line: Line) -> bool:
        """False when the centre's feed is another; a place in doubt is not told: it gets a snapshot anyway."""
        known = self._database(lambda work: _known(work, self._unit))
        if known is None:
            return True
        place = known.place
        said = line.checkpoint(place.epoch, self._unit, (place.sseq, place.chain), known.steps)
        if known.steps or known.sent or said.files_gseq:
            self._database(lambda work: _heard(work, known, said))
        return said.agrees


class _Known(NamedTuple):
    """Where the feed ends here, the steps of the wall clock to tell, and the files of which no place is known yet."""

    place: Cursor
    steps: tuple[WallStep, ...]
    sent: list[tuple[str, str]]


def _known(work: Work, unit: str) -> _Known | None:
    place = cursors.read(work.connection, unit)
    if place is None or place.is_doubted or not place.sseq:
        return None
    return _Known(place, wall_steps.to_tell(work, place.epoch), blobs.not_placed(work.connection, MOST_AT_ONCE))


def _let_go(work: Work, now_ms: int) -> int:
    gone = past_cases.let_go(work.connection, now_ms, MOST_AT_ONCE)
    work.changed.update(gone)
    work.commit()
    return len(gone)


def _heard(work: Work, known: _Known, said: Checkpointed) -> None:
    """The centre has the steps, if it takes any. Files it had before it answered lie before the place it named, unless it was put
    back meanwhile: then they are asked about again."""
    place = cursors.read(work.connection, known.place.scope)
    if said.steps_kept and known.steps:
        wall_steps.were_told(work, known.place.epoch, known.steps)
    is_same = place is not None and place.epoch == known.place.epoch
    if is_same and said.agrees and said.gseq and (known.sent or said.files_gseq):
        blobs.place(work.connection, known.sent, said.gseq)
        work.write_meta(_FILES_BACKED_UP, str(said.files_gseq))
    work.commit()


def files_backed_up(work: Work) -> int:
    """Up to which place of the order verified copies of the centre's hold every file it had, as last heard; 0: none does."""
    return int(work.read_meta(_FILES_BACKED_UP) or 0)
