"""One clock of the panel: its light, its countdown, and why (every light explains itself)."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from models.breach import Breach, BreachState
from models.case import ClockState, StageClock
from models.deadline import LimitUnit
from models.delivery import Delay, missed_by_the_line
from models.evidence import Grade, Moment, counting_bounds
from models.light import Light, explain
from ui import format as fmt
from ui import words
from ui.delegates.cells import light_colour
from ui.language import tr


class ClockCard(QFrame):
    """Shows one clock; `tick` moves the countdown."""

    def __init__(
        self, clock: StageClock, owner: str, mine: bool, delay: Delay | None = None, breach: Breach | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("card")
        self._clock = clock
        self._delay = delay
        self._breach = breach
        self._owner = owner
        self._mine = mine
        self._head = QLabel()
        self._value = QLabel()
        self._why = QLabel()
        self._why.setObjectName("quiet")
        self._why.setWordWrap(True)
        self._head.setObjectName("quiet")
        self._value.setWordWrap(True)
        self._head.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 5, 8, 5)
        layout.setSpacing(1)
        for part in (self._head, self._value, self._why):
            layout.addWidget(part)
        limit = clock.limit
        unit = words.UNITS_OF_TIME[limit.unit.value]
        side = tr("我的时限") if mine else tr("对方时限")
        allowed = tr("≤{0}{1}").format(limit.amount, unit)
        if clock.extensions:
            allowed = tr("{0},延期 {1} 次").format(allowed, clock.extensions)
        self._head.setText(f"{words.STAGES[clock.stage.value]} {allowed} · {side}")

    def tick(self, now: Moment) -> None:
        """Show the present."""
        clock = self._clock
        found = explain(clock, now.lo, now.hi)
        colour = light_colour(found.light)
        shape = words.SHAPES[found.light.value]
        self._value.setText(
            f"<span style='color:{colour};font-size:large'><b>{shape} {self._text(now, found.light)}</b></span>"
        )
        late = found.light in (Light.RED, Light.DONE_LATE)
        breach = self._breach
        if late and breach is not None and breach.state is BreachState.WITHDRAWN:
            breach = None  # that was about an earlier due time; of this one nothing is found yet
        why = [words.breach(breach) if late or breach is not None else "", self._owner]
        if clock.state is ClockState.RUNNING and clock.due_at is not None and clock.started_at is not None:
            kind = words.START_KINDS.get(clock.start_kind, "")
            why.append(f"{fmt.day_and_minute(clock.started_at, now.shown_at)} {kind}")
            why.append(tr("{0} 截止").format(fmt.day_and_minute(clock.due_at, now.shown_at)))
            why += self._stood(now)
            if now.grade is Grade.DOUBTFUL and not clock.is_quiet:
                why.append(self._bounds(now))
        if found.next_light is not None and found.next_at is not None:
            why.append(
                f"{fmt.day_and_minute(found.next_at, now.shown_at)} {tr('转{0}').format(words.LIGHTS[found.next_light.value])}"
            )
        why += self._delayed(now)
        if found.light is Light.EVIDENCE_OWED:
            why.append(tr("现场照片还没有到区中心"))
        if clock.provisional:
            why.append(tr("暂定:放假安排未公布"))
        if not (late and self._breach is not None and self._breach.state is BreachState.FINAL):
            why.append(words.reckoned_here())
        self._why.setText(" · ".join(filter(None, why)))

    def _stood(self, now: Moment) -> list[str]:
        """The stretches that are known not to count."""
        day = fmt.day_and_minute
        known = sorted((p.from_ms, p.to_ms) for p in self._clock.pauses if p.to_ms is not None)
        return [tr("{0}–{1} 不计").format(day(a, now.shown_at), day(b, now.shown_at)) for a, b in known]

    def _delayed(self, now: Moment) -> list[str]:
        """Whose the time between sending and telling is (D6)."""
        delay, clock = self._delay, self._clock
        if delay is None:
            return []
        found = []
        if delay.line_ms:
            told = tr("传输延误 {0}({1} 发出),不计任何单位")
            found.append(told.format(fmt.age(delay.line_ms), fmt.day_and_minute(delay.sent_at, now.shown_at)))
        if missed_by_the_line(clock, delay, now.lo):
            found.append(tr("自发出起算已过时限,因传输延误不计超时"))
        if delay.off_ms:
            found.append(tr("工作站应值守时未开机 {0},计入本单位").format(fmt.age(delay.off_ms)))
        if delay.below_ms:
            found.append(tr("其中下派传输延误 {0}").format(fmt.age(delay.below_ms)))
        return found

    def _bounds(self, now: Moment) -> str:
        """What is sure of a running clock when the time is not."""
        due_ms = self._clock.due_at
        if due_ms is None or due_ms < now.lo:
            return words.LIGHTS["doubtful"]
        return tr("最多还剩 {0}").format(fmt.duration(due_ms - now.lo)) if now.lo else ""

    def _text(self, now: Moment, light: Light) -> str:
        clock = self._clock
        if clock.state is ClockState.STOPPED and clock.stopped is not None:
            verdict = words.VERDICTS[clock.verdict.value] if clock.verdict else ""
            return f"{verdict} {fmt.day_and_minute(clock.stopped.shown_at, now.shown_at)}"
        if clock.due_at is None:
            return tr("未开始")
        if clock.held:
            return words.VERDICTS["held"]
        if clock.is_paused:
            return words.LIGHTS["paused"]
        standing = [p.to_ms for p in clock.pauses if p.to_ms is not None and p.from_ms <= now.lo < p.to_ms]
        if standing:
            return tr("停计时至 {0}").format(fmt.day_and_minute(max(standing), now.shown_at))
        if light is Light.DOUBTFUL:
            return words.LIGHTS["doubtful"]
        working = clock.limit.unit in (LimitUnit.WORK_DAY, LimitUnit.WORK_HOUR)
        return fmt.countdown(clock.due_at, counting_bounds(now)[0], working)
