"""After a restore: what acts had come to in the past that was lost, and how far the district is with bringing them back
(sync.md §3.5; docs/decisions/0010). The wire's own words for both."""

from __future__ import annotations

import msgspec

from models.workstations import Why

DECIDED = ("accepted", "merged", "rejected")
"""What an act can have come to: outcomes that are final."""
EFFECTIVE = ("accepted", "merged")
"""Those of them by which something changed, and others may have gone on from it."""


CLOCK_OTHERWISE, CLOCK_STARTED_ANEW, TIME_DOUBTFUL = "clock_otherwise", "clock_started_anew", "time_doubtful"
"""What may have become of a clock of an act that took effect again: judged, started or due otherwise than before; started by a
delivery that was made anew; judged at a time in doubt, where nobody knows how it was judged before."""


class WasClock(msgspec.Struct, frozen=True, omit_defaults=True):
    """A clock that an act had stopped or ruled on: of which stage, how it was judged, since when and until when it ran (ms
    UTC)."""

    stage: str
    verdict: str
    started_at: int | None = None
    due_at: int | None = None


class Was(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the centre had said of an act it has lost: at which place (`gseq`) of which history (`epoch`), and with which
    verdict; of each clock it had stopped (by id) how that was judged, none when the workstation does not know. The word of the
    workstation that kept it."""

    cmd_id: str
    epoch: int
    gseq: int
    outcome: str
    code: str = ""
    clocks: dict[str, WasClock] = {}


def lost_again(was: Was | None, now: Was) -> Was:
    """What is told of an act that the centre has lost a second time: it stood where it stood last, and had come to what it had when
    it took effect. Else two restores hide what one would list: the list of the first is lost with the second."""
    if was is None or was.outcome not in EFFECTIVE:
        return now
    return msgspec.structs.replace(was, epoch=now.epoch, gseq=now.gseq)


class LostBody(msgspec.Struct, frozen=True):
    """A workstation tells what its acts had come to, before it hands them in again."""

    lost: list[Was]


class Missing(msgspec.Struct, frozen=True):
    """A workstation whose acts were lost and are not back: its unit and letter, the number its chain had reached and the one
    it has reached again."""

    device: str
    unit: str
    slot: str
    had_dseq: int
    has_dseq: int


class Difference(msgspec.Struct, frozen=True):
    """An act that came to something else than before: who made it, on which case, what it was and what it is now. `stage`: it
    came to the same, but a clock of that stage did not, or may not have; then `now_code` says why it is named, `was_clock`
    how that clock was judged before ("" when nobody knows) and `now_clock` how it is now ("" when it is not)."""

    cmd_id: str
    unit: str
    slot: str
    actor: str
    kind: str
    case_id: str
    case_number: str
    was: str
    was_code: str
    now: str
    now_code: str
    stage: str = ""
    was_clock: str = ""
    now_clock: str = ""


class RevokedAgain(msgspec.Struct, frozen=True):
    """A workstation that the copy put back did not know as revoked, and that is revoked as before: its unit and letter, when it
    was revoked first (ms UTC), by whom (a person's id, or the command line), why. `epoch`: the history that began then."""

    device: str
    unit: str
    slot: str
    at: int
    by: str
    reason: str
    epoch: int


class Recovered(msgspec.Struct, frozen=True):
    """How far it is. `ends_at` (ms UTC): until then at most acts wait for those that are missing; None when none wait any
    more. `offered`: acts told of as lost; `back`: of those, decided again; `differences`: the newest of those that came to
    something else, `differing` how many there are, `of_clocks` how many of these by a clock only. `uncompared`: acts not
    among them that stopped a clock of which nobody told how it was judged before. `revoked_again`: who is trusted no more than
    before."""

    epoch: int
    ends_at: int | None
    missing: list[Missing]
    waiting: int
    offered: int
    back: int
    differing: int
    differences: list[Difference]
    now_ms: int
    revoked_again: list[RevokedAgain] = []
    of_clocks: int = 0
    uncompared: int = 0


class EndBody(msgspec.Struct, frozen=True):
    """An operator ends the waiting now, and says why."""

    reason: Why
