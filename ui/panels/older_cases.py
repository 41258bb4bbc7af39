"""Under the queue while words are typed: cases that ended long ago are not here, and the centre can be asked for them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from models.retention import FETCHED_FOR_DAYS, KEPT_DAYS
from ui.language import tr
from ui.widgets.act_button import act_button
from ui.widgets.on_key import on_key


class OlderCases(QWidget):
    """`asked` with the words of the search field; `fetched` when cases came that were not here. Key: Ctrl+J."""

    asked = Signal(str)
    fetched = Signal()

    def __init__(self, search: QLineEdit, page: QWidget) -> None:
        super().__init__(page)
        self._search = search
        self.button = act_button(tr("向区中心查找 {0} 天前办结的 Ctrl+J").format(KEPT_DAYS), self.ask)
        self.said = QLabel()
        self.said.setObjectName("quiet")
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 6)
        layout.addWidget(self.button)
        layout.addWidget(self.said, 1)
        on_key("Ctrl+J", page, self.ask)
        search.textChanged.connect(lambda _text: self._offer())
        self._offer()

    def _offer(self) -> None:
        self.said.clear()
        self.button.setEnabled(True)
        self.setVisible(bool(self._search.text().strip()))

    def ask(self) -> None:
        """Ask for the words that are typed; without any there is nothing to ask for."""
        text = self._search.text().strip()
        if text and self.button.isEnabled():
            self.button.setEnabled(False)
            self.said.setText(tr("正在向区中心查找…"))
            self.asked.emit(text)

    def show_found(self, text: str, found: int, more: bool) -> None:
        """How many there are with these words, if they still stand there; `more` than one answer holds."""
        if text != self._search.text().strip():
            return
        self.button.setEnabled(True)
        if not found:
            said = tr("区中心也没有:编号、事项、地点中有这些字、办结已过 {0} 天的案件。").format(KEPT_DAYS)
        elif more:
            said = tr("已取回最近办结的 {0} 件,在本机保留 {1} 天;还有更多,请多写几个字再查。").format(
                found, FETCHED_FOR_DAYS
            )
        else:
            said = tr("已取回 {0} 件,在本机保留 {1} 天。").format(found, FETCHED_FOR_DAYS)
        self.said.setText(said)
        if found:
            self.fetched.emit()

    def refuse(self, text: str, *, may_sign_in: bool = False) -> None:
        """Why the centre did not answer the words that were asked last, if nobody has changed them since. Nobody need be signed in
        to it for this."""
        if not self.button.isEnabled():
            self.button.setEnabled(True)
            self.said.setText(text)
