"""The one order of the district (D1, sync-R3, R4, R8): every act gets its place, its verdict and its feeds here.

A journal is open for one transaction that already holds the order lock, or for one bulk load. It reads through a Reader,
gathers rows, and leaves writing them to whoever opened it: so what the API writes and what the bulk loader writes are
the same rows by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from district.judge import (
    NO_EFFECT,
    Judgement,
    Observed,
    as_then,
    delivery,
    judge,
    published,
    sees,
    still_holds,
    without_effect,
)
from district.lineage import made_at, was
from district.log_row import feed_row, log_row
from district.parsing import Parsed, known, retracted_in
from district.returning import Returning
from district.source import Source
from district.store.records import Alias, Deferral, DeviceHead, Seen, Settlement, Standing, Waiting
from district.store.rows import Rows
from district.told import told
from district.undecided import Undecided
from models.case import Case
from models.commands import Args, Command, Merge, Publish, Recalculate, ReviewQuarantined, Settle, Subject
from models.decide import Outcome
from models.decide.calendar_change import clocks_moved
from models.evidence import ClaimedTime, Grade, Moment, exactly
from models.ids import NewId
from models.organisation import DISTRICT_CODE
from models.people import CENTRE_DEVICE, DISTRICT_ITSELF
from models.retention import shown_whole
from models.rules import Rules
from models.tray_acts import AboutTray, Told
from models.wire import GENESIS, PROTOCOL, Entry, PushReply, Reason, encode, entry_link, scope_link_of, scope_tail, seal

Verdict = tuple[str, str, str, int]


class Journal:
    """Appends to the order. `now_ms` (ms UTC) is when the centre received what it is given; `touched` names the feeds
    that moved; `lost_after`: what was in the order after that place is still coming back (district/recovery.py)."""

    def __init__(
        self, source: Source, rules: Rules, epoch: int, now_ms: int, new_id: NewId, lost_after: int | None = None
    ) -> None:
        self._returning = Returning(source, lost_after) if lost_after is not None else None
        self.source = source
        self._rules = rules
        self._epoch = epoch
        self._new_id = new_id
        self.now_ms = now_ms
        self.rows = Rows()
        self.touched: set[str] = set()
        self.came_in: dict[str, int] = {}
        """When acts came in (ms UTC by id) that the centre has had for longer than this transaction."""
        self.gseq, self._chain = source.log_head()
        self._cases: dict[str, Case | None] = {}
        self._seen: dict[str, Seen] = {}
        self._scopes: dict[str, tuple[int, str]] = {}
        self._devices: dict[str, DeviceHead] = {}
        self._standing: dict[str, Standing] = {}
        self._undecided = Undecided(source)

    @property
    def chain(self) -> str:
        """The district's chain at `gseq`."""
        return self._chain

    def push(self, device_id: str, batch: list[Parsed]) -> PushReply:
        """Take the commands of one device in their order, as far as its chain is whole (sync-R2 … R4)."""
        self.source.prefetch([p.cmd_id for p in batch], {p.subject.id for p in batch if p.subject.type == "case"})
        head = self._device(device_id)
        unseen = {t: r for t, r in retracted_in(batch).items() if self._seen_act(t) is None}
        takes_back = {t: r for t, r in unseen.items() if not self.source.had_effect(t, head.unit)}
        if self._returning is not None:
            self._returning.look(batch, head.unit)
        verdicts: list[Verdict] = []
        taken: set[str] = set()
        error, want = "", 0
        for parsed in batch:
            if parsed.dseq > head.dseq + 1:
                if parsed.takes_back in taken:
                    continue  # sent ahead of its place, so that what it takes back is known to be; it comes again
                error, want = "gap", head.dseq + 1
                break
            taken.add(parsed.cmd_id)
            seen = self._seen_act(parsed.cmd_id)
            if parsed.dseq <= head.dseq:
                if seen is None or not self._is_again(parsed, seen):
                    error = "fork"
                    break
                verdicts.append(seen.told_to(head.unit))
                continue
            if parsed.prev != head.hash:
                error = "fork"
                break
            if seen is not None:
                verdicts.append(self._alias(parsed, head, seen))
            else:
                verdict, head = self._take(parsed, head, takes_back)
                verdicts.append(verdict)
            head = msgspec.structs.replace(head, dseq=parsed.dseq, hash=parsed.sealed.hash)
            self._devices[device_id] = self.rows.devices[device_id] = head
        return PushReply(self._epoch, head.dseq, head.hash, self.now_ms, error, want, verdicts)

    def _is_again(self, parsed: Parsed, seen: Seen) -> bool:
        """The same act at the same place of the same chain, sent once more: a lost reply, no fork."""
        if seen.device == parsed.device:
            return seen.dseq == parsed.dseq and seen.hash == parsed.sealed.hash
        fresh = (a.hash for a in self.rows.aliases if (a.device, a.dseq) == (parsed.device, parsed.dseq))
        return (next(fresh, "") or self.source.alias(parsed.device, parsed.dseq)) == parsed.sealed.hash

    def _alias(self, parsed: Parsed, head: DeviceHead, seen: Seen) -> Verdict:
        """An act the log has from another chain: never applied again, but this chain goes on (sync-R3)."""
        place = Alias(parsed.device, parsed.dseq, parsed.cmd_id, parsed.sealed.hash, self.now_ms)
        self.rows.aliases.append(place)
        return seen.told_to(head.unit)

    def _take(self, parsed: Parsed, head: DeviceHead, takes_back: dict[str, str]) -> tuple[Verdict, DeviceHead]:
        at = made_at(self.source, parsed, head, self.came_in.get(parsed.cmd_id, self.now_ms))
        if at.grade is Grade.ANCHORED:
            head = msgspec.structs.replace(head, proven_lo=max(head.proven_lo, at.lo))
        judgement = self._judged(parsed, head.unit, at, takes_back)
        self._append(parsed, judgement, at, head.unit)
        if parsed.record and self.source.lacks_record(parsed.record, head.unit):
            self.rows.awaited[parsed.record, head.unit] = self.now_ms
        place = self.gseq
        self._give_up_deferred(parsed, head.unit)
        code = judgement.reason.code if judgement.reason else ""
        return (parsed.cmd_id, judgement.outcome.value, code, place), head

    def _judged(self, parsed: Parsed, unit: str, at: Moment, takes_back: dict[str, str]) -> Judgement:
        if parsed.cmd_id in takes_back:
            return without_effect(Outcome.REJECTED, Reason(code="retracted"), unit)
        if parsed.takes_back:
            target = self._seen_act(parsed.takes_back)
            if self._may_go(target, parsed, unit):
                return without_effect(Outcome.ACCEPTED, None, unit)
            return without_effect(Outcome.REJECTED, Reason(code="already_accepted"), unit)
        case = self._case(parsed.subject.id) if parsed.subject.type == "case" else None
        if parsed.command is None:
            self._defer(parsed, unit, case, blocks=case is None or sees(case, unit))
            return without_effect(Outcome.DEFERRED, Reason(code="upgrade_server"), unit)
        if self._returning is not None and self._returning.must_wait(parsed, case):
            self._defer(parsed, unit, case, blocks=case is None or sees(case, unit))
            return without_effect(Outcome.DEFERRED, Reason(code="centre_recovering"), unit)
        first = self._undecided.blocking(parsed.subject, case, unit)
        if first is not None:
            self._defer(parsed, unit, case, blocks=True)
            return without_effect(Outcome.DEFERRED, Reason(code="waits_for", by=first.cmd_id), unit)
        return self._judge(case, parsed.command, unit, at)

    def _judge(self, case: Case | None, command: Command, unit: str, at: Moment) -> Judgement:
        """By the rules in force, in which whoever acts or is named is what he was when the act was surely made."""
        rules = as_then(self._rules, command, at, self._standing_of)
        who, into, of = self._standing_of(command.actor), self._into(command), self._told(command.args)
        return judge(case, command, unit, rules, at, who, into=into, told=of, heard_ms=self.now_ms)

    # Kept apart (docs/decisions/0015)

    def pass_over(self, device_id: str, dseq: int, act_hash: str) -> None:
        """The next place of a revoked device's chain is taken by an act that was declined: what follows it may join."""
        head = msgspec.structs.replace(self._device(device_id), dseq=dseq, hash=act_hash)
        self._devices[device_id] = self.rows.devices[device_id] = head

    def reviewed(self, args: ReviewQuarantined, subject: Subject, unit: str, *, in_history: bool) -> None:
        """What a person decided on an act of a workstation of `unit`; in its case's history when it stands there."""
        case = self._case(subject.id) if in_history and subject.type == "case" else None
        stands = case is not None and any(step.cmd_id == args.cmd_id for step in case.history)
        on_record = without_effect(Outcome.ACCEPTED, None, unit)
        self._append_own(args, subject, self._judge_own if stands else lambda _command: on_record)

    # Deferred (D12)

    def _defer(self, parsed: Parsed, unit: str, case: Case | None, *, blocks: bool) -> None:
        subject = parsed.subject.id if parsed.subject.type == "case" else ""
        found = Deferral(parsed.cmd_id, self.gseq + 1, subject, unit, blocks and bool(subject))
        self.rows.deferrals.append(found)
        self._undecided.add(found)

    def _may_go(self, target: Seen | None, undo: Parsed, unit: str) -> bool:
        """Nobody has gone on from it, before the centre was put back either; or it has been refused since."""
        if target is None or target.outcome not in ("rejected", "deferred"):
            return False
        mine = target.device == undo.device or was(self.source, undo.device, target.device)
        return mine and (target.outcome == "rejected" or not self.source.had_effect(undo.takes_back, unit))

    def _give_up_deferred(self, parsed: Parsed, unit: str) -> None:
        """An act that is still undecided was taken back (D3): it is settled as such, by an entry that names it. What waited for
        it is decided next (district/deferred.py), in an order that this transaction need not know."""
        target = self._seen_act(parsed.takes_back) if parsed.takes_back else None
        if target is None or target.outcome != "deferred" or not self._may_go(target, parsed, unit):
            return
        args = Settle(target.cmd_id, Outcome.REJECTED.value, "retracted")
        self._append_own(args, parsed.subject, lambda _command: without_effect(Outcome.ACCEPTED, None, unit))
        self._is_settled(target, args)

    def settle(self, deferred: Deferral, parsed: Parsed, at: Moment) -> None:
        """Decide an act that was deferred, now that its kind is known: by its own evidence, at this place of the order,
        by an entry of the centre that names it."""
        assert parsed.command is not None
        case = self._case(deferred.case_id) if parsed.subject.type == "case" else None
        found = self._judge(case, parsed.command, deferred.unit, at)
        reason = found.reason or Reason(code="")
        args = Settle(deferred.cmd_id, found.outcome.value, reason.code, reason.args, reason.by)
        entry = msgspec.structs.replace(found, outcome=Outcome.ACCEPTED, reason=None)
        self._append_own(args, parsed.subject, lambda _command: entry)
        self._is_settled(self._seen_act(deferred.cmd_id), args)

    def _is_settled(self, target: Seen | None, args: Settle) -> None:
        self.rows.settlements.append(Settlement(args.cmd_id, self.gseq, args.outcome, args.code))
        if target is not None:
            now = {"outcome": args.outcome, "reason": Reason(code=args.code), "gseq": self.gseq}
            self._seen[target.cmd_id] = msgspec.structs.replace(target, **now)
        self._undecided.is_over(args.cmd_id)

    # What the centre itself saw or did

    def deliver(self, receiver: str, up_to_gseq: int, awake_at: int | None = None) -> int:
        """A console of the receiver has these entries: its assignments count as delivered now (R43, D6), and what was handed on
        without one when it took a while. Returns how many. Each is a command of the centre's own device, and made once."""
        stored = [w for w in self.source.waiting(receiver, up_to_gseq) if w.key not in self.rows.settled]
        fresh = [w for w in self.rows.given.values() if w.receiver == receiver and w.gseq <= up_to_gseq]
        said = 0
        for found in sorted(stored + fresh, key=lambda w: (w.gseq, w.assignment)):
            args = delivery(self._case(found.case_id), found.assignment, self.now_ms, awake_at)
            if args is not None:
                self._append_own(args, Subject("case", found.case_id), self._judge_own)
                said += 1
            if found in stored or found.key in self.rows.given:
                self.rows.settle(found.key)
        return said

    def observe(self, case_id: str, args: Observed) -> bool:
        """Put what the centre found into the order, unless an act has overtaken it since it was looked for."""
        case = self._case(case_id)
        if case is None or not still_holds(case, args, self.now_ms):
            return False
        self._append_own(args, Subject("case", case_id), self._judge_own)
        return True

    def publish(self, version: str, sha256: str, rules: Rules) -> None:
        """A new edition of the reference data comes into force (D13): what is judged from here on is judged by it."""
        self._append_own(Publish(version, sha256), Subject("reference", sha256), lambda _command: published())
        self._rules = rules

    def recalculate(self, calendar_was: str) -> int:
        """The calendar changed: every open case whose running clocks it moves is reckoned anew, oldest case first (D13).
        Returns how many."""
        moved = 0
        for case_id in self.source.open_cases():
            case = self._case(case_id)
            if case is not None and clocks_moved(case, self._rules):
                args = Recalculate(calendar_was, self._rules.calendar.version)
                self._append_own(args, Subject("case", case_id), self._judge_own)
                moved += 1
        return moved

    def _judge_own(self, command: Command) -> Judgement:
        case = self._case(command.subject.id)
        at = exactly(self.now_ms)
        return judge(case, command, DISTRICT_CODE, self._rules, at, Standing(), by_centre=True)

    def _append_own(self, args: Args, subject: Subject, judged: Callable[[Command], Judgement]) -> None:
        head = self._device(CENTRE_DEVICE)
        command = Command(
            v=PROTOCOL,
            cmd_id=self._new_id(),
            device=CENTRE_DEVICE,
            dseq=head.dseq + 1,
            prev=head.hash,
            actor=DISTRICT_ITSELF,
            unit=DISTRICT_CODE,
            subject=subject,
            args=args,
            time=ClaimedTime(self.now_ms, "centre", self.now_ms),
        )
        sealed = seal(command)
        self._append(known(sealed, command), judged(command), exactly(self.now_ms), DISTRICT_CODE)
        head = msgspec.structs.replace(head, dseq=command.dseq, hash=sealed.hash)
        self._devices[CENTRE_DEVICE] = self.rows.devices[CENTRE_DEVICE] = head

    # Rows

    def _append(self, parsed: Parsed, judgement: Judgement, at: Moment, unit: str) -> None:
        self.gseq += 1
        outcome = judgement.outcome.value
        sealed = parsed.sealed
        self._chain = entry_link(self._chain, self.gseq, sealed.hash, outcome, judgement.effect)
        entry = Entry(
            gseq=self.gseq,
            body=sealed.body,
            hash=sealed.hash,
            outcome=outcome,
            received_at=self.now_ms,
            evidence=(at.lo, at.hi, at.grade.value),
            chain=self._chain,
            reason=judgement.reason,
            effect=msgspec.Raw(judgement.effect),
            case_version=judgement.after.version if judgement.after else 0,
            rules=self._rules.version,
        )
        self.rows.log.append(log_row(parsed, entry, judgement, at))
        self._publish(entry, judgement)
        if judgement.after is not None:
            self._keep(judgement.after, judgement)
        self._seen[parsed.cmd_id] = Seen(
            parsed.cmd_id, parsed.device, unit, parsed.dseq, sealed.hash, outcome, judgement.reason, self.gseq
        )

    def _publish(self, entry: Entry, judgement: Judgement) -> None:
        after = judgement.after
        modes = judgement.modes if after is None else shown_whole(judgement.modes, self._case(after.id), self.now_ms)
        document = encode(after) if "enter" in modes.values() else NO_EFFECT
        tails: dict[str, bytes] = {}
        self._look_up_heads(modes)
        for scope, mode in modes.items():
            sseq, chain = self._scopes[scope]
            if mode not in tails:
                effect = judgement.effect if mode == "effect" else NO_EFFECT
                tails[mode] = scope_tail(entry, effect, document if mode == "enter" else NO_EFFECT)
            link = scope_link_of(chain, sseq + 1, mode, tails[mode])
            self._scopes[scope] = self.rows.scopes[scope] = (sseq + 1, link)
            whole = document if mode == "enter" else None
            self.rows.feed.append(feed_row(scope, sseq + 1, entry.gseq, mode, whole, link))
            self.touched.add(scope)

    def _keep(self, after: Case, judgement: Judgement) -> None:
        self.rows.keep(after, new=self._case(after.id) is None)
        self._cases[after.id] = after
        for scope, mode in judgement.modes.items():
            if mode == "enter":
                self.rows.enter(after.id, scope)
            elif mode == "leave":
                self.rows.leave(after.id, scope)
        for assignment in judgement.settled:
            self.rows.settle((after.id, assignment))
        for assignment, receiver in judgement.given:
            self.rows.give(Waiting(assignment, after.id, receiver, self.gseq))

    # What is known already

    def _case(self, case_id: str) -> Case | None:
        if case_id not in self._cases:
            self._cases[case_id] = self.source.case(case_id)
        return self._cases[case_id]

    def _into(self, command: Command) -> Case | None:
        """The case that a merge names."""
        return self._case(command.args.into) if isinstance(command.args, Merge) else None

    def _told(self, args: Args) -> Told | None:
        """What the centre has of the act that one about the tray names."""
        if not isinstance(args, AboutTray):
            return None
        here = (row for row in self.rows.log if row["case_id"] == args.cmd_id)
        return told(args, self._seen_act(args.cmd_id), (*self.source.about(args.cmd_id), *here))

    def _seen_act(self, cmd_id: str) -> Seen | None:
        return self._seen.get(cmd_id) or self.source.seen(cmd_id)

    def _device(self, device_id: str) -> DeviceHead:
        if device_id not in self._devices:
            self._devices[device_id] = self.source.device(device_id)
        return self._devices[device_id]

    def _standing_of(self, person: str) -> Standing:
        if person not in self._standing:
            self._standing[person] = self.source.standing(person)
        return self._standing[person]

    def _look_up_heads(self, scopes: Iterable[str]) -> None:
        unknown = [scope for scope in scopes if scope not in self._scopes]
        if unknown:
            stored = self.source.scope_heads(unknown)
            self.rows.new_scopes.update(scope for scope in unknown if scope not in stored)
            self._scopes.update({scope: stored.get(scope, (0, GENESIS)) for scope in unknown})

    def take_rows(self) -> Rows:
        """Hand over what was gathered so far and go on with none (a bulk load writes in portions)."""
        done, self.rows = self.rows, Rows()
        self._seen.clear()
        return done

    def forget_ended(self) -> None:
        """Let go of ended cases: they are read again if anybody still acts on them."""
        self._cases = {i: c for i, c in self._cases.items() if c is not None and c.is_open}
