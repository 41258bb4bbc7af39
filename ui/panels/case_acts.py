"""The act bar: what this person may do to this case now, each act on its own key, and the papers of the case below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QLayout, QPushButton, QVBoxLayout, QWidget

from models.case import AssignmentRole
from models.views import CasePanel
from ui import words
from ui.dialogs.palette import Entry
from ui.keys import keys_for
from ui.language import tr
from ui.spoken_forms import SPOKEN, code_of
from ui.widgets.rows import SPACE, fill_rows

ACTS_IN_BAR = 8
ACTS_IN_ROW = 4
SIDE_MARGIN = 12
READ, SLIP, SIMILAR = "read", "slip", "similar"
TOOL_KEYS = {SPOKEN: "F12", READ: "F11", SLIP: "Ctrl+P"}


def act_entries(panel: CasePanel | None) -> list[Entry]:
    """The acts of the rule book on offer, most likely first, with their keys."""
    kinds = panel.allowed if panel is not None else ()
    keys = keys_for(kinds)
    return [Entry(kind, words.ACTS[kind], keys.get(kind, "")) for kind in kinds]


def tool_entries(panel: CasePanel | None) -> list[Entry]:
    """What else may be done with the case: type for a unit, read it out, print its slip."""
    if panel is None:
        return []
    found = [Entry(READ, tr("读案卡"), TOOL_KEYS[READ])]
    if any(not a.ended and a.role is not AssignmentRole.TOWN for a in panel.case.assignments):
        found.append(Entry(SLIP, tr("派单"), TOOL_KEYS[SLIP]))
    if panel.spoken:
        found.insert(0, Entry(SPOKEN, tr("代录"), TOOL_KEYS[SPOKEN]))
    return found


def palette_entries(panel: CasePanel | None) -> list[Entry]:
    """Everything about this case for the palette: acts, papers, each 代录 by its unit, the similar cases."""
    entries = act_entries(panel) + tool_entries(panel)
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
    """Emits `chosen` with an act's kind or a tool's code, by key or by button."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[QShortcut] = []
        self._acts = QGridLayout()
        self._acts.setSpacing(SPACE)
        self._tools = QGridLayout()
        self._tools.setSpacing(SPACE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SIDE_MARGIN, 6, SIDE_MARGIN, 8)
        layout.setSpacing(SPACE)
        layout.addLayout(self._acts)
        layout.addLayout(self._tools)

    def show_panel(self, panel: CasePanel | None) -> None:
        """Offer what this case allows; nothing when there is none."""
        for old in self._keys:
            old.setEnabled(False)
            old.deleteLater()
        self._keys.clear()
        _empty(self._acts)
        _empty(self._tools)
        acts, tools = act_entries(panel), tool_entries(panel)
        for entry in (*acts, *tools):
            self._on_key(entry)
        room = self.width() - 2 * SIDE_MARGIN
        buttons = [self._button(entry, "act") for entry in acts[:ACTS_IN_BAR]]
        for number, button in enumerate(buttons):
            button.setProperty("first", number == 0)
        fill_rows(self._acts, buttons, room, ACTS_IN_ROW)
        self._tools.setColumnStretch(ACTS_IN_ROW, 1)
        fill_rows(self._tools, [self._button(entry, "chip") for entry in tools], room, ACTS_IN_ROW)

    def _on_key(self, entry: Entry) -> None:
        if entry.key:
            shortcut = QShortcut(QKeySequence(entry.key), self, lambda: self.chosen.emit(entry.code))
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            self._keys.append(shortcut)

    def _button(self, entry: Entry, look: str) -> QPushButton:
        button = QPushButton(f"{entry.label}  {entry.key}")
        button.setObjectName(look)
        button.setAccessibleName(entry.label)
        button.clicked.connect(lambda: self.chosen.emit(entry.code))
        return button


def _empty(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        gone = item.widget()
        if gone is not None:
            gone.hide()
            gone.deleteLater()
