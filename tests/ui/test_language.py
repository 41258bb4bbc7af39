"""The English catalogue is complete, and English is what an English screen shows: read in the source, then on windows."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from sqlalchemy import select

from desktop.change_unit import choices
from models.rules import Rules
from models.store.case_table import case_row
from models.views import LineState
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
from tests.ui.shown_text import CHINESE_MARKS, HAN, painted, shown
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

ROOT = Path(__file__).parents[2]
ROOM_ENOUGH = 2_000
EXEMPT = {"desktop/town.py"}
"""What people of the demo's town write: data."""
DATA = {("ui/language.py", "中文"), ("ui/panels/roster_page.py", "工作站")}
"""Literals that are no words of the product: each language in its own words; the end of a station's name."""
SEATS = (
    (CLERK, ""), (DEPUTY, ""), (CONFIRMER, ""), (MARKET_LEADER, TOWN), (MARKET_LEADER, ""), (OFFICER, ""), (VICE, ""),
    (OPERATOR, ""),
)  # fmt: skip


# In the source


def trees() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("ui", "desktop"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name not in EXEMPT:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def is_chinese(text: str) -> bool:
    return bool(HAN.search(text) or CHINESE_MARKS.search(text))


def docstrings(tree: ast.Module) -> set[int]:
    """Bare strings: docstrings, and the remarks under constants."""
    return {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}


def literals(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node


def called(node: ast.AST) -> str:
    return getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""


def sections() -> dict[str, dict[str, str]]:
    return tomllib.loads(language.CATALOGUE.read_text(encoding="utf-8"))


def entries() -> list[tuple[str, str, str]]:
    """Meaning, Chinese, English; the meaning is "" nearly always."""
    found = []
    for section in sections().values():
        for key, text in section.items():
            meaning, bar, source = key.rpartition("|")
            found.append((meaning, source, text) if bar else ("", key, text))
    return found


def meanings() -> set[tuple[str, str]]:
    """What is asked for in a meaning of its own: Worded({...}, meaning) and tr(text, meaning)."""
    found = set()
    for _name, tree in trees():
        for node in ast.walk(tree):
            if called(node) in ("Worded", "tr"):
                assert isinstance(node, ast.Call)
                if len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                    found |= {(str(node.args[1].value), str(n.value)) for n in literals(node.args[0])}
    return found


def test_every_chinese_literal_has_its_english() -> None:
    known = {source for meaning, source, _text in entries() if not meaning}
    missing = [
        f'{name}:{node.lineno} "{node.value}"'
        for name, tree in trees()
        for node in literals(tree)
        if is_chinese(str(node.value)) and id(node) not in docstrings(tree) and node.value not in known
        and (name, node.value) not in DATA
    ]  # fmt: skip
    assert not missing, "\n".join(missing)


def test_no_chinese_stands_in_an_f_string() -> None:
    for name, tree in trees():
        for node in ast.walk(tree):
            for part in node.values if isinstance(node, ast.JoinedStr) else ():
                assert not (isinstance(part, ast.Constant) and is_chinese(part.value)), f"{name}:{node.lineno}"


def test_every_chinese_literal_goes_through_the_catalogue() -> None:
    """Inside tr() or Worded(), or in a function (or module) that hands something to tr() by name; a form's labels are
    handed over by ui/widgets/form_view.py."""
    for name, tree in trees():
        if name in ("ui/forms.py", "ui/spoken_forms.py"):
            continue
        told = docstrings(tree)
        spoken = {id(n) for call in ast.walk(tree) if called(call) in ("tr", "Worded") for n in literals(call)}
        for scope in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
            if any(called(n) == "tr" and not isinstance(n.args[0], ast.Constant) for n in ast.walk(scope)):  # type: ignore[attr-defined]
                spoken |= {id(n) for n in literals(scope)}
        if any(called(n) == "tr" and isinstance(n.args[0], ast.Subscript) for n in ast.walk(tree)):  # type: ignore[attr-defined]
            spoken |= {
                id(n) for statement in tree.body if isinstance(statement, ast.Assign) for n in literals(statement)
            }
        for node in literals(tree):
            silent = is_chinese(str(node.value)) and id(node) not in spoken | told and (name, node.value) not in DATA
            assert not silent, f'{name}:{node.lineno} "{node.value}" does not pass through tr()'


def test_the_catalogue_says_nothing_that_nobody_says() -> None:
    used = {str(node.value) for _name, tree in trees() for node in literals(tree) if id(node) not in docstrings(tree)}
    assert {source for _meaning, source, _text in entries()} <= used
    assert {(meaning, source) for meaning, source, _text in entries() if meaning} <= meanings()


def test_each_source_stands_once() -> None:
    counted = Counter(key for section in sections().values() for key in section)
    assert [key for key, number in counted.items() if number > 1] == []
    assert len(language.catalogue(language.CATALOGUE)) == counted.total() > 450


def placeholders(text: str) -> Counter[tuple[str, str]]:
    return Counter(
        (name, form or "") for _before, name, form, _as in string.Formatter().parse(text) if name is not None
    )


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry[1])
def test_english_is_english_and_says_the_same_things(entry: tuple[str, str, str]) -> None:
    _meaning, source, text = entry
    assert text.strip() and not is_chinese(text) and "\u3000" not in text
    assert placeholders(source) == placeholders(text)
    assert source.count("<b>") == text.count("<b>")
    assert source.endswith(("。", ".")) == text.endswith((".", ")")) or not source.endswith("。")
    for key in re.findall(r"Ctrl\+\w+|F\d+|\bEnter\b|\bEsc\b", source):
        assert key in text


# On windows


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
def english(application: QApplication, store: EveryState) -> Iterator[English]:
    language.choose(language.ENGLISH)
    yield English(store)
    language.choose(language.CHINESE)


def lines(now_ms: int) -> Iterator[LineState]:
    for state in words.LINES:
        reason = {"refused": "chain_revoked", "offline": "line_down"}.get(state, "")
        yield LineState(state, now_ms, now_ms - 5_000, 3, now_ms - 400_000, 2, 1_500, reason)
        yield LineState(state, now_ms, None, 0, None, 0, None, reason, token_plain=True)


def look_at_everything(window: MainWindow, english: English) -> set[str]:
    """Every page, every line, every case, every act's form; returns the acts whose form was opened or needs none."""
    opened = set()
    for line in lines(english.store.clock.now_ms):
        window.show_line(line, line.unsent)
        english.check(window)
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
    english.check(window.findChildren(Palette)[-1])
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


def test_cards_and_papers_are_english(english: English) -> None:
    window = english.store.window(CLERK)
    opened = look_at_cards_and_papers(window, english)
    window.close()
    assert opened[READ] > 20 and opened[SLIP] > 5 and opened[SPOKEN] > 5


def test_every_screen_of_every_desk_is_english(english: English) -> None:
    opened: set[str] = set()
    for person, unit in SEATS:
        window = english.store.window(person, unit)
        opened |= look_at_everything(window, english)
        assert window.queue.model.rowCount() > 20
        window.close()
    assert opened == forms.offered()
    assert english.read > 20_000, "the collector still finds the texts"


def test_without_a_proven_time_it_is_english_too(english: English, store: EveryState) -> None:
    heard = (store.present._anchor, store.present._proven_ms)
    store.present.heard(None, heard[1])
    window = store.window(CLERK)
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
    first.show_units([(TOWN, rules.organisations[TOWN].name)])
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


@pytest.mark.parametrize("code", sorted(words.REFUSALS))
def test_every_refusal_is_english(english: English, code: str) -> None:
    assert not is_chinese(words.refusal(code, {}, {}))
