"""Which devices a workstation was before it was let in again (sync-R4): what it proved then with its former key, never what one
of its acts says."""

from __future__ import annotations

from district.parsing import Parsed
from district.source import Source
from district.store.records import DeviceHead

_MOST_TIMES = 1_000
"""More often no workstation can be let in again: a unit has fewer letters."""


def was(source: Source, device: str, former: str) -> bool:
    """True when the workstation that is `device` now was `former` until it was let in again, once or several times."""
    for _ in range(_MOST_TIMES):
        device = source.replaces(device)
        if device in ("", former):
            break
    return device == former != ""


def not_before(source: Source, parsed: Parsed, head: DeviceHead) -> int:
    """What surely lies before an act (ms UTC): what its device has proved, or, when it was made before its workstation was
    let in again, that the device it was then had been let in."""
    origin = parsed.origin
    if origin is None or not was(source, head.id, origin.device):
        return head.proven_lo
    return source.registered_at(origin.device)
