"""Time-ordered identifiers (UUIDv7, RFC 9562) and the numbers people read."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable

from models.clock import Clock

NewId = Callable[[], str]
RandomBytes = Callable[[int], bytes]
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SYSTEM_RANDOM: RandomBytes = secrets.token_bytes
"""The machine's own randomness; tests and recordings pass another source."""


def uuid7(at_ms: int, random_bytes: bytes) -> str:
    """A version-7 UUID for the instant `at_ms` with ten bytes of randomness, in the usual text form."""
    value = (at_ms & (1 << 48) - 1) << 80 | int.from_bytes(random_bytes[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: str) -> bool:
    """True when the text has the form of an id made here."""
    return _ID.fullmatch(text) is not None


def name_of(act_id: str) -> str:
    """By what an act names the assignments that it makes."""
    return act_id.replace("-", "")[-12:]


def id_source(clock: Clock, random_bytes: RandomBytes = SYSTEM_RANDOM) -> NewId:
    """A source of new ids; tests and recordings pass their own `random_bytes`."""
    return lambda: uuid7(clock.wall_ms(), random_bytes(10))


def new_token(random_bytes: RandomBytes = SYSTEM_RANDOM) -> str:
    """256 random bits as text: whoever holds it is who it was given to."""
    return base64.urlsafe_b64encode(random_bytes(32)).decode().rstrip("=")


def case_number(short_name: str, local_date: str, slot: str, counter: int) -> str:
    """The number people say on the telephone: organisation – date – console slot and counter (D20).

    Made locally, so an outage never blocks it; gaps are legal. Identity is the UUID, never this.
    """
    return f"{short_name}-{local_date.replace('-', '')}-{slot}{counter:03d}"
