"""Which photographs and files lie beside this store, and which of them the centre has still to be sent (sync.md §3.2).

The bytes are in a folder (models/blob_folder.py). WAITING: own, the centre has not got all of it; SENT: it has; FETCHED: came
from the centre. What waits is never let go.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from models.attachment import Attach
from models.store import carried, confirmed
from models.store.console_tables import blob, outbox
from models.store.outbox import PENDING, SETTLED
from models.wire import decode_command

WAITING, SENT, FETCHED = "waiting", "sent", "fetched"
_ATTACH = str(Attach.__struct_config__.tag)


class Held(msgspec.Struct, frozen=True):
    """One file of a case that lies here; `sent`: how many bytes of it the centre is known to have."""

    case_id: str
    sha256: str
    size: int
    sent: int
    state: str
    used_at: int


_LAST_OF_ALL = 1 << 62
"""An act that is not this workstation's own comes after all of them."""

_NAMES_IT = and_(
    outbox.c.kind == _ATTACH, outbox.c.case_id == blob.c.case_id, func.instr(outbox.c.body, blob.c.sha256) > 0
)
"""An own act that names the file: a case may have it as several kinds, and one of them may be taken back or refused alone."""

_STANDS = and_(outbox.c.retracted.is_(False), outbox.c.outcome != "rejected")
_IS_OWN = exists(select(outbox.c.cmd_id).where(outbox.c.cmd_id == blob.c.cmd_id))

_HELD = tuple(blob.c[name] for name in Held.__struct_fields__)

# Made once: it is asked at every look at the line.
_FIRST_NAMED = (
    select(func.min(outbox.c.dseq))
    .where(_NAMES_IT, _STANDS, outbox.c.state != PENDING)
    .correlate(blob)
    .scalar_subquery()
)
_HANDED_ON = and_(not_(_IS_OWN), blob.c.cmd_id.not_in(bindparam("not_at_centre", expanding=True)))
_TO_SEND = (
    select(*_HELD)
    .where(blob.c.state == WAITING, or_(_FIRST_NAMED.is_not(None), _HANDED_ON))
    .order_by(func.coalesce(_FIRST_NAMED, _LAST_OF_ALL), blob.c.cmd_id)
    .limit(1)
)


def enter(connection: Connection, case_id: str, told: Attach, cmd_id: str, now_ms: int) -> None:
    """An own file, to be sent; part of the transaction of its act."""
    _put(connection, Held(case_id, told.sha256, told.size, 0, WAITING, now_ms), cmd_id)


def enter_fetched(connection: Connection, case_id: str, sha256: str, size: int, now_ms: int) -> None:
    """A file that came from the centre."""
    _put(connection, Held(case_id, sha256, size, size, FETCHED, now_ms), "")


def enter_carried(connection: Connection, case_id: str, sha256: str, size: int, cmd_id: str, now_ms: int) -> None:
    """A file of another workstation of the unit (交接包), to be sent from here; once. Where an own act names it too, that one sends
    it, as long as it may stand."""
    known = of_case(connection, case_id).get(sha256)
    if known is None or known.state != WAITING:
        _put(connection, Held(case_id, sha256, size, 0, WAITING, now_ms), cmd_id)


def waiting(connection: Connection) -> list[tuple[Held, str]]:
    """Every file the centre has not got, with the act that names it, the oldest act first; of acts refused or taken back none."""
    # Put in order afterwards: asked for in the order of acts, every act of this workstation would be read.
    own = select(*_HELD, outbox.c.cmd_id, outbox.c.dseq).join(outbox, _NAMES_IT).where(blob.c.state == WAITING, _STANDS)
    handed = (
        select(*_HELD, blob.c.cmd_id)
        .where(blob.c.state == WAITING, not_(_IS_OWN))
        .order_by(blob.c.cmd_id, blob.c.sha256)
    )
    oldest: dict[tuple[str, str], tuple[Held, str]] = {}
    for row in sorted(connection.execute(own), key=lambda row: (row.dseq, row.sha256)):
        held = Held(*row[:-2])
        oldest.setdefault((held.case_id, held.sha256), (held, str(row.cmd_id)))
    return [*oldest.values(), *((Held(*row[:-1]), str(row.cmd_id)) for row in connection.execute(handed))]


