"""The workstation's wall clock is hours wrong. Within a boot nothing on the screen notices, restarts or not; after a
reboot without the line nothing pretends to know: 时间待认定, with what is sure (sync.md §3.7, D8)."""

from __future__ import annotations

import datetime
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import keyring.core
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QLabel

from desktop.headless import Headless
from desktop.present import PresentClock
from models import commands as c
from models.case import Case, StageClock, Verdict
from models.clock import HOUR_MS, MINUTE_MS, SECOND_MS, SystemClock, zone_minutes
from models.evidence import Anchor, Grade
from models.light import Light, light_of
from models.reference_files import EDITION
from models.row import row_of
from models.store.case_table import get_case
from models.views import LineState, QueueCounts
from services import queue
from services.desk import Desk
from services.sync.kept_anchor import keep_anchor
from services.sync.machine import Phase
from tests.whole.parties import PASSWORD, Centre
from ui import format as fmt
from ui import words
from ui.delegates.cells import QueueDelegate, row_light
from ui.panels.sync_page import SyncPage
from ui.widgets.clock_card import ClockCard

TOWN = "341002102"
STATION = "341002102006"
CLERK = f"{TOWN}-clerk-1"
LIMIT_MINUTES = 10
DOUBTFUL = words.LIGHTS["doubtful"]
both_ways = pytest.mark.parametrize("wrong_ms", [5 * HOUR_MS, -7 * HOUR_MS], ids=["5 h ahead", "7 h behind"])


class WorkstationClock:
    """The machine's clocks with a wall clock that is wrong, and a boot that can end."""

    def __init__(self, wrong_ms: int) -> None:
        self.wrong_ms = wrong_ms
        self.passed_ms = 0
        self._inner = SystemClock()
        self._boot = 1
        self._since_ms = 0

    def true_ms(self) -> int:
        return self._inner.wall_ms() + self.passed_ms

    def wall_ms(self) -> int:
        return self.true_ms() + self.wrong_ms

    def mono_ms(self) -> int:
        return self._inner.mono_ms() + self.passed_ms - self._since_ms

    def boot_id(self) -> str:
        return f"boot {self._boot}"

    def reboot(self) -> None:
        self._boot += 1
        self._since_ms += self.mono_ms()


class NoSwitch:
    """The sync page's verbs, idle."""

    def work_offline(self, on: bool) -> None: ...

    def try_now(self) -> None: ...

    def let_in_again(self) -> None: ...

    def check_itself(self) -> None: ...

    def write_handover(self) -> None: ...

    def take_handover(self) -> None: ...

    def move_secrets(self, way: str) -> None: ...


class Screen:
    """A workstation without a window, read through the widgets that would show it."""

    def __init__(self, folder: Path, centre: Centre, clock: WorkstationClock) -> None:
        self._folder = folder
        self._address = centre.address
        self._code = centre.code
        self.clock = clock
        self._open()
        assert self.console.settle().phase is Phase.ONLINE
        report = c.Report("", "grid", f"{EDITION}/matter/09005", "店外堆放货物", "龙山路口", TOWN, STATION)
        self.case_id = self.console.act(CLERK, report)
        self.console.act(CLERK, c.File(), self.case_id)
        self.console.settle()
        self.hear()

    def _open(self) -> None:
        self.console = Headless(self._folder, self._address, TOWN, self.clock, self._code, PASSWORD)
        self.present = PresentClock(self.clock)
        self.hear()

    def hear(self) -> None:
        self.console.database(lambda work: self.present.heard(work.anchor(), work.proven_ms()))

    def restart(self) -> None:
        self.console.close()
        self._open()

    @property
    def case(self) -> Case:
        found = self.console.database(lambda work: get_case(work.connection, self.case_id))
        assert found is not None
        return found

    @property
    def dispatching(self) -> StageClock:
        return self.case.clocks[0]

    @property
    def light(self) -> Light:
        now = self.present.now()
        light = light_of(self.dispatching, now.lo, now.hi)
        assert row_light(row_of(self.case), now.lo, now.hi) is light, "the list and the panel agree"
        return light

    @property
    def in_the_list(self) -> str:
        now, row = self.present.now(), row_of(self.case)
        return QueueDelegate(self.present, QFont())._words(row, row_light(row, now.lo, now.hi), now)

    @property
    def on_the_card(self) -> str:
        card = ClockCard(self.dispatching, "", True)
        card.tick(self.present.now())
        return " ".join(label.text() for label in card.findChildren(QLabel))

    @property
    def counts(self) -> QueueCounts:
        desk = Desk(CLERK, TOWN, self.console.station.device, self.console.station.slot)
        return self.console.database(lambda work: queue.counts(work, desk))

    def assert_counts_down(self) -> None:
        """List and card say the time left by the true time, to the second."""
        due = self.dispatching.due_at
        assert due is not None
        now = self.clock.true_ms()
        right = {fmt.countdown(due, now + ms, False) for ms in range(-SECOND_MS, SECOND_MS + 1, 250)}
        assert self.in_the_list in right
        assert any(text in self.on_the_card for text in right)

    def close(self) -> None:
        self.console.close()


