"""The first thing to be seen: a small window that says what is opening, while the rest of the program is still being read.

Nothing heavy may be imported here (make bench measures it against an empty window).
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from ui.language import tr

SIZE = (420, 150)


class Opening(QWidget):
    """Stands in the middle of the screen until another window of the program shows itself."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(None, Qt.WindowType.SplashScreen)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setWindowTitle(tr("联勤联动工作台"))
        self.said = QLabel(tr("正在打开…"))
        self.said.setObjectName("quiet")
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        for label in (QLabel(f"<h2>{tr('联勤联动工作台')}</h2>"), self.said):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addStretch(1)
        self.resize(*SIZE)
        screen = QGuiApplication.primaryScreen()
        if screen is not None:
            self.move(screen.availableGeometry().center() - self.rect().center())
        self._application = application
        application.installEventFilter(self)
        self.show()
        application.processEvents()

    def say(self, text: str) -> None:
        """What is being done now."""
        self.said.setText(text)
        self._application.processEvents()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another window has come: this one has done its work."""
        is_other = isinstance(watched, QWidget) and watched is not self and watched.isWindow()
        if event.type() == QEvent.Type.Show and is_other:
            self.end()
        return False

    def end(self) -> None:
        """Go."""
        self._application.removeEventFilter(self)
        self.close()
