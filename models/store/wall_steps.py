"""The steps of the wall clock that a workstation has noticed, until the centre has them; among the facts of the store."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from models.clock import Clock
from models.store import present_mark
from models.store.console_tables import meta
from models.store.work import Work
from models.wall_step import MOST_AT_ONCE, SMALLEST_MS, Seen, WallStep, moved_ms
from models.wire import Malformed, decode, encode

STEPS = "wall_steps"


class Noticed(msgspec.Struct, frozen=True):
    """How many there ever were in this store, the last of them, how many of those the centre of that epoch has not got; and the
    clocks when they were last looked at."""

    count: int = 0
    last: tuple[WallStep, ...] = ()
    untold: int = 0
    epoch: int = 0
    seen: Seen | None = None


def look(clock: Clock) -> Seen:
    """The machine's clocks now."""
    return Seen(clock.boot_id(), clock.wall_ms(), clock.mono_ms())


def at_start(work: Work) -> None:
    """The program has just been started: was the wall clock moved meanwhile, or is it behind what has surely come, in a store that
    has never looked? One that was slow all the time was not moved. Does not commit."""
    kept, now = noticed(work.connection), look(work.clock)
    if kept.seen is not None:
        by_ms = moved_ms(kept.seen, now)
    else:
        behind = now.wall_ms - present_mark.surely(work)
        by_ms = behind if behind <= -SMALLEST_MS else 0
    note(work, by_ms)


def note(work: Work, by_ms: int = 0) -> None:
    """The clocks were looked at, and the wall clock had been moved by so much. Does not commit."""
    kept = msgspec.structs.replace(noticed(work.connection), seen=look(work.clock))
    if by_ms:
        last = (*kept.last, WallStep(max(0, present_mark.surely(work)), by_ms))[-MOST_AT_ONCE:]
        kept = msgspec.structs.replace(kept, count=kept.count + 1, last=last, untold=min(kept.untold + 1, len(last)))
    _keep(work, kept)


def to_tell(work: Work, epoch: int) -> tuple[WallStep, ...]:
    """Those that the centre of this epoch has not got; all that are kept when it is another than was told last."""
    kept = noticed(work.connection)
    if kept.epoch != epoch:
        return kept.last
    return kept.last[len(kept.last) - kept.untold :]


def were_told(work: Work, epoch: int, told: tuple[WallStep, ...]) -> None:
    """The centre has these. Does not commit."""
    kept = noticed(work.connection)
    left = [step for step in to_tell(work, epoch) if step not in told]
    _keep(work, msgspec.structs.replace(kept, epoch=epoch, untold=len(left)))


def noticed(connection: Connection) -> Noticed:
    """What is kept."""
    value = connection.execute(select(meta.c.value).where(meta.c.name == STEPS)).scalar()
    try:
        return decode(str(value or "{}"), Noticed)
    except Malformed:
        return Noticed()


def _keep(work: Work, found: Noticed) -> None:
    work.write_meta(STEPS, encode(found).decode())