@pytest.fixture(scope="module", autouse=True)
def application() -> QApplication:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    found = QApplication.instance() or QApplication([])
    assert isinstance(found, QApplication)
    return found


@pytest.fixture
def centre(demo_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Centre]:
    monkeypatch.setattr(keyring.core, "_keyring_backend", NoKeyring())
    found = Centre(demo_sqlite_url)
    yield found
    found.end(signal.SIGKILL)


@pytest.fixture
def screen(tmp_path: Path, centre: Centre, wrong_ms: int) -> Iterator[Screen]:
    made = Screen(tmp_path, centre, WorkstationClock(wrong_ms))
    centre.end(signal.SIGKILL)
    yield made
    made.close()


@both_ways
def test_within_a_boot_lights_and_countdowns_are_right_through_restarts_and_jumps(screen: Screen) -> None:
    for minutes, light in ((0, Light.GREEN), (7, Light.YELLOW), (LIMIT_MINUTES + 1, Light.RED), (180, Light.RED)):
        screen.clock.passed_ms = minutes * MINUTE_MS
        for _ in range(2):
            assert screen.light is light
            screen.assert_counts_down()
            shown = screen.counts
            assert (shown.green, shown.yellow, shown.red) == tuple(
                int(light is one) for one in (Light.GREEN, Light.YELLOW, Light.RED)
            )
            assert shown.chips["overdue"] == shown.red
            screen.clock.wrong_ms = -screen.clock.wrong_ms
            screen.restart()


@both_ways
def test_an_act_made_under_a_wrong_clock_is_judged_by_the_true_time(screen: Screen, centre: Centre) -> None:
    screen.restart()
    before = screen.clock.true_ms()
    screen.console.act(CLERK, c.Dispatch(f"{TOWN}-market"), screen.case_id)
    after = screen.clock.true_ms()
    assert words.VERDICTS["on_time"] in screen.on_the_card
    centre.start()
    screen.restart()
    assert screen.console.settle().phase is Phase.ONLINE
    stopped = screen.dispatching.stopped
    assert stopped is not None and stopped.grade is Grade.ANCHORED
    assert stopped.lo <= after and before <= stopped.hi and stopped.hi - stopped.lo < MINUTE_MS
    assert screen.dispatching.verdict is Verdict.ON_TIME


@both_ways
def test_a_machine_that_slept_knows_for_how_long(screen: Screen) -> None:
    """Its counter runs on in its sleep; nothing of the program does. A suspend itself is not to be had here."""
    screen.clock.passed_ms = 3 * HOUR_MS
    assert screen.light is Light.RED
    screen.assert_counts_down()
    before = screen.clock.true_ms()
    screen.console.act(CLERK, c.Dispatch(f"{TOWN}-market"), screen.case_id)
    after = screen.clock.true_ms()
    stopped = screen.dispatching.stopped
    assert stopped is not None and stopped.grade is Grade.ANCHORED and stopped.hi - stopped.lo < MINUTE_MS
    assert stopped.lo <= after and before <= stopped.hi
    assert screen.dispatching.verdict is Verdict.LATE and words.VERDICTS["late"] in screen.on_the_card


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The machine's own zone is another than the town's."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("wrong_ms", [0])
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"], indirect=True)
def test_a_wrong_zone_changes_no_time_and_no_day(zone: str, screen: Screen, centre: Centre) -> None:
    assert zone_minutes() != 8 * 60
    screen.assert_counts_down()
    at = fmt.local(screen.case.reported_at.shown_at)
    shanghai = datetime.datetime.fromtimestamp(screen.case.reported_at.shown_at / 1000, ZoneInfo("Asia/Shanghai"))
    assert (at.date(), at.hour, at.minute) == (shanghai.date(), shanghai.hour, shanghai.minute)
    assert f"-{shanghai:%Y%m%d}-" in screen.case.number
    screen.console.act(CLERK, c.Dispatch(f"{TOWN}-market"), screen.case_id)
    centre.start()
    screen.restart()
    assert screen.console.settle().phase is Phase.ONLINE
    assert screen.dispatching.verdict is Verdict.ON_TIME


