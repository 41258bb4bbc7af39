"""The lock: no case in sight and nothing to be done, while alarms, lights and sending go on; a password opens it again."""

from __future__ import annotations

import signal
from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPushButton

from desktop.console import Console
from desktop.last_input import LastInput
from models import commands as c
from models.clock import MINUTE_MS
from models.reference_files import EDITION
from models.rules import Rules
from models.store.work import Work
from services import alarms, cases, watched_cases
from services.alarms import Alarm, Alarms, Kind, Shown
from services.desk import Desk
from tests.ui.conftest import TOWN, until
from tests.ui.every_state import CLERK, EveryState
from tests.ui.test_changing import opened, sign_in, unsent
from tests.whole.parties import PASSWORD, Centre
from ui import format as fmt
from ui.dialogs.palette import Palette
from ui.dialogs.report import ReportDialog
from ui.widgets.banner import Banner

STALLS = f"{EDITION}/matter/09005"


def is_locked(console: Console) -> bool:
    window = console.window
    return window.lock_page.isVisible() and not window.pages.isVisible() and not window.queue.isVisible()


def in_front(console: Console) -> None:
    """Shortcuts are heard by the active window only."""
    console.window.activateWindow()
    until(lambda: QApplication.activeWindow() is console.window)


def unlock(console: Console, password: str = PASSWORD) -> None:
    QTest.keyClicks(console.window.lock_page.password, password)
    QTest.keyClick(console.window.lock_page.password, Qt.Key.Key_Return)


def report(console: Console, title: str) -> cases.Acted:
    desk, found = console.desk, []

    def job(work: Work) -> cases.Acted:
        acted = cases.act(work, desk, c.Report("", "grid", STALLS, title, "路口", TOWN, f"{TOWN}003"))
        cases.act(work, desk, c.File(), acted.case_id)
        work.commit()
        return acted

    console.jobs.run(job, found.append)
    until(lambda: found)
    console.sync.acted()
    return found[0]


def lock_key(console: Console) -> None:
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(console.window, Qt.Key.Key_L, modifiers)


def press_everything(console: Console) -> None:
    """The keys that turn pages, open dialogs and act, wherever the focus is."""
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    window = console.window
    for key in "FNKTLZRG12345":
        QTest.keyClick(window, getattr(Qt.Key, f"Key_{key}"), control)
    for number in range(1, 13):
        key = getattr(Qt.Key, f"Key_F{number}")
        for modifier in (Qt.KeyboardModifier.NoModifier, shift, control):
            QTest.keyClick(window, key, modifier)
    for button in window.header.findChildren(QPushButton):
        button.click()


def dialogs() -> list[QDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]


def test_the_lock(console: Console, centre: Centre) -> None:
    """One console for all of it: each takes seconds to make."""
    alarms_stay(console)
    a_window_made_anew_is_as_locked(console)
    nobody_was_here_for_so_long(console)
    nothing_shows_and_nothing_can_be_done_and_the_rest_goes_on(console, centre)
    somebody_else_sits_down(console, centre)


def nothing_shows_and_nothing_can_be_done_and_the_rest_goes_on(console: Console, centre: Centre) -> None:
    until(lambda: "已连接" in console.window.header.pill.text())
    window = console.window
    in_front(console)
    with_case = report(console, "占道经营的摊点")
    window.open_case(with_case.case_id)
    until(lambda: window.panel.panel is not None)
    before = window.place()
    window.reporting.begin()
    QTest.keyClicks(opened(ReportDialog).title, "half a report")
    window.open_palette()
    assert isinstance(opened(Palette), QDialog)
    console.lock()
    until(lambda: is_locked(console))
    assert dialogs() == []
    in_front(console)
    assert QApplication.focusWidget() is window.lock_page.password
    assert window.header.isVisible() and window.banner.isVisible() and window.strip.isVisible()
    press_everything(console)
    QApplication.processEvents()
    assert is_locked(console) and dialogs() == [] and window.place() == before
    counted = window.header.lights["green"].text() + window.header.lights["yellow"].text()
    report(console, "夜间新来的一件")
    until(lambda: unsent(console, TOWN) == 0)
    until(lambda: window.header.lights["green"].text() + window.header.lights["yellow"].text() != counted)
    unlock(console, "wrong")
    until(lambda: "不对" in window.lock_page.problem.text())
    assert is_locked(console)
    until(lambda: QApplication.focusWidget() is window.lock_page.password)
    centre.end(signal.SIGKILL)
    unlock(console)
    until(lambda: not is_locked(console))
    assert window.place() == before and console.window is window
    window.reporting.begin()
    again = opened(ReportDialog)
    until(lambda: again.title.text() == "half a report")
    again.close()


