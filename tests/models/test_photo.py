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
SAID = (
    b"CameraCo", b"secret", b"2026:11:27 09:30:15", b"2026-11-27T09:30:15", b"+29.7123+118.3178/",
    *(struct.pack(f"{order}4I", degrees, 1, minutes, 1) for order in "<>" for degrees, minutes in ((29, 42), (118, 19))),
)  # fmt: skip
"""Place, time and other words, as the bytes that say them in the pictures made here."""

FILM = b"\0\0\0\x18ftypmp42" + b"\x12\x34" * 50 + b"\xa9xyz+29.7123+118.3178/ 2026-11-27T09:30:15" + EOI + b"mdat"
"""What a phone puts behind a motion photo; two bytes FF D9 stand in any film of some size."""

ADOBE = b"Adobe\0\x64\0\0\0\0\1"
JFIF = b"JFIF\0\1\1\0\0\1\0\1\0\0"
GOES = {
    "exif": segment(0xE1, b"Exif\0\0" + tiff("<")),
    "exif of other makers": segment(0xE1, b"Exif\0\0" + tiff(">")),
    "flashpix": segment(0xE2, b"FPXR\0\0secret owner"),
    "ciff": segment(0xE0, b"II*\0\x0e\0\0\0HEAPJPGM secret owner"),
    "a thumbnail beside jfif": segment(0xE0, b"JFXX\0\x10" + photograph(tiff("<"))),
    "a maker's 14": segment(0xEE, b"Vendor secret owner"),
    "a maker's 2": segment(0xE2, b"secret" + bytes(20)),
    "half a jfif": segment(0xE0, b"JFIF\0secret"),
    "signed origin": segment(0xEB, b"JP\0\1secret 2026-11-27T09:30:15"),
    "comment": segment(0xFE, b"secret"),
}
FOLLOWS = {
    "film": FILM,
    "second picture": photograph(tiff("<")),
    "words and an end": b"secret" + EOI,
    "both": photograph(tiff(">")) + FILM,
}


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
    assert read_exif(photograph(tiff("<", taken=taken))) == Exif(None, HUANGSHAN, 6)


NO_FIX = struct.pack("<6I", *(0 for _ in range(6)))
"""What a phone without a fix writes: nothing divided by nothing."""

FIX = struct.pack("<6I", 29, 1, 42, 1, 442_800, 10_000)


def _pointing_nowhere(words: bytes, tag: int) -> bytes:
    at = words.index(struct.pack("<HHI", tag, 4, 1)) + 8
    return words[:at] + struct.pack("<I", len(words) + 9) + words[at + 4 :]


def test_what_cannot_be_read_takes_nothing_else_along() -> None:
    sound = tiff("<")
    whole = read_exif(photograph(sound))
    assert FIX in sound and None not in (whole.taken_at, whole.place) and whole.orientation == 6
    for no_place in (sound.replace(FIX, NO_FIX), _pointing_nowhere(sound, 0x8825)):
        assert read_exif(photograph(no_place)) == Exif(whole.taken_at, None, 6)
    assert read_exif(photograph(_pointing_nowhere(sound, 0x8769))) == Exif(None, HUANGSHAN, 6)
    assert read_exif(photograph(tiff("<", offset="+99:99"))) == Exif(None, HUANGSHAN, 6)
    cut_off = sound[:10] + sound[10 : 10 + 3 * 12]
    assert read_exif(photograph(cut_off)).orientation == 6, "the directory says four fields and ends after three"


@pytest.mark.parametrize(
    "words", [tiff("<", taken="0000:00:00 00:00:00"), tiff("<").replace(FIX, NO_FIX)], ids=["no time", "no fix"]
)
def test_a_photo_whose_camera_knew_only_how_it_was_held_leaves_upright(words: bytes) -> None:
    left = stripped(photograph(words), "image/jpeg")
    assert left is not None and read_exif(left) == Exif(None, None, 6)


