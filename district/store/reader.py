"""Reads what the order needs, inside the transaction that holds the order lock (sync-R9)."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, bindparam, cast, func, select

from district.store.lost import began_after, told_effective, told_of
from district.store.personal import is_lacking
from district.store.records import Deferral, DeviceHead, FormerDesk, Seen, Standing, Waiting
from district.store.tables import account, alias, deferral, device, former_desk, log, scope_head, undelivered
from models.case import Case
from models.errors import Bug
from models.people import Capacity, Role
from models.store.case_table import case_row, get_case
from models.tray_acts import KINDS
from models.wire import GENESIS, Reason, decode, decode_case

_IDS_AT_ONCE = 400


class Reader:
    """Answers from the database; `prefetch` reads a batch's acts and cases in a few questions instead of hundreds."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._cases: dict[str, Case | None] = {}
        self._seen: dict[str, Seen | None] = {}
        self._blocking: dict[str, list[Deferral]] | None = None
        self._devices: dict[str, Row[Any] | None] = {}

    def prefetch(self, cmd_ids: list[str], case_ids: set[str]) -> None:
        """Read these acts and cases now; later questions about them are answered from memory."""
        self._seen.update(dict.fromkeys(cmd_ids))
        for ids in _pages(cmd_ids):
            for row in self.connection.execute(_SEEN_OF_IDS, {"ids": ids}):
                self._seen[row.cmd_id] = _seen(row)
        self._cases.update(dict.fromkeys(case_ids))
        for ids in _pages(sorted(case_ids)):
            for row in self.connection.execute(_DOCUMENTS, {"ids": ids}):
                self._cases[row.id] = decode_case(row.document)

    def log_head(self) -> tuple[int, str]:
        """The last place of the order and the district's chain there."""
        last = self.connection.execute(_LOG_HEAD).first()
        return (0, GENESIS) if last is None else (int(last.gseq), str(last.chain))

    def scope_heads(self, scopes: list[str]) -> dict[str, tuple[int, str]]:
        """Where these feeds end; one that has no entry yet is left out."""
        rows = self.connection.execute(_SCOPE_HEADS, {"scopes": scopes})
        return {row.scope: (int(row.sseq), str(row.chain)) for row in rows}

    def case(self, case_id: str) -> Case | None:
        """The case as the order left it."""
        if case_id not in self._cases:
            self._cases[case_id] = get_case(self.connection, case_id)
        return self._cases[case_id]

    def seen(self, cmd_id: str) -> Seen | None:
        """The act with that id, if the log has it."""
        if cmd_id not in self._seen:
            row = self.connection.execute(_seen_query().where(log.c.cmd_id == cmd_id)).first()
            self._seen[cmd_id] = None if row is None else _seen(row)
        return self._seen[cmd_id]

    def alias(self, device_id: str, dseq: int) -> str:
        """The hash of the act that an alias record stands for at that place of a chain; "" when there is none."""
        mine = select(alias.c.hash).where(alias.c.device == device_id, alias.c.dseq == dseq)
        return str(self.connection.execute(mine).scalar() or "")

    def device(self, device_id: str) -> DeviceHead:
        """A registered workstation and its chain's end."""
        row = self._device(device_id)
        if row is None:
            raise Bug(f"no device {device_id}")
        return DeviceHead(row.id, row.unit, int(row.head_dseq), row.head_hash, int(row.proven_lo))

    def registered_at(self, device_id: str) -> int:
        """When a workstation was let in (ms UTC); 0 when nobody knows of it."""
        row = self._device(device_id)
        return 0 if row is None else int(row.registered_at)

    def replaces(self, device_id: str) -> str:
        """Which device a workstation proved to have been when it was let in again; "" when none, or nobody knows of it."""
        row = self._device(device_id)
        return "" if row is None else str(row.replaces)

    def is_revoked(self, device_id: str) -> bool:
        """True for a workstation that was taken out, or that nobody knows. Asked under the order's lock: a push that was on
        its way when the device was revoked comes too late."""
        row = self._device(device_id)
        return row is None or row.revoked_at is not None

    def _device(self, device_id: str) -> Row[Any] | None:
        if device_id not in self._devices:
            self._devices[device_id] = self.connection.execute(_DEVICE, {"id": device_id}).first()
        return self._devices[device_id]

    def standing(self, person: str) -> Standing:
        """Disabled since, and former desks."""
        rows = self.connection.execute(_STANDING, {"person": person}).all()
        former = tuple(
            FormerDesk(row.unit, int(row.until_at), tuple(Role(r) for r in row.roles.split()), Capacity(row.capacity))
            for row in rows
            if row.unit is not None
        )
        disabled = rows[0].disabled_at
        return Standing(None if disabled is None else int(disabled), former)

    def waiting(self, receiver: str, up_to_gseq: int) -> list[Waiting]:
        """What no console of a unit has yet, assignments and duties handed on, in the order they were given."""
        mine = select(undelivered).where(undelivered.c.receiver == receiver, undelivered.c.gseq <= up_to_gseq)
        rows = self.connection.execute(mine.order_by(undelivered.c.gseq, undelivered.c.assignment))
        return [Waiting(row.assignment, row.case_id, row.receiver, int(row.gseq)) for row in rows]

    def deferred_on(self, case_id: str, but: Set[str]) -> Deferral | None:
        """The last act on a case that is still undecided and makes later ones wait, other than these (ids)."""
        if self._blocking is None:
            self._blocking = {}
            for found in self.deferrals():
                if found.blocks:
                    self._blocking.setdefault(found.case_id, []).append(found)
        return next((d for d in reversed(self._blocking.get(case_id, ())) if d.cmd_id not in but), None)

    def deferrals(self) -> list[Deferral]:
        """Every act still undecided, in the order."""
        return [_deferral(row) for row in self.connection.execute(_OPEN_DEFERRALS)]

    def open_cases(self) -> list[str]:
        """The ids of all open cases, oldest first."""
        mine = select(case_row.c.id).where(case_row.c.is_open.is_(True)).order_by(case_row.c.id)
        return list(self.connection.execute(mine).scalars())

    def last_received_ms(self) -> int:
        """When the newest entry of the order came in (ms UTC); 0 when there is none."""
        return int(self.connection.execute(select(func.max(log.c.received_at))).scalar() or 0)

    def lost(self, cmd_ids: list[str], unit: str) -> set[str]:
        """Those of these acts that a workstation of the unit says were decided before a restore."""
        return told_of(self.connection, cmd_ids, unit)

    def had_effect(self, cmd_id: str, unit: str) -> bool:
        """True when a workstation of the unit says that this act had taken effect before a restore."""
        return told_effective(self.connection, cmd_id, unit)

    def began_after(self, case_id: str, gseq: int) -> bool:
        """True when the case was first heard of after that place of the order, and was not lost by a restore."""
        return began_after(self.connection, case_id, gseq)

    def lacks_record(self, digest: str, unit: str) -> bool:
        """True when a requester's record is not here, and not awaited from that unit either."""
        return is_lacking(self.connection, digest, unit)

    def entry(self, gseq: int) -> Any:
        """The log's row at a place of the order."""
        return self.connection.execute(select(log).where(log.c.gseq == gseq)).one()

    def about(self, cmd_id: str) -> list[Any]:
        """The log's rows about an act, in the order."""
        mine = select(log).where(log.c.case_id == cmd_id).order_by(log.c.gseq)
        return list(self.connection.execute(mine).mappings())


