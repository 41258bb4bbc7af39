"""What the centre answers, as far as only the line reads it; what both sides share stands in models/wire.py."""

from __future__ import annotations

import msgspec

from models.signed_time import SignedTime
from models.wire import PROTOCOL, Reason


class Hello(msgspec.Struct, frozen=True):
    """The centre's greeting."""

    service: str
    protocol: int
    oldest_protocol: int
    district: str
    epoch: int
    now_ms: int
    units: list[tuple[str, str]]
    centre_key: str = ""
    authority: str = ""
    encodings: list[str] = []
    next_authority: str = ""
    time: SignedTime | None = None

    @property
    def speaks_ours(self) -> bool:
        """False when this console is too old for it."""
        return self.oldest_protocol <= PROTOCOL


class Registered(msgspec.Struct, frozen=True):
    """What an enrolled workstation gets."""

    device: str
    token: str
    slot: str
    unit: str
    epoch: int
    centre_key: str
    now_ms: int


class SessionOpened(msgspec.Struct, frozen=True):
    """What a sign-in gives; an empty session when the password must be changed first."""

    session: str
    person: str
    expires_at: int
    must_change: bool
    offline_days: int
    now_ms: int
    time: SignedTime | None = None


class Done(msgspec.Struct, frozen=True):
    """It is done."""

    now_ms: int


class StatusReply(msgspec.Struct, frozen=True):
    """What the centre knows of some ids, and of this device's chain; `said`: what the unit said of those that came to nothing."""

    known: list[tuple[str, str, Reason | None, int]]
    head_dseq: int
    head_hash: str
    epoch: int
    now_ms: int
    said: list[str] = []


class Witnessed(msgspec.Struct, frozen=True):
    """What the centre says of a receipt it was shown."""

    epoch: int
    now_ms: int


class Checkpointed(msgspec.Struct, frozen=True):
    """What the centre says of where a feed ends here: False when its own has another past there. `steps_kept`: it has the steps of
    the wall clock (older ones do not take any). Where its order ends, up to where verified copies hold it, and up to where they hold
    the files that had come (0: nothing is known)."""

    agrees: bool
    now_ms: int
    steps_kept: bool = False
    gseq: int = 0
    backup_gseq: int = 0
    files_gseq: int = 0
