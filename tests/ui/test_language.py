"""English is what an English screen shows: every page, form, card, paper and dialog, read off the windows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from sqlalchemy import select

from desktop.change_unit import choices
from models.rules import Rules
from models.store.case_table import case_row
from models.views import Kept, LineState
from services.settings import Settings
from tests.ui.every_state import (
    CLERK,
    CONFIRMER,
    DEPUTY,
    MARKET,
    MARKET_LEADER,
    OFFICER,
    OPERATOR,
    TOWN,
    VICE,
    EveryState,
)
from tests.ui.shown_text import painted, shown
from tests.ui.test_catalogue import entries, is_chinese
from ui import forms, language, words
from ui.dialogs.first_run import FirstRunDialog
from ui.dialogs.notice import tell
from ui.dialogs.open_unit import OpenUnitDialog
from ui.dialogs.palette import Palette
from ui.dialogs.reading_card import ReadingCardDialog
from ui.dialogs.report import ReportDialog
from ui.dialogs.settings import SettingsDialog
from ui.dialogs.sign_in import SignInDialog
from ui.main_window import MainWindow
from ui.models.queue_model import COLUMNS
from ui.panels.case_acts import READ, SLIP
from ui.papers.slip_dialog import SlipDialog
from ui.spoken_forms import SPOKEN

ROOM_ENOUGH = 2_000
SEATS = (
    (CLERK, ""), (DEPUTY, ""), (CONFIRMER, ""), (MARKET_LEADER, TOWN), (MARKET_LEADER, ""), (OFFICER, ""), (VICE, ""),
    (OPERATOR, ""),
)  # fmt: skip


class English:
    """A store full of cases, the language English, and what may stay Chinese: data, as the store and the rules hold it."""

    def __init__(self, store: EveryState) -> None:
        self.store = store
        found: set[str] = set()
        _strings(msgspec.to_builtins(store.rules.reference), found)
        with store.work() as work:
            self.case_ids = [str(i) for i in work.connection.execute(select(case_row.c.id)).scalars()]
        for case_id in self.case_ids:
            _strings(msgspec.to_builtins(store.case(case_id)), found)
        found |= set(language.LANGUAGES.values())
        data = sorted((f for f in found if is_chinese(f)), key=len, reverse=True)
        sources = {source for _meaning, source, _text in entries()}
        self._data = re.compile("|".join(map(re.escape, data)))
        self._names = re.compile("|".join(map(re.escape, (d for d in data if d not in sources))))
        self.read = 0

    def check(self, top: QWidget) -> None:
        """Nothing on this window is Chinese but data; a label of the product may not even be a word that is also data."""
        for place, text, is_label in shown(top):
            self.is_english(text, f"{type(top).__name__}: {place}", is_label)

    def is_english(self, text: str, place: str, is_label: bool = False) -> None:
        self.read += 1
        if is_chinese(text):
            rest = (self._names if is_label else self._data).sub("", text)
            assert not is_chinese(rest), f"{place}: {text!r} leaves {rest!r}"


def _strings(value: Any, found: set[str]) -> None:
    if isinstance(value, str):
        found.add(value)
    elif isinstance(value, dict):
        for part in value.items():
            _strings(part, found)
    elif isinstance(value, list | tuple):
        for part in value:
            _strings(part, found)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, rules: Rules) -> EveryState:
    made = EveryState(tmp_path_factory.mktemp("english"), rules)
    made.fill()
    return made


@pytest.fixture
def in_english(application: QApplication) -> Iterator[None]:
    language.choose(language.ENGLISH)
    yield
    language.choose(language.CHINESE)


@pytest.fixture
def english(in_english: None, store: EveryState) -> English:
    return English(store)


def lines(now_ms: int) -> Iterator[LineState]:
    for state in words.LINES:
        reason = {"refused": "chain_revoked", "offline": "line_down"}.get(state, "")
        yield LineState(state, now_ms, now_ms - 5_000, 3, now_ms - 400_000, 2, 1_500, reason)
        yield LineState(
            state,
            now_ms,
            None,
            0,
            None,
            0,
            None,
            reason,
            kept=Kept("/data/token", False, "waiting"),
            receipt=(3, now_ms),
            files_unsent=2,
            files_held=state == "online",
            wall_behind_ms=7_200_000,
            unplaced=1,
            held_back=(2, 5_000_000),
        )


def look_at_every_line(window: MainWindow, english: English) -> None:
    """What is said of the line is the same at every seat."""
    for line in lines(english.store.clock.now_ms):
        window.show_line(line, line.unsent)
        english.check(window)


def look_at_everything(window: MainWindow, english: English) -> set[str]:
    """Every page, every case, every act's form; returns the acts whose form was opened or needs none."""
    opened = set()
    window.show_banner("!")
    window.tick()
    for name in window._pages:
        window.show_page(name)
    english.check(window)
    for case_id in english.case_ids:
        window.open_case(case_id)
        english.check(window.panel)
        for kind in window.panel.panel.allowed if window.panel.panel else ():
            assert window.panel.panel is not None
            if kind not in opened and forms.form_for(kind, window.panel.panel, window.unit).fields:
                window.panel.begin(kind)
                look_at_what_opened(window, english)
            opened.add(kind)
    for column in range(len(COLUMNS)):
        for row in range(window.queue.model.rowCount()):
            english.is_english(str(window.queue.model.index(row, column).data()), "queue model")
        for text, _free in painted(window.queue, column, ROOM_ENOUGH):
            english.is_english(text, "queue cell")
    window.open_palette()
    palette = window.findChildren(Palette)[-1]
    english.check(palette)
    palette.close()
    return opened


