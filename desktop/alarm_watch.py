"""Where alarms meet the program: when to look, what the banner shows, what is heard. services/alarms.py decides.

The store is not asked each second: a look is due when an instant comes that an earlier look found, when cases changed, when
the horizon of the last full look is reached, or when the window comes into sight. A tick between those compares numbers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject

from models.evidence import Grade, Moment
from models.views import LineState
from services import alarm_sound, alarms, watched_cases
from services.alarm_sound import Tone
from services.alarms import Alarm, Alarms, Step
from services.watched_cases import Seen
from services.work import Work
from ui.ports import Jobs, Present, Seat
from ui.widgets.banner import Banner

SETTLE_MS, PATIENCE_MS = 3_000, 15_000
"""The first look waits for the centre's time and first news, and without it no longer than PATIENCE_MS."""

AGAIN_AFTER_MS = 60_000
"""After a look that failed (a locked disk)."""

MANY = 500
"""So many changes at once are a new base: everything is looked at."""

_log = logging.getLogger("alarms")


class AlarmWatch(QObject):
    """The alarms of one unit's file, while it is in sight. Windows come and go before it (`wear`); what has been raised,
    acknowledged and silenced stays. `tick` is told each second, `changed` and `line_told` when they happen."""

    def __init__(
        self,
        jobs: Jobs,
        seat: Seat,
        present: Present,
        banner: Banner | None,
        play: Callable[[Tone], None],
        counter: Callable[[], int] | None = None,
    ) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self._present = present
        self._play = play
        self._elapsed = QElapsedTimer()
        self._elapsed.start()
        self._counter = counter or self._elapsed.elapsed
        self._state = Alarms()
        self._banner: Banner | None = None
        self._muted = False
        self._looking = False
        self._look_at_all = False
        self._not_before = 0
        self._began_unsure = False
        self._waiting: set[str] = set()
        self._painted: object = None
        if banner is not None:
            self.wear(banner)

    # Windows

    def wear(self, banner: Banner) -> None:
        """A window has come into sight: its banner shows what stands, and what was missed is looked up."""
        self.rest()
        self._banner = banner
        self._painted = None
        banner.acknowledged.connect(self._acknowledge)
        banner.silence_asked.connect(self._silence)
        self._look_at_all = True
        self._paint()

    def rest(self) -> None:
        """The window goes; the next one may be another file's."""
        if self._banner is not None:
            self._banner.acknowledged.disconnect(self._acknowledge)
            self._banner.silence_asked.disconnect(self._silence)
        self._banner = None

    # What happens

    def tick(self) -> None:
        """A second has passed."""
        if self._banner is None:
            return
        now, counter_ms = self._present.now(), self._counter()
        known = now.grade is not Grade.DOUBTFUL
        if self._state.began_ms is None or (known and self._began_unsure):
            self._begin(now, counter_ms)
        else:
            self._take(alarms.time_known(self._state, known, now, counter_ms))
            self._take(alarms.waited(self._state, now, counter_ms))
            self._waiting |= alarms.come(self._state, now)
            self._look_at_all = self._look_at_all or now.lo >= self._state.horizon_ms
            self._look()
        self._paint()

    def changed(self, case_ids: frozenset[str]) -> None:
        """Cases changed below, by this desk or by the centre."""
        if self._state.began_ms is None or self._banner is None:
            return
        self._waiting |= case_ids
        self._look()

    def person_changed(self) -> None:
        """Somebody else sits here: what waits for a person is looked up for this one."""
        self._look_at_all = True

    def line_told(self, told: LineState) -> None:
        """The line's state, each time it is worked out."""
        self._take(alarms.line(self._state, told.state, self._present.now(), self._counter()))
        self._paint()

    def muted(self, on: bool) -> None:
        """Whoever sits here wants no sound at all (his setting)."""
        self._muted = on
        self._paint()

    # Looking

    def _begin(self, now: Moment, counter_ms: int) -> None:
        ready_ms = PATIENCE_MS if now.grade is Grade.DOUBTFUL or self._state.line != "online" else SETTLE_MS
        if counter_ms < max(ready_ms, self._not_before) or self._looking:
            return
        desk = self._seat.desk
        self._ask(lambda work: watched_cases.all_that_may_turn(work, desk, first=True), self._first)

    def _look(self) -> None:
        if self._banner is None:
            return  # the seat is another file's now: the next window begins with a look at everything
        if self._looking or not (self._waiting or self._look_at_all) or self._counter() < self._not_before:
            return
        desk, asked = self._seat.desk, frozenset(self._waiting)
        if self._look_at_all or len(asked) > MANY:
            self._ask(lambda work: watched_cases.all_that_may_turn(work, desk), self._saw_all)
        else:
            self._ask(lambda work: watched_cases.these(work, desk, asked), lambda seen: self._saw(seen, asked))

    def _ask(self, job: Callable[[Work], Seen], done: Callable[[Seen], None]) -> None:
        self._looking, self._look_at_all = True, False
        self._waiting.clear()
        self._jobs.run(job, lambda seen: self._answered(done, seen), self._failed)

    def _answered(self, done: Callable[[Seen], None], seen: Seen) -> None:
        self._looking = False
        done(seen)
        self._look()
        self._paint()

    def _failed(self, error: Exception) -> None:
        """A later look is at everything: what was missed is found then."""
        self._looking, self._look_at_all = False, True
        self._not_before = self._counter() + AGAIN_AFTER_MS
        _log.warning("a look at the cases failed: %s", type(error).__name__)

    def _first(self, seen: Seen) -> None:
        """Made without the centre's time it could claim nothing, and is made again when the time is known."""
        self._began_unsure = seen.now.grade is Grade.DOUBTFUL
        state, counter_ms = self._with_horizon(seen), self._counter()
        self._take(alarms.first_look(state, seen.cases, seen.figures, seen.now, counter_ms, seen.whole))

    def _saw_all(self, seen: Seen) -> None:
        self._state = self._with_horizon(seen)
        asked = None if seen.whole else frozenset[str]()
        self._take(alarms.look(self._state, seen.cases, seen.now, self._counter(), asked))

    def _saw(self, seen: Seen, asked: frozenset[str]) -> None:
        self._take(alarms.look(self._state, seen.cases, seen.now, self._counter(), asked))

    def _with_horizon(self, seen: Seen) -> Alarms:
        if not seen.whole:
            _log.warning("more open cases than are watched at once: %d", len(seen.cases))
        return alarms.watching_until(self._state, seen.horizon_ms)

    # What follows

    def _take(self, step: Step) -> None:
        self._state, raised = step
        self._sound(raised)

    def _sound(self, raised: tuple[Alarm, ...]) -> None:
        if self._muted or self._banner is None:
            return  # nobody could see what it is about, put it away or silence it
        self._state, tone = alarm_sound.sound(self._state, raised, self._present.now(), self._counter())
        if tone is not None:
            self._play(tone)

    def _acknowledge(self) -> None:
        self._state = alarms.acknowledge(self._state)
        self._paint()

    def _silence(self, on: bool) -> None:
        self._state = alarms.silence(self._state, on, self._counter())
        self._paint()

    def _paint(self) -> None:
        """Only what has changed: a banner painted each second would be read aloud each second."""
        if self._banner is None:
            return
        state, now_ms = self._state, self._present.now().shown_at
        shown, turning = alarms.shown(state), alarms.next_turning(state)
        silent_ms = alarms.silent_for_ms(state, self._counter())
        minutes = -(-silent_ms // 60_000)
        painted = (shown, turning, state.doubtful, minutes, self._muted)
        if painted == self._painted:
            return
        self._painted = painted
        self._banner.show_alarms(shown, turning, state.doubtful, now_ms)
        self._banner.show_sound(silent_ms, not self._muted)
