"""Photographs made by hand: JPEG segments with a camera's words in them, to be put before pixels that are none or real."""

from __future__ import annotations

import struct

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
PIXELS = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\x34\xff\x00\x56" * 20 + EOI


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def tiff(
    order: str, taken: str = "2026:11:27 09:30:15", offset: str = "", lat: float = 29.7123, lon: float = 118.3178
) -> bytes:
    """What a camera writes: orientation 6, maker, when, where; in either byte order."""
    heap = b""
    base = 8 + 4 * (2 + 12 * 5 + 4)

    def put(value: bytes) -> int:
        nonlocal heap
        at = base + len(heap)
        heap += value + b"\0" * (len(value) % 2)
        return at

    def entry(tag: int, kind: int, count: int, value: bytes | int) -> bytes:
        head = struct.pack(f"{order}HHI", tag, kind, count)
        if isinstance(value, int):
            return head + (struct.pack(f"{order}HH", value, 0) if kind == 3 else struct.pack(f"{order}I", value))
        return head + (value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(f"{order}I", put(value)))

    def folder(entries: list[bytes]) -> bytes:
        return (struct.pack(f"{order}H", len(entries)) + b"".join(entries) + bytes(4)).ljust(2 + 12 * 5 + 4, b"\0")

    def degrees(value: float) -> bytes:
        value = abs(value)
        whole, minutes = int(value), int(value % 1 * 60)
        seconds = round((value - whole - minutes / 60) * 3600 * 10_000)
        return struct.pack(f"{order}6I", whole, 1, minutes, 1, seconds, 10_000)

    size = 2 + 12 * 5 + 4
    maker = entry(0x010F, 2, 9, b"CameraCo\0")
    main = [entry(0x0112, 3, 1, 6), maker, entry(0x8769, 4, 1, 8 + size), entry(0x8825, 4, 1, 8 + 2 * size)]
    inner = [entry(0x9003, 2, 20, taken.encode() + b"\0")]
    if offset:
        inner.append(entry(0x9011, 2, len(offset) + 1, offset.encode() + b"\0"))
    where = [
        entry(1, 2, 2, b"S\0" if lat < 0 else b"N\0"), entry(2, 5, 3, degrees(lat)),
        entry(3, 2, 2, b"W\0" if lon < 0 else b"E\0"), entry(4, 5, 3, degrees(lon)),
    ]  # fmt: skip
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(f"{order}HI", 42, 8)
    return head + folder(main) + folder(inner) + folder(where) + bytes(size) + heap


def photograph(words: bytes, pixels: bytes = PIXELS) -> bytes:
    """A file with EXIF, XMP, IPTC and a comment before its pixels (which bring their own tables)."""
    said = segment(0xE1, b"Exif\0\0" + words) + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>secret place</x>")
    said += segment(0xED, b"Photoshop 3.0\0secret words") + segment(0xFE, b"secret comment")
    return SOI + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + said + segment(0xDB, bytes(65)) + pixels
