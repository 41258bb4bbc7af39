"""What is read of a photograph, and what is left of it when it leaves the house."""

from __future__ import annotations

import struct
import zlib
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.attachment import Spot
from models.exif import Exif, read_exif
from models.jpeg import segments
from models.media import ending_of, is_picture, media_type_of, stripped
from tests.models.photographs import EOI, PIXELS, SOI, photograph, segment, tiff

HUANGSHAN = Spot(29_712_300, 118_317_800)


@pytest.mark.parametrize("order", "<>")
def test_when_and_where_as_the_camera_says(order: str) -> None:
    found = read_exif(photograph(tiff(order)))
    taken = int(datetime.fromisoformat("2026-11-27T09:30:15+08:00").timestamp() * 1000)
    assert found == Exif(taken, HUANGSHAN, 6)
    utc = read_exif(photograph(tiff(order, offset="+00:00")))
    assert utc.taken_at == taken + 8 * 3_600_000, "a camera that names its offset is believed"
    south = read_exif(photograph(tiff(order, lat=-29.7123, lon=-118.3178)))
    assert south.place == Spot(-29_712_300, -118_317_800)


@pytest.mark.parametrize(
    "taken", ["2026:13:01 00:00:00", "0000:00:00 00:00:00", "    :  :     :  :  ", "gestern", "1969:01:01 00:00:00"]
)
def test_a_time_that_is_none_is_passed_over(taken: str) -> None:
    found = read_exif(photograph(tiff("<", taken=taken)))
    assert found.taken_at is None and (found.place == HUANGSHAN or found == Exif())


def test_no_place_is_no_place() -> None:
    assert read_exif(photograph(tiff("<", lat=0, lon=0))).place is None, "what a camera without a fix writes"
    assert read_exif(photograph(tiff("<", lat=91, lon=0))).place is None
    assert read_exif(b"") == read_exif(PIXELS) == read_exif(SOI + PIXELS) == Exif()


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.data())
def test_whatever_is_in_the_bytes_nothing_breaks(data: st.DataObject) -> None:
    body = bytearray(photograph(tiff(data.draw(st.sampled_from("<>")))))
    for _ in range(data.draw(st.integers(1, 12))):
        body[data.draw(st.integers(2, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(body[: data.draw(st.integers(0, len(body)))])
    for broken in (bytes(body), cut):
        read_exif(broken)
        left = stripped(broken, "image/jpeg")
        assert left is None or (left.startswith(SOI) and left.endswith(EOI))
        if left is not None:
            assert read_exif(left).taken_at is None and read_exif(left).place is None


def test_a_photo_that_leaves_has_its_pixels_and_its_uprightness_and_no_words() -> None:
    whole = photograph(tiff("<")) + b"a second picture after the end, with words"
    left = stripped(whole, "image/jpeg")
    assert left is not None and left.endswith(PIXELS) and b"secret" not in left and b"CameraCo" not in left
    assert read_exif(left) == Exif(None, None, 6)
    assert [s.marker for s in segments(left)] == [0xE0, 0xE1, 0xDB]
    assert stripped(left, "image/jpeg") == left, "nothing more to take away"


def test_where_we_cannot_promise_we_do_not() -> None:
    several = SOI + segment(0xE2, b"MPF\0" + bytes(20)) + PIXELS
    for body in (several, b"no picture", SOI + PIXELS[:-2], b""):
        assert stripped(body, "image/jpeg") is None
    assert stripped(PIXELS, "video/mp4") is None and stripped(b"%PDF-1.7", "application/pdf") is None


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def test_a_png_loses_its_words_too() -> None:
    head, ends = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", bytes(13)), _chunk(b"IDAT", b"pixels") + _chunk(b"IEND", b"")
    words = _chunk(b"tEXt", b"Author\0secret") + _chunk(b"eXIf", tiff("<"))
    assert stripped(head + words + ends + b"trailing secret", "image/png") == head + ends
    assert stripped(head + words + ends[:-3], "image/png") is None
    spoilt = bytearray(head + words + ends)
    spoilt[len(head) + 9] ^= 1
    assert stripped(bytes(spoilt), "image/png") is None


@pytest.mark.parametrize(
    ("head", "name", "media_type", "picture", "ending"),
    [
        (b"\xff\xd8\xff\xe1", "x.txt", "image/jpeg", True, ".jpg"),
        (b"\x89PNG\r\n\x1a\n", "x", "image/png", True, ".png"),
        (b"\0\0\0\x18ftypheic", "IMG_1.HEIC", "image/heic", False, None),
        (b"\0\0\0\x18ftypisom", "a", "video/mp4", False, ".mp4"),
        (b"%PDF-1.7", "a.jpg", "application/pdf", False, ".pdf"),
        (b"MZ", "holiday.jpg", "application/octet-stream", False, ".bin"),
        (b"PK\3\4", "某甲.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", False, ".docx"),
        (b"", "a.unheard-of", "application/octet-stream", False, ".bin"),
    ],
)  # fmt: skip
def test_a_file_is_what_it_begins_with(
    head: bytes, name: str, media_type: str, picture: bool, ending: str | None
) -> None:
    assert media_type_of(head, name) == media_type and is_picture(media_type) is picture
    assert ending is None or ending_of(media_type) == ending