def look_at_what_opened(window: MainWindow, english: English) -> None:
    form, card = window.panel.form, window.panel.card
    if form is not None:
        english.check(form)
        form.cancelled.emit()
    else:
        assert card is not None, "a form or a call card"
        english.check(card)
        card.put_away.emit()


def look_at_cards_and_papers(window: MainWindow, english: English) -> Counter[str]:
    """代录 for every duty, the card to read, the slip, similar cases: of every case that has one."""
    opened: Counter[str] = Counter()
    for case_id in english.case_ids:
        window.open_case(case_id)
        for entry in window.panel.entries():
            if entry.code in (READ, SLIP):
                window.panel.begin(entry.code)
                dialog = window.panel.findChildren(SlipDialog if entry.code == SLIP else ReadingCardDialog)[-1]
                english.check(dialog)
                dialog.close()
                opened[entry.code] += 1
            elif entry.code.startswith(SPOKEN) or "|" in entry.code:
                window.panel.begin(entry.code)
                look_at_what_opened(window, english)
                opened[SPOKEN] += 1
    return opened


@pytest.mark.landing
def test_cards_and_papers_are_english(english: English) -> None:
    window = english.store.window(CLERK)
    window.show()
    opened = look_at_cards_and_papers(window, english)
    window.close()
    assert opened[READ] > 20 and opened[SLIP] > 5 and opened[SPOKEN] > 5


@pytest.mark.landing
def test_every_screen_of_every_desk_is_english(english: English) -> None:
    opened: set[str] = set()
    for person, unit in SEATS:
        window = english.store.window(person, unit)
        if not opened:
            look_at_every_line(window, english)
        opened |= look_at_everything(window, english)
        assert window.queue.model.rowCount() > 20
        window.close()
    assert opened == forms.offered()
    assert english.read > 20_000, "the collector still finds the texts"


def test_without_a_proven_time_it_is_english_too(english: English, store: EveryState) -> None:
    heard = (store.present._anchor, store.present._proven_ms)
    store.present.heard(None, heard[1])
    window = store.window(CLERK)
    look_at_every_line(window, english)
    look_at_everything(window, english)
    window.close()
    store.present.heard(*heard)


def test_an_act_its_undo_and_its_refusal_are_told_in_english(english: English, store: EveryState) -> None:
    window = store.window(CLERK)
    window.open_case(store.reported())
    for verb in (lambda: window.panel.begin("case.file"), window.panel.undo, window.panel.undo):
        window.panel.said.clear()
        verb()
        assert window.panel.said.text()
        english.is_english(window.panel.said.text(), "said", is_label=True)
    window.panel.begin("case.decline")
    assert window.panel.form is not None
    window.panel.form.submit()
    assert window.panel.form.problem.text() == words.REFUSALS["reason_missing"] != "请填写理由。"
    window.close()


def test_every_dialog_is_english(english: English, store: EveryState) -> None:
    rules = store.rules
    for unit in (TOWN, "341002"):
        report = ReportDialog(rules, unit)
        report.restore({"title": "Goods"})
        english.check(report)
    sign_in = SignInDialog(rules.organisations[TOWN].name, tuple(rules.people_at(TOWN)))
    sign_in.ask_new_password(words.REFUSALS["change_password_first"])
    first = FirstRunDialog("http://127.0.0.1:8341")
    english.check(first)
    first.wait_for("…")
    unit_list = OpenUnitDialog(choices(rules, MARKET_LEADER, [MARKET]))
    for dialog in (sign_in, first, unit_list, SettingsDialog(Settings())):
        english.check(dialog)


def test_the_notice_before_the_console_opens_is_english(english: English) -> None:
    read: list[str] = []

    def read_and_close() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        read.append(box.windowTitle())
        english.check(box)
        box.buttons()[0].click()

    QTimer.singleShot(0, read_and_close)
    tell(words.refusal("store_gone", {}, {}))
    assert read


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize("code", sorted(words.REFUSALS))
def test_every_refusal_is_english(code: str) -> None:
    assert not is_chinese(words.refusal(code, {}, {}))
