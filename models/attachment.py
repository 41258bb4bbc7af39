"""Photographs and files of a case: what an act says of one, and what the case knows of it (sync.md §3.2, §3.9).

The bytes lie beside the log, addressed by their hash. An act carries hash, size and type, never the file's name, which may
hold personal data (D2).
"""

from __future__ import annotations

import re
from enum import Enum

import msgspec

from models.evidence import Moment

LONGEST_MEDIA_TYPE = 100
LONGEST_CAPTION = 500
SHA256 = re.compile(r"[0-9a-f]{64}")
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")


class AttachmentKind(str, Enum):
    """What a photograph or file shows: before, during or after the handling, the place from near or from far, a paper."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    NEAR = "near"
    FAR = "far"
    PAPER = "paper"
    OTHER = "other"


class Spot(msgspec.Struct, frozen=True, array_like=True):
    """A place as a camera wrote it: WGS-84, in millionths of a degree; south and west are negative."""

    lat_e6: int
    lon_e6: int

    @property
    def is_on_earth(self) -> bool:
        """True for a pair that names a place."""
        return abs(self.lat_e6) <= 90_000_000 and abs(self.lon_e6) <= 180_000_000


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One photograph or file of a case; `id` is the act that added it.

    `taken_at` (ms UTC) and `place` are the camera's own word: shown as such, worth nothing for a verdict. `arrived_at`:
    when the centre had all bytes, with that hash; None while they are still with `unit` (待补).
    """

    id: str
    sha256: str
    size: int
    media_type: str
    kind: AttachmentKind
    by: str
    unit: str
    at: Moment
    caption: str = ""
    taken_at: int | None = None
    place: Spot | None = None
    arrived_at: Moment | None = None


class Attach(msgspec.Struct, frozen=True, tag="case.attach", omit_defaults=True):
    """A photograph or file is added: `size` in bytes; the bytes themselves follow on their own road. A testimony: kept in
    every state, and it moves nothing."""

    sha256: str
    size: int
    media_type: str
    kind: AttachmentKind
    taken_at: int | None = None
    place: Spot | None = None
    caption: str = ""


class AttachmentArrived(msgspec.Struct, frozen=True, tag="case.attachment_arrived"):
    """The centre has all bytes of an attachment, and they have its hash. Acted by the district itself."""

    sha256: str
