"""What to do next, decided without doing it: (state, fact) → (state, effects). Pure (house.md §4).

The road is always the same: say hello, fetch the reference data if it changed, push what is unsent, take a snapshot if
there is no place in the feed yet (or the centre's past is another), then pull for ever while pushing whenever somebody
acts. Any failure of the line leads to a wait and back to hello; a refusal waits for a person, and asks again once a
minute whether somebody has mended it.

    state        fact                 next
    ---------------------------------------------------------------
    any          WorkOffline(True)    WORK_OFFLINE, nothing asked
    WAITING      TimerFired, Acted    CONNECTING: SayHello
    CONNECTING   HelloAnswered        FetchReference | Push | TakeSnapshot | Pull
    CONNECTING   Acted                kept in mind: Push once the hello is answered
    ONLINE       Acted                Push (one in flight)
    ONLINE       Pushed               Push while more is unsent, else go on
    ONLINE       Uploaded             Upload while more waits and no act does
    ONLINE       Pulled               Pull again; Push what the centre says that it lacks
    ONLINE       SnapshotNeeded       TakeSnapshot, then Pull
    any but offl Failed               WAITING, Wait(backoff)
    any but offl Denied               REFUSED: a person must act; Wait(a minute)
"""

from __future__ import annotations

from enum import Enum

import msgspec
from msgspec.structs import replace

from services.sync.backoff import LONGEST_SECONDS, wait_seconds


class Phase(str, Enum):
    """Where the conversation with the centre stands."""

    WAITING = "offline"
    CONNECTING = "connecting"
    ONLINE = "online"
    WORK_OFFLINE = "work_offline"
    REFUSED = "refused"


class Sync(msgspec.Struct, frozen=True):
    """The machine's state. `pushing`, `pulling`, `uploading`: one request of each kind at most is under way."""

    phase: Phase = Phase.WAITING
    failures: int = 0
    pushing: bool = False
    pulling: bool = False
    busy: bool = False
    push_again: bool = False
    uploading: bool = False
    upload_again: bool = False
    has_place: bool = False
    reason: str = ""


# Facts


class TimerFired(msgspec.Struct, frozen=True):
    """The wait is over (or the program has started)."""


class Acted(msgspec.Struct, frozen=True):
    """Somebody acted here: something is unsent. Also a good moment to try the line again."""


class HelloAnswered(msgspec.Struct, frozen=True):
    """It is our centre. What it has that we have not, and what we have that it has not."""

    reference_changed: bool
    unsent: bool
    has_place: bool


class ReferenceTaken(msgspec.Struct, frozen=True):
    """The new edition is in force here."""

    unsent: bool


class Pushed(msgspec.Struct, frozen=True):
    """The centre answered a push; `more` is still unsent."""

    more: bool


class Pulled(msgspec.Struct, frozen=True):
    """A page of the feed was taken in; `reference_changed` when the centre names a newer edition, `upload_due` when a file
    that was put off may be tried again, `unsent` when the centre says that it lacks what it was given, `has_news` when the page was
    not empty: by the next pull the centre learns that it has come."""

    reference_changed: bool
    upload_due: bool = False
    unsent: bool = False
    has_news: bool = False


class Uploaded(msgspec.Struct, frozen=True):
    """A piece of a file was sent, or put off; `more` waits."""

    more: bool


class SnapshotTaken(msgspec.Struct, frozen=True):
    """The base was replaced by a snapshot; `unsent`: what was handed in before is to be handed in again. Files are asked about
    again in any case."""

    unsent: bool = False


class SnapshotNeeded(msgspec.Struct, frozen=True):
    """The place in the feed is worth nothing any more (new epoch, compacted, broken chain)."""


class Failed(msgspec.Struct, frozen=True):
    """The line failed while `what` was under way. `chance` in 0..1 is drawn by the caller."""

    what: str
    reason: str
    chance: float
    retry_after_seconds: float | None = None


class Denied(msgspec.Struct, frozen=True):
    """The centre will not have us until a person acts (unknown device, not our server …)."""

    reason: str


class WorkOffline(msgspec.Struct, frozen=True):
    """The switch on the sync page (断网演练)."""

    on: bool


# Effects


class SayHello(msgspec.Struct, frozen=True):
    """Ask who is there."""


class FetchReference(msgspec.Struct, frozen=True):
    """Fetch the reference data in force."""


class Push(msgspec.Struct, frozen=True):
    """Send the next batch, from the head the centre reports (sync-R2)."""


class Upload(msgspec.Struct, frozen=True):
    """Send the next piece of a photograph or file, from where the centre stands."""


class TakeSnapshot(msgspec.Struct, frozen=True):
    """Replace the base by the centre's snapshot."""


class Pull(msgspec.Struct, frozen=True):
    """Ask for the feed, waiting for something new."""


class Wait(msgspec.Struct, frozen=True):
    """Ask again after so many seconds."""

    seconds: float


