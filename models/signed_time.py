"""The centre's clock, signed (sync.md §3.4): whoever holds the centre's own key says that it was then, to whoever asked with this nonce.

TLS proves the service's certificate, and without TLS nothing does; this proves the key that receipts are signed with, which a workstation
has pinned since it was enrolled. A nonce is used once, so no answer is good for another question.
"""

from __future__ import annotations

import msgspec

from models.signing import TIME, SigningKey, is_signature

RADIUS_MS = 1
"""The clock is read in whole milliseconds."""


class SignedTime(msgspec.Struct, frozen=True):
    """The centre's clock (ms UTC) within `radius_ms`, when it was asked with this nonce. `sig` covers all three; "" from a centre that
    does not sign."""

    nonce: str
    now_ms: int
    radius_ms: int = 0
    sig: str = ""


def signed_time(key: SigningKey, nonce: str, now_ms: int) -> SignedTime:
    """The instant, signed."""
    return SignedTime(nonce, now_ms, RADIUS_MS, key.sign(TIME, _text(nonce, now_ms, RADIUS_MS)))


def is_signed_time(public: str, told: SignedTime, nonce: str) -> bool:
    """True when whoever holds the key behind `public` answered this very question."""
    text = _text(told.nonce, told.now_ms, told.radius_ms)
    return told.nonce == nonce and is_signature(public, told.sig, TIME, text)


def _text(nonce: str, now_ms: int, radius_ms: int) -> str:
    return f"{now_ms}|{radius_ms}|{nonce}"
