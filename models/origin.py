"""Where an act was made, when its workstation has become another device since (sync-R4)."""

from __future__ import annotations

import msgspec


class Origin(msgspec.Struct, frozen=True, array_like=True):
    """Where an act stood in the chain of the device it was made on, before that workstation was let in again (sync-R4)."""

    device: str
    dseq: int
    hash: str
