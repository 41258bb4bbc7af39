"""Doubled strings still fit: on the smallest screen we promise (1366×768) no word is cut off, in either language."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from models.rules import Rules
from models.views import LineState
from tests.ui.every_state import CLERK, CONFIRMER, MARKET_LEADER, OFFICER, OPERATOR, VICE, EveryState
from tests.ui.shown_text import painted
from ui import language
from ui.main_window import MainWindow
from ui.models.queue_model import COLUMNS

WIDTH, HEIGHT = 1366, 768
TITLE_PADDING = 10
"""Of a column title, from ui/theme.py."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, rules: Rules) -> EveryState:
    made = EveryState(tmp_path_factory.mktemp("fit"), rules)
    made.fill()
    return made


@pytest.mark.parametrize("code", [language.CHINESE, language.ENGLISH])
@pytest.mark.parametrize("person", [CLERK, CONFIRMER, OFFICER, MARKET_LEADER, VICE, OPERATOR])
def test_no_word_is_cut_off(application: QApplication, store: EveryState, code: str, person: str) -> None:
    language.choose(code)
    try:
        window = store.window(person)
        window.resize(WIDTH, HEIGHT)
        window.show()
        now = store.clock.now_ms
        window.show_line(LineState("online", now, now - 5_000, 3, now - 400_000, 12, 1_500), 12)
        window.tick()
        for name in window._pages:
            window.show_page(name)
            _fits(window, name)
        window.show_page("cases")
        for row in range(window.queue.model.rowCount()):
            window.open_case(window.queue.model.cache.row(row).row.id)  # type: ignore[union-attr]
            _fits(window, str(row))
        _queue_fits(window, ("due", "stage") if code == language.ENGLISH else ("due",))
        window.close()
    finally:
        language.choose(language.CHINESE)


@pytest.mark.parametrize("state", ["connecting", "offline", "work_offline", "refused"])
def test_the_longest_line_leaves_the_window_as_wide_as_it_was(
    application: QApplication, store: EveryState, state: str
) -> None:
    language.choose(language.ENGLISH)
    try:
        window = store.window(CLERK)
        window.resize(WIDTH, HEIGHT)
        window.show()
        now = store.clock.now_ms
        window.show_line(LineState(state, now, now, 300, now, 3, None, "chain_fork", token_plain=True), 300)
        window.tick()
        for name in ("cases", "sync"):
            window.show_page(name)
            _fits(window, name)
        window.close()
    finally:
        language.choose(language.CHINESE)


def _fits(window: MainWindow, where: str) -> None:
    QApplication.processEvents()
    least = window.minimumSizeHint()
    assert least.width() <= WIDTH and least.height() <= HEIGHT, (where, least)
    assert (window.width(), window.height()) == (WIDTH, HEIGHT), where
    cut = [_told(w) for w in window.findChildren(QWidget) if w.isVisible() and _is_cut(w)]
    assert not cut, (where, cut)


def _queue_fits(window: MainWindow, columns: tuple[str, ...]) -> None:
    table = window.queue.table
    for number, name in enumerate(COLUMNS):
        title = str(window.queue.model.headerData(number, table.horizontalHeader().orientation()))
        need = table.fontMetrics().horizontalAdvance(title) + TITLE_PADDING
        assert need <= table.columnWidth(number), name
    for name in columns:
        written = list(painted(window.queue, COLUMNS.index(name)))
        assert written
        for text, free in written:
            assert free >= 0 and "…" not in text, (text, free)


def _is_cut(widget: QWidget) -> bool:
    if isinstance(widget, QLabel):
        return bool(widget.text()) and not widget.wordWrap() and widget.width() < widget.sizeHint().width()
    return isinstance(widget, QAbstractButton) and bool(widget.text()) and widget.width() < widget.sizeHint().width()


def _told(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    return f"{text} ({widget.width()} of {widget.sizeHint().width()})"
