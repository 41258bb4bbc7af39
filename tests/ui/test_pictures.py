"""What a JPEG may take while it is made small: one of several scans is kept whole meanwhile, whatever it says its size is."""

from __future__ import annotations

import struct

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QSize
from PySide6.QtGui import QColor, QImage, QImageWriter
from PySide6.QtWidgets import QApplication

from desktop.pictures import picture_of
from models.jpeg import kept_bytes
from tests.models.photographs import EOI, SOI, segment
from tests.ui.guard import Guard

COLOURS, GREYS = QImage.Format.Format_RGB32, QImage.Format.Format_Grayscale8
SMALL, SCREEN, CAMERA = QSize(64, 64), QSize(1366, 768), QSize(8_000, 6_000)


def written(size: QSize, form: QImage.Format = COLOURS, progressive: bool = False, quality: int = 80) -> bytes:
    """A real JPEG; its colours are sampled 4:2:0 below the best quality."""
    image = QImage(size, form)
    image.fill(QColor(90, 140, 70))
    kept = QByteArray()
    buffer = QBuffer(kept)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, b"jpeg")
    writer.setProgressiveScanWrite(progressive)
    writer.setQuality(quality)
    assert writer.write(image)
    return bytes(kept.data())


def said_to_be(body: bytes, side: int) -> bytes:
    """The same file with a frame of that size; what is missing of it a decoder makes up."""
    frame = next(at for mark in (b"\xff\xc0", b"\xff\xc2") if (at := body.find(mark)) > 0)
    return body[: frame + 5] + struct.pack(">HH", side, side) + body[frame + 9 :]


def with_restarts(width: int, height: int) -> bytes:
    """Mid-grey, a restart after every four blocks: each block is 00 (no change) and 1010 (no more of it), by the usual tables."""
    head = written(QSize(width, height), GREYS)
    scan = head.index(b"\xff\xda")
    intervals = range(width // 8 * (height // 8) // 4)
    coded = b"".join(b"\x28\xa2\x8a" + bytes((0xFF, 0xD0 + n % 8)) for n in intervals)[:-2]
    return head[:scan] + segment(0xDD, b"\0\4") + head[scan : scan + 10] + coded + EOI


def first_scan_of_one(body: bytes) -> bytes:
    """A baseline picture of three components, whose first scan holds one."""
    scan = body.index(b"\xff\xda")
    return body[:scan] + segment(0xDA, b"\1\1\0\0\x3f\0") + body[scan + 14 :]


BOMBS = {
    "progressive": written(SMALL, progressive=True),
    "progressive and grey": written(SMALL, GREYS, progressive=True),
    "a scan for each colour": first_scan_of_one(written(SMALL)),
    "bytes between its segments": SOI + segment(0xFE, b"") + b"junk" + written(SMALL)[2:],
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_small_file_that_says_to_be_a_huge_picture_is_not_decoded(
    application: QApplication, guard: Guard, bomb: bytes
) -> None:
    if b"junk" in bomb:
        guard.expect("imageio.jpeg: Corrupt JPEG data")
    assert len(bomb) < 1_000
    assert picture_of(said_to_be(bomb, 12_000), QSize(104, 76)) is None


def test_what_is_kept_is_counted_by_scans_and_samples() -> None:
    assert kept_bytes(written(SMALL), 100) == kept_bytes(written(SMALL, GREYS), 100) == 0
    assert kept_bytes(with_restarts(64, 64), 100) == 0
    assert kept_bytes(written(SMALL, GREYS, progressive=True), 100) == 200
    assert kept_bytes(written(SMALL, progressive=True), 100) == 300, "4:2:0"
    for unknown in (b"", SOI, SOI + EOI, written(SMALL)[:100], BOMBS["bytes between its segments"]):
        assert kept_bytes(unknown, 100) == 2_000


def test_photographs_as_cameras_and_programs_make_them_are_shown(application: QApplication) -> None:
    restarts = with_restarts(1_600, 1_200)
    assert restarts.count(b"\xff\xd3") > 100
    for body in (
        written(CAMERA),
        written(CAMERA, GREYS),
        restarts,
        written(QSize(6_000, 4_000), progressive=True),
        written(QSize(1_600, 1_200), quality=100),
        written(QSize(1_600, 1_200), GREYS, progressive=True),
    ):
        shown = picture_of(body, SCREEN)
        assert shown is not None and shown.height() == SCREEN.height()
    grey = picture_of(restarts, SCREEN)
    assert grey is not None and grey.pixelColor(1_000, 700).red() == 128
