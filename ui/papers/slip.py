"""派单 drawn: one A4 sheet for each unit, fields in the paper's order (practice.md §6), watermarked with who printed it and when."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QImage, QPagedPaintDevice, QPaintDevice, QPainter, QTextDocument

from models.papers import DispatchSlip, Promise
from models.policy import Stage
from ui import format as fmt
from ui import words
from ui.language import tr
from ui.papers import sheet
from ui.papers.sheet import INK, RULE
from ui.papers.wording import limit_words, order, written_instant


def slip_document(slip: DispatchSlip) -> QTextDocument:
    """The text of one sheet; its plain text is everything that is printed except the watermark."""
    return sheet.document_of(_html(slip))


def watermark(slip: DispatchSlip) -> str:
    """Who printed it and in which minute; before that what the data is, when it is not real."""
    return "　".join(filter(None, (slip.source, slip.operator_name, written_instant(slip.printed_at))))


def _html(slip: DispatchSlip) -> str:
    title = tr("派单(稿)") if slip.draft else tr("派单")
    rows = "".join(_row(label, text) for label, text in _fields(slip))
    head = f"<p align='center' style='font-size:20pt; margin:0'><b>{escape(title)}</b></p>"
    to = tr("{0} → {1}").format(escape(slip.giver_name), f"<b>{escape(slip.unit_name)}</b>")
    under = f"<p style='margin-top:6px; margin-bottom:6px'>{to}</p>"
    draft = f"<p><b>{escape(_draft_words())}</b></p>" if slip.draft else ""
    table = f"<table width='100%' border='1' cellspacing='0' cellpadding='5' style='border-collapse:collapse; border-color:{RULE}'>{rows}</table>"
    foot = f"<p style='margin-top:8px'>{escape(_signed(slip))}</p>"
    return f"<body style='color:{INK}'>{head}{under}{draft}{table}{foot}</body>"


def _draft_words() -> str:
    return tr("稿:派发尚未经区中心生效,以电话通知为准。")


def _row(label: str, text: str) -> str:
    lines = escape(text).replace("\n", "<br>")
    return f"<tr><td width='19%'>{escape(label)}</td><td width='81%'>{lines}</td></tr>"


def _fields(slip: DispatchSlip) -> list[tuple[str, str]]:
    co = "\n".join(tr("协办:{0} ☎ {1}").format(name, phone) for name, phone in slip.co)
    lead = tr("主办:{0} ☎ {1}").format(slip.lead_name, slip.lead_phone)
    asked = order(slip.role, slip.promises, slip.lead_name, slip.return_minutes, slip.round, None)
    return [
        (tr("单号"), slip.number),
        (tr("级别"), tr("突发、应急") if slip.emergency else tr("一般")),
        (tr("接报时刻"), words.worth(slip.reported_at, written_instant(slip.reported_at.shown_at))),
        (tr("派发时刻"), words.worth(slip.assigned_at, written_instant(slip.assigned_at.shown_at))),
        (tr("地点·网格"), " · ".join(filter(None, (slip.place, slip.station_name)))),
        (tr("事项·类别"), " · ".join(filter(None, (slip.title, slip.category_name)))),
        (tr("情况"), slip.words or "—"),
        (tr("先期处置"), "\n".join(slip.first_responses) or tr("无")),
        (tr("主办·协办"), "\n".join(filter(None, (lead, co)))),
        *((_deadline_label(p), _deadline(p, slip)) for p in slip.promises),
        (tr("要求"), "\n".join(filter(None, (asked, slip.note)))),
        (tr("诉求人"), tr("需联系请经分中心")),
        (tr("回填"), _to_fill()),
    ]


def _deadline_label(promise: Promise) -> str:
    return {
        Stage.ARRIVAL: tr("到场截止"),
        Stage.OPINION: tr("初步意见截止"),
        Stage.HANDLING: tr("办结截止"),
    }[promise.stage]


def _deadline(promise: Promise, slip: DispatchSlip) -> str:
    if promise.met and promise.due_at is None:
        return tr("已办,未计时")
    text = tr("{0}(限{1})").format(written_instant(promise.due_at), limit_words(promise.limit))
    if promise.reckoned:
        return tr("{0};自接到起算,此处按{1}接到计").format(text, f"{fmt.local(slip.printed_at):%H:%M}")
    return tr("{0};已办").format(text) if promise.met else text


def _to_fill() -> str:
    blank = "_" * 16
    return "\n".join(
        (
            tr("签收人:{0} 签收时刻:{0}").format(blank),
            tr("到场人:{0} 到场时刻:{0}").format(blank),
            tr("初步意见:{0}").format(blank * 3),
            tr("处置结果:{0}").format(blank * 3),
        )
    )


def _signed(slip: DispatchSlip) -> str:
    by = tr("派发人:{0} {1} ☎ {2}").format(slip.giver_name, slip.by_name, slip.giver_phone)
    return tr("{0}　打印:{1}").format(by, written_instant(slip.printed_at))


# On a device


def print_slips(slips: tuple[DispatchSlip, ...], device: QPagedPaintDevice) -> bool:
    """All sheets, one page each (more when a text is long); False when the device cannot be written to."""
    sheet.set_page(device)
    painter = QPainter()
    if not painter.begin(device):
        return False
    try:
        for number, slip in enumerate(slips):
            if number:
                device.newPage()
            size = QSizeF(device.width(), device.height())
            _draw(slip, painter, device, size, device.newPage)
    finally:
        done = painter.end()
    return done


def preview(slip: DispatchSlip, scale: float = 1.0) -> QImage:
    """The first page as a picture on white, as it will be printed."""
    image, margin, room = sheet.blank(scale)
    painter = QPainter(image)
    painter.translate(margin, margin)
    like = QImage(1, 1, image.format())  # PySide never lets go of a device a document was laid out for
    like.setDotsPerMeterX(image.dotsPerMeterX())
    like.setDotsPerMeterY(image.dotsPerMeterY())
    _draw(slip, painter, like, room, None)
    painter.end()
    return image


def _draw(
    slip: DispatchSlip, painter: QPainter, device: QPaintDevice, size: QSizeF, turn: Callable[[], object] | None
) -> None:
    def mark(painter: QPainter, size: QSizeF) -> None:
        sheet.draw_watermark(painter, size, watermark(slip))
        if slip.draft:
            sheet.draw_stamp(painter, size, tr("稿"))

    sheet.draw(slip_document(slip), painter, device, size, mark, turn)
