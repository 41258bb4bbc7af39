"""What a camera wrote into a photograph about when and where: its own word (EXIF 2.3 over TIFF 6.0), and no more is read.

A photograph is foreign bytes: whatever is not as it should be is passed over, and nothing here raises.
"""

from __future__ import annotations

import re
import struct
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import msgspec

from models.attachment import Spot
from models.clock import SHANGHAI
from models.jpeg import EXIF, segments

"""What a camera that names no offset is taken to show (D16)."""

_EXIF_POINTER, _GPS_POINTER = 0x8769, 0x8825
_ORIENTATION, _TAKEN, _OFFSET = 0x0112, 0x9003, 0x9011
_LAT_REF, _LAT, _LON_REF, _LON = 1, 2, 3, 4
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}
_MOST_FIELDS = 256
_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_ZONE = re.compile(r"([+-])(\d\d):(\d\d)")
_NOT_AS_IT_SHOULD_BE = (struct.error, ValueError, ArithmeticError, IndexError, KeyError)


class Exif(msgspec.Struct, frozen=True):
    """When (ms UTC) and where, as the camera says; None where it says nothing that can be read. `orientation` 1 to 8 as in
    TIFF, 1 when the picture stands upright."""

    taken_at: int | None = None
    place: Spot | None = None
    orientation: int = 1


def read_exif(photograph: bytes) -> Exif:
    """What a JPEG says; nothing for any other bytes. All before its pixels is looked at, as far as it is given."""
    for found in segments(photograph):
        if found.marker == 0xE1 and found.body.startswith(EXIF):
            try:
                return _Tiff(found.body[len(EXIF) :]).exif()
            except _NOT_AS_IT_SHOULD_BE:
                return Exif()
    return Exif()


class _Tiff:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._order = {b"II": "<", b"MM": ">"}[body[:2]]

    def exif(self) -> Exif:
        """Each of the three by itself: a camera without a fix or without its clock still knows which way it was held."""
        main = self._fields(self._number("I", 4))
        taken_at, place, orientation = None, None, 1
        with suppress(*_NOT_AS_IT_SHOULD_BE):
            inner = self._fields(self._pointer(main, _EXIF_POINTER))
            taken_at = _taken(self._text(inner.get(_TAKEN)), self._text(inner.get(_OFFSET)))
        with suppress(*_NOT_AS_IT_SHOULD_BE):
            place = self._place(self._fields(self._pointer(main, _GPS_POINTER)))
        with suppress(*_NOT_AS_IT_SHOULD_BE):
            turned = self._numbers(main.get(_ORIENTATION))
            orientation = int(turned[0]) if turned and 1 <= turned[0] <= 8 else 1
        return Exif(taken_at, place, orientation)

    def _number(self, kind: str, at: int) -> int:
        return int(struct.unpack_from(self._order + kind, self._body, at)[0])

    def _fields(self, at: int) -> dict[int, tuple[int, int, int]]:
        """Type, count and place of the values of each tag of a directory, as far as it is there."""
        if not at:
            return {}
        found: dict[int, tuple[int, int, int]] = {}
        end = min(at + 2 + 12 * min(self._number("H", at), _MOST_FIELDS), len(self._body) - 11)
        for place in range(at + 2, end, 12):
            tag, kind, count = struct.unpack_from(f"{self._order}HHI", self._body, place)
            size = _SIZES.get(kind, 0) * count
            value = place + 8 if size <= 4 else self._number("I", place + 8)
            if size and value + size <= len(self._body):
                found[tag] = (kind, count, value)
        return found

    def _pointer(self, fields: dict[int, tuple[int, int, int]], tag: int) -> int:
        return self._number("I", fields[tag][2]) if tag in fields else 0

    def _text(self, field: tuple[int, int, int] | None) -> str:
        if field is None or field[0] != 2:
            return ""
        return self._body[field[2] : field[2] + field[1]].split(b"\0")[0].decode("ascii", "replace").strip()

    def _numbers(self, field: tuple[int, int, int] | None) -> list[float]:
        if field is None or field[1] > 8:
            return []
        kind, count, at = field
        if kind == 3:
            return [float(n) for n in struct.unpack_from(f"{self._order}{count}H", self._body, at)]
        if kind != 5:
            return []
        parts = struct.unpack_from(f"{self._order}{2 * count}I", self._body, at)
        return [parts[n] / parts[n + 1] for n in range(0, 2 * count, 2)]

    def _place(self, fields: dict[int, tuple[int, int, int]]) -> Spot | None:
        lat, lon = self._degrees(fields, _LAT, _LAT_REF, "S"), self._degrees(fields, _LON, _LON_REF, "W")
        found = None if lat is None or lon is None else Spot(lat, lon)
        return found if found is not None and found.is_on_earth and found != Spot(0, 0) else None

    def _degrees(self, fields: dict[int, tuple[int, int, int]], tag: int, ref: int, negative: str) -> int | None:
        parts, side = self._numbers(fields.get(tag)), self._text(fields.get(ref))
        if len(parts) != 3 or not side:
            return None
        size = round((parts[0] + parts[1] / 60 + parts[2] / 3600) * 1_000_000)
        return -size if side == negative else size


def _taken(words: str, zone: str) -> int | None:
    found = _TIME.fullmatch(words)
    if found is None:
        return None
    offset = _ZONE.fullmatch(zone)
    told = SHANGHAI
    if offset is not None:
        away = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        told = timezone(-away if offset[1] == "-" else away)
    at = datetime(*(int(part) for part in found.groups()), tzinfo=told)  # type: ignore[misc,arg-type]
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    milliseconds = since // timedelta(milliseconds=1)
    return milliseconds if milliseconds > 0 else None
