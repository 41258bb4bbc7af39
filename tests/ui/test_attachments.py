"""Photographs and files at the screen: added by keyboard, drop and paste, seen by all, shown within bounds, saved without words."""

from __future__ import annotations

import random
import signal
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QColorSpace,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QImageWriter,
    QLinearGradient,
    QPainter,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from desktop.attachments_desk import AttachmentsDesk
from desktop.console import Console
from desktop.pictures import picture_of
from models.attachment import AttachmentKind
from models.case import Case
from models.exif import read_exif
from models.jpeg import segments
from models.media import stripped
from models.store.case_table import get_case
from tests.models.photographs import SOI, segment, tiff
from tests.ui.conftest import TOWN, until
from tests.ui.guard import Guard
from tests.ui.test_requester import in_sight, reported
from tests.whole.parties import Centre
from tests.whole.parties import Console as Other
from ui.dialogs.preview import PreviewDialog
from ui.panels import attachment_text

MANY = QSize(4000, 3000)


def a_photo(file: Path, hue: int = 30, size: QSize = MANY, words: bytes = b"") -> Path:
    """A picture with something in it, as a phone makes it: real pixels, words before them."""
    image = QImage(size, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    ground = QLinearGradient(0, 0, size.width(), size.height())
    ground.setColorAt(0, QColor.fromHsv(hue, 120, 230))
    ground.setColorAt(1, QColor.fromHsv((hue + 200) % 360, 160, 120))
    painter.fillRect(image.rect(), ground)
    chance = random.Random(hue)
    for _ in range(30):
        painter.fillRect(
            *(chance.randrange(n) for n in (size.width(), size.height(), size.width() // 5, size.height() // 5)),
            QColor.fromHsv(chance.randrange(360), 90, 200),
        )
    painter.end()
    assert image.save(str(file), "JPG", 85)
    if words:
        plain = file.read_bytes()
        file.write_bytes(SOI + segment(0xE1, b"Exif\0\0" + words) + plain[2:])
    return file


@pytest.fixture
def other(centre: Centre, tmp_path: Path) -> Iterator[Other]:
    found = Other(tmp_path, centre, TOWN, f"{TOWN}-clerk-2")
    found.settle()
    yield found
    found.close()


def desk_of(console: Console) -> AttachmentsDesk:
    (found,) = console.window.findChildren(AttachmentsDesk)
    return found


def case_here(console: Console, case_id: str) -> Case:
    found = console.jobs.wait(lambda work: get_case(work.connection, case_id))
    assert found is not None
    return found


def in_front(console: Console) -> None:
    """Without a window manager nobody gives the window its place back when a dialog has gone."""

    def is_active() -> bool:
        console.window.activateWindow()
        return console.window.isActiveWindow()

    until(is_active)


def add(console: Console, key: Qt.Key) -> None:
    """In the dialog that is open: the kind by its digit, then Enter."""
    dialog = desk_of(console).adding
    assert dialog is not None and dialog.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible() and dialog.problem.text(), "the kind is asked for, never guessed"
    QTest.keyClick(dialog, key)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    until(lambda: not isValid(dialog))


def test_photos_are_added_by_keyboard_sent_and_seen_at_the_other_workstation(
    console: Console, other: Other, tmp_path: Path
) -> None:
    case_id = reported(other)
    in_sight(console, case_id)
    files = [a_photo(tmp_path / f"{hue}.jpg", hue, words=tiff("<")) for hue in (30, 200)]
    empty = tmp_path / "empty.jpg"
    empty.touch()
    desk_of(console).add([*files, empty])
    add(console, Qt.Key.Key_3)
    panel = console.window.panel
    until(lambda: panel.panel is not None and len(panel.panel.attachments) == 2)
    until(lambda: "2" in panel.said.text())
    assert "空文件" in panel.said.text(), "what could not be added is said, the others are there"
    until(lambda: all(a.arrived_at is not None for a in case_here(console, case_id).attachments), 30)
    other.settle()
    seen = other.case(case_id)
    assert seen is not None and [a.kind for a in seen.attachments] == [AttachmentKind.AFTER] * 2
    assert all(a.taken_at is not None and a.place is not None for a in seen.attachments)
    until(lambda: panel.panel is not None and all(v.attachment.arrived_at for v in panel.panel.attachments))
    strip = panel.sheet.strip
    until(lambda: len(strip._small) == 2)
    assert "处置后 · 已上报" in strip.item(0).text()
    in_front(console)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(console.window, Qt.Key.Key_O, both)
    until(strip.hasFocus)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    QTest.keyClick(strip, Qt.Key.Key_Return)
    preview = desk_of(console).preview
    assert preview is not None and preview.view.attachment.id == seen.attachments[1].id
    until(lambda: preview.picture.image is not None)
    shown = preview.picture.image
    assert shown is not None and shown.height() > shown.width(), "it stands upright, as the camera held it"
    assert "相机所记" in preview.told.text() and "29.71230° N, 118.31780° E" in preview.told.text()
    QTest.keyClick(preview, Qt.Key.Key_Left)
    assert preview.view.attachment.id == seen.attachments[0].id
    _saved_without_words(console, tmp_path, files[0])
    QTest.keyClick(preview, Qt.Key.Key_Escape)
    in_front(console)
    until(strip.hasFocus)
    until(lambda: not isValid(preview))
    QTest.keyClick(strip, Qt.Key.Key_Escape)
    assert not strip.hasFocus(), "back in the list of cases"


def _saved_without_words(console: Console, folder: Path, source: Path) -> None:
    desk, target = desk_of(console), folder / "copy.jpg"
    preview = desk.preview
    assert preview is not None
    desk.save_to(preview, preview.view.attachment, target)
    until(lambda: preview.said.text())
    assert "已去除" in preview.said.text() and preview.warned.isHidden()
    left = target.read_bytes()
    said = read_exif(left)
    assert (said.taken_at, said.place, said.orientation) == (None, None, 6) and b"CameraCo" not in left
    assert [s.marker for s in segments(left)][:2] == [0xE0, 0xE1]
    assert picture_of(target.read_bytes(), MANY) == picture_of(source.read_bytes(), MANY), "every pixel is the same"


@pytest.mark.parametrize("progressive", [False, True])
def test_a_real_photo_without_its_words_is_the_same_picture(tmp_path: Path, progressive: bool) -> None:
    """Colour profile and uprightness included, with words before its pixels, between its scans and behind its end."""
    image = QImage(str(a_photo(tmp_path / "a.jpg", size=QSize(640, 480))))
    image.setColorSpace(QColorSpace(QColorSpace.NamedColorSpace.DisplayP3))
    writer = QImageWriter(str(tmp_path / "b.jpg"), b"jpeg")
    writer.setProgressiveScanWrite(progressive)
    assert writer.write(image)
    made, words = (tmp_path / "b.jpg").read_bytes(), segment(0xE1, b"Exif\0\0" + tiff("<"))
    scan = made.index(b"\xff\xda")
    between = made.index(b"\xff\xc4", scan) if progressive else scan
    told = SOI + words + made[2:between] + words + made[between:] + SOI + words + made[2:]
    left = stripped(told, "image/jpeg")
    assert left is not None and b"CameraCo" not in left and len(left) < len(made) + 40
    before, after = QImage.fromData(told), QImage.fromData(left)
    assert not after.isNull() and after == before and after.colorSpace() == image.colorSpace() == before.colorSpace()
    assert picture_of(left, MANY) == picture_of(told, MANY) and picture_of(left, MANY).size() == QSize(480, 640)


def test_a_real_png_without_its_words_is_the_same_picture(tmp_path: Path) -> None:
    image = QImage(str(a_photo(tmp_path / "a.jpg", size=QSize(640, 480))))
    image.setColorSpace(QColorSpace(QColorSpace.NamedColorSpace.DisplayP3))
    image.setText("Comment", "secret place")
    assert image.save(str(tmp_path / "b.png"), "PNG")
    made = (tmp_path / "b.png").read_bytes()
    signed = b"caBXsecret origin"
    chunk = struct.pack(">I", len(signed) - 4) + signed + struct.pack(">I", zlib.crc32(signed))
    told = made[:33] + chunk + made[33:]
    left = stripped(told, "image/png")
    assert left is not None and b"secret place" in told and b"secret" not in left
    assert QImage.fromData(left) == image and QImage.fromData(left).colorSpace() == image.colorSpace()


def test_another_s_photo_is_awaited_then_fetched_when_it_is_opened(
    console: Console, centre: Centre, other: Other, tmp_path: Path
) -> None:
    case_id = reported(other)
    other.attach(case_id, a_photo(tmp_path / "a.jpg", size=QSize(800, 600)))
    other.settle_acts()
    in_sight(console, case_id)
    panel = console.window.panel
    until(lambda: panel.panel is not None and len(panel.panel.attachments) == 1)
    strip = panel.sheet.strip
    assert "待补" in strip.item(0).text()
    desk_of(console).open(str(strip.item(0).data(Qt.ItemDataRole.UserRole)))
    preview = desk_of(console).preview
    assert preview is not None and "尚未收到" in preview.picture.said and not preview.save.isEnabled()
    preview.reject()
    other.settle()
    until(lambda: "已上报" in strip.item(0).text(), 30)
    desk_of(console).open(str(strip.item(0).data(Qt.ItemDataRole.UserRole)))
    fetched = desk_of(console).preview
    assert fetched is not None
    until(lambda: fetched.picture.image is not None, 30)
    assert fetched.save.isEnabled()
    fetched.reject()
    until(lambda: panel.panel is not None and panel.panel.attachments[0].is_here)
    centre.end(signal.SIGKILL)
    desk_of(console).open(str(strip.item(0).data(Qt.ItemDataRole.UserRole)))
    again = desk_of(console).preview
    assert again is not None
    until(lambda: again.picture.image is not None), "it is here now, line or no line"
    again.reject()


def test_what_is_spoilt_here_is_fetched_anew_or_told_and_never_shown(
    console: Console, centre: Centre, other: Other, tmp_path: Path
) -> None:
    case_id = reported(other)
    other.attach(case_id, a_photo(tmp_path / "a.jpg", size=QSize(800, 600)))
    other.settle()
    in_sight(console, case_id)
    panel, folder = console.window.panel, console.station.blobs
    until(
        lambda: (
            panel.panel is not None and [v.attachment.arrived_at is not None for v in panel.panel.attachments] == [True]
        )
    )
    (found,) = case_here(console, case_id).attachments

    def opened() -> PreviewDialog:
        desk_of(console).open(found.id)
        preview = desk_of(console).preview
        assert preview is not None
        return preview

    def spoil() -> None:
        file = folder.file_of(found.sha256)
        whole = file.read_bytes()
        file.write_bytes(whole[:3_000] + bytes([whole[3_000] ^ 1]) + whole[3_001:])
        assert not folder.is_sound(found.sha256)

    first = opened()
    until(lambda: first.picture.image is not None)
    first.reject()
    spoil()
    again = opened()
    until(lambda: again.picture.image is not None)
    assert folder.is_sound(found.sha256), "from the centre, in place of the spoilt one"
    again.reject()
    spoil()
    centre.end(signal.SIGKILL)
    told = opened()
    until(lambda: "已损坏" in told.picture.said, 30)
    assert told.picture.image is None
    told.reject()


# PySide6 6.12 wants points in fractions, which 6.11 does not take.
@pytest.mark.filterwarnings("ignore:Function:DeprecationWarning")
def test_a_drop_and_a_paste_are_files_of_the_case_in_sight(console: Console, other: Other, tmp_path: Path) -> None:
    case_id = reported(other)
    in_sight(console, case_id)
    paper = tmp_path / "某甲的申请.pdf"
    paper.write_bytes(b"%PDF-1.7 a paper")
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(paper)), QUrl("https://example.invalid/x.jpg")])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    panel, copy = console.window.panel, Qt.DropAction.CopyAction
    enters = QDragEnterEvent(QPoint(5, 5), copy, dropped, buttons, keys)
    QApplication.sendEvent(panel, enters)
    assert enters.isAccepted()
    QApplication.sendEvent(panel, QDragMoveEvent(QPoint(5, 5), copy, dropped, buttons, keys))
    QApplication.sendEvent(panel, QDropEvent(QPointF(5, 5), copy, dropped, buttons, keys))
    add(console, Qt.Key.Key_6)
    until(lambda: len(case_here(console, case_id).attachments) == 1)
    QGuiApplication.clipboard().setImage(QImage(str(a_photo(tmp_path / "b.jpg", size=QSize(300, 200)))))
    in_front(console)
    QTest.keyClick(console.window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    until(lambda: (dialog := desk_of(console).adding) is not None and isValid(dialog) and dialog.isVisible())
    add(console, Qt.Key.Key_1)
    until(lambda: len(case_here(console, case_id).attachments) == 2)
    found = case_here(console, case_id).attachments
    assert [(a.kind, a.media_type) for a in found] == [
        (AttachmentKind.PAPER, "application/pdf"),
        (AttachmentKind.BEFORE, "image/png"),
    ]
    assert "某甲" not in str(case_here(console, case_id)), "the file's name has stayed here"
    until(lambda: panel.panel is not None and len(panel.panel.attachments) == 2)
    desk_of(console).open(found[0].id)
    preview = desk_of(console).preview
    assert preview is not None
    until(lambda: "不预览" in preview.picture.said)
    desk_of(console).save_to(preview, found[0], tmp_path / "copy.pdf")
    until(lambda: preview.warned.isVisible())
    assert "无法去除" in preview.warned.text() and preview.warned.objectName() == "warning" and preview.said.isHidden()
    assert (tmp_path / "copy.pdf").read_bytes() == paper.read_bytes()
    preview.reject()


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def test_a_picture_too_large_or_broken_is_not_shown_and_breaks_nothing(
    application: QApplication, guard: Guard, tmp_path: Path
) -> None:
    guard.expect("imageio.jpeg: .*JPEG")  # that it is broken, Qt says too
    room = QSize(1366, 768)
    rows = zlib.compressobj(1)
    body = b"".join(rows.compress(bytes(1 + 12_000)) for _ in range(12_000)) + rows.flush()
    bomb = tmp_path / "bomb.png"
    head = struct.pack(">IIBBBBB", 12_000, 12_000, 8, 0, 0, 0, 0)
    bomb.write_bytes(b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b""))
    assert bomb.stat().st_size < 2_000_000
    assert picture_of(bomb.read_bytes(), room) is None, "144 million pixels in a small file"
    whole = a_photo(tmp_path / "whole.jpg").read_bytes()
    large = picture_of((tmp_path / "whole.jpg").read_bytes(), room)
    assert large is not None and large.width() <= room.width() and large.height() <= room.height()
    broken = tmp_path / "broken.jpg"
    drawing = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>"
    for body in (b"", whole[:100], b"\xff\xd8\xff" + bytes(5_000), drawing):
        broken.write_bytes(body)
        assert picture_of(broken.read_bytes(), room) is None


def test_sizes_are_told_as_people_read_them() -> None:
    assert [attachment_text.size(n) for n in (1, 2_048, 20_000_000)] == ["1 KB", "2 KB", "19.1 MB"]
