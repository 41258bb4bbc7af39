"""The case panel says whom to ask for at each unit and how to call him; clocks that have stopped take one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from models import commands as c
from models.case import ClockState
from models.people import DISTRICT_ITSELF
from models.rules import Rules
from services import cases
from services.desk import Desk
from tests.ui.every_state import (
    CLERK,
    MARKET,
    MARKET_LEADER,
    OFFICER,
    SQUAD,
    STALLS,
    STATION,
    TOWN,
    EveryState,
)
from ui import words
from ui.main_window import MainWindow
from ui.panels.case_text import head_lines
from ui.widgets.clock_card import ClockCard


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


def opened(store: EveryState, case_id: str) -> MainWindow:
    window = store.window(CLERK)
    window.resize(1366, 768)
    window.show()
    window.open_case(case_id)
    window.tick()
    QApplication.processEvents()
    return window


def lines(window: MainWindow) -> str:
    return "\n".join(label.text() for label in window.panel.sheet.findChildren(QLabel) if not label.isHidden())


def test_lead_and_co_handlers_with_who_and_how_to_call_them(application: QApplication, store: EveryState) -> None:
    case_id = store.handling()
    window = store.window(CLERK)
    window.show()
    window.open_case(case_id)
    QApplication.processEvents()
    told = lines(window)
    officer, leader = store.rules.people[OFFICER], store.rules.people[MARKET_LEADER]
    for role, part, person, unit in (("lead", "handler", officer, SQUAD), ("co", "leader", leader, MARKET)):
        line = next(text for text in told.splitlines() if text.startswith(f"<b>{words.ROLES[role]}</b>"))
        assert store.rules.organisations[unit].name in line
        assert f"{words.PARTS[part]} {person.name}" in line, "who acted on it; else who leads the unit"
        assert person.phone in line and store.rules.organisations[unit].duty_phone in line
    window.close()


def test_whose_the_time_on_the_way_was_is_said_on_the_clock(application: QApplication, store: EveryState) -> None:
    """The squad's console was cut off for forty minutes; the office's was not switched on."""
    case_id = store.dispatched(delivered=False)
    duties = {a.receiver: a.id for a in store.case(case_id).assignments}
    since = store.clock.now_ms - 3_600_000
    store.does(DISTRICT_ITSELF, c.Deliver(duties[SQUAD], since), case_id, minutes=40)
    store.does(DISTRICT_ITSELF, c.Deliver(duties[MARKET], store.clock.now_ms + 1_000), case_id, minutes=0)
    window = opened(store, case_id)
    told = lines(window)
    assert "传输延误 40 分" in told and "不计任何单位" in told and "发出起(未开机)" in told
    assert "工作站应值守时未开机 40 分,计入本单位" in told
    store.does(OFFICER, c.Arrive(duties[SQUAD]), case_id, minutes=45)
    window.panel.refresh()
    QApplication.processEvents()
    ended = window.panel.sheet.ended
    assert ended is not None and "到场 ●按时(传输延误)" in ended.toolTip()
    window.close()


def test_of_a_report_that_came_late_to_the_town_it_is_said_too(application: QApplication, store: EveryState) -> None:
    since = store.clock.now_ms - 3_600_000
    case_id = store.reported()
    store.does(DISTRICT_ITSELF, c.Deliver("", since, "dispatch-1"), case_id, minutes=40)
    window = opened(store, case_id)
    told = lines(window)
    assert "传输延误 40 分" in told and "发出" in told and "送达起" in told and "自发出起算已过时限" in told
    window.close()


def test_a_breach_taken_back_says_nothing_of_the_next(application: QApplication, store: EveryState) -> None:
    """The line was at fault for the first; ten minutes after it was received the town is late by itself."""
    since = store.clock.now_ms - 3_600_000
    case_id = store.reported()
    store.does(DISTRICT_ITSELF, c.NoticeBreach("dispatch-1"), case_id, minutes=11)
    store.does(DISTRICT_ITSELF, c.Deliver("", since, "dispatch-1"), case_id, minutes=30)
    window = opened(store, case_id)
    assert "超时已撤销" in lines(window)
    store.clock.now_ms += 11 * 60_000
    window.tick()
    QApplication.processEvents()
    told = lines(window)
    assert "超时待核定" in told and "超时已撤销" not in told
    window.close()


def test_of_a_station_it_is_who_is_on_duty_now(store: EveryState) -> None:
    case_id = store.filed()
    store.does(CLERK, c.Dispatch(STATION), case_id)
    for _day in range(4):
        with store.work() as work:
            found = cases.panel(work, store._desk(CLERK), case_id)
        assert found is not None
        contact, on_duty = found.contacts[STATION], store.rules.on_duty(STATION, store.clock.now_ms)
        assert on_duty is not None and (contact.name, contact.part) == (on_duty.name, "on_duty")
        store.clock.now_ms += 86_400_000


def test_clocks_that_stopped_take_one_line_until_they_are_asked_for(
    application: QApplication, store: EveryState
) -> None:
    case_id = store.submitted()
    window = store.window(CLERK)
    window.resize(1280, 720)
    window.show()
    window.open_case(case_id)
    QApplication.processEvents()
    sheet, clocks = window.panel.sheet, store.case(case_id).clocks
    stopped = [clock for clock in clocks if clock.state is ClockState.STOPPED]
    shown = [card for card in sheet.findChildren(ClockCard) if card.isVisible()]
    assert len(stopped) > 3 and len(shown) == len(clocks) - len(stopped)
    assert sheet.ended is not None and str(len(stopped)) in sheet.ended.text()
    for clock in stopped:
        assert words.STAGES[clock.stage.value] in sheet.ended.toolTip()
    sheet.ended.setFocus()
    QTest.keyClick(sheet.ended, Qt.Key.Key_Space)
    QApplication.processEvents()
    assert len([card for card in sheet.findChildren(ClockCard) if card.isVisible()]) == len(clocks)
    window.panel.refresh()
    assert sheet.ended.isChecked(), "and stay asked for while the case is read again"
    window.open_case(store.filed())
    assert sheet.ended is None or not sheet.ended.isChecked()
    window.close()


def test_a_case_without_a_place_begins_its_line_with_the_station(application: QApplication, store: EveryState) -> None:
    case_id = store.does(CLERK, c.Report("", "grid", STALLS, "摊点", "", TOWN, STATION))
    with store.work() as work:
        panel = cases.panel(work, Desk(CLERK, TOWN, "D-test", "A"), case_id)
    assert panel is not None
    first, second = head_lines(panel, store.clock.now_ms)
    assert first.count(" · ") == 2 and second.startswith(panel.names[STATION]) and second.count(" · ") == 1