def chain_of_order(connection: Connection, gseq: int) -> str:
    """The district's chain at a place of the order; "" when there is no such place."""
    if gseq == 0:
        return GENESIS
    return str(connection.execute(_CHAIN_AT, {"gseq": gseq}).scalar() or "")


def overdue_cases(connection: Connection, now_ms: int) -> list[Case]:
    """The open cases with a running clock that is past its due time, the earliest first."""
    return [decode_case(raw) for raw in connection.execute(_OVERDUE, {"now": now_ms}).scalars()]


def _pages(ids: list[str]) -> Iterable[list[str]]:
    for start in range(0, len(ids), _IDS_AT_ONCE):
        yield ids[start : start + _IDS_AT_ONCE]


def _deferral(row: Any) -> Deferral:
    return Deferral(row.cmd_id, int(row.gseq), row.case_id, row.unit, bool(row.blocks))


def _seen_query() -> Select[Any]:
    columns = (log.c.cmd_id, log.c.device, log.c.dseq, log.c.hash, log.c.outcome, log.c.reason, log.c.gseq)
    settled = (
        deferral.c.settled_gseq,
        deferral.c.outcome.label("settled_outcome"),
        deferral.c.code.label("settled_code"),
    )
    joined = log.join(device, device.c.id == log.c.device).outerjoin(deferral, deferral.c.cmd_id == log.c.cmd_id)
    return select(*columns, *settled, device.c.unit).select_from(joined)


