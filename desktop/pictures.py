"""Pictures made of files, beside the screen's thread: foreign bytes, so what they may cost is bounded and nothing is believed."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable

from PySide6.QtCore import QBuffer, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader

from desktop.held import Held
from models.errors import Refused
from models.jpeg import kept_bytes

MOST_MEGABYTES = 128
"""What one picture may take while it is decoded; larger ones are not shown."""

_BYTES_A_PIXEL = 4
_FORMATS = frozenset({b"jpeg", b"png", b"gif", b"bmp", b"webp"})
"""Whatever a file calls itself: formats that are pixels and nothing else. SVG and PDF can ask for more files."""

Read = Callable[[], bytes]
Shown = Callable[[QImage | None], None]


class Pictures(QObject):
    """One picture at a time, in the order asked; each `shown` is told on the screen's thread, None for what cannot be shown."""

    _made = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        QImageReader.setAllocationLimit(MOST_MEGABYTES)
        self._asked: Held[tuple[Read, QSize, Shown]] = Held()
        self._queue: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._made.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        threading.Thread(target=self._serve, daemon=True, name="pictures").start()

    def ask(self, read: Read, at_most: QSize, shown: Shown) -> None:
        """A picture of what `read` gives, standing upright, no larger than that."""
        self._queue.put(self._asked.put((read, at_most, shown)))

    def end(self) -> None:
        """No more."""
        self._queue.put(None)

    def _serve(self) -> None:
        while (number := self._queue.get()) is not None:
            image = self._picture(number)
            with contextlib.suppress(RuntimeError):  # the program may have ended meanwhile
                self._made.emit(number, image)

    def _picture(self, number: int) -> QImage | None:
        read, at_most, _shown = self._asked[number]
        try:
            return picture_of(read(), at_most)
        except (OSError, Refused):
            return None

    def _tell(self, number: int, image: QImage | None) -> None:
        _read, _at_most, shown = self._asked.let_go(number)
        shown(image)


def picture_of(body: bytes, at_most: QSize) -> QImage | None:
    """The picture, decoded no larger than it is shown where its format allows that; None when it is broken or too large."""
    held = QBuffer()
    held.setData(body)
    held.open(QBuffer.OpenModeFlag.ReadOnly)
    reader = QImageReader(held)
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    kind = bytes(reader.format().data())
    if kind not in _FORMATS:
        return None
    size = reader.size()
    if size.isValid() and (size.width() > at_most.width() or size.height() > at_most.height()):
        turned = reader.transformation().value & 4  # a quarter turn: width and height change places
        room = at_most.transposed() if turned else at_most
        reader.setScaledSize(size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1)))
    elif not size.isValid():
        return None
    # A JPEG of one scan is the one picture that is decoded no larger than it is shown; one of several is kept whole meanwhile.
    pixels = size.width() * size.height()
    if (kept_bytes(body, pixels) if kind == b"jpeg" else pixels * _BYTES_A_PIXEL) > MOST_MEGABYTES << 20:
        return None
    image = reader.read()
    return None if image.isNull() else image
