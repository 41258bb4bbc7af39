"""A paper on its pages: A4, ink on white, watermarked on every page with who printed it and when."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QImage,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPalette,
    QTextDocument,
)

from ui import theme

MARGIN_MM = 16.0
TEXT_POINTS = 10.5
FOOT_POINTS = 8.0
WATERMARK = QColor(120, 130, 138, 46)
INK, RULE = "#111111", "#777777"
INCH_MM = 25.4
PREVIEW_DPI = 96
Foot = Callable[[int, int], str]
"""What stands at the foot of a page, given its number and how many there are."""


def document_of(html: str, points: float = TEXT_POINTS) -> QTextDocument:
    """The text of a paper; its plain text is everything that is printed except watermark and foot."""
    document = QTextDocument()
    document.setDefaultFont(_font(points))
    document.setDocumentMargin(0)
    document.setHtml(html)
    return document


def set_page(device: QPagedPaintDevice) -> None:
    """A4, upright, with our margins."""
    device.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM),
            QPageLayout.Unit.Millimeter,
        )
    )


def blank(scale: float) -> tuple[QImage, float, QSizeF]:
    """An empty page to preview on: the picture, its margin, and the room within, in dots."""
    dots = PREVIEW_DPI * scale
    inch = dots / INCH_MM
    image = QImage(int(210 * inch), int(297 * inch), QImage.Format.Format_RGB32)
    image.setDotsPerMeterX(int(dots * 1000 / INCH_MM))
    image.setDotsPerMeterY(int(dots * 1000 / INCH_MM))
    image.fill(Qt.GlobalColor.white)
    margin = MARGIN_MM * inch
    return image, margin, QSizeF(image.width() - 2 * margin, image.height() - 2 * margin)


def draw(
    document: QTextDocument,
    painter: QPainter,
    device: QPaintDevice,
    size: QSizeF,
    mark: Callable[[QPainter, QSizeF], None],
    turn: Callable[[], object] | None,
    foot: Foot | None = None,
) -> None:
    """Every page, the watermark (`mark`) below its text; the first alone when there is no way to `turn` to another."""
    room = QSizeF(size)
    if foot is not None:
        room.setHeight(size.height() - 2.5 * FOOT_POINTS * device.logicalDpiY() / 72)
    document.documentLayout().setPaintDevice(device)
    document.setPageSize(room)
    pages = document.pageCount()
    for page in range(pages if turn is not None else 1):
        if page and turn is not None:
            turn()
        mark(painter, size)
        painter.save()
        painter.translate(0, -page * room.height())
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette.setColor(QPalette.ColorRole.Text, QColor(INK))
        context.clip = QRectF(0, page * room.height(), room.width(), room.height())
        painter.setClipRect(context.clip)
        document.documentLayout().draw(painter, context)
        painter.restore()
        if foot is not None:
            _draw_foot(painter, size, foot(page + 1, pages))


def _draw_foot(painter: QPainter, size: QSizeF, text: str) -> None:
    painter.save()
    painter.setFont(_font(FOOT_POINTS))
    painter.setPen(QColor(INK))
    where = QRectF(0, 0, size.width(), size.height())
    painter.drawText(where, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter, text)
    painter.restore()


def draw_watermark(painter: QPainter, size: QSizeF, text: str) -> None:
    """The text, again and again, slanting across the page."""
    painter.save()
    painter.setFont(_font(20))
    painter.setPen(WATERMARK)
    painter.translate(size.width() / 2, size.height() / 2)
    painter.rotate(-32)
    wide, high = size.width() * 1.6, size.height() / 4
    for row in (-1.5, -0.5, 0.5, 1.5):
        where = QRectF(-wide / 2, row * high - high / 2, wide, high)
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, f"{text}　　　　{text}")
    painter.restore()


def draw_stamp(painter: QPainter, size: QSizeF, text: str) -> None:
    """One large word over the middle of the page."""
    painter.save()
    painter.setFont(_font(150))
    painter.setPen(WATERMARK)
    painter.drawText(QRectF(0, 0, size.width(), size.height()), Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def _font(points: float) -> QFont:
    font = QFont()
    font.setFamilies(theme.FAMILIES)
    font.setPointSizeF(points)
    return font
