"""Acts that were kept undecided are decided later, by an entry of the centre that names them (D12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from district.journal import Journal
from district.parsing import Parsed, parse
from district.source import Source
from district.store import Connection
from district.store.feeds import open_deferrals
from district.store.lost import Place, makers_of_undecided, places_of_undecided
from district.store.reader import Reader
from district.store.records import Deferral
from models.evidence import Grade, Moment
from models.undecided_acts import MOST_AT_ONCE, Deferred, DeferredActs, WaitedFor, waits_long
from models.wire import Reason, Sealed, decode

if TYPE_CHECKING:
    from district.centre import Centre

_NEVER_PLACED = (1 << 62, 0)


def settle_deferred(centre: Centre) -> int:
    """Decide what an older version of this program had to defer, and what waited for an act that was taken back since: at every
    start, and when the service finds any. Returns how many were settled. What waits until a restored centre has its past
    back (district/recovery.py) goes on waiting."""
    if not can_settle(centre):
        return 0
    with centre.in_order() as journal:
        reader = journal.source
        assert isinstance(reader, Reader)
        if centre.recovery is not None:
            return 0  # it was put back while this waited for its turn
        return settle_in_order(journal, in_old_order(reader.connection, reader.deferrals()))


def can_settle(centre: Centre) -> bool:
    """True when something that is kept undecided can be decided; reads only."""
    if centre.recovery is not None:
        return False
    with centre.reading() as connection:
        reader = Reader(connection)
        deferrals = reader.deferrals()
        return bool(deferrals) and any(True for _ in _decidable(reader, in_old_order(connection, deferrals)))


def settle_in_order(journal: Journal, deferrals: Iterable[Deferral], at_most: int | None = None) -> int:
    """Decide these acts one after the other, by their own evidence; one whose kind is still unknown stays, and what waits
    for it does. Returns how many were decided."""
    settled = 0
    for deferred, parsed, at in islice(_decidable(journal.source, deferrals), at_most):
        journal.settle(deferred, parsed, at)
        settled += 1
    return settled


def _decidable(source: Source, deferrals: Iterable[Deferral]) -> Iterator[tuple[Deferral, Parsed, Moment]]:
    waiting: set[str] = set()
    for deferred in deferrals:
        row = source.entry(deferred.gseq)
        parsed = parse(Sealed(row.body, row.hash, row.alg, row.sig))
        if parsed.command is not None and deferred.case_id not in waiting:
            yield deferred, parsed, Moment(row.lo, row.hi, Grade(row.grade))
        elif deferred.blocks:
            waiting.add(deferred.case_id)


def waiting(connection: Connection, now_ms: int) -> DeferredActs:
    """The acts still undecided: whose, on which case, why, and the act each waits for."""
    rows = {str(row.cmd_id): row for row in open_deferrals(connection)}
    long_since = sum(waits_long(int(row.received_at), now_ms) for row in rows.values())
    return DeferredActs(
        deferred=[_told(row, rows) for row in islice(rows.values(), MOST_AT_ONCE)],
        long_since=long_since,
        others=len(rows) - long_since,
        now_ms=now_ms,
    )


def _told(row: Any, rows: Mapping[str, Any]) -> Deferred:
    reason = decode(row.reason, Reason)
    return Deferred(
        cmd_id=row.cmd_id,
        kind=row.kind,
        case=row.case_id,
        case_number=row.number or "",
        actor=row.actor,
        unit=row.unit,
        device=row.device,
        since=int(row.received_at),
        code=reason.code,
        waits_for=_waited_for(rows.get(reason.by)),
    )


def _waited_for(row: Any) -> WaitedFor | None:
    return None if row is None else WaitedFor(row.cmd_id, row.kind, row.actor, row.unit)


def in_old_order(connection: Connection, deferrals: list[Deferral]) -> list[Deferral]:
    """By the places they had; never one act of a workstation before an earlier one of its own; those that had none last, as
    they came in, which is how they are given."""
    places, makers = places_of_undecided(connection), makers_of_undecided(connection)
    least: dict[str, Place] = {}
    keys: dict[str, Place] = {}
    for found in deferrals:
        device = makers[found.cmd_id]
        keys[found.cmd_id] = least[device] = max(places.get(found.cmd_id, _NEVER_PLACED), least.get(device, (0, 0)))
    return sorted(deferrals, key=lambda found: keys[found.cmd_id])