# Made once: each act asks these, and making a statement takes longer than looking a row up.
_SEEN_OF_IDS = _seen_query().where(log.c.cmd_id.in_(bindparam("ids", expanding=True)))
_DOCUMENTS = select(case_row.c.id, case_row.c.document).where(case_row.c.id.in_(bindparam("ids", expanding=True)))
_LOG_HEAD = select(log.c.gseq, log.c.chain).order_by(log.c.gseq.desc()).limit(1)
_CHAIN_AT = select(log.c.chain).where(log.c.gseq == bindparam("gseq"))
_OVERDUE = (
    select(case_row.c.document)
    .where(case_row.c.is_open.is_(True), case_row.c.due_at < bindparam("now"))
    .order_by(case_row.c.due_at, case_row.c.id)
)
_SCOPE_HEADS = select(scope_head).where(scope_head.c.scope.in_(bindparam("scopes", expanding=True)))
_OPEN_DEFERRALS = select(deferral).where(deferral.c.settled_gseq.is_(None)).order_by(deferral.c.gseq)
_DEVICE = select(device).where(device.c.id == bindparam("id"))
_ASKED_FOR = select(cast(bindparam("person"), Text).label("person")).subquery()
_STANDING = (
    select(
        account.c.disabled_at,
        former_desk.c.unit,
        former_desk.c.until_at,
        former_desk.c.roles,
        former_desk.c.capacity,
    )
    .select_from(  # former desks also of whoever has no account
        _ASKED_FOR.outerjoin(account, account.c.person == _ASKED_FOR.c.person).outerjoin(
            former_desk, former_desk.c.person == _ASKED_FOR.c.person
        )
    )
    .order_by(former_desk.c.until_at)
)


def _seen(row: Any) -> Seen:
    reason: Reason | None = decode(row.reason, Reason | None)  # type: ignore[arg-type]
    outcome, gseq = row.outcome, int(row.gseq)
    if row.settled_gseq is not None:
        outcome, gseq = row.settled_outcome, int(row.settled_gseq)
        reason = Reason(row.settled_code) if row.settled_code else None
    return Seen(row.cmd_id, row.device, row.unit, int(row.dseq), row.hash, outcome, reason, gseq)


def seen_of_unit(connection: Connection, ids: list[str], unit: str) -> list[Seen]:
    """What became of these acts, as far as workstations of this unit made them (I18)."""
    found: list[Seen] = []
    for page in _pages(ids):
        rows = connection.execute(_seen_query().where(log.c.cmd_id.in_(page), device.c.unit == unit))
        found.extend(_seen(row) for row in rows)
    return sorted(found, key=lambda s: s.gseq)


def said_of(connection: Connection, ids: list[str]) -> list[str]:
    """What was said of these acts in the tray and was accepted, in the order, as it was made."""
    mine = select(log.c.gseq, log.c.body).where(log.c.kind.in_(KINDS), log.c.outcome == "accepted")
    pages = (connection.execute(mine.where(log.c.case_id.in_(page))) for page in _pages(ids))
    return [str(row.body) for row in sorted((row for rows in pages for row in rows), key=lambda row: row.gseq)]


def seen_anywhere(connection: Connection, ids: list[str]) -> list[Seen]:
    """What became of these acts, whichever workstation they came through: for the district's own operators."""
    pages = (connection.execute(_seen_query().where(log.c.cmd_id.in_(page))) for page in _pages(ids))
    return [_seen(row) for rows in pages for row in rows]