def test_a_photo_with_words_behind_a_large_profile_leaves_upright() -> None:
    profile = b"".join(segment(0xE2, b"ICC_PROFILE\0" + bytes((n, 3)) + bytes(65_000)) for n in (1, 2, 3))
    left = stripped(SOI + profile + photograph(tiff("<"))[2:], "image/jpeg")
    assert left is not None and profile in left and read_exif(left) == Exif(None, None, 6)


def test_no_place_is_no_place() -> None:
    assert read_exif(photograph(tiff("<", lat=0, lon=0))).place is None, "what a camera without a fix writes"
    assert read_exif(photograph(tiff("<", lat=91, lon=0))).place is None
    assert read_exif(b"") == read_exif(PIXELS) == read_exif(SOI + PIXELS) == Exif()


def said_in(left: bytes) -> list[bytes]:
    """The words that are anywhere in it."""
    return [mark for mark in SAID if mark in left]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.data())
def test_whatever_is_in_the_bytes_nothing_breaks_and_nothing_is_said(data: st.DataObject) -> None:
    body = bytearray(photograph(tiff(data.draw(st.sampled_from("<>")))))
    for _ in range(data.draw(st.integers(0, 12))):
        body[data.draw(st.integers(2, len(body) - 1 - len(EOI)))] = data.draw(st.integers(0, 255))
    cut = bytes(body[: data.draw(st.integers(0, len(body)))])
    for broken in (bytes(body), bytes(body) + data.draw(st.sampled_from([*FOLLOWS.values()])), cut):
        read_exif(broken)
        left = stripped(broken, "image/jpeg")
        assert left is None or (left.startswith(SOI) and left.endswith(EOI) and not said_in(left))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_wherever_a_sound_photo_has_words_they_go_and_the_rest_stays(data: st.DataObject) -> None:
    """Before, between and behind the scans of a progressive picture."""
    tables = [segment(0xC4, b"\x10" + bytes(15) + b"\2ab"), segment(0xDB, b"\x11" + bytes(128)), segment(0xDD, b"\0\4")]
    coded = [b"\x12\xff\x00\x34", b"\xff\xd0\x56\xff\xd7", b"\xff\xff\xff\x00\x78", b"\x9a"]
    whole, bare = SOI + GOES["exif"] + b"\xff\xff", SOI + segment(0xE1, b"Exif\0\0" + _turned(6))
    for _ in range(data.draw(st.integers(1, 4))):
        for piece in data.draw(st.lists(st.sampled_from([*GOES.values(), *tables]), max_size=5)):
            whole += piece
            bare += piece if piece in tables else b""
        scan = PIXELS[:10] + b"".join(data.draw(st.lists(st.sampled_from(coded), max_size=6)))
        scan += b"\xff" * data.draw(st.integers(0, 2))
        whole, bare = whole + scan, bare + scan
    end = segment(0xDC, b"\0\x10") + EOI
    assert said_in(whole)
    assert stripped(whole + end + data.draw(st.sampled_from([b"", *FOLLOWS.values()])), "image/jpeg") == bare + end


def _turned(orientation: int) -> bytes:
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)


@pytest.mark.parametrize("follows", FOLLOWS.values(), ids=FOLLOWS)
def test_a_photo_ends_where_its_picture_ends(follows: bytes) -> None:
    """A motion photo's film says place and time as well, and a second picture has words of its own."""
    alone = stripped(photograph(tiff("<")), "image/jpeg")
    assert alone is not None and said_in(follows)
    assert stripped(photograph(tiff("<")) + follows, "image/jpeg") == alone


@pytest.mark.parametrize("words", GOES.values(), ids=GOES)
def test_words_go_whatever_segment_they_are_in_and_wherever_it_is(words: bytes) -> None:
    upright = segment(0xE1, b"Exif\0\0" + _turned(6)) if read_exif(SOI + words).orientation == 6 else b""
    assert stripped(SOI + words + PIXELS, "image/jpeg") == SOI + upright + PIXELS
    assert stripped(SOI + PIXELS[:-2] + words + PIXELS, "image/jpeg") == SOI + PIXELS[:-2] + PIXELS