def _row(case_id: str, sha256: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (blob.c.case_id == case_id, blob.c.sha256 == sha256)


def _put(connection: Connection, held: Held, cmd_id: str) -> None:
    mine = _row(held.case_id, held.sha256)
    known = connection.execute(select(blob.c.state).where(*mine)).scalar()
    if known is None:
        connection.execute(insert(blob).values(**msgspec.structs.asdict(held), cmd_id=cmd_id))
    elif cmd_id:  # added again; whether the centre has the bytes by now is for the centre to say
        again = {} if known == WAITING else {"state": WAITING, "sent": 0}
        connection.execute(update(blob).where(*mine).values(cmd_id=cmd_id, **again))


def count_unsent(connection: Connection) -> int:
    """How many files, own or carried, the centre has not got."""
    return int(connection.execute(select(func.count()).where(blob.c.state == WAITING)).scalar_one())


def of_case(connection: Connection, case_id: str) -> dict[str, Held]:
    """What lies here of a case, by hash."""
    found = connection.execute(select(*_HELD).where(blob.c.case_id == case_id))
    return {row.sha256: Held(*row) for row in found}


def next_to_send(connection: Connection, but: Collection[tuple[str, str]] = ()) -> Held | None:
    """The oldest file that waits and of which the centre has an act that it has not refused; passing over (case, hash) `but`.
    Those carried for another workstation come last."""
    asked = _TO_SEND.where(not_(tuple_(blob.c.case_id, blob.c.sha256).in_(list(but)))) if but else _TO_SEND
    row = connection.execute(asked, {"not_at_centre": list(carried.not_at_centre(connection))}).first()
    return None if row is None else Held(*row)


def act_elsewhere(connection: Connection, held: Held) -> str:
    """The act that names a file which came here without it (a 交接包 may hold files of acts the centre has); "" for all others."""
    mine = select(blob.c.cmd_id).where(*_row(held.case_id, held.sha256), not_(_IS_OWN))
    act = str(connection.execute(mine).scalar() or "")
    is_carried = any(a.cmd_id == act for found in carried.every(connection) for a in found.acts)
    return "" if is_carried else act


def give_up(connection: Connection, case_id: str, sha256: str) -> None:
    """Nobody waits for it: it lies here like any other."""
    connection.execute(update(blob).where(*_row(case_id, sha256)).values(state=FETCHED))


def mark_sent(connection: Connection, held: Held, sent: int, *, whole: bool) -> None:
    """The centre has so many bytes of it, or says that it is `whole`."""
    mine = _row(held.case_id, held.sha256)
    connection.execute(update(blob).where(*mine).values(sent=sent, state=SENT if whole else WAITING, arrived_by=None))


def not_placed(connection: Connection, most: int) -> list[tuple[str, str]]:
    """Own files (case, hash) that the centre has, and of which no place of its order is known at which it had them."""
    asked = select(blob.c.case_id, blob.c.sha256).where(blob.c.state == SENT, blob.c.arrived_by.is_(None))
    return [(str(row.case_id), str(row.sha256)) for row in connection.execute(asked.limit(most))]


def place(connection: Connection, found: Collection[tuple[str, str]], gseq: int) -> None:
    """The centre had these before it was asked how far its order had come, which was up to `gseq`."""
    for case_id, sha256 in found:
        mine = (*_row(case_id, sha256), blob.c.state == SENT, blob.c.arrived_by.is_(None))
        connection.execute(update(blob).where(*mine).values(arrived_by=gseq))


def offer_again(connection: Connection) -> None:
    """The centre has lost acts, and perhaps files: it is asked about each again."""
    connection.execute(update(blob).where(blob.c.state == SENT).values(state=WAITING, sent=0))


def mark_used(connection: Connection, sha256: str, now_ms: int) -> None:
    """Somebody looked at it."""
    connection.execute(update(blob).where(blob.c.sha256 == sha256).values(used_at=now_ms))


def give_up_refused(connection: Connection, unit: str) -> None:
    """What waited for acts that were all taken back or refused waits no more, unless an act that is carried here names it too,
    or the case itself awaits it from the unit: whoever owes it may be gone."""
    may_stand = select(outbox.c.cmd_id).where(_NAMES_IT, or_(outbox.c.state != SETTLED, outbox.c.outcome != "rejected"))
    own = and_(_IS_OWN, not_(exists(may_stand.correlate(blob))))
    named = or_(own, blob.c.cmd_id.in_(carried.rejected(connection)))
    for row in connection.execute(select(blob.c.case_id, blob.c.sha256).where(blob.c.state == WAITING, named)).all():
        other = carried.naming(connection, row.case_id, row.sha256) or _awaited(
            connection, unit, row.case_id, row.sha256
        )
        if other is None:
            give_up(connection, row.case_id, row.sha256)
        else:
            connection.execute(update(blob).where(*_row(row.case_id, row.sha256)).values(cmd_id=other))


def _awaited(connection: Connection, unit: str, case_id: str, sha256: str) -> str | None:
    case = confirmed.confirmed(connection, case_id)
    owed = (a for a in case.attachments if a.unit == unit and a.arrived_at is None) if case is not None else ()
    return next((a.id for a in owed if a.sha256 == sha256), None)


def bytes_held(connection: Connection) -> int:
    """How much lies here, each file once."""
    each = select(func.max(blob.c.size).label("size")).group_by(blob.c.sha256).subquery()
    return int(connection.execute(select(func.sum(each.c.size))).scalar() or 0)


def _in_no_copy(backed_up: int) -> ColumnElement[bool]:
    return or_(blob.c.arrived_by.is_(None), blob.c.arrived_by > backed_up)


def longest_unused(connection: Connection, sent_before_ms: int, backed_up: int) -> list[Held]:
    """What may be let go, longest unused first: no file of which any case waits, no own one used since `sent_before_ms`, none that
    the centre's verified copies, which reach to the place `backed_up` of its order (0: there is none), may lack."""
    own = (blob.c.state == SENT) & ((blob.c.used_at > sent_before_ms) | _in_no_copy(backed_up))
    waits = select(blob.c.sha256).where((blob.c.state == WAITING) | own)
    asked = select(*_HELD).where(blob.c.sha256.not_in(waits)).order_by(blob.c.used_at, blob.c.sha256)
    return [Held(*row) for row in connection.execute(asked)]


def held_back(connection: Connection, sent_before_ms: int, backed_up: int) -> tuple[int, int]:
    """How many own files nobody has used since then are kept only because no verified copy of the centre's holds them, and how many
    bytes they are."""
    mine = select(blob.c.sha256, func.max(blob.c.size).label("size")).where(
        blob.c.state == SENT, _in_no_copy(backed_up), blob.c.used_at <= sent_before_ms
    )
    each = mine.group_by(blob.c.sha256).subquery()
    count, size = connection.execute(
        select(func.count(), func.coalesce(func.sum(each.c.size), 0)).select_from(each)
    ).one()
    return int(count), int(size)


def let_go(connection: Connection, sha256: str) -> None:
    """The bytes are no more here."""
    connection.execute(delete(blob).where(blob.c.sha256 == sha256))


def without_row(connection: Connection) -> list[tuple[str, str, Attach]]:
    """Own acts (case, act, what it says) of a file that has no row here, as after a salvage, and may still have to be sent."""
    stands = and_(outbox.c.kind == _ATTACH, outbox.c.retracted.is_(False), outbox.c.outcome != "rejected")
    asked = select(outbox.c.case_id, outbox.c.cmd_id, outbox.c.body)
    asked = asked.outerjoin(blob, blob.c.cmd_id == outbox.c.cmd_id).where(stands, blob.c.sha256.is_(None))
    told = ((row, decode_command(row.body).args) for row in connection.execute(asked))
    return [(row.case_id, row.cmd_id, args) for row, args in told if isinstance(args, Attach)]
