"""The clerk's chain with the line down: dispatch, call card, slip; the card to read out; typing for a unit; merging by number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QStyle, QStyleOptionButton

from models import commands as c
from models.case import ClockState, State, Verdict
from models.evidence import Grade, Moment
from models.policy import Stage
from models.rules import Rules
from models.store.case_table import get_case, put_case
from models.views import LineState
from services import papers
from services.desk import Desk
from tests.ui.desks import TOWN
from tests.ui.every_state import CLERK, MARKET, MARKET_LEADER, OFFICER, SQUAD, EveryState
from tests.ui.guard import Guard
from ui import words
from ui.dialogs.reading_card import ReadingCardDialog
from ui.main_window import MainWindow
from ui.panels.case_acts import READ, SLIP
from ui.panels.case_text import head_lines
from ui.papers.slip import _fields, watermark
from ui.papers.slip_dialog import SlipDialog, save_pdf
from ui.papers.wording import has_it, reading_text
from ui.spoken_forms import SPOKEN
from ui.widgets.case_picker import CasePicker

Key = Qt.Key


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
    QApplication.processEvents()
    return made


def line(window: MainWindow, store: EveryState, state: str) -> None:
    now = store.clock.now_ms
    window.show_line(LineState(state, now, now, 1, now, 0, 500, ""), 1)


def press(window: MainWindow, *keys: Key) -> int:
    for key in keys:
        QTest.keyClick(QApplication.focusWidget() or window, key)
        QApplication.processEvents()
    return len(keys)


def dispatched(window: MainWindow, store: EveryState) -> str:
    """A new case, dispatched with the keyboard to the suggested unit."""
    case_id = store.reported()
    window.open_case(case_id)
    window.queue.table.setFocus()
    assert press(window, Key.Key_F4, Key.Key_F5) == 2
    assert window.panel.form is not None
    assert press(window, Key.Key_Return) == 1
    assert store.case(case_id).state is State.DISPATCHED
    return case_id


# The call card


def test_with_the_line_down_a_dispatch_opens_the_call_card_and_one_key_tells_the_unit(
    window: MainWindow, store: EveryState
) -> None:
    line(window, store, "offline")
    case_id = dispatched(window, store)
    card = window.panel.card
    assert card is not None and card.list.hasFocus()
    callee = card.callee()
    lead = store.case(case_id).lead
    assert callee is not None and lead is not None and callee.unit == lead.receiver and callee.waits
    assert callee.phone in card.list.currentItem().text() and store.case(case_id).number in card.words.text()
    window.queue.model.refresh()
    row = window.queue.model.row_at(window.queue.model.row_of_case(case_id) or 0)
    assert row is not None and row.row.id == case_id
    assert window.queue._delegate.countdown_of(row.row, store.present.now())[0] == "未送达"
    press(window, Key.Key_Return)
    assert store.case(case_id).history[-1].kind == "case.dispatch", "the Enter that dispatched is no testimony"
    press(window, Key.Key_2)
    lead = store.case(case_id).lead
    assert lead is not None and lead.notified_at is None and window.panel.card is not None
    told = [p.due_at for p in callee.promises]
    press(window, Key.Key_1)
    case = store.case(case_id)
    assert case.lead is not None and case.lead.notified_at is not None, "an answered call starts the unit's clocks"
    clocks = {k.stage: k for k in case.clocks if k.assignment == case.lead.id}
    assert clocks[Stage.ARRIVAL].state is ClockState.RUNNING
    now = store.present.now()
    for promise, said in zip(callee.promises, told, strict=True):
        runs = clocks[promise.stage].due_at
        assert said is not None and runs is not None
        assert 0 <= runs - said <= now.hi - now.lo, "what was said is what runs, never less"
    assert window.panel.card is None and window.panel.cut_off.untold.isHidden()
    window.close()


def test_with_the_line_up_no_card_comes_by_itself(window: MainWindow, store: EveryState) -> None:
    line(window, store, "online")
    case_id = dispatched(window, store)
    assert window.panel.card is None and window.panel.cut_off.untold.isHidden()
    line(window, store, "offline")
    name = store.rules.organisations[store.case(case_id).lead.receiver].name  # type: ignore[union-attr]
    assert window.panel.cut_off.untold.isVisible() and name in window.panel.cut_off.untold.text()
    window.close()


def test_passed_on_asks_to_whom_and_escape_puts_away(window: MainWindow, store: EveryState) -> None:
    line(window, store, "offline")
    case_id = dispatched(window, store)
    card = window.panel.card
    assert card is not None
    press(window, Key.Key_3)
    assert card.who.hasFocus() and card.problem.isVisible()
    card.who.setText("乙")
    press(window, Key.Key_Return)
    assert store.case(case_id).history[-1].result == "passed_on"
    assert window.panel.card is not None, "the unit still waits"
    press(window, Key.Key_Escape)
    assert window.panel.card is None and window.panel.cut_off.untold.isVisible(), "and it is said above the acts"
    window.close()


def test_in_more_words_opens_the_form(window: MainWindow, store: EveryState) -> None:
    line(window, store, "offline")
    dispatched(window, store)
    press(window, Key.Key_0)
    assert window.panel.card is None and window.panel.form is not None
    assert window.panel.form.form.kind == "case.log_call"
    window.close()


# Cards and papers


def secret_case(store: EveryState) -> str:
    """A careless clerk wrote a private number into the case."""
    report = c.Report("", "grid", store.case(store.reported()).category, "占道 13800001111", "路口 13800001111",
                      f"{SQUAD[:9]}", "341002102006", words="来电 138 0000 1111")  # fmt: skip
    case_id = store.does(CLERK, report)
    store.does(CLERK, c.File(), case_id)
    store.does(CLERK, c.Dispatch(SQUAD, (MARKET,)), case_id)
    return case_id


def test_what_is_read_out_or_copied_holds_no_private_number(window: MainWindow, store: EveryState) -> None:
    case_id = secret_case(store)
    window.open_case(case_id)
    QTest.keyClick(window, Key.Key_F11)
    dialog = window.panel.findChildren(ReadingCardDialog)[-1]
    dialog.copy()
    copied = QGuiApplication.clipboard().text()
    assert store.case(case_id).number in copied and "***" in copied
    who = store.rules.people[CLERK].name
    assert re.search(rf"^{who} \d+年\d+月\d+日\d+时\d\d分 复制$", copied.splitlines()[-1]), "who copied it, and when"
    digits = re.sub(r"\D", "", copied)
    assert "13800001111" not in digits
    dialog.close()
    with store.work() as work:
        card, slips = papers.call_card(work, store.desk, case_id), papers.slips(work, store.desk, case_id)
    assert card is not None and "13800001111" not in re.sub(r"\D", "", f"{card.title}{card.place}")
    for slip in slips:
        assert "13800001111" not in re.sub(r"\D", "", f"{slip.title}|{slip.place}|{slip.words}|{slip.note}")
    window.close()


def test_the_buttons_of_the_card_are_read_whole_with_the_focus_on_them(window: MainWindow, store: EveryState) -> None:
    window.open_case(store.reported())
    window.panel.begin(READ)
    dialog = window.panel.findChildren(ReadingCardDialog)[-1]
    QApplication.processEvents()
    buttons = dialog.findChildren(QPushButton)
    assert len(buttons) == 2
    for button in buttons:
        button.setFocus()
        QApplication.processEvents()
        assert button.hasFocus()
        option = QStyleOptionButton()
        button.initStyleOption(option)
        inside = button.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, button)
        assert inside.width() >= button.fontMetrics().horizontalAdvance(button.text()), button.text()
    dialog.close()
    window.close()


def test_the_slip_has_a_page_a_unit_and_says_who_printed_it(
    window: MainWindow, store: EveryState, tmp_path: Path, guard: Guard
) -> None:
    guard.expect(r"QPainter::begin\(\): Returned false")  # Qt's own word for a file that cannot be written
    case_id = secret_case(store)
    window.open_case(case_id)
    QTest.keyClick(window, Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    dialog = window.panel.findChildren(SlipDialog)[-1]
    assert [slip.role for slip in dialog.slips] == ["lead", "co"] and all(slip.draft for slip in dialog.slips)
    assert store.rules.people[CLERK].name in watermark(dialog.slips[0])
    file = tmp_path / "slip.pdf"
    dialog.save_to(str(file))
    assert str(file) in dialog.said.text()
    pages = re.findall(rb"/Type\s*/Page\b", file.read_bytes())
    assert len(pages) == 2
    assert not save_pdf(dialog.slips, str(tmp_path / "nowhere" / "slip.pdf"))
    dialog.save_to(str(tmp_path / "nowhere" / "slip.pdf"))
    assert "未能写入" in dialog.said.text()
    dialog.close()
    window.close()


def test_what_a_case_has_no_use_for_is_not_offered(window: MainWindow, store: EveryState) -> None:
    window.open_case(store.reported())
    codes = [entry.code for entry in window.panel.entries()]
    assert READ in codes and SLIP not in codes and SPOKEN not in codes
    window.close()


# 代录


def test_what_is_typed_for_a_unit_waits_for_its_word_and_bars_who_typed(window: MainWindow, store: EveryState) -> None:
    case_id = store.dispatched(co=())
    window.open_case(case_id)
    code = next(e.code for e in window.panel.entries() if e.code.endswith("|case.arrive"))
    window.panel.begin(code)
    form = window.panel.form
    assert form is not None and store.rules.organisations[SQUAD].name in form.form.title
    form.submit()
    case = store.case(case_id)
    arrived = case.history[-1]
    assert arrived.kind == "case.arrive" and arrived.on_behalf.startswith(SQUAD) and arrived.ratified is False
    clock = next(k for k in case.clocks if k.stage is Stage.ARRIVAL and k.owner == SQUAD)
    assert clock.verdict is Verdict.UNRATIFIED, "neither evidence nor breach until the unit stands by it"
    assert CLERK in case.lead.handlers, "who typed it had a hand in it (D17)"  # type: ignore[union-attr]
    store.does(OFFICER, c.Ratify(arrived.cmd_id), case_id)
    clock = next(k for k in store.case(case_id).clocks if k.id == clock.id)
    assert clock.verdict is Verdict.ON_TIME
    window.close()


def test_another_units_man_cannot_have_told_it(window: MainWindow, store: EveryState) -> None:
    case_id = store.dispatched(co=())
    window.open_case(case_id)
    window.panel._act(c.Arrive(store.lead(case_id), on_behalf=MARKET_LEADER), "case.arrive")
    assert store.rules.organisations[SQUAD].name in window.panel.said.text()
    assert store.case(case_id).history[-1].kind != "case.arrive"
    window.close()


# Merging


def test_a_case_is_merged_into_one_found_by_its_last_digits(window: MainWindow, store: EveryState) -> None:
    first, second = store.reported(), store.reported()
    window.open_case(second)
    window.panel.begin("case.merge")
    form = window.panel.form
    assert form is not None
    picker = form.findChild(CasePicker)
    assert picker is not None
    picker.line.setText(store.case(first).number[-4:])
    assert picker.list.count() >= 1
    for _ in range(picker.list.count()):
        if picker.chosen == first:
            break
        QTest.keyClick(picker.line, Key.Key_Down)
    assert picker.chosen == first
    form.submit()
    assert store.case(second).duplicate_of == first and store.case(second).state is State.MERGED
    window.close()


def test_an_ended_case_is_named_but_not_offered(window: MainWindow, store: EveryState) -> None:
    ended = store.reported()
    store.does(CLERK, c.Decline("Not ours"), ended)
    window.open_case(store.reported())
    window.panel.begin("case.merge")
    picker = window.panel.form.findChild(CasePicker)  # type: ignore[union-attr]
    assert picker is not None
    picker.line.setText(store.case(ended).number)
    assert picker.list.count() == 0 and store.case(ended).number in picker.said.text()
    window.panel.form.submit()  # type: ignore[union-attr]
    assert window.panel.form is not None, "nothing is chosen, nothing is merged"
    assert words.ACTS["case.merge"]
    window.close()


def test_a_time_that_nothing_proves_says_so_on_paper_and_when_read_out(
    application: QApplication, store: EveryState
) -> None:
    """Made in a boot without a reading of the centre's clock: 派单 and 读案卡 printed it as certain."""
    case_id = store.dispatched()
    for is_doubtful in (False, True):
        if is_doubtful:
            with store.work() as work:
                case = get_case(work.connection, case_id)
                assert case is not None and case.lead is not None
                about = Moment(case.reported_at.lo - 60_000, case.reported_at.hi, Grade.DOUBTFUL)
                given = tuple(replace(a, assigned_at=about) for a in case.assignments)
                history = tuple(replace(step, at=about) for step in case.history)
                put_case(work.connection, replace(case, reported_at=about, assignments=given, history=history))
                work.commit()
        with store.work() as work:
            card, slip = papers.reading_card(work, store.desk, case_id), papers.slips(work, store.desk, case_id)[0]
        assert card is not None
        shown = dict(_fields(slip))
        told = (reading_text(card), shown["接报时刻"], shown["派发时刻"])
        assert [text.count("(时间待认定)") for text in told] == ([2, 1, 1] if is_doubtful else [0, 0, 0]), told
        window = store.window(CLERK)
        window.open_case(case_id)
        assert ("(时间待认定)" in head_lines(window.panel.panel, store.clock.now_ms)[1]) is is_doubtful
        window.close()


def test_what_has_come_to_a_desk_is_told_there_as_its_own_to_sign_for(store: EveryState) -> None:
    """The centre has not said yet that it has come: whoever sent it must still ring, this desk need not wait for that."""
    case_id = store.dispatched(delivered=False)
    told = {}
    for person, unit in ((OFFICER, SQUAD), (CLERK, TOWN)):
        with store.work() as work:
            card = papers.reading_card(work, Desk(person, unit, "", "", "", ""), case_id)
        assert card is not None
        lead = next(has for has in card.has_it if has.role == "lead")
        told[unit] = (has_it(lead).rsplit(",", 2)[-2:], card.next_code, card.next_unit)
    squad, town = (store.rules.organisations[unit].name for unit in (SQUAD, TOWN))
    assert told[SQUAD] == (["已到本机", "待签收"], "case.acknowledge", squad)
    assert told[TOWN][0][-1] == "未送达" and told[TOWN][1:] == ("case.log_call", town)
