"""The photographs and files of a case in one row: small pictures with what they are; arrows choose, Enter opens."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from models.media import is_picture
from models.views import AttachmentView, CasePanel
from ui import theme
from ui.language import tr
from ui.panels import attachment_text
from ui.widgets.plain import tip

SMALL = QSize(104, 76)
_CELL_WIDTH, _AIR, _SCROLL_BAR = 160, 14, 22
_ID = Qt.ItemDataRole.UserRole


class AttachmentStrip(QListWidget):
    """`opened` with the id of an attachment; `left` when Esc gives the cursor back; `pictures_wanted` with the hashes that
    have no small picture yet."""

    opened = Signal(str)
    left = Signal()
    pictures_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._small: dict[str, QPixmap] = {}
        self._views: tuple[AttachmentView, ...] = ()
        lines = 2 * self.fontMetrics().lineSpacing()
        self._cell = QSize(theme.scaled(_CELL_WIDTH), SMALL.height() + lines + _AIR)
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setFlow(QListWidget.Flow.LeftToRight)
        self.setMovement(QListWidget.Movement.Static)
        self.setWrapping(False)
        self.setIconSize(SMALL)
        self.setGridSize(self._cell)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setFixedHeight(self._cell.height() + _SCROLL_BAR)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(tr("附件"))
        self.itemActivated.connect(lambda item: self.opened.emit(str(item.data(_ID))))
        self.itemClicked.connect(lambda item: self.opened.emit(str(item.data(_ID))))

    def show_attachments(self, p: CasePanel, now_ms: int) -> None:
        """Show those of a case; the cursor stays where it was while they are the same files."""
        same = [v.attachment.id for v in self._views] == [v.attachment.id for v in p.attachments]
        self._views = p.attachments
        if not same:
            self.clear()
        for number, view in enumerate(p.attachments):
            item = self.item(number) if same else QListWidgetItem(self)
            found = view.attachment
            item.setData(_ID, found.id)
            item.setSizeHint(self._cell)
            item.setText(f"{attachment_text.kind_of(view)}\n{attachment_text.added_by(p, view, now_ms)}")
            item.setToolTip(tip("\n".join(attachment_text.told(p, view, now_ms))))
            item.setIcon(QIcon(self._small.get(found.sha256) or _without_picture(view)))
        if not same and p.attachments:
            self.setCurrentRow(0)
        wanted = [v.attachment.sha256 for v in p.attachments if v.is_here and is_picture(v.attachment.media_type)]
        missing = tuple(dict.fromkeys(sha256 for sha256 in wanted if sha256 not in self._small))
        if missing:
            self.pictures_wanted.emit(missing)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the list of cases."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def show_picture(self, sha256: str, image: QImage) -> None:
        """A small picture has been made."""
        self._small[sha256] = _framed(QPixmap.fromImage(image))
        for number, view in enumerate(self._views):
            if view.attachment.sha256 == sha256:
                self.item(number).setIcon(QIcon(self._small[sha256]))


def ids(views: Sequence[AttachmentView]) -> list[str]:
    """The ids of some attachments, in their order."""
    return [view.attachment.id for view in views]


def _framed(small: QPixmap) -> QPixmap:
    return _on_ground(lambda painter, whole: painter.drawPixmap(_middle(small.size(), whole), small))


def _without_picture(view: AttachmentView) -> QPixmap:
    """What is no picture, or is not here: its kind, or where it is, in its place."""
    known = is_picture(view.attachment.media_type) and not view.is_here
    text = tr("在区中心\n回车取来") if view.attachment.arrived_at is not None else tr("待补")
    shown = text if known else attachment_text.file_kind(view)

    def draw(painter: QPainter, whole: QRect) -> None:
        painter.setPen(QColor(theme.tokens().quiet))
        painter.drawText(whole, int(Qt.AlignmentFlag.AlignCenter), shown)

    return _on_ground(draw)


def _on_ground(draw: object) -> QPixmap:
    found = QPixmap(SMALL)
    found.fill(QColor(theme.tokens().raised))
    painter = QPainter(found)
    whole = QRect(0, 0, SMALL.width(), SMALL.height())
    draw(painter, whole)  # type: ignore[operator]
    painter.setPen(QColor(theme.tokens().line))
    painter.drawRect(whole.adjusted(0, 0, -1, -1))
    painter.end()
    return found


def _middle(inner: QSize, whole: QRect) -> QRect:
    fitted = inner.scaled(whole.size(), Qt.AspectRatioMode.KeepAspectRatio)
    return QRect(
        (whole.width() - fitted.width()) // 2, (whole.height() - fitted.height()) // 2, fitted.width(), fitted.height()
    )
