"""The act bar: what this person may do to this case now, each act on its own key, and the papers of the case below."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent, QShortcut
from PySide6.QtWidgets import QGridLayout, QLayout, QPushButton, QVBoxLayout, QWidget

from models.case import AssignmentRole
from models.moves import MOVES
from models.views import CasePanel
from ui import words
from ui.dialogs.palette import Entry
from ui.keys import KEY_OF_ACT
from ui.language import tr
from ui.spoken_forms import SPOKEN, code_of
from ui.widgets.in_use import JustNow
from ui.widgets.on_key import on_key
from ui.widgets.rows import SPACE, fill_rows, per_row

ROWS_IN_BAR = 2
ACTS_IN_ROW = 4
OWED = 10
"""In models/moves.py the moves that take a case further stand before this place of the menu."""
SIDE_MARGIN = 12
LOG_CALL = "case.log_call"
READ, SLIP, SIMILAR, REQUESTER, EVIDENCE, MORE = "read", "slip", "similar", "requester", "evidence", "more"
ATTACH, FILES = "attach", "files"
TOOL_KEYS = {SPOKEN: "F12", READ: "F11", SLIP: "Ctrl+P", ATTACH: "Ctrl+O", FILES: "Ctrl+Shift+O", EVIDENCE: "Ctrl+E"}


def first_act(panel: CasePanel, unit: str) -> str:
    """The act to put first: the next step where it is this unit's and this person may make it; else what else the unit
    owes; while another unit is waited for, ringing it. "" when there is nothing to do."""
    row, kinds = panel.row, panel.allowed
    if row.next_unit == unit and row.next_code in kinds:
        return row.next_code
    owed = next((kind for kind in kinds if MOVES[kind].menu < OWED), "")
    return owed or (LOG_CALL if LOG_CALL in kinds else next(iter(kinds), ""))


def act_entries(panel: CasePanel | None, unit: str) -> list[Entry]:
    """The acts of the rule book on offer, the one to do first, then the most likely, each with its key."""
    if panel is None:
        return []
    first = first_act(panel, unit)
    kinds = sorted(panel.allowed, key=lambda kind: kind != first)
    return [Entry(kind, words.ACTS[kind], KEY_OF_ACT[kind]) for kind in kinds]


def tool_entries(panel: CasePanel | None) -> list[Entry]:
    """What else may be done with the case: type for a unit, read it out, print its slip, add and see files, see who asked."""
    if panel is None:
        return []
    found = [Entry(READ, tr("读案卡"), TOOL_KEYS[READ])]
    if any(not a.ended and a.role is not AssignmentRole.TOWN for a in panel.case.assignments):
        found.append(Entry(SLIP, tr("派单"), TOOL_KEYS[SLIP]))
    found.append(Entry(ATTACH, tr("添加附件"), TOOL_KEYS[ATTACH]))
    if panel.attachments:
        found.append(Entry(FILES, tr("看附件 {0}").format(len(panel.attachments)), TOOL_KEYS[FILES]))
    if panel.may_read_requester:
        found.append(Entry(REQUESTER, tr("查看诉求人"), ""))
    if panel.spoken:
        found.insert(0, Entry(SPOKEN, tr("代录"), TOOL_KEYS[SPOKEN]))
    return found


def rare_entries(panel: CasePanel | None) -> list[Entry]:
    """What is done with a case so seldom that it has a key and no button: take the evidence of it."""
    return [Entry(EVIDENCE, tr("导出证据"), TOOL_KEYS[EVIDENCE])] if panel is not None else []


def palette_entries(panel: CasePanel | None, unit: str) -> list[Entry]:
    """Everything about this case for the palette: acts, papers, each 代录 by its unit, the similar cases."""
    entries = act_entries(panel, unit) + tool_entries(panel) + rare_entries(panel)
    if panel is None:
        return entries
    for duty in panel.spoken:
        unit = panel.names.get(duty.unit, duty.unit)
        entries += [Entry(code_of(duty, kind), spoken_label(unit, kind), "") for kind in duty.kinds]
    if panel.similar:
        entries.append(Entry(SIMILAR, tr("附近相似案件 {0} 件").format(len(panel.similar)), ""))
    return entries


def spoken_label(unit: str, kind: str) -> str:
    """代录 到场 · 黎阳城管执法中队"""
    return tr("代录 {0} · {1}").format(words.ACTS[kind], unit)


class ActBar(QWidget):
    """Emits `chosen` with an act's kind or a tool's code, by key or by button; `more` when the rest of them is asked for."""

    chosen = Signal(str)
    more = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[QShortcut] = []
        self._offered: tuple[list[Entry], list[Entry]] = ([], [])
        self._folded = False
        self._case_id = ""
        self._turned = JustNow()
        self._acts = QGridLayout()
        self._acts.setSpacing(SPACE)
        self._tools = QGridLayout()
        self._tools.setSpacing(SPACE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SIDE_MARGIN, 6, SIDE_MARGIN, 8)
        layout.setSpacing(SPACE)
        layout.addLayout(self._acts)
        layout.addLayout(self._tools)

    def show_panel(self, panel: CasePanel | None, unit: str) -> None:
        """Offer what this case allows; nothing when there is none. Every act is on its key, also one without a button."""
        for old in self._keys:
            old.setEnabled(False)
            old.deleteLater()
        self._keys.clear()
        offered, case_id = (act_entries(panel, unit), tool_entries(panel)), panel.case.id if panel is not None else ""
        if case_id == self._case_id and offered != self._offered:
            self._turned.happened()
        self._offered, self._case_id = offered, case_id
        for entry in (*self._offered[0], *self._offered[1], *rare_entries(panel)):
            self._on_key(entry)
        self._fill()

    def fold(self, on: bool) -> None:
        """Put the buttons of the acts out of the way, or back; their keys work all the same."""
        if on is not self._folded:
            self._folded = on
            self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width holds another number of acts."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fill()

    def _fill(self) -> None:
        _empty(self._acts)
        _empty(self._tools)
        acts, tools = self._offered
        acts = [] if self._folded else acts
        room = self.width() - 2 * SIDE_MARGIN
        buttons = self._that_fit([self._button(entry, "act") for entry in acts], room)
        for number, button in enumerate(buttons):
            button.setProperty("first", number == 0)
        fill_rows(self._acts, buttons, room, ACTS_IN_ROW)
        self._tools.setColumnStretch(ACTS_IN_ROW, 1)
        fill_rows(self._tools, [self._button(entry, "chip") for entry in tools], room, ACTS_IN_ROW)

    def _that_fit(self, buttons: list[QPushButton], room: int) -> list[QPushButton]:
        """As many as the rows hold; the last then says how many are left and opens the palette."""
        for shown in range(len(buttons), 0, -1):
            some = buttons[:shown]
            if shown < len(buttons):
                rest = tr("更多({0})").format(len(buttons) - shown)
                some.append(self._button(Entry(MORE, rest, "Ctrl+K"), "act"))
            if len(some) <= ROWS_IN_BAR * per_row(some, room, ACTS_IN_ROW):
                return some
        return buttons

    def _on_key(self, entry: Entry) -> None:
        if entry.key:
            self._keys.append(on_key(entry.key, self, lambda: self.chosen.emit(entry.code)))

    def _button(self, entry: Entry, look: str) -> QPushButton:
        button = QPushButton(f"{entry.label}  {entry.key}".rstrip())
        button.setObjectName(look)
        button.setAccessibleName(entry.label)
        if entry.code == MORE:
            button.clicked.connect(self.more)
        else:
            button.clicked.connect(lambda: self._clicked(entry.code))
        return button

    def _clicked(self, code: str) -> None:
        """The second half of a double click falls on whatever stands there now: 到场 where 签收 was. A key always means its act."""
        if not self._turned.on():
            self.chosen.emit(code)


def _empty(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        gone = item.widget()
        if gone is not None:
            gone.hide()
            gone.deleteLater()
