"""The one order of the district (D1, sync-R3, R4, R8, R9): every act gets its place, its verdict and its feeds here.

The order lock is held from before the first row read until commit. Outcome, counters, feeds and case rows are one
transaction: either all of an entry is there or nothing.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from district.judge import Judgement, judge, retracted_in
from district.store.tables import account, case_scope, device, feed, log, meta, scope_head, undelivered
from models.case import Case
from models.commands import Command, Deliver, Retract, Subject, kind_of
from models.decide import Outcome
from models.evidence import ClaimedTime, Moment, exactly, moment_of_act
from models.ids import NewId
from models.organisation import DISTRICT_CODE
from models.people import DISTRICT_ITSELF
from models.rules import Rules
from models.store.case_table import get_case, put_case
from models.wire import (
    GENESIS,
    PROTOCOL,
    Entry,
    Malformed,
    PushReply,
    Reason,
    Sealed,
    UnknownKind,
    chain_hash,
    decode_any,
    decode_command,
    encode,
    entry_link,
    scope_link,
    seal,
)

CENTRE_DEVICE = "D-centre"


class Parsed(msgspec.Struct, frozen=True):
    """A command as received: its exact text, and its meaning when this version knows the kind."""

    sealed: Sealed
    command: Command | None
    cmd_id: str
    device: str
    dseq: int
    prev: str


def parse(sealed: Sealed) -> Parsed:
    """Read a command outside the order lock. Malformed when it is no command or its hash does not fit its bytes."""
    try:
        command: Command | None = decode_command(sealed.body)
    except UnknownKind:
        command = None
    head = decode_any(sealed.body)
    if not isinstance(head, dict):
        raise Malformed("not a command")
    cmd_id, name, dseq, prev = (head.get(k) for k in ("cmd_id", "device", "dseq", "prev"))
    texts = isinstance(cmd_id, str) and isinstance(name, str) and isinstance(prev, str)
    if not texts or type(dseq) is not int or not 0 < dseq < 1 << 53:
        raise Malformed("not a command")
    if sealed.alg != "none":
        raise Malformed("alg")
    if sealed.hash != chain_hash(str(prev), sealed.body):
        raise Malformed("hash")
    return Parsed(sealed, command, str(cmd_id), str(name), dseq, str(prev))


class Journal:
    """Appends to the order inside one open transaction that already holds the order lock."""

    def __init__(self, connection: Connection, rules: Rules, now_ms: int, epoch: int) -> None:
        self._connection = connection
        self._rules = rules
        self._now_ms = now_ms
        self._epoch = epoch
        self._gseq, self._chain = self._head()
        self._heads: dict[str, tuple[int, str]] = {}
        self.touched: set[str] = set()

    def _head(self) -> tuple[int, str]:
        last = self._connection.execute(select(log.c.gseq, log.c.chain).order_by(log.c.gseq.desc()).limit(1)).first()
        return (0, GENESIS) if last is None else (int(last.gseq), str(last.chain))

    # A push

    def push(self, device_id: str, batch: list[Parsed]) -> PushReply:
        """Take the commands of one device in their order, as far as its chain is whole."""
        row = self._connection.execute(select(device).where(device.c.id == device_id)).one()
        dseq, head, proven = int(row.head_dseq), str(row.head_hash), int(row.proven_lo)
        takes_back = retracted_in([p.command for p in batch if p.command is not None])
        known: list[tuple[str, str, str, int]] = []
        error, want = "", 0
        for parsed in batch:
            if parsed.device != device_id:
                error = "fork"
                break
            seen = self._seen(parsed.cmd_id)
            if seen is not None and parsed.dseq <= dseq:
                known.append(seen)
                continue
            if parsed.dseq > dseq + 1:
                error, want = "gap", dseq + 1
                break
            if parsed.dseq <= dseq or parsed.prev != head or seen is not None:
                error = "fork"
                break
            verdict, proven = self._take(parsed, row, proven, takes_back)
            known.append(verdict)
            dseq, head = parsed.dseq, parsed.sealed.hash
        done = update(device).where(device.c.id == device_id)
        self._connection.execute(done.values(head_dseq=dseq, head_hash=head, proven_lo=proven))
        return PushReply(self._epoch, dseq, head, self._now_ms, error, want, known)

    def _seen(self, cmd_id: str) -> tuple[str, str, str, int] | None:
        columns = select(log.c.cmd_id, log.c.outcome, log.c.reason, log.c.gseq)
        found = self._connection.execute(columns.where(log.c.cmd_id == cmd_id)).first()
        return None if found is None else (found.cmd_id, found.outcome, _code(found.reason), int(found.gseq))

    def _take(
        self, parsed: Parsed, row: Row[tuple[object, ...]], proven: int, takes_back: dict[str, str]
    ) -> tuple[tuple[str, str, str, int], int]:
        command = parsed.command
        if command is None:
            reason = Reason(code="upgrade_server")
            self._append_plain(parsed, str(row.unit), Outcome.DEFERRED, reason, Moment(proven, self._now_ms))
            return (parsed.cmd_id, "deferred", reason.code, self._gseq), proven
        at = moment_of_act(command.time, proven, self._now_ms)
        if at.grade.value == "A":
            proven = max(proven, at.lo)
        if isinstance(command.args, Retract):
            good = takes_back.get(command.args.cmd_id) == command.cmd_id
            verdict_reason = None if good else Reason(code="already_accepted")
            outcome = Outcome.ACCEPTED if good else Outcome.REJECTED
            self._append_plain(parsed, str(row.unit), outcome, verdict_reason, at)
            code = verdict_reason.code if verdict_reason else ""
            return (parsed.cmd_id, outcome.value, code, self._gseq), proven
        case = get_case(self._connection, command.subject.id) if command.subject.type == "case" else None
        judgement = judge(
            case,
            command,
            str(row.unit),
            self._rules,
            at,
            retracted=parsed.cmd_id in takes_back,
            disabled_at=self._disabled_at(command.actor),
        )
        self._append(parsed, judgement, at)
        code = judgement.reason.code if judgement.reason else ""
        return (parsed.cmd_id, judgement.outcome.value, code, self._gseq), proven

    def _disabled_at(self, person: str) -> int | None:
        found = self._connection.execute(select(account.c.disabled_at).where(account.c.person == person)).first()
        return None if found is None or found.disabled_at is None else int(found.disabled_at)

    # What the centre itself saw

    def deliver(self, receiver: str, up_to_gseq: int, new_id: NewId) -> int:
        """The receiver's console was sent these entries: its assignments count as delivered now (R43, D6).

        Returns how many. Each is a command of the centre's own device, in the same order.
        """
        waiting = self._connection.execute(
            select(undelivered).where(undelivered.c.receiver == receiver, undelivered.c.gseq <= up_to_gseq)
        ).all()
        for found in waiting:
            self.append_own(Deliver(found.assignment), found.case_id, new_id())
        return len(waiting)

    def append_own(self, args: Deliver, case_id: str, cmd_id: str) -> None:
        """Append an act of the centre itself, on the chain of the centre's own device."""
        row = self._connection.execute(select(device).where(device.c.id == CENTRE_DEVICE)).one()
        command = Command(
            v=PROTOCOL,
            cmd_id=cmd_id,
            device=CENTRE_DEVICE,
            dseq=int(row.head_dseq) + 1,
            prev=str(row.head_hash),
            actor=DISTRICT_ITSELF,
            unit=DISTRICT_CODE,
            subject=Subject("case", case_id),
            args=args,
            time=ClaimedTime(self._now_ms, "centre", self._now_ms),
        )
        sealed = seal(command)
        parsed = Parsed(sealed, command, cmd_id, CENTRE_DEVICE, command.dseq, command.prev)
        case = get_case(self._connection, case_id)
        at = exactly(self._now_ms)
        verdict = judge(case, command, DISTRICT_CODE, self._rules, at, retracted=False, disabled_at=None)
        self._append(parsed, verdict, at)
        self._connection.execute(delete(undelivered).where(undelivered.c.assignment == args.assignment))
        done = update(device).where(device.c.id == CENTRE_DEVICE)
        self._connection.execute(done.values(head_dseq=command.dseq, head_hash=sealed.hash))

    # Rows

    def _append_plain(self, parsed: Parsed, unit: str, outcome: Outcome, reason: Reason | None, at: Moment) -> None:
        modes = dict.fromkeys(sorted({unit, DISTRICT_CODE}), "own")
        self._append(parsed, Judgement(outcome, reason, b"null", None, modes, (), ()), at)

    def _append(self, parsed: Parsed, judgement: Judgement, at: Moment) -> None:
        self._gseq += 1
        effect = judgement.effect
        self._chain = entry_link(self._chain, self._gseq, parsed.sealed.hash, judgement.outcome.value, effect)
        version = judgement.after.version if judgement.after else 0
        command = parsed.command
        self._connection.execute(
            insert(log).values(
                gseq=self._gseq,
                cmd_id=parsed.cmd_id,
                device=parsed.device,
                dseq=parsed.dseq,
                case_id=command.subject.id if command else "",
                kind=kind_of(command.args) if command else "",
                actor=command.actor if command else "",
                body=parsed.sealed.body,
                hash=parsed.sealed.hash,
                outcome=judgement.outcome.value,
                reason=encode(judgement.reason).decode(),
                effect=effect.decode(),
                case_version=version,
                rules=self._rules.version,
                received_at=self._now_ms,
                lo=at.lo,
                hi=at.hi,
                grade=at.grade.value,
                chain=self._chain,
            )
        )
        entry = Entry(
            gseq=self._gseq,
            body=parsed.sealed.body,
            hash=parsed.sealed.hash,
            outcome=judgement.outcome.value,
            received_at=self._now_ms,
            evidence=(at.lo, at.hi, at.grade.value),
            chain=self._chain,
            reason=judgement.reason,
            effect=msgspec.Raw(effect),
            case_version=version,
            rules=self._rules.version,
        )
        self._publish(entry, judgement)
        if judgement.after is not None:
            self._keep(judgement.after, judgement)

    def _publish(self, entry: Entry, judgement: Judgement) -> None:
        document = encode(judgement.after) if judgement.after is not None else b"null"
        rows = []
        for scope, mode in judgement.modes.items():
            sseq, chain = self._scope_head(scope)
            carried = document if mode == "enter" else b"null"
            seen = entry if mode in ("effect",) else _without_effect(entry)
            link = scope_link(chain, sseq + 1, mode, seen, carried)
            self._heads[scope] = (sseq + 1, link)
            row = {"scope": scope, "sseq": sseq + 1, "gseq": entry.gseq, "mode": mode, "chain": link}
            rows.append({**row, "document": carried if mode == "enter" else None})
            self.touched.add(scope)
        self._connection.execute(insert(feed), rows)

    def _scope_head(self, scope: str) -> tuple[int, str]:
        if scope not in self._heads:
            found = self._connection.execute(select(scope_head).where(scope_head.c.scope == scope)).first()
            if found is None:
                self._connection.execute(insert(scope_head).values(scope=scope, sseq=0, chain=GENESIS))
                return 0, GENESIS
            return int(found.sseq), str(found.chain)
        return self._heads[scope]

    def _keep(self, after: Case, judgement: Judgement) -> None:
        put_case(self._connection, after)
        for scope, mode in judgement.modes.items():
            if mode == "enter":
                self._connection.execute(insert(case_scope).values(case_id=after.id, scope=scope))
            elif mode == "leave":
                self._connection.execute(
                    delete(case_scope).where(case_scope.c.case_id == after.id, case_scope.c.scope == scope)
                )
        if judgement.settled:
            gone = delete(undelivered).where(undelivered.c.case_id == after.id)
            self._connection.execute(gone.where(undelivered.c.assignment.in_(judgement.settled)))
        for assignment, receiver in judgement.given:
            values = {"assignment": assignment, "case_id": after.id, "receiver": receiver, "gseq": self._gseq}
            self._connection.execute(insert(undelivered).values(**values))

    def finish(self) -> None:
        """Write the feed heads this transaction moved; call once, before commit."""
        if self._heads:
            moved = update(scope_head).where(scope_head.c.scope == bindparam("the_scope"))
            values = [{"the_scope": s, "n": n, "c": c} for s, (n, c) in self._heads.items()]
            self._connection.execute(moved.values(sseq=bindparam("n"), chain=bindparam("c")), values)
        self._heads.clear()


def _without_effect(entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, effect=msgspec.Raw(b"null"))


def _code(reason: str) -> str:
    found = decode_any(reason)
    return str(found.get("code", "")) if isinstance(found, dict) else ""


def epoch_of(connection: Connection) -> int:
    """The district's history number; raised when a restored backup rewrote the past."""
    return int(connection.execute(select(meta.c.value).where(meta.c.name == "epoch")).scalar() or 1)
