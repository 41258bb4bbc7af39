"""The column of pages at the left."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton, QVBoxLayout

from ui.language import tr

LEAST_WIDTH = 72


class Side(QFrame):
    """`turned` carries the number of the page; `settings_asked` the button at the foot."""

    turned = Signal(int)
    settings_asked = Signal()

    def __init__(self, titles: list[str]) -> None:
        super().__init__()
        self.setObjectName("side")
        self.tabs: list[QPushButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 6)
        column.addStrut(LEAST_WIDTH)
        group = QButtonGroup(self)
        for number, text in enumerate(titles):
            tab = self._button(text)
            tab.setCheckable(True)
            tab.setToolTip(f"{text} Ctrl+{number + 1}")
            tab.clicked.connect(lambda _on=False, n=number: self.turned.emit(n))
            group.addButton(tab)
            column.addWidget(tab)
            self.tabs.append(tab)
        self.tabs[0].setChecked(True)
        column.addStretch(1)
        settings = self._button(tr("设置"))
        settings.setToolTip(f"{tr('设置')} Ctrl+,")
        settings.clicked.connect(self.settings_asked)
        column.addWidget(settings)

    def _button(self, text: str) -> QPushButton:
        return QPushButton(text)
