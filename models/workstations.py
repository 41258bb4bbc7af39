"""The district's workstations as its operators see them: what the centre tells of each, and what is asked of it (sync.md §3.4,
§3.9)."""

from __future__ import annotations

from typing import Annotated

import msgspec

MOST_MINUTES = 24 * 60
USUAL_MINUTES = 10
Minutes = Annotated[int, msgspec.Meta(ge=1, le=MOST_MINUTES)]
Label = Annotated[str, msgspec.Meta(max_length=80)]
Why = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


LET_IN_AGAIN = ("let_in_again", "chain_fork", "chain_gap", "device_revoked")
"""Why a workstation came in again, as the revocation of the device it was keeps it (sync-R4, R5): no reason given; its store
was put back to an older image, or copied; the centre lacked acts it had no more; it had been revoked."""


def why_again(refusal: str) -> str:
    """Why a workstation comes in again that the centre refuses so (a code): one of LET_IN_AGAIN."""
    return "device_revoked" if refusal == "chain_revoked" else refusal if refusal in LET_IN_AGAIN else LET_IN_AGAIN[0]


class Workstation(msgspec.Struct, frozen=True):
    """One registered workstation; instants in ms UTC. `heard_at`: when its last act came in (None: none yet); `watermark_at`:
    up to when it has surely handed in all it made, since the centre started (None: not heard of); `quarantined`: how many
    acts came after it was revoked, of which `to_review` wait for a person's decision; `wall_steps`: how often its wall clock was
    moved, as it says itself, the last time at `stepped_at` by `stepped_ms` (negative: put back)."""

    id: str
    unit: str
    slot: str
    label: str
    registered_at: int
    registered_by: str
    has_key: bool
    acts: int
    heard_at: int | None
    revoked_at: int | None
    revoked_by: str
    reason: str
    quarantined: int
    watermark_at: int | None = None
    to_review: int = 0
    wall_steps: int = 0
    stepped_at: int | None = None
    stepped_ms: int = 0


class Audited(msgspec.Struct, frozen=True):
    """What an audit of the centre's record found, and when (ms UTC): where the order ended, how many cases there were, how many
    contradictions, the first of them in the centre's words, and the name of the sheet it is on."""

    at_ms: int
    epoch: int
    gseq: int
    head: str
    cases: int
    contradictions: int
    first: list[str]
    sheet: str


class Audits(msgspec.Struct, frozen=True):
    """The nightly audits of a centre: since when they are made (ms UTC), and the last; None: none yet."""

    since_ms: int
    last: Audited | None = None


class Workstations(msgspec.Struct, frozen=True):
    """All of them, by unit and letter. `epoch`: the number of the district's history, above 1 once a copy was put back;
    `recovering_until`: until when at most acts wait for what was lost then (ms UTC; None: they do not); `audits` None: the centre
    makes none by itself."""

    devices: list[Workstation]
    now_ms: int
    epoch: int = 1
    recovering_until: int | None = None
    audits: Audits | None = None


class CodeBody(msgspec.Struct, frozen=True):
    """A code is wanted for a workstation of this unit, good for so many minutes; `label` says which machine it is for."""

    unit: str
    valid_minutes: Minutes = USUAL_MINUTES
    label: Label = ""


class CodeMade(msgspec.Struct, frozen=True):
    """The code as it is read out, shown once; until when it holds (ms UTC); the fingerprint of the centre's certificate
    authority, "" when the line has no TLS."""

    code: str
    unit: str
    expires_at: int
    fingerprint: str
    now_ms: int


class RevokeBody(msgspec.Struct, frozen=True):
    """Take a workstation out, with a reason that stays on record."""

    device: str
    reason: Why
