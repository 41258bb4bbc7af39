"""Where the service may be reached, and what it shows there."""

from __future__ import annotations

from pathlib import Path

import msgspec

from models.errors import Refused

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Certificate(msgspec.Struct, frozen=True):
    """What the service shows under TLS: its certificate and the private key of it."""

    file: Path
    key: Path


def refuse_other_addresses(host: str, tls: bool = False) -> None:
    """Refused("loopback_only") for an address others could reach, unless the line is encrypted."""
    if host not in LOOPBACK and not tls:
        raise Refused("loopback_only", host=host)
