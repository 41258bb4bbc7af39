"""What a workstation does once an hour, when the centre has nothing else to say: it tells where its feed ends, a witness against
a rewritten past (sync.md §3.4), and how its wall clock was moved (§3.7); and it lets cases go whose end is long past (§3.11)."""

from __future__ import annotations

from models.clock import HOUR_MS
from models.errors import Refused
from models.store import cursors, past_cases, wall_steps
from models.store.work import Work
from models.wall_step import WallStep
from services.sync.database import Database
from services.sync.line import Line

MOST_AT_ONCE = 500


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
        place = self._database(lambda work: cursors.read(work.connection, self._unit))
        if place is None or place.is_doubted or not place.sseq:
            return True
        steps = self._database(lambda work: wall_steps.to_tell(work, place.epoch))
        said = line.checkpoint(place.epoch, self._unit, (place.sseq, place.chain), steps)
        if said.steps_kept and steps:
            self._database(lambda work: _told(work, place.epoch, steps))
        return said.agrees


def _told(work: Work, epoch: int, steps: tuple[WallStep, ...]) -> None:
    wall_steps.were_told(work, epoch, steps)
    work.commit()


def _let_go(work: Work, now_ms: int) -> int:
    gone = past_cases.let_go(work.connection, now_ms, MOST_AT_ONCE)
    work.changed.update(gone)
    work.commit()
    return len(gone)
