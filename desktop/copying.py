"""Files on their way into the folders of this workstation: the window does not go over them without a word. Until each has become
an act nothing names it, and nobody would ever be told that it is missing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject

from ui.language import tr
from ui.main_window import MainWindow


class Copying(QObject):
    """One for the program. A window asked to close waits for them, says so, and closes by itself when all are saved; asked once
    more, it goes. What went wrong is read first: then it stays."""

    def __init__(self) -> None:
        super().__init__()
        self._files = 0
        self._window: MainWindow | None = None
        self._told = ""
        self._windows = 0

    def watch(self, window: MainWindow) -> None:
        """From now on it is that one, until it is no more: files given up end later than their window."""
        self._window = window
        self._windows += 1
        number = self._windows
        window.destroyed.connect(lambda: self._gone(number))
        window.installEventFilter(self)

    def _gone(self, number: int) -> None:
        if number == self._windows:
            self._window = None

    def tell(self, text: str) -> None:
        """What a person must know who has moved on meanwhile, or has another window."""
        if self._window is not None:
            self._window.show_banner(text)

    def begins(self, files: int) -> None:
        """So many more are being copied."""
        self._files += files

    def ends(self, files: int, *, well: bool) -> None:
        """They have become acts, or their person has been told why not."""
        self._files -= files
        if self._told and not (self._files and well) and self._window is not None:
            self._window.banner.take_back(self._told)
            self._told = ""
            if well:
                self._window.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The first wish to close, while there are any, is put off."""
        is_wish = event.type() == QEvent.Type.Close and watched is self._window
        if not is_wish or not self._files or self._told or self._window is None:
            return False
        told = tr("还有 {0} 个文件正在读取,存好后自动关闭。再次关闭则放弃这些文件。")
        self._told = told.format(self._files)
        self._window.keep_drafts()
        self._window.banner.show_text(self._told, before_others=True)
        event.ignore()
        return True