def alarms_stay(console: Console) -> None:
    window = console.window
    in_front(console)
    window.show_banner("已有一件超时")
    lock_key(console)
    until(lambda: is_locked(console))
    assert window.banner.text.full == "已有一件超时" and not window.banner.seen.isVisible()
    QTest.keyClick(window, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    assert window.banner.text.full == "已有一件超时"
    window.show_banner("又一件")
    assert not window.banner.seen.isVisible() and window.banner.more.text()
    unlock(console)
    until(lambda: not is_locked(console))
    for _ in range(2):
        assert window.banner.seen.isVisible()
        window.banner.seen.click()


def somebody_else_sits_down(console: Console, centre: Centre) -> None:
    centre.start()
    in_front(console)
    console.lock()
    QTest.keyClick(console.window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    sign_in(f"{TOWN}-clerk-2")
    until(lambda: console.desk.person == f"{TOWN}-clerk-2" and not is_locked(console))


def a_window_made_anew_is_as_locked(console: Console) -> None:
    console.lock()
    before = console.window
    console._renew_window(True)
    assert console.window is not before and is_locked(console)
    unlock(console)
    until(lambda: not is_locked(console))


def nobody_was_here_for_so_long(console: Console) -> None:
    limit = console.file.rules.policy.lock_after_idle_minutes * MINUTE_MS
    assert limit == 15 * MINUTE_MS
    now = [0]
    console.last_input = LastInput(lambda: now[0])
    for idle_ms, locked in ((limit - 1, False), (limit, True)):
        now[0] = idle_ms
        console._seconds.turn()
        assert is_locked(console) == locked
    unlock(console)
    until(lambda: not is_locked(console))
    now[0] += limit - 1
    console._seconds.turn()
    assert not is_locked(console), "unlocking counts as being here"


def test_whoever_passes_by_reads_no_words_of_a_case(application: QApplication, tmp_path: Path, rules: Rules) -> None:
    """Titles and places are typed, and people type telephone numbers into them."""
    store = EveryState(tmp_path, rules)
    case_id = store.does(CLERK, c.Report("", "grid", STALLS, "找王某 13900001111", "王家门口", TOWN, f"{TOWN}003"))
    store.does(CLERK, c.File(), case_id)
    with store.work() as work:
        seen = watched_cases.these(work, Desk(CLERK, TOWN, "D-test", "A"), frozenset({case_id}))
    state, _raised = alarms.first_look(Alarms(), seen.cases, (0, 0, 0), seen.now, 0)
    (case,) = seen.cases
    now = seen.now.shown_at
    banner = Banner()
    red = Alarm("clock k", Kind.RED, now, case.id, case.title, case.place, "dispatch", "某站", now, number=case.number)
    for on in (False, True, False):
        banner.only_show(on)
        banner.show_alarms(Shown(red, 1), None, False, now)
        standing = banner.text.full + banner.text.toolTip() + banner.accessibleName()
        banner.show_alarms(None, alarms.next_turning(state), False, now)
        calm = banner.text.full + banner.text.toolTip() + banner.accessibleName()
        for told in (standing, calm):
            assert ("13900001111" in told) is not on
        assert ("王家门口" in standing) is not on
        if on:
            assert all(case.number and case.number in told for told in (standing, calm))
            assert "超时" in standing and fmt.day_and_minute(now, now) in standing
    banner.deleteLater()


def test_keys_mouse_and_input_methods_are_somebody_being_here(application: QApplication, tmp_path: Path) -> None:
    now = [0]
    field = QLineEdit()
    field.show()
    field.activateWindow()
    seen = LastInput(lambda: now[0])
    until(lambda: QApplication.focusWidget() is field)

    def here(act: object) -> bool:
        now[0] += 1_000
        act()  # type: ignore[operator]
        return seen.idle_ms() == 0

    assert here(lambda: QTest.keyClick(field, Qt.Key.Key_A))
    assert here(lambda: QTest.mouseMove(field.windowHandle()))
    assert here(lambda: QTest.mouseClick(field.windowHandle(), Qt.MouseButton.LeftButton))
    assert here(lambda: QApplication.sendEvent(field, QInputMethodEvent("昱东", [])))
    assert not here(lambda: QApplication.sendEvent(field, QEvent(QEvent.Type.UpdateRequest)))
    field.close()
