"""未生效操作 by keyboard: what may be done instead is one key away; 知道了 keeps the act on record."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton

from models.rules import Rules
from models.store import outbox
from services import tray
from tests.ui.every_state import CLERK, SECOND, SQUAD, EveryState
from ui import words
from ui.main_window import MainWindow
from ui.panels.tray_page import HAND_ON, KNOWN, LOOK


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    made = EveryState(tmp_path, rules)
    made.fill()
    return made


@pytest.fixture
def window(application: QApplication, store: EveryState) -> MainWindow:
    made = store.window(CLERK)
    made.resize(1366, 768)
    made.show()
    made.activateWindow()
    made.show_page("tray")
    QApplication.processEvents()
    return made


def buttons(window: MainWindow, text: str) -> list[QPushButton]:
    return [b for b in window.tray.findChildren(QPushButton) if b.text() == text and b.isVisible()]


def test_what_may_be_done_instead_begins_with_a_key(window: MainWindow, store: EveryState) -> None:
    with store.work() as work:
        items = tray.items(work, store.desk)
    item = next(i for i in items if "case.dispatch" in i.allowed)
    button = buttons(window, words.ACTS["case.dispatch"])[0]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert window.page() == "cases" and window.panel.case_id == item.case_id
    assert window.panel.form is not None and window.panel.form.form.kind == "case.dispatch"
    window.close()


def test_seen_goes_and_stays_on_record(window: MainWindow, store: EveryState) -> None:
    with store.work() as work:
        items = tray.items(work, store.desk)
        states = len(list(outbox.states_of_case(work.connection, items[0].case_id)))
    known = buttons(window, "知道了")
    assert len(known) == len(items) > 0
    QTest.keyClick(known[0], Qt.Key.Key_Space)
    with store.work() as work:
        assert len(tray.items(work, store.desk)) == len(items) - 1
        (said,) = outbox.states_of_case(work.connection, items[0].cmd_id)
        assert (said.kind, said.actor, said.state) == ("tray.close", CLERK, "pending"), "an act like every other"
        assert len(list(outbox.states_of_case(work.connection, items[0].case_id))) == states
    window.close()


def test_units_are_named_and_no_code_is_shown(window: MainWindow, store: EveryState) -> None:
    said = " ".join(label.text() for label in window.tray.findChildren(QLabel))
    assert store.rules.organisations[SQUAD].name in said
    assert SQUAD not in said


def test_the_focus_stays_at_its_entry_while_others_come_and_go(window: MainWindow, store: EveryState) -> None:
    tray_page = window.tray
    first, second = (item.cmd_id for item in tray_page._items)
    assert tray_page._buttons[first, LOOK].hasFocus(), "turning to the page begins at the newest entry"
    tray_page._buttons[second, KNOWN].setFocus()
    window.changed(frozenset())
    window.tick()
    assert tray_page._buttons[second, KNOWN].hasFocus()
    with store.work() as work:
        tray.close(work, store.desk, first)
        work.commit()
    window.changed(frozenset())
    window.tick()
    assert [item.cmd_id for item in tray_page._items] == [second]
    assert tray_page._buttons[second, KNOWN].hasFocus()
    window.close()


def test_an_entry_is_handed_to_a_colleague_with_the_keyboard(window: MainWindow, store: EveryState) -> None:
    page = window.tray
    cmd_id = page._items[-1].cmd_id
    page._buttons[cmd_id, HAND_ON].setFocus()
    QTest.keyClick(page._buttons[cmd_id, HAND_ON], Qt.Key.Key_Space)
    form = page.form
    assert form is not None
    box, note = form._inputs["to"], form._inputs["note"]
    assert isinstance(box, QComboBox) and isinstance(note, QLineEdit) and box.hasFocus()
    assert CLERK not in [box.itemData(n) for n in range(box.count())], "he has it already"
    QTest.keyClick(note, Qt.Key.Key_Return)
    assert "转交给" in form.problem.text(), "to nobody"
    box.setCurrentIndex(box.findData(SECOND))
    QTest.keyClick(note, Qt.Key.Key_Return)
    assert form.problem.text() == words.refusal("reason_missing", {}, {})
    note.setFocus()
    QTest.keyClicks(note, "Ring them again")
    QTest.keyClick(note, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert page.form is None and page._buttons[cmd_id, HAND_ON].hasFocus()
    said = "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())
    assert f"已转交给{store.rules.people[SECOND].name}" in said and "Ring them again" in said
    window.close()
    theirs = store.window(SECOND)
    theirs.show()
    theirs.show_page("tray")
    QApplication.processEvents()
    assert theirs.tray._items[0].cmd_id == cmd_id, "with whoever it was handed to it stands first"
    said = "\n".join(label.text() for label in theirs.tray.findChildren(QLabel))
    assert f"由{store.rules.people[CLERK].name}转交给您" in said
    theirs.close()


def test_an_act_of_a_later_version_is_told_of_as_well(store: EveryState) -> None:
    """Carried here for a workstation that had been brought up to date: whom it names nobody can read."""
    assert tray._named_by('{"args":{"type":"case.levitate","to":"x"}}') == ("", "")
    assert tray._named_by("no act") == ("", "")
    with store.work() as work:
        item = tray.items(work, store.desk)[0]
    assert item.to == "" or item.to in {unit.name for unit in store.rules.organisations.values()}
