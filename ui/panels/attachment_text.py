"""A photograph or file of a case in words: what it is, who added it, what its camera says, how far it has come. Pure."""

from __future__ import annotations

from models.media import ending_of, is_picture
from models.views import AttachmentView, CasePanel
from ui import format as fmt
from ui import words
from ui.language import tr

KILOBYTE = 1024


def state_of(view: AttachmentView) -> str:
    """How far it has come: 已上报, 待上传 with how much of it has gone, or 待补 while another workstation has it."""
    if view.attachment.arrived_at is not None:
        return tr("已上报", "attachment")
    return tr("待补") if view.percent is None else tr("待上传 {0}%").format(view.percent)


def kind_of(view: AttachmentView) -> str:
    """处置后 · 已上报"""
    return f"{words.ATTACHMENT_KINDS[view.attachment.kind.value]} · {state_of(view)}"


def added_by(p: CasePanel, view: AttachmentView, now_ms: int) -> str:
    """Who added it, and when."""
    found = view.attachment
    at = words.worth(found.at, fmt.day_and_minute(found.at.shown_at, now_ms))
    return f"{p.names.get(found.by, found.by)} {at}"


def told(p: CasePanel, view: AttachmentView, now_ms: int) -> list[str]:
    """Everything about it, line by line. The camera's time and place are its own word, and are called so."""
    found = view.attachment
    unit = p.names.get(found.unit, found.unit)
    lines = [f"{kind_of(view)} · {file_kind(view)} · {size(found.size)}", f"{unit} {added_by(p, view, now_ms)}"]
    if found.caption:
        lines.append(found.caption)
    if found.taken_at is not None:
        lines.append(tr("拍摄时刻(相机所记,不作认定依据):{0}").format(fmt.day_and_minute(found.taken_at, now_ms)))
    if found.place is not None:
        lat, lon = found.place.lat_e6 / 1_000_000, found.place.lon_e6 / 1_000_000
        north, east = "N" if lat >= 0 else "S", "E" if lon >= 0 else "W"
        place = f"{abs(lat):.5f}° {north}, {abs(lon):.5f}° {east}"
        lines.append(tr("拍摄位置(相机所记):{0}").format(place))
    return lines


def file_kind(view: AttachmentView) -> str:
    """照片, or what its name would end with."""
    media_type = view.attachment.media_type
    return tr("照片") if is_picture(media_type) else ending_of(media_type)[1:].upper()


def size(count: int) -> str:
    """340 KB, 19.1 MB"""
    if count < KILOBYTE * KILOBYTE:
        return f"{max(1, count // KILOBYTE)} KB"
    return f"{count / KILOBYTE / KILOBYTE:.1f} MB"
