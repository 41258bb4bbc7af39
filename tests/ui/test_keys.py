"""One key an act, for ever: over every state and every desk, and in the rule book's own table (D27)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from sqlalchemy import select

from models.moves import MOVES, TABLE
from models.moves import Desk as Whose
from models.rules import Rules
from models.store.case_table import case_row
from services import cases
from services.desk import Desk
from tests.ui.every_state import (
    CLERK,
    CONFIRMER,
    DEPUTY,
    INTAKE,
    MARKET_LEADER,
    MEMBER,
    OFFICER,
    OPERATOR,
    VICE,
    EveryState,
)
from ui import words
from ui.dialogs.palette import Palette
from ui.keys import ACTS_OF_KEY, KEY_OF_ACT
from ui.main_window import MainWindow
from ui.panels import case_acts
from ui.widgets import banner

EVERYBODY = (CLERK, CONFIRMER, DEPUTY, OFFICER, MARKET_LEADER, VICE, MEMBER, OPERATOR, INTAKE)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, rules: Rules) -> EveryState:
    made = EveryState(tmp_path_factory.mktemp("keys"), rules)
    made.fill()
    return made


def every_panel(store: EveryState, look: Callable[[str, object], None]) -> int:
    seen = 0
    for person in EVERYBODY:
        unit = store.rules.people[person].unit
        with store.work() as work:
            ids = [str(i) for i in work.connection.execute(select(case_row.c.id)).scalars()]
            for case_id in ids:
                panel = cases.panel(work, Desk(person, unit, "D-test", "A"), case_id)
                assert panel is not None
                look(unit, panel)
                seen += bool(panel.allowed)
    return seen


def test_every_act_on_offer_has_a_key_and_no_two_share_one(store: EveryState) -> None:
    met: set[str] = set()

    def look(unit: str, panel) -> None:  # type: ignore[no-untyped-def]
        keys = [entry.key for entry in case_acts.act_entries(panel, unit)]
        tools = [entry.key for entry in case_acts.tool_entries(panel)]
        assert all(keys) and len(keys) == len(panel.allowed)
        assert len(set(keys + tools)) == len(keys) + len(tools), panel.allowed
        met.update(panel.allowed)

    assert every_panel(store, look) > 100
    assert met == {move.kind for move in TABLE if move.menu}, "every act of the rule book has been on offer"


def test_a_key_means_the_same_for_ever() -> None:
    """Kinds that share a key are never allowed in one state at one desk, so the key needs no second meaning anywhere. A co-handler may
    give its part back while the town confirms, or the district considers; a town gives back what it has not sent on, long before, and
    the district is given nothing."""
    elsewhere = ({Whose.RECEIVER, Whose.TOWN}, {Whose.RECEIVER, Whose.DISTRICT})
    kinds = [kind for shared in ACTS_OF_KEY.values() for kind in shared]
    assert len(kinds) == len(set(kinds)) and set(kinds) == {move.kind for move in TABLE if move.menu}
    assert set(KEY_OF_ACT) == set(kinds)
    for key, shared in ACTS_OF_KEY.items():
        for one, other in itertools.combinations(shared, 2):
            desks = {MOVES[one].desk, MOVES[other].desk}
            assert not MOVES[one].states & MOVES[other].states or desks in elsewhere, (key, one, other)


def test_no_act_takes_a_key_that_is_somebody_elses() -> None:
    taken = {*case_acts.TOOL_KEYS.values(), banner.SEEN_KEY, banner.OPEN_KEY, banner.SILENCE_KEY, "F1", "Shift+F10"}
    assert not taken & set(ACTS_OF_KEY)
    for key in ACTS_OF_KEY:
        assert re.fullmatch(r"(Ctrl\+Shift\+|Shift\+|Ctrl\+)?F([2-9]|10)", key), key
        assert QKeySequence(key).toString() == key
    assert [KEY_OF_ACT[kind] for kind in ("case.file", "case.dispatch", "case.log_call")] == ["F4", "F5", "F10"]


def test_the_first_act_is_the_next_step_or_a_call(store: EveryState) -> None:
    waiting = []

    def look(unit: str, panel) -> None:  # type: ignore[no-untyped-def]
        first = case_acts.first_act(panel, unit)
        row = panel.row
        if row.next_unit == unit and row.next_code in panel.allowed:
            assert first == row.next_code
        elif panel.allowed and panel.case.is_open:
            owed = [kind for kind in panel.allowed if MOVES[kind].menu < case_acts.OWED]
            assert first == (owed[0] if owed else "case.log_call"), panel.allowed
            waiting.append(first)
        assert first != "case.add_co_handler"
        entries = case_acts.act_entries(panel, unit)
        assert not entries or entries[0].code == first

    every_panel(store, look)
    assert waiting.count("case.log_call") > 20


@pytest.fixture
def window(application: QApplication, store: EveryState) -> MainWindow:
    made = store.window(CLERK)
    made.resize(1366, 768)
    made.show()
    made.show_page("cases")
    made.activateWindow()
    QApplication.processEvents()
    return made


def test_what_has_no_button_is_counted_on_one_and_still_on_its_key(window: MainWindow, store: EveryState) -> None:
    crowded = 0
    for row in range(window.queue.model.rowCount()):
        found = window.queue.model.row_at(row)
        assert found is not None
        window.open_case(found.row.id)
        QApplication.processEvents()
        buttons = [b for b in window.panel.bar.findChildren(QPushButton) if b.isVisible() and b.objectName() == "act"]
        more = [b for b in buttons if b.text().startswith("更多")]
        offered = window.panel.panel.allowed if window.panel.panel else ()
        if more:
            crowded += 1
            assert more == buttons[-1:]
            assert more[0].text() == f"更多({len(offered) - len(buttons) + 1})  Ctrl+K"
        else:
            assert len(buttons) == len(offered)
        assert all(b.width() >= b.sizeHint().width() for b in buttons)
    assert crowded
    window.open_case(store.filed())
    QTest.keyClick(window, Qt.Key.Key_F9, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.panel.form is not None and window.panel.form.form.kind == "case.note"
    window.panel.form.cancelled.emit()
    window.panel.bar.more.emit()
    listed = window.findChildren(Palette)[-1]
    texts = [listed.list.item(n).text() for n in range(listed.list.count())]
    for kind in window.panel.panel.allowed if window.panel.panel else ():
        assert any(KEY_OF_ACT[kind] in text.split() for text in texts), kind
    listed.close()
    window.close()


def test_the_user_guide_names_every_key_rightly() -> None:
    guide = (Path(__file__).parents[2] / "docs/user-guide.zh-CN/README.md").read_text(encoding="utf-8")
    cells = [
        cell.strip() for line in guide.splitlines() if line.startswith("| F") for cell in line.strip("|").split("|")
    ]
    told = dict(zip(cells[::2], cells[1::2], strict=True))
    for key, kinds in ACTS_OF_KEY.items():
        assert set(told[key].removeprefix("退回:").split("、")) == {words.ACTS[kind] for kind in kinds}, key
