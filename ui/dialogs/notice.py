"""Something a person must have read before the console opens: one window, one button."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMessageBox

from ui.language import tr


def tell(text: str) -> None:
    """Show the text until it is acknowledged. For the time before the console is open only; alarms are never modal."""
    box = QMessageBox(QMessageBox.Icon.Warning, QCoreApplication.translate("notice", tr("值守台")), text)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.addButton(QCoreApplication.translate("notice", tr("知道了")), QMessageBox.ButtonRole.AcceptRole)
    box.setAccessibleName(text)
    box.exec()
