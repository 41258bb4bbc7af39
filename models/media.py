"""What kind of file some bytes are, by how they begin, and what may be done with them. The name they had is not trusted."""

from __future__ import annotations

import mimetypes
import struct

from models import jpeg, png
from models.exif import read_exif

HEAD_BYTES = 128 * 1024
"""So much of a file's beginning says what it is, and holds the EXIF of a photograph as cameras write it."""

UNKNOWN = "application/octet-stream"
_BEGINS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, png.PNG, "image/png"),
    (0, b"GIF8", "image/gif"),
    (0, b"BM", "image/bmp"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftyp", "video/mp4"),
    (0, b"%PDF-", "application/pdf"),
)
_SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp"})
_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf", UNKNOWN: ".bin"}


def media_type_of(head: bytes, name: str) -> str:
    """The type of a file that begins so; by the ending of its name where its beginning says nothing we know."""
    for at, mark, found in _BEGINS:
        if head[at : at + len(mark)] == mark:
            return found
    guessed, _ = mimetypes.guess_type(name, strict=True)
    return guessed.lower() if guessed and not guessed.startswith("image/") else UNKNOWN


def ending_of(media_type: str) -> str:
    """The ending a file of that type gets when it is saved, with its dot."""
    return _ENDINGS.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"


def is_picture(media_type: str) -> bool:
    """True for what the screen may try to show."""
    return media_type in _SHOWN


def stripped(body: bytes, media_type: str) -> bytes | None:
    """The same picture without place, time and any other word about it; None for a type of which we cannot promise that."""
    try:
        if media_type == "image/jpeg":
            return jpeg.without_words(body, read_exif(body).orientation)
        if media_type == "image/png":
            return png.without_words(body)
    except (ValueError, struct.error):
        pass
    return None
