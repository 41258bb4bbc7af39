"""Files that were given up with their window end later than it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from desktop.copying import Copying
from ui.widgets.banner import Banner


class Window(QWidget):
    """As much of one as is told that files are on their way."""

    def __init__(self) -> None:
        super().__init__()
        self.banner = Banner()
        QVBoxLayout(self).addWidget(self.banner)

    def keep_drafts(self) -> None: ...


def test_files_end_after_their_window_has_gone(application: QApplication) -> None:
    copying, window = Copying(), Window()
    copying.watch(window)  # type: ignore[arg-type]
    copying.begins(1)
    QCoreApplication.sendEvent(window, QCloseEvent())
    assert window.banner.notices
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    copying.ends(1, well=True)
