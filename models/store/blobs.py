"""Which photographs and files lie beside this store, and which of them the centre has still to be sent (sync.md §3.2).

The bytes are in a folder (models/blob_folder.py). WAITING: own, the centre has not got all of it; SENT: it has; FETCHED: came
from the centre. What waits is never let go.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, and_, delete, func, insert, not_, select, tuple_, update

from models.attachment import Attach
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


_HELD = tuple(blob.c[name] for name in Held.__struct_fields__)


def enter(connection: Connection, case_id: str, told: Attach, cmd_id: str, now_ms: int) -> None:
    """An own file, to be sent; part of the transaction of its act."""
    _put(connection, Held(case_id, told.sha256, told.size, 0, WAITING, now_ms), cmd_id)


def enter_fetched(connection: Connection, case_id: str, sha256: str, size: int, now_ms: int) -> None:
    """A file that came from the centre."""
    _put(connection, Held(case_id, sha256, size, size, FETCHED, now_ms), "")


def _put(connection: Connection, held: Held, cmd_id: str) -> None:
    mine = (blob.c.case_id == held.case_id, blob.c.sha256 == held.sha256)
    known = connection.execute(select(blob.c.state).where(*mine)).scalar()
    if known is None:
        connection.execute(insert(blob).values(**msgspec.structs.asdict(held), cmd_id=cmd_id))
    elif known == WAITING and cmd_id:
        connection.execute(update(blob).where(*mine).values(cmd_id=cmd_id))  # added again, as another kind


def count_unsent(connection: Connection) -> int:
    """How many own files the centre has not got."""
    return int(connection.execute(select(func.count()).where(blob.c.state == WAITING)).scalar_one())


def of_case(connection: Connection, case_id: str) -> dict[str, Held]:
    """What lies here of a case, by hash."""
    found = connection.execute(select(*_HELD).where(blob.c.case_id == case_id))
    return {row.sha256: Held(*row) for row in found}


def next_to_send(connection: Connection, but: Collection[tuple[str, str]] = ()) -> Held | None:
    """The oldest file that waits and whose act the centre has, and has not refused; passing over (case, hash) `but`."""
    stands = and_(outbox.c.state != PENDING, outbox.c.retracted.is_(False), outbox.c.outcome != "rejected")
    asked = select(*_HELD).join(outbox, outbox.c.cmd_id == blob.c.cmd_id).where(blob.c.state == WAITING, stands)
    if but:
        asked = asked.where(not_(tuple_(blob.c.case_id, blob.c.sha256).in_(list(but))))
    row = connection.execute(asked.order_by(outbox.c.dseq).limit(1)).first()
    return None if row is None else Held(*row)


def mark_sent(connection: Connection, held: Held, sent: int, *, whole: bool) -> None:
    """The centre has so many bytes of it, or says that it is `whole`."""
    mine = (blob.c.case_id == held.case_id, blob.c.sha256 == held.sha256)
    connection.execute(update(blob).where(*mine).values(sent=sent, state=SENT if whole else WAITING))


def offer_again(connection: Connection) -> None:
    """The centre has lost acts, and perhaps files: it is asked about each again."""
    connection.execute(update(blob).where(blob.c.state == SENT).values(state=WAITING, sent=0))


def mark_used(connection: Connection, sha256: str, now_ms: int) -> None:
    """Somebody looked at it."""
    connection.execute(update(blob).where(blob.c.sha256 == sha256).values(used_at=now_ms))


def give_up_refused(connection: Connection) -> None:
    """What waited for an act that was taken back or refused waits no more."""
    refused = select(outbox.c.cmd_id).where(outbox.c.state == SETTLED, outbox.c.outcome == "rejected")
    unwanted = (blob.c.state == WAITING, blob.c.cmd_id.in_(refused))
    connection.execute(update(blob).where(*unwanted).values(state=FETCHED))


def bytes_held(connection: Connection) -> int:
    """How much lies here, each file once."""
    each = select(func.max(blob.c.size).label("size")).group_by(blob.c.sha256).subquery()
    return int(connection.execute(select(func.sum(each.c.size))).scalar() or 0)


def longest_unused(connection: Connection, sent_before_ms: int) -> list[Held]:
    """What may be let go, longest unused first: no file of which any case waits, no own one added since `sent_before_ms`."""
    waits = select(blob.c.sha256).where(
        (blob.c.state == WAITING) | ((blob.c.state == SENT) & (blob.c.used_at > sent_before_ms))
    )
    asked = select(*_HELD).where(blob.c.sha256.not_in(waits)).order_by(blob.c.used_at, blob.c.sha256)
    return [Held(*row) for row in connection.execute(asked)]


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
