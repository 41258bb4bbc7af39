"""After a restore acts are decided in their old order, not in the order in which workstations happen to call (sync.md §3.5;
docs/decisions/0010).

While the centre recovers, an act on a case of the past is kept undecided (D12, `centre_recovering`): it has its place, its
receipt, and its clerk sees it as before. When every workstation whose acts were lost has handed them in again, or the time is
over, all of them are decided by the places they had. What came to something else than before is listed for the operators.
A case first reported after the restore has no past, and is worked on at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from district.deferred import in_old_order, settle_in_order
from district.store import Connection
from district.store.devices import every_head, heads_of
from district.store.documents import forget_meta, read_meta, write_meta
from district.store.lost import makers_of_undecided
from district.store.reader import Reader
from models.clock import MINUTE_MS
from models.wire import decode, encode

if TYPE_CHECKING:
    from district.centre import Centre

LONGEST_MS = 15 * MINUTE_MS
"""So long acts wait at most for workstations that do not call: far below the hour in which somebody must be on the spot."""

UNSURE_MS = MINUTE_MS
"""So long they wait at least when nobody wrote down whose acts were lost: a console's longest pause between two tries."""

_META, _ENDED = "recovery", "recovery_ended"
_AT_ONCE = 200


class Recovery(msgspec.Struct, frozen=True):
    """What is waited for. `from_gseq`: where the order ended when the epoch began; `expected`: how long the chains were of the
    workstations whose acts were lost (this database may not know them: the next copy that is put back may); times in ms UTC."""

    epoch: int
    from_gseq: int
    expected: dict[str, int]
    not_before_ms: int
    ends_at_ms: int


class Ended(msgspec.Struct, frozen=True):
    """Somebody (a person's id, or the command line) ended the waiting of an epoch, when (ms UTC) and why."""

    epoch: int
    at_ms: int
    by: str
    reason: str


def begin(
    connection: Connection, epoch: int, from_gseq: int, had: Mapping[str, int], unsure_until_ms: int, now_ms: int
) -> None:
    """The epoch begins: these chains were so long before. Nobody knows of any: then wait for whoever calls within a minute, as
    when it is not certain that those are all. A copy made while another restore was recovered from expects the same still."""
    was, has = under_way(connection), every_head(connection)
    known = longest(had, was.expected) if was is not None else had
    expected = {device: dseq for device, dseq in known.items() if dseq > has.get(device, 0)}
    # Of acts that the copy has undecided, workstations whose chains lack nothing may know how they were decided since.
    is_certain = bool(had) and not makers_of_undecided(connection)
    certain_ms = max(now_ms if is_certain else now_ms + UNSURE_MS, unsure_until_ms if had else 0)
    keep(connection, Recovery(epoch, from_gseq, expected, certain_ms, now_ms + LONGEST_MS))


def longest(some: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    """How long each chain is by either."""
    return {device: max(some.get(device, 0), others.get(device, 0)) for device in {**some, **others}}


def expect(connection: Connection, device: str, dseq: int) -> None:
    """A receipt shows that this chain was longer."""
    found = under_way(connection)
    if found is not None and _shorter(connection, {device: dseq}):
        longest = max(dseq, found.expected.get(device, 0))
        keep(connection, msgspec.structs.replace(found, expected={**found.expected, device: longest}))


def under_way(connection: Connection) -> Recovery | None:
    """What is waited for; None when nothing is."""
    words = read_meta(connection, _META)
    return decode(words, Recovery) if words else None


def keep(connection: Connection, recovery: Recovery) -> None:
    """Write it down: a centre that is started anew goes on with it."""
    write_meta(connection, _META, encode(recovery).decode())


def still_expected(connection: Connection, recovery: Recovery) -> dict[str, int]:
    """The workstations that have not handed in again what was lost, with how long their chains are now."""
    return _shorter(connection, recovery.expected)


def _shorter(connection: Connection, had: Mapping[str, int]) -> dict[str, int]:
    """Those of these workstations, known and not revoked, whose chains are shorter than they were, with how long they are."""
    has = heads_of(connection, sorted(had))
    return {device: dseq for device, dseq in has.items() if dseq < had[device]}


def is_over(connection: Connection, recovery: Recovery, now_ms: int) -> bool:
    """True when nobody is waited for any more."""
    if now_ms >= recovery.ends_at_ms:
        return True
    return now_ms >= recovery.not_before_ms and not still_expected(connection, recovery)


def advance(centre: Centre) -> bool:
    """End the waiting if its time has come: decide everything in the old order, so many at a time. True when it ended.
    Asked after every push and once a second while it lasts."""
    found = centre.recovery
    if found is None:
        return False
    with centre.reading() as connection:
        if not is_over(connection, found, centre.clock.wall_ms()):
            return False
    while not _decide_some(centre, found):
        pass
    if _is_another(centre, found):
        return False
    centre.recovery = None
    return True


def end_now(centre: Centre, by: str, reason: str) -> None:
    """Somebody ends the waiting, on record; nothing when nobody waits."""
    with centre.writing() as connection:
        found = under_way(connection)
        if found is None:
            return
        now = centre.clock.wall_ms()
        keep(connection, msgspec.structs.replace(found, ends_at_ms=now))
        done = Ended(found.epoch, now, by, reason)
        write_meta(connection, _ENDED, encode([*ended_early(connection), done]).decode())
        centre.keep_up(connection)
    advance(centre)


def ended_early(connection: Connection) -> list[Ended]:
    """Every time somebody did, oldest first."""
    return decode(read_meta(connection, _ENDED, "[]"), list[Ended])


def _is_another(centre: Centre, found: Recovery) -> bool:
    return centre.recovery is not None and centre.recovery.epoch != found.epoch


def _decide_some(centre: Centre, found: Recovery) -> bool:
    """Decide the next of them; True when nothing is left that can be decided, and the waiting has ended, or another has begun:
    the database was put back once more."""
    with centre.in_order() as journal:
        if _is_another(centre, found):
            return True
        reader = journal.source
        assert isinstance(reader, Reader)
        waiting = in_old_order(reader.connection, reader.deferrals())
        is_last = settle_in_order(journal, waiting, _AT_ONCE) < _AT_ONCE
        if is_last:
            forget_meta(reader.connection, _META)
    return is_last
