"""时间线 drawn: what happened in a case, act by act, to read beside its evidence; every page says who printed it and when (R78)."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSizeF
from PySide6.QtGui import QPainter, QPdfWriter, QTextDocument

from models.case import StageClock
from models.evidence import Grade, Moment
from models.timeline import Timeline, TimelineAct
from ui import format as fmt
from ui import words
from ui.language import Worded, tr
from ui.papers import sheet
from ui.papers.sheet import INK, RULE
from ui.papers.wording import run_on, written_instant

TEXT_POINTS = 9.0
PDF_DPI = 300
SIGNED = Worded({"device": "工作机签名", "centre": "区中心自记", "none": "没有签名"})
LATE_MS = 60_000
"""What comes in so much after it was done shows both times."""


def timeline_document(paper: Timeline) -> QTextDocument:
    """The text; its plain text is everything that is printed except watermark and foot."""
    return sheet.document_of(_html(paper), TEXT_POINTS)


def watermark(paper: Timeline) -> str:
    """Who printed it and in which minute; before that what the data is, when it is not real."""
    return "　".join(filter(None, (paper.source, paper.operator_name, written_instant(paper.printed_at))))


def timeline_pdf(paper: Timeline) -> bytes:
    """The paper as PDF."""
    kept = QByteArray()
    buffer = QBuffer(kept)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(PDF_DPI)
    writer.setTitle(tr("案件时间线 {0}").format(paper.number))
    writer.setCreator(watermark(paper))
    sheet.set_page(writer)
    painter = QPainter(writer)
    size = QSizeF(writer.width(), writer.height())

    def mark(painter: QPainter, size: QSizeF) -> None:
        sheet.draw_watermark(painter, size, watermark(paper))

    def foot(page: int, pages: int) -> str:
        about = tr("{0}　第 {1} 页,共 {2} 页").format(paper.number, page, pages)
        return tr("{0}　{1} 打印于 {2}").format(about, paper.operator_name, written_instant(paper.printed_at))

    sheet.draw(timeline_document(paper), painter, writer, size, mark, writer.newPage, foot)
    painter.end()
    buffer.close()
    return bytes(kept.data())


# The text


def _html(paper: Timeline) -> str:
    head = f"<p align='center' style='font-size:18pt; margin:0'><b>{escape(tr('案件时间线'))}</b></p>"
    about = "".join(f"<p style='margin:3px 0'>{escape(line)}</p>" for line in _about(paper))
    facts = _table("".join(_row(("19%", "81%"), cells) for cells in _facts(paper)))
    parts = [head, about, _title(""), facts]
    if paper.clocks:
        parts += [_title(tr("时限")), _table(_clocks(paper))]
    parts += [_title(tr("操作 {0} 项").format(len(paper.acts))), _table(_acts(paper))]
    return f"<body style='color:{INK}'>{''.join(parts)}</body>"


def _title(text: str) -> str:
    return f"<p style='margin-top:10px; margin-bottom:3px'><b>{escape(text)}</b></p>"


def _table(rows: str) -> str:
    look = f"border-collapse:collapse; border-color:{RULE}"
    return f"<table width='100%' border='1' cellspacing='0' cellpadding='3' style='{look}'>{rows}</table>"


def _head(widths: tuple[str, ...], cells: tuple[str, ...]) -> str:
    """Stands again on top of every page the table goes on to."""
    return f"<thead>{_row(widths, cells, 'th')}</thead>"


def _row(widths: tuple[str, ...], cells: tuple[str, ...], tag: str = "td") -> str:
    inside = (
        f"<{tag} width='{width}' align='left'>{escape(cell).replace(chr(10), '<br>')}</{tag}>"
        for width, cell in zip(widths, cells, strict=True)
    )
    return f"<tr>{''.join(inside)}</tr>"


def _about(paper: Timeline) -> list[str]:
    only = tr("仅供阅读。证明效力在证据包中经签名的内容,可用核对程序验证;本件由工作机据其制作,区中心的签名不覆盖本件。")
    some = tr("只含本单位可见的操作;区中心的证据包含其留存的全部操作。")
    return [only] if paper.whole else [only, some]


def _facts(paper: Timeline) -> list[tuple[str, str]]:
    return [
        (tr("单号"), paper.number),
        (tr("事项·类别"), " · ".join(filter(None, (paper.title, paper.category_name)))),
        (tr("地点"), " · ".join(filter(None, (paper.place, paper.town_name)))),
        (tr("状态"), words.STATES[paper.state]),
        (
            tr("证据包"),
            tr("区中心制作于 {0},全区第 {1} 号为止").format(written_instant(paper.made_at), paper.head_gseq),
        ),
        (tr("目录 SHA-256"), paper.manifest),
        (tr("区中心公钥指纹"), paper.fingerprint),
    ]


def _clocks(paper: Timeline) -> str:
    widths = ("16%", "24%", "18%", "18%", "24%")
    head = (tr("环节"), tr("单位"), tr("截止"), tr("实际"), tr("结论"))
    rows = [_head(widths, head)]
    for clock, owner in paper.clocks:
        due = _minute(clock.due_at) if clock.due_at is not None else "—"
        done = _instant(clock.stopped) if clock.stopped is not None else "—"
        rows.append(_row(widths, (words.STAGES[clock.stage.value], owner, due, done, _verdict(clock))))
    return "".join(rows)


def _verdict(clock: StageClock) -> str:
    if clock.verdict is not None:
        return words.VERDICTS[clock.verdict.value]
    return tr("没有开始") if clock.started_at is None else tr("没有结束")


def _acts(paper: Timeline) -> str:
    widths = ("10%", "19%", "35%", "20%", "16%")
    head = (tr("全区序号"), tr("时刻"), tr("操作"), tr("单位·人"), tr("结论·签名"))
    rows = [_head(widths, head)]
    for act in paper.acts:
        who = "\n".join(filter(None, (act.unit_name, act.person_name)))
        proof = "\n".join((words.ACT_STATES.get(act.outcome, act.outcome), SIGNED[act.signed], act.mark))
        rows.append(_row(widths, (str(act.gseq), _when(act), _what(act, paper), who, proof)))
    return "".join(rows)


def _what(act: TimelineAct, paper: Timeline) -> str:
    done = words.ACTS.get(act.kind, act.kind)
    if act.to_name:
        done = tr("{0} → {1}").format(done, act.to_name)
    if act.result:
        done = tr("{0}({1})").format(done, words.RESULTS.get(act.result, act.result))
    said = [done]
    if act.on_behalf_name:
        said.append(tr("代录 {0} 的话").format(act.on_behalf_name))
    if act.note:
        said.append(act.note)
    if act.reason is not None and act.reason.code:
        said.append(words.refusal(act.reason.code, act.reason.args, paper.names))
    return "\n".join(said)


def _when(act: TimelineAct) -> str:
    said = _instant(act.at)
    if act.received_at - act.at.hi > LATE_MS:
        said = "\n".join((said, tr("区中心收到 {0}").format(_minute(act.received_at))))
    return said


def _instant(at: Moment) -> str:
    if at.grade is Grade.ANCHORED:
        return f"{fmt.local(at.shown_at):%Y-%m-%d %H:%M:%S}"
    between = tr("{0} 至 {1} 之间").format(_minute(at.lo), _minute(at.hi))
    return run_on([between, tr("(时间待认定)")])


def _minute(at_ms: int) -> str:
    return f"{fmt.local(at_ms):%Y-%m-%d %H:%M}"