def test_how_the_pixels_are_to_be_shown_stays() -> None:
    profile = segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(128))
    shown = SOI + segment(0xE0, JFIF) + profile + segment(0xEE, ADOBE) + PIXELS
    assert stripped(shown, "image/jpeg") == shown
    thumbnail = segment(0xE0, JFIF[:12] + b"\2\1secret")
    told = SOI + thumbnail + profile + segment(0xEE, ADOBE + b"secret") + PIXELS
    assert stripped(told, "image/jpeg") == shown, "a thumbnail may show what was cut away since"


@pytest.mark.parametrize(
    "foreign",
    [
        segment(0xDB, bytes(65) + b"secret"), segment(0xDB, b"secret".ljust(65, b"\0")),
        segment(0xC4, b"\0" + b"\1" * 16 + b"secret"), segment(0xDD, b"secret"), segment(0xC0, b"secret words"),
        segment(0xF7, b"secret"), segment(0x02, b"secret"), segment(0xDA, b"secret"),
    ],
)  # fmt: skip
def test_what_no_decoder_would_read_is_not_called_clean(foreign: bytes) -> None:
    assert stripped(SOI + foreign + PIXELS, "image/jpeg") is None


def test_a_photo_that_leaves_has_its_pixels_and_its_uprightness_and_no_words() -> None:
    whole = photograph(tiff("<")) + b"a second picture after the end, with words"
    left = stripped(whole, "image/jpeg")
    assert left is not None and left.endswith(PIXELS) and b"secret" not in left and b"CameraCo" not in left
    assert read_exif(left) == Exif(None, None, 6)
    assert [s.marker for s in segments(left)] == [0xE0, 0xE1, 0xDB]
    assert stripped(left, "image/jpeg") == left, "nothing more to take away"


def test_where_we_cannot_promise_we_do_not() -> None:
    several = SOI + segment(0xE2, b"MPF\0" + bytes(20)) + PIXELS
    misplaced = [SOI + between + PIXELS for between in (SOI, b"\xff\xd0", b"\xff\x01", b"secret")]
    for body in (several, *misplaced, b"no picture", SOI + PIXELS[:-2], SOI + EOI, b""):
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


def test_of_a_png_stays_what_shows_its_pixels_and_nothing_else() -> None:
    begins, ends = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", bytes(13)), _chunk(b"IEND", b"")
    sizes = {
        "cHRM": 32,
        "gAMA": 4,
        "iCCP": 90,
        "sBIT": 3,
        "sRGB": 1,
        "cICP": 4,
        "PLTE": 6,
        "tRNS": 2,
        "bKGD": 1,
        "pHYs": 9,
    }
    moving = {"acTL": 8, "fcTL": 26, "IDAT": 20, "fdAT": 20}
    shown = [_chunk(name.encode(), bytes(size)) for name, size in (sizes | moving).items()]
    says = ("caBX", "zxIf", "eXIf", "tEXt", "iTXt", "zTXt", "tIME", "gpSx", "stER", "sPLT", "hIST", "dSIG", "vpAg")
    words = [_chunk(name.encode(), b"secret" + tiff("<")) for name in says]
    mixed = b"".join(chunk for pair in zip(shown, words, strict=False) for chunk in pair) + b"".join(
        shown[len(words) :]
    )
    assert stripped(begins + mixed + ends + words[0] + ends, "image/png") == begins + b"".join(shown) + ends
    for unsound in (_chunk(b"CgBI", bytes(4)), _chunk(b"sRGB", b"secret"), _chunk(b"IEND", b"secret")):
        assert stripped(begins + unsound + b"".join(shown) + ends, "image/png") is None, (
            "it would not be the same picture"
        )


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
