"""The acts of this device, in the order they were made; kept after they are settled (sync-R7)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    false,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from models.commands import Command, Retract, kind_of
from models.recovery import DECIDED, EFFECTIVE, Was, lost_again
from models.store.clocks_told import clocks_of
from models.store.console_tables import outbox
from models.tray_acts import KINDS
from models.wire import GENESIS, UNSIGNED, Reason, Sealed, UnknownKind, decode, decode_command, encode

PENDING, SENT, SETTLED = "pending", "sent", "settled"
RETRACT = kind_of(Retract(""))
_NONE_YET: dict[str, Any] = {"state": PENDING, "outcome": "", "reason": "", "gseq": None}
_WAITS = or_(outbox.c.state.in_((PENDING, SENT)), outbox.c.outcome == "deferred")
"""Said so that both sides of it are looked up: an outbox holds the acts of years."""

# Made once: a page of the feed settles hundreds, and making the statement takes longer than carrying it out.
_SETTLE = (
    update(outbox)
    .where(outbox.c.cmd_id == bindparam("id"))
    .values(
        state=SETTLED,
        outcome=bindparam("verdict"),
        gseq=bindparam("place"),
        reason=bindparam("why"),
        closed_at=case((outbox.c.outcome == bindparam("verdict"), outbox.c.closed_at), else_=null()),
    )
)
_SETTLE_EFFECTIVE = _SETTLE.values(retracted=False)

# Made once as well: every exchange asks them.
_HEAD = select(outbox.c.dseq, outbox.c.hash).where(outbox.c.dseq > 0).order_by(outbox.c.dseq.desc()).limit(1)
_UNPLACED = func.count(case((outbox.c.dseq < 0, 1)))
_UNSENT = select(func.count(), func.min(outbox.c.made_at), _UNPLACED).where(outbox.c.state == PENDING)
_OWN = select(outbox.c.cmd_id).where(outbox.c.cmd_id.in_(bindparam("ids", expanding=True)))
_UNSETTLED = (
    select(outbox.c.case_id, outbox.c.body)
    .where(outbox.c.case_id.in_(bindparam("ids", expanding=True)), _WAITS, outbox.c.retracted.is_(False))
    .order_by(outbox.c.dseq)
)
_NOT_EFFECTIVE = (
    select(outbox)
    .where(outbox.c.outcome.in_(("rejected", "merged")), outbox.c.closed_at.is_(None))
    .where(outbox.c.retracted.is_(False), outbox.c.kind.not_in(KINDS))
    .order_by(outbox.c.dseq.desc())
)


class Unsent(msgspec.Struct, frozen=True):
    """How much waits for the line: how many acts, since when; `unplaced`: how many of them were made as a former device and get
    their places in the chain when the centre has said which of them it has (docs/decisions/0014)."""

    count: int
    oldest_at: int | None
    unplaced: int = 0


def head(connection: Connection) -> tuple[int, str]:
    """Number and hash of the last act of this device. Numbers below zero are of a former one (rechain.begin_anew)."""
    last = connection.execute(_HEAD).first()
    return (0, GENESIS) if last is None else (int(last.dseq), str(last.hash))


def append(connection: Connection, command: Command, sealed: Sealed, made_at: int) -> None:
    """Add an act; part of the same transaction that shows it on the screen (P1)."""
    connection.execute(
        insert(outbox).values(
            dseq=command.dseq,
            cmd_id=command.cmd_id,
            device=command.device,
            case_id=command.subject.id,
            kind=kind_of(command.args),
            actor=command.actor,
            body=sealed.body,
            hash=sealed.hash,
            made_at=made_at,
            state=PENDING,
            outcome="",
            reason="",
            retracted=False,
        )
    )


def find(connection: Connection, cmd_id: str) -> Row[Any] | None:
    """The act with that id."""
    return connection.execute(select(outbox).where(outbox.c.cmd_id == cmd_id)).first()


def mark_retracted(connection: Connection, cmd_id: str) -> None:
    """The act is taken back by a later one; it is still sent, and stays on record (D3)."""
    connection.execute(update(outbox).where(outbox.c.cmd_id == cmd_id).values(retracted=True))


def after(connection: Connection, dseq: int, limit: int, limit_bytes: int) -> list[Sealed]:
    """The acts after `dseq` in order, then, ahead of their place, the retractions of those among them that were taken
    back: the centre must know of both at once (D3). Unsigned: the line signs what it sends. At most `limit` lines; the acts at most about `limit_bytes`."""
    query = select(outbox).where(outbox.c.dseq > dseq).order_by(outbox.c.dseq).limit(limit)
    acts = _within(connection.execute(query).all(), limit_bytes)
    ahead = _taking_back(connection, acts)
    if len(acts) + len(ahead) > limit:
        acts = acts[: limit // 2]
        ahead = _taking_back(connection, acts)
    return [_sealed(row) for row in (*acts, *ahead)]


def _within(rows: Sequence[Row[Any]], limit_bytes: int) -> Sequence[Row[Any]]:
    size = 0
    for number, row in enumerate(rows):
        size += len(row.body.encode()) * 2  # on the line a letter is up to three bytes, and a quote two
        if size > limit_bytes and number:
            return rows[:number]
    return rows


def _taking_back(connection: Connection, acts: Sequence[Row[Any]]) -> list[Row[Any]]:
    """The retractions, further on in the chain, of acts among these."""
    wanted = {row.cmd_id for row in acts if row.retracted}
    if not wanted:
        return []
    further = select(outbox).where(outbox.c.dseq > acts[-1].dseq, outbox.c.kind == RETRACT).order_by(outbox.c.dseq)
    return [row for row in connection.execute(further) if _target(row) in wanted]


def _target(row: Row[Any]) -> str:
    args = decode_command(row.body).args
    return args.cmd_id if isinstance(args, Retract) else ""


def _sealed(row: Row[Any]) -> Sealed:
    return Sealed(body=row.body, hash=row.hash, alg=UNSIGNED)


def pending(connection: Connection) -> list[Sealed]:
    """Every act of this device that the centre has not acknowledged, in order, unsigned; without those of a former one."""
    mine = select(outbox).where(outbox.c.state == PENDING, outbox.c.dseq > 0)
    return [_sealed(row) for row in connection.execute(mine.order_by(outbox.c.dseq))]


def mark_sent(connection: Connection, up_to_dseq: int) -> None:
    """The centre's head of this device's chain has passed these acts: they arrived, their verdict is still to come."""
    waiting = and_(outbox.c.dseq <= up_to_dseq, outbox.c.state == PENDING)
    connection.execute(update(outbox).where(waiting).values(state=SENT))


def reopen(connection: Connection, head_dseq: int, epoch: int) -> int:
    """The centre's head of this chain is behind acts it had: they were lost there, and are offered again as they were made,
    their old results worth nothing any more but to tell the order they had in history `epoch` (sync-R6). Returns how many."""
    return _reopen(connection, and_(outbox.c.dseq > head_dseq, outbox.c.state != PENDING), epoch)


def _reopen(connection: Connection, are_lost: ColumnElement[bool], epoch: int) -> int:
    decided = select(outbox).where(are_lost, outbox.c.outcome.in_(DECIDED))
    for row in connection.execute(decided).all():
        was = encode(_was(connection, row, epoch)).decode()
        connection.execute(update(outbox).where(outbox.c.dseq == row.dseq).values(was=was))
    return int(connection.execute(update(outbox).where(are_lost).values(**_NONE_YET)).rowcount)


def _was(connection: Connection, row: Row[Any], epoch: int) -> Was:
    reason = decode(row.reason, Reason) if row.reason else Reason("")
    clocks = clocks_of(connection, row.case_id, row.cmd_id)
    now = Was(row.cmd_id, epoch, int(row.gseq), row.outcome, reason.code, clocks)
    return lost_again(decode(row.was, Was) if row.was else None, now)


def lost_after(connection: Connection, dseq: int, limit: int, epoch: int) -> list[Was]:
    """What acts after `dseq`, the centre's head of this chain, had come to in a past that it has lost, the first of them: also of
    those that nobody here has noticed to be lost yet, in history `epoch` (0: none is known)."""
    offered = and_(outbox.c.was != "", outbox.c.state == PENDING)
    unnoticed = and_(outbox.c.state == SETTLED, outbox.c.outcome.in_(DECIDED)) if epoch else false()
    mine = select(outbox).where(outbox.c.dseq > dseq, or_(offered, unnoticed)).order_by(outbox.c.dseq).limit(limit)
    rows = connection.execute(mine).all()
    return [decode(row.was, Was) if row.state == PENDING else _was(connection, row, epoch) for row in rows]


def decided(connection: Connection, head_dseq: int) -> dict[str, str]:
    """Of the acts up to that place of the chain, and of former devices: the verdict known here, by id. Also of one that was
    lost before, with the act undecided since; "" of one that was offered again and came there by another way: it may have come
    to the same, and its clocks not."""
    is_known = or_(and_(outbox.c.state == SETTLED, outbox.c.outcome.in_(DECIDED)), outbox.c.was != "")
    mine = select(outbox.c.cmd_id, outbox.c.state, outbox.c.outcome, outbox.c.was).where(is_known)
    rows = connection.execute(mine.where(outbox.c.dseq <= head_dseq)).all()
    return {r.cmd_id: _settled_as(r) if r.state == SETTLED else "" for r in rows}


def _settled_as(row: Any) -> str:
    return str(row.outcome) if row.outcome in DECIDED else decode(row.was, Was).outcome


def remember(connection: Connection, ids: Sequence[str], epoch: int) -> list[Was]:
    """What these acts of this store had come to in history `epoch`, or before it; kept from now on: the centre has them undecided,
    or otherwise, and may be put back once more before anybody here has heard the new verdict."""
    found: list[Was] = []
    for row in connection.execute(select(outbox).where(outbox.c.cmd_id.in_(ids)).order_by(outbox.c.dseq)).all():
        was = _was(connection, row, epoch) if row.outcome in DECIDED else decode(row.was, Was)
        connection.execute(update(outbox).where(outbox.c.dseq == row.dseq).values(was=encode(was).decode()))
        found.append(was)
    return found


def former_ids(connection: Connection) -> list[str]:
    """Ids of the acts made here while this workstation was another device."""
    return [str(i) for i in connection.execute(select(outbox.c.cmd_id).where(outbox.c.dseq < 0)).scalars()]


def reopen_these(connection: Connection, ids: Sequence[str], epoch: int) -> None:
    """Acts of a former device that the centre has lost: offered again, at a new place."""
    for start in range(0, len(ids), 500):
        _reopen(connection, outbox.c.cmd_id.in_(ids[start : start + 500]), epoch)


def settle(connection: Connection, cmd_id: str, outcome: str, reason: Reason | None, gseq: int) -> bool:
    """The verdict came through the feed (sync-R1). True when it is an act of this store. An act that took effect although
    it was to be taken back shows again: its retraction came too late, and says so in the tray. So does one that was put
    away with another verdict."""
    change = _SETTLE_EFFECTIVE if outcome in ("accepted", "merged") else _SETTLE
    values = {"id": cmd_id, "verdict": outcome, "place": gseq, "why": encode(reason).decode() if reason else ""}
    return connection.execute(change, values).rowcount == 1


def those_of_this_store(connection: Connection, cmd_ids: Iterable[str]) -> set[str]:
    """Which of these acts were made here."""
    return {str(found) for found in connection.execute(_OWN, {"ids": list(cmd_ids)}).scalars()}


def unsettled_of_cases(connection: Connection, case_ids: Iterable[str]) -> dict[str, list[Command]]:
    """Acts whose verdict is still to come, in order, without those taken back, by case. Deferred is no verdict (D12): the
    act stays on its clerk's screen (I14)."""
    found: dict[str, list[Command]] = {}
    for row in connection.execute(_UNSETTLED, {"ids": list(case_ids)}):
        found.setdefault(str(row.case_id), []).append(decode_command(row.body))
    return found


