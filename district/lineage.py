"""Which devices a workstation was before it was let in again (sync-R4): what it proved then with its former key, never what one
of its acts says."""

from __future__ import annotations

from collections.abc import Iterator

from district.judge import moment_at_centre
from district.parsing import Parsed
from district.source import Source
from district.store.records import DeviceHead
from models.evidence import Grade, Moment
from models.people import CENTRE_DEVICE

_MOST_TIMES = 1_000
"""More often no workstation can be let in again: a unit has fewer letters."""


def was(source: Source, device: str, former: str) -> bool:
    """True when the workstation that is `device` now was `former` until it was let in again, once or several times."""
    return former in _formers(source, device) and _is_known(source, former)


def made_at(source: Source, parsed: Parsed, head: DeviceHead, received_ms: int) -> Moment:
    """When an act was made. What its device has proved lies before it; or, when it was made before its workstation was let in
    again, that the device it was then had been let in."""
    origin = parsed.origin
    formers = list(_formers(source, head.id)) if origin is not None else []
    if origin is None or not formers:
        return moment_at_centre(parsed.time, head.proven_lo, received_ms)
    since = source.registered_at(origin.device)
    if was(source, head.id, origin.device):
        return moment_at_centre(parsed.time, since, received_ms)
    if not _is_known(source, formers[-1]):
        # Of a device that was forgotten nothing is proved: not that it was on time, nor that it was late.
        since = max(since, source.registered_at(CENTRE_DEVICE))
        return Moment(min(since, received_ms), received_ms, Grade.DOUBTFUL)
    return moment_at_centre(parsed.time, head.proven_lo, received_ms)


def _formers(source: Source, device: str) -> Iterator[str]:
    for _ in range(_MOST_TIMES):
        device = source.replaces(device)
        if not device:
            return
        yield device


def _is_known(source: Source, device: str) -> bool:
    return source.registered_at(device) > 0
