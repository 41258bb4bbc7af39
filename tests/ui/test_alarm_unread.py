"""知道了 is said of what stood in the banner, not of an alarm that took its place while the finger was on its way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from services import alarms
from services.alarms import Alarm, Alarms, Kind
from tests.ui.conftest import until
from ui.widgets.banner import Banner
from ui.widgets.in_use import ON_ITS_WAY_MS

FIRST, SECOND = (Alarm(f"clock {n}", Kind.RED, 1, case_id=n, title=n) for n in ("one", "two"))


class Desk:
    """Acknowledges as the program does."""

    def __init__(self, banner: Banner) -> None:
        self.banner, self.state = banner, Alarms()
        banner.acknowledged.connect(self.acknowledge)

    def stand(self, *standing: Alarm) -> None:
        self.state = Alarms(standing=standing)
        self.show()

    def acknowledge(self) -> None:
        self.state = alarms.acknowledge(self.state)
        self.show()

    def show(self) -> None:
        self.banner.show_alarms(alarms.shown(self.state), None, False, 2)


@pytest.fixture
def desk(application: QApplication) -> Iterator[Desk]:
    banner = Banner()
    banner.show()
    banner.activateWindow()
    until(banner.isActiveWindow)
    yield Desk(banner)
    banner.close()
    banner.deleteLater()


def press(desk: Desk) -> None:
    QTest.keyClick(desk.banner, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    QApplication.processEvents()


def test_an_alarm_that_has_just_come_is_not_acknowledged_for_the_one_before(desk: Desk) -> None:
    desk.stand(FIRST)
    desk.stand(FIRST, SECOND)
    press(desk)
    assert desk.state.standing == (FIRST, SECOND) and "two" in desk.banner.text.full
    QTest.qWait(ON_ITS_WAY_MS + 50)
    press(desk)
    assert desk.state.standing == (FIRST,)


def test_pressed_twice_one_is_acknowledged(desk: Desk) -> None:
    desk.stand(FIRST, SECOND)
    press(desk)
    press(desk)
    assert desk.state.standing == (FIRST,)


def test_the_only_alarm_is_acknowledged_at_once(desk: Desk) -> None:
    desk.stand(FIRST)
    press(desk)
    assert desk.state.standing == ()