def unsettled_ids(connection: Connection) -> list[str]:
    """Ids of all acts whose verdict is still to come, in order."""
    waiting = select(outbox.c.cmd_id).where(_WAITS).order_by(outbox.c.dseq)
    return [str(cmd_id) for cmd_id in connection.execute(waiting).scalars()]


def every_command(connection: Connection) -> list[Command]:
    """All acts of kinds this version knows, in order."""
    found: list[Command] = []
    for body in connection.execute(select(outbox.c.body).order_by(outbox.c.dseq)).scalars():
        with contextlib.suppress(UnknownKind):
            found.append(decode_command(body))
    return found


def every_id(connection: Connection) -> list[str]:
    """Ids of all acts, in order."""
    return [str(found) for found in connection.execute(select(outbox.c.cmd_id).order_by(outbox.c.dseq)).scalars()]


def waiting_cases(connection: Connection) -> list[str]:
    """Ids of the cases with acts whose verdict is still to come, or is to come again."""
    return [str(found) for found in connection.execute(select(outbox.c.case_id).where(_WAITS).distinct()).scalars()]


def unsent(connection: Connection) -> Unsent:
    """Acts the centre has not received."""
    row = connection.execute(_UNSENT).one()
    return Unsent(int(row[0]), None if row[1] is None else int(row[1]), int(row[2]))


def states_of_case(connection: Connection, case_id: str) -> list[Row[Any]]:
    """What became of every own act on a case."""
    return list(connection.execute(select(outbox).where(outbox.c.case_id == case_id)).all())


def not_effective(connection: Connection) -> list[Row[Any]]:
    """Acts that did not take effect and whose entry nobody has closed (I11): rejected or merged, not taken back. Those about the tray
    itself are none: a close that is refused shows by its entry, which is back."""
    return list(connection.execute(_NOT_EFFECTIVE).all())


def may_be_undone(row: Row[Any]) -> bool:
    """The centre has not got the act, and had not before it was put back, when it may have taken effect: others have gone on
    from it since."""
    return row.state == PENDING and not (row.was and decode(row.was, Was).outcome in EFFECTIVE)


def put_away(connection: Connection, cmd_id: str, at_ms: int | None) -> None:
    """Somebody has seen it: out of the tray, still on record. What follows from an act (models/store/tray_words.py); None: it does
    not hold any more."""
    connection.execute(update(outbox).where(outbox.c.cmd_id == cmd_id).values(closed_at=at_ms))