Fact = (
    TimerFired | Acted | HelloAnswered | ReferenceTaken | Pushed | Uploaded | Pulled | SnapshotTaken | SnapshotNeeded
    | Failed | Denied | WorkOffline
)  # fmt: skip
Effect = SayHello | FetchReference | Push | Upload | TakeSnapshot | Pull | Wait
Step = tuple[Sync, tuple[Effect, ...]]


def step(sync: Sync, fact: Fact) -> Step:
    """The next state, and what to do now."""
    match fact:
        case WorkOffline():
            return _switch(sync, fact.on)
        case Denied():
            return _denied(sync, fact)
        case Failed():
            return _failed(sync, fact)
        case TimerFired() | Acted():
            return _nudged(sync, isinstance(fact, Acted))
    if sync.phase not in (Phase.CONNECTING, Phase.ONLINE):
        return _late(sync, fact), ()
    match fact:
        case HelloAnswered():
            again = fact.unsent or sync.push_again
            sync = replace(
                sync, phase=Phase.ONLINE, reason="", has_place=fact.has_place, push_again=again, upload_again=True
            )
            if fact.reference_changed:
                return replace(sync, busy=True), (FetchReference(),)
            return _onward(replace(sync, busy=False))
        case ReferenceTaken():
            return _onward(replace(sync, busy=False, push_again=fact.unsent or sync.push_again))
        case Pushed():
            return _onward(replace(sync, pushing=False, push_again=fact.more or sync.push_again))
        case Uploaded():
            return _onward(replace(sync, uploading=False, upload_again=fact.more or sync.upload_again))
        case Pulled():
            again = fact.upload_due or sync.upload_again
            sync = replace(
                sync, pulling=False, failures=0, push_again=fact.unsent or sync.push_again, upload_again=again
            )
            if fact.reference_changed and not sync.busy:
                return replace(sync, busy=True), (FetchReference(),)
            return _onward(sync)
        case SnapshotTaken():
            again = fact.unsent or sync.push_again
            return _onward(replace(sync, busy=False, has_place=True, push_again=again, upload_again=True))
        case SnapshotNeeded():
            return _onward(replace(sync, pulling=False, pushing=False, has_place=False))


def _idle(sync: Sync) -> Sync:
    return replace(sync, pushing=False, pulling=False, uploading=False, busy=False)


def _late(sync: Sync, fact: Fact) -> Sync:
    """An answer that arrives after the line was given up changes nothing but what is under way."""
    if isinstance(fact, Pushed):
        return replace(sync, pushing=False)
    if isinstance(fact, Uploaded):
        return replace(sync, uploading=False)
    return replace(sync, pulling=False) if isinstance(fact, Pulled) else sync


def _onward(sync: Sync) -> Step:
    """Everything that may start now. Push goes before a snapshot, so that nothing made here waits for a download;
    files come last, and wait while an act is on its way."""
    effects: list[Effect] = []
    if sync.busy:
        return sync, ()
    if sync.push_again and not sync.pushing:
        sync = replace(sync, pushing=True, push_again=False)
        effects.append(Push())
    if not sync.has_place:
        if not sync.pushing and not sync.pulling:
            sync = replace(sync, busy=True)
            effects.append(TakeSnapshot())
    else:
        if sync.upload_again and not sync.uploading and not sync.pushing:
            sync = replace(sync, uploading=True, upload_again=False)
            effects.append(Upload())
        if not sync.pulling:
            sync = replace(sync, pulling=True)
            effects.append(Pull())
    return sync, tuple(effects)


def _nudged(sync: Sync, acted: bool) -> Step:
    if sync.phase is Phase.WAITING or (sync.phase is Phase.REFUSED and not acted):
        return replace(_idle(sync), phase=Phase.CONNECTING, push_again=False), (SayHello(),)
    if sync.phase is Phase.ONLINE and acted:
        return _onward(replace(sync, push_again=True, upload_again=True))
    if sync.phase is Phase.CONNECTING and acted:
        return replace(sync, push_again=True), ()  # the hello under way may have looked before it was made
    return sync, ()


def _failed(sync: Sync, fact: Failed) -> Step:
    if sync.phase in (Phase.WORK_OFFLINE, Phase.WAITING, Phase.REFUSED):
        return _idle(sync), ()
    failures = sync.failures + 1
    seconds = wait_seconds(failures, fact.chance, fact.retry_after_seconds)
    waiting = replace(_idle(sync), phase=Phase.WAITING, failures=failures, reason=fact.reason)
    return waiting, (Wait(seconds),)


def _denied(sync: Sync, fact: Denied) -> Step:
    if sync.phase is Phase.WORK_OFFLINE:
        return _idle(sync), ()
    return replace(_idle(sync), phase=Phase.REFUSED, reason=fact.reason), (Wait(LONGEST_SECONDS),)


def _switch(sync: Sync, on: bool) -> Step:
    if on:
        return replace(_idle(sync), phase=Phase.WORK_OFFLINE, reason=""), ()
    if sync.phase is not Phase.WORK_OFFLINE:
        return sync, ()
    return replace(sync, phase=Phase.CONNECTING, failures=0, push_again=False), (SayHello(),)
