"""Files given to the case in sight: dropped onto the panel, or pasted, as files or as a picture."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QEvent, QIODevice, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QKeySequence
from PySide6.QtWidgets import QWidget

from ui.widgets.on_key import on_key


class DroppedFiles(QObject):
    """`given` with a list of paths, or of one picture as the bytes of a PNG."""

    given = Signal(object)

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        panel.setAcceptDrops(True)
        panel.installEventFilter(self)
        on_key(QKeySequence.StandardKey.Paste, panel, self.paste)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is dragged over the panel is taken when it is files of this machine."""
        if isinstance(event, QDragEnterEvent) and paths_in(event.mimeData()):
            event.acceptProposedAction()
            return True
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            event.acceptProposedAction()
            self.given.emit(paths_in(event.mimeData()))
            return True
        return super().eventFilter(watched, event)

    def paste(self) -> None:
        """What lies in the clipboard: files, or a picture. In a text field the key is the field's own."""
        clipboard = QGuiApplication.clipboard()
        files = paths_in(clipboard.mimeData())
        image = clipboard.image()
        if files:
            self.given.emit(files)
        elif not image.isNull():
            self.given.emit([png_of(image)])


def paths_in(data: QMimeData) -> list[Path]:
    """The files of this machine that are meant."""
    found = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in found if path.is_file()]


def png_of(image: QImage) -> bytes:
    """A picture as a file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # it takes text, whatever its stub says
    return bytes(buffer.data().data())
