"""One photograph or file of a case, as large as the window: left and right for the others, S to save a copy, Esc back."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from models.media import is_picture
from models.views import AttachmentView, CasePanel
from ui import theme
from ui.language import tr
from ui.panels import attachment_text
from ui.widgets.act_button import act_button
from ui.widgets.attachment_strip import ids
from ui.widgets.plain import told_line


class Picture(QWidget):
    """A picture fitted into what room there is, or a line of words in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.image: QImage | None = None
        self.said = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_image(self, image: QImage) -> None:
        """Show it."""
        self.image, self.said = image, ""
        self.update()

    def say(self, text: str) -> None:
        """Words instead."""
        self.image, self.said = None, text
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fit to the window, never larger than it is."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.tokens().window))
        if self.image is None:
            painter.setPen(QColor(theme.tokens().text))
            room = self.rect().adjusted(24, 24, -24, -24)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.said)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(fitted(self.image.size(), self.rect()), self.image)


def fitted(inner: QSize, room: QRect) -> QRect:
    """Where a picture stands in a room: whole, in the middle, not enlarged."""
    size = inner if inner.width() <= room.width() and inner.height() <= room.height() else None
    size = size or inner.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    left, top = (room.width() - size.width()) // 2, (room.height() - size.height()) // 2
    return QRect(room.left() + left, room.top() + top, size.width(), size.height())


class PreviewDialog(QDialog):
    """`wanted` with the attachment whose picture is to be brought; `save_asked` with the one to save."""

    wanted = Signal(object)
    save_asked = Signal(object)

    def __init__(self, p: CasePanel, opened: str, now_ms: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._panel = p
        self._now_ms = now_ms
        self._at = ids(p.attachments).index(opened)
        self.picture = Picture()
        self.told = QLabel()
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setWordWrap(True)
        self.said, self.warned = told_line("quiet"), told_line("warning")
        self.warned.hide()
        self.back = act_button(tr("← 上一个"), lambda: self._step(-1))
        self.onward = act_button(tr("下一个 →"), lambda: self._step(1))
        self.save = act_button(tr("另存 S"), lambda: self.save_asked.emit(self.view))
        buttons = QHBoxLayout()
        for button in (self.back, self.onward, self.save, act_button(tr("关闭 Esc"), self.reject)):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            buttons.addWidget(button)
        buttons.addWidget(self.said, 1)
        buttons.addWidget(self.warned, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.addWidget(self.picture, 1)
        layout.addWidget(self.told)
        layout.addLayout(buttons)

    @property
    def view(self) -> AttachmentView:
        """The one in sight."""
        return self._panel.attachments[self._at]

    def begin(self) -> None:
        """Show the first one."""
        self._step(0)

    def _step(self, by: int) -> None:
        count = len(self._panel.attachments)
        self._at = min(max(0, self._at + by), count - 1)
        title = tr("附件 {0} / {1} · {2}").format(self._at + 1, count, self._panel.case.number)
        self.setWindowTitle(title)
        lines = attachment_text.told(self._panel, self.view, self._now_ms)
        self.told.setText("\n".join(filter(None, ("　".join(lines[:2]), "　".join(lines[2:])))))
        self.back.setEnabled(self._at > 0)
        self.onward.setEnabled(self._at < count - 1)
        self.save.setEnabled(self.view.is_here)
        self.say("")
        unit = self._panel.names.get(self.view.attachment.unit, self.view.attachment.unit)
        if not self.view.is_here and self.view.attachment.arrived_at is None:
            self.picture.say(tr("待补:还在 {0} 的工作机上,区中心尚未收到。").format(unit))
            return
        self.picture.say(tr("正在打开…") if self.view.is_here else tr("正在从区中心取来…"))
        self.wanted.emit(self.view)

    def is_at(self, view: AttachmentView) -> bool:
        """True while that attachment is in sight."""
        return self.view.attachment.id == view.attachment.id

    def show_image(self, view: AttachmentView, image: QImage | None) -> None:
        """What the file shows; None: nothing that can be shown."""
        if not self.is_at(view):
            return
        self.save.setEnabled(True)
        if image is not None:
            self.picture.show_image(image)
        elif is_picture(view.attachment.media_type):
            self.picture.say(tr("此照片已损坏或过大,不能预览。可另存后用别的程序打开。"))
        else:
            self.picture.say(tr("{0} 文件,不预览。可另存后打开。").format(attachment_text.file_kind(view)))

    def refuse(self, view: AttachmentView, text: str) -> None:
        """Why it cannot be shown now."""
        if self.is_at(view):
            self.picture.say(text)

    def say(self, text: str, *, warn: bool = False) -> None:
        """One line beside the buttons."""
        for line, is_it in ((self.said, not warn), (self.warned, warn)):
            line.setText(text if is_it else "")
            line.setVisible(is_it)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left, right, S; Esc is the dialog's own."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if key in steps:
            self._step(steps[key])
        elif key == Qt.Key.Key_S and self.save.isEnabled():
            self.save_asked.emit(self.view)
        else:
            super().keyPressEvent(event)