@both_ways
def test_after_a_reboot_without_the_line_nothing_is_claimed_that_is_not_sure(screen: Screen) -> None:
    proven = screen.console.database(lambda work: work.proven_ms())
    due = screen.dispatching.due_at
    assert due is not None and 0 < proven < due
    screen.clock.passed_ms = 3 * MINUTE_MS
    screen.clock.reboot()
    for _ in range(2):
        screen.restart()
        now = screen.present.now()
        assert now.grade is Grade.DOUBTFUL and now.lo == proven and now.lo <= screen.clock.true_ms() <= now.hi
        assert now.shown_at >= proven, "never an instant that is surely past"
        assert screen.light is Light.DOUBTFUL
        assert screen.in_the_list == DOUBTFUL
        assert DOUBTFUL in screen.on_the_card
        assert f"最多还剩 {fmt.duration(due - proven)}" in screen.on_the_card
        shown = screen.counts
        assert (shown.green, shown.yellow, shown.red, shown.doubtful) == (0, 0, 0, 1)
        assert shown.chips["overdue"] == 0
    page = SyncPage(NoSwitch(), screen.present)
    page.show_line(LineState("offline", 0, None, 0, None, 0, None))
    assert DOUBTFUL in page._lines.text() and f"不早于 {fmt.day_and_minute(proven, now.shown_at)}" in page._lines.text()
    assert "本机时钟" not in page._lines.text()
    page.show_line(LineState("offline", 0, None, 0, None, 0, None, wall_behind_ms=7 * HOUR_MS))
    assert "本机时钟比实际至少慢 7" in page._lines.text()


@both_ways
def test_what_was_surely_late_before_the_reboot_stays_late(screen: Screen) -> None:
    due = screen.dispatching.due_at
    assert due is not None
    at, clock = due + MINUTE_MS, screen.clock
    screen.console.database(lambda work: keep_anchor(work, Anchor(at, clock.mono_ms(), 0, clock.boot_id())))
    clock.reboot()
    screen.restart()
    assert screen.light is Light.RED and screen.counts.red == 1
    assert screen.in_the_list == fmt.countdown(due, at, False)
    assert DOUBTFUL in screen.on_the_card, "how late is not known"


@both_ways
@pytest.mark.parametrize("boots", [1, 2], ids=["the same boot", "another boot"])
def test_an_act_after_such_a_reboot_is_neither_on_time_nor_late_until_the_centre_judges(
    screen: Screen, centre: Centre, boots: int
) -> None:
    """A reading that comes later in the same boot proves when it was made; of a boot that is over nothing does."""
    screen.clock.reboot()
    screen.restart()
    before = screen.clock.true_ms()
    screen.console.act(CLERK, c.Dispatch(f"{TOWN}-market"), screen.case_id)
    assert screen.dispatching.verdict is Verdict.DOUBTFUL
    assert DOUBTFUL in screen.on_the_card
    later = screen.console.act(CLERK, c.Report("", "grid", f"{EDITION}/matter/09005", "井盖", "路口", TOWN, STATION))
    first, screen.case_id = screen.case_id, later
    screen.console.act(CLERK, c.File(), later)
    assert screen.light is Light.DOUBTFUL, "a clock that started at a claimed instant is not red for it"
    screen.case_id = first
    after = screen.clock.true_ms()
    if boots == 2:
        screen.clock.reboot()
        screen.restart()
    centre.start()
    assert screen.console.settle().phase is Phase.ONLINE
    stopped = screen.dispatching.stopped
    assert stopped is not None and stopped.grade is (Grade.ANCHORED if boots == 1 else Grade.DOUBTFUL)
    assert stopped.lo <= after and before <= stopped.hi
    assert boots == 2 or stopped.hi - stopped.lo < SECOND_MS
    assert screen.dispatching.verdict is Verdict.ON_TIME, "the centre received it before it was due"
    screen.hear()
    screen.case_id = later
    assert screen.light is Light.GREEN
    screen.assert_counts_down()
