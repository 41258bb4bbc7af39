"""Every word fits on the smallest screens we promise (1366×768, and 1920×1080 at 150 %, which is 1280×720), in either
language, at every text size offered, on every page of every desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QWidget

from models.rules import Rules
from models.views import Kept, LineState
from services.settings import SIZES_PERCENT
from tests.ui.every_state import CLERK, CONFIRMER, MARKET_LEADER, OFFICER, OPERATOR, VICE, EveryState
from tests.ui.shown_text import painted
from ui import language, theme
from ui.main_window import MainWindow
from ui.models.queue_model import COLUMNS
from ui.widgets.clock_card import ClockCard

SCREENS = ((1280, 720), (1366, 768))
DESKS = (CLERK, CONFIRMER, OFFICER, MARKET_LEADER, VICE, OPERATOR)
TITLE_PADDING = 10
"""Of a column title, from ui/theme.py."""
Dressed = Callable[[str, int], None]


def in_between_long(every: Sequence[Any], daily: Sequence[Any]) -> list[Any]:
    """All values, those looked at in every run as they are: the fullest desks at the ends of the scale. The others take
    minutes: `make test-fit`."""
    return [one if one in daily else pytest.param(one, marks=pytest.mark.long) for one in every]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, rules: Rules) -> EveryState:
    made = EveryState(tmp_path_factory.mktemp("fit"), rules)
    made.fill()
    return made


@pytest.fixture
def dressed(application: QApplication) -> Iterator[Dressed]:
    """Choose language and text size (per cent) for the windows made afterwards."""

    def choose(code: str, percent: int) -> None:
        _delete_closed_windows()
        language.choose(code)
        theme.apply(application, theme.LIGHT, percent / 100)

    yield choose
    choose(language.CHINESE, 100)


def opened(store: EveryState, person: str, screen: tuple[int, int] = SCREENS[0], line: str = "online") -> MainWindow:
    window = store.window(person)
    window.resize(*screen)
    window.show()
    now = store.clock.now_ms
    window.show_line(LineState(line, now, now - 5_000, 300, now - 400_000, 12, 1_500), 300)
    window.tick()
    return window


@pytest.mark.parametrize("percent", in_between_long(SIZES_PERCENT, (SIZES_PERCENT[0], SIZES_PERCENT[-1])))
@pytest.mark.parametrize("code", [language.CHINESE, language.ENGLISH])
@pytest.mark.parametrize("person", in_between_long(DESKS, (CLERK, MARKET_LEADER)))
def test_no_word_is_cut_off(dressed: Dressed, store: EveryState, code: str, person: str, percent: int) -> None:
    dressed(code, percent)
    window = opened(store, person)
    for screen in SCREENS:
        window.resize(*screen)
        for name in window._pages:
            window.show_page(name)
            _fits(window, screen, name)
        window.show_page("cases")
        if screen == SCREENS[0] and percent in (SIZES_PERCENT[0], SIZES_PERCENT[-1]):
            for case_id in one_of_each_state(window):
                window.open_case(case_id)
                _fits(window, screen, case_id)
        if percent == 100:
            _queue_fits(window, ("due", "stage") if code == language.ENGLISH else ("due",))
    window.close()


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("line", ["connecting", "offline", "work_offline", "refused"])
def test_the_longest_line_leaves_the_window_as_wide_as_it_was(
    dressed: Dressed, store: EveryState, line: str, screen: tuple[int, int]
) -> None:
    dressed(language.ENGLISH, 100)
    window = opened(store, CLERK, screen, line)
    now = store.clock.now_ms
    window.show_line(
        LineState(line, now, now, 300, now, 3, None, "chain_fork", kept=Kept("/data/token", True, "waiting", True)), 300
    )
    for name in ("cases", "sync"):
        window.show_page(name)
        _fits(window, screen, name)
    window.close()


def test_what_the_head_leaves_out_stands_in_its_tool_tips(dressed: Dressed, store: EveryState) -> None:
    dressed(language.ENGLISH, 150)
    window = opened(store, MARKET_LEADER)
    QApplication.processEvents()
    head = window.header
    assert head.width() >= head.sizeHint().width()
    told = " ".join(part.toolTip() for part in (head.unit, head.time, head.pill, head.user, *head.lights.values()))
    for word in ("Joint-Response Console", "demo time", "Overdue", "300 unsent"):
        assert word in told
    assert "Joint-Response Console" not in head.unit.text(), "the less important goes first"
    window.resize(2_600, 900)
    QApplication.processEvents()
    assert "Joint-Response Console" in head.unit.text() and "demo time" in head.time.text()
    window.close()


@pytest.mark.parametrize("code", [language.CHINESE, language.ENGLISH])
def test_the_clocks_stay_in_sight_above_the_call_card(dressed: Dressed, store: EveryState, code: str) -> None:
    dressed(code, 100)
    window = opened(store, CLERK)
    window.show_page("cases")
    case_id = next(i for i in one_of_each_state(window) if store.case(i).state.value == "handling")
    window.open_case(case_id)
    window.panel.begin("case.log_call")
    QApplication.processEvents()
    sheet = window.panel.sheet
    assert window.panel.card is not None and window.panel.card.isVisible()
    cards = [card for card in sheet.findChildren(ClockCard) if card.isVisible()]
    tops = [card.mapTo(sheet.viewport(), QPoint(0, 0)).y() for card in cards]
    first = [card for card, top in zip(cards, tops, strict=True) if top == min(tops)]
    assert first and all(min(tops) >= 0 and min(tops) + card.height() <= sheet.viewport().height() for card in first)
    window.panel.card.put_away.emit()
    QApplication.processEvents()
    assert acts_shown(window), "and the acts come back"
    window.close()


@pytest.mark.parametrize("percent", (SIZES_PERCENT[0], SIZES_PERCENT[-1]))
@pytest.mark.parametrize("code", [language.CHINESE, language.ENGLISH])
def test_acts_take_two_rows_at_most_and_the_rest_is_named(
    dressed: Dressed, store: EveryState, code: str, percent: int
) -> None:
    dressed(code, percent)
    window = opened(store, CLERK)
    window.show_page("cases")
    hidden = 0
    for case_id in one_of_each_state(window):
        window.open_case(case_id)
        QApplication.processEvents()
        shown = acts_shown(window)
        assert len({button.y() for button in shown}) <= 2
        left_out = len(window.panel.panel.allowed) - len([b for b in shown if not is_rest(b)])  # type: ignore[union-attr]
        rest = [number_in(b.text()) for b in shown if is_rest(b)]
        assert rest == ([left_out] if left_out else [])
        hidden += left_out
    assert hidden
    window.close()


def acts_shown(window: MainWindow) -> list[QPushButton]:
    return [b for b in window.panel.bar.findChildren(QPushButton) if b.objectName() == "act" and b.isVisible()]


def is_rest(button: QPushButton) -> bool:
    return button.accessibleName().startswith(language.tr("更多({0})").split("{")[0])


def number_in(text: str) -> int:
    return int("".join(sign for sign in text if sign.isdigit()))


def one_of_each_state(window: MainWindow) -> list[str]:
    found: dict[str, str] = {}
    for number in range(window.queue.model.rowCount()):
        row = window.queue.model.row_at(number)
        if row is not None:
            found.setdefault(row.row.state, row.row.id)
    assert found
    return list(found.values())


def _delete_closed_windows() -> None:
    """Another text size is put on every window there is: those closed by earlier tests would each cost a second."""
    for window in QApplication.topLevelWidgets():
        if isinstance(window, MainWindow) and not window.isVisible():
            window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _fits(window: MainWindow, screen: tuple[int, int], where: str) -> None:
    QApplication.processEvents()
    least = window.minimumSizeHint()
    assert least.width() <= screen[0] and least.height() <= screen[1], (where, least)
    assert (window.width(), window.height()) == screen, where
    cut = [_told(w) for w in window.findChildren(QWidget) if w.isVisible() and _is_cut(w)]
    assert not cut, (screen, where, cut)


def _queue_fits(window: MainWindow, columns: tuple[str, ...]) -> None:
    table = window.queue.table
    for number, name in enumerate(COLUMNS):
        if table.isColumnHidden(number):
            continue
        title = str(window.queue.model.headerData(number, table.horizontalHeader().orientation()))
        need = table.fontMetrics().horizontalAdvance(title) + TITLE_PADDING
        assert need <= table.columnWidth(number), name
    for name in columns:
        if table.isColumnHidden(COLUMNS.index(name)):
            continue
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
