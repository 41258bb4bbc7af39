"""One gesture, one act: judged by the rule book, durable in the outbox, folded into the row, in one transaction (P1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from models.case import Case, State
from models.clock import SHANGHAI
from models.commands import Args, Command, Merge, Report, Retract, Subject, kind_of
from models.decide import Decision, Outcome, allowed, decide
from models.decide.intake import merge_refused
from models.decide.spoken import spoken_for, to_ratify
from models.delivery import delay_of
from models.describing import with_seen
from models.errors import Refused
from models.evidence import ClaimedTime, Moment
from models.evolve import fold
from models.ids import case_number
from models.limits import ACT_BYTES, RECORD_BYTES
from models.organisation import DISTRICT_CODE, Organisation, OrganisationKind
from models.owed_evidence import acts_unproved
from models.people import Actor
from models.personal_access import may_read_requester
from models.row import at_desk, row_of
from models.rules import Rules
from models.store import carried, confirmed, outbox, personal
from models.store.case_table import drop_cases, get_case, put_case, put_cases
from models.store.people_then import PeopleThen, people_then
from models.store.search import forget, index_cases
from models.store.work import Work
from models.tray_acts import KINDS
from models.views import ActState, CasePanel
from models.wire import PROTOCOL, Reason, decode, encode, personal_hash, seal, without_nul
from services import attached
from services.contacts import contacts
from services.desk import Desk
from services.owner_workstation import at_another
from services.similar import similar
from services.suggestion import suggest


class Acted(msgspec.Struct, frozen=True):
    """What a gesture did: the act's id and the case as it stands on this screen."""

    cmd_id: str
    case_id: str
    number: str


def actor_at(work: Work, desk: Desk) -> Actor:
    """The person at the desk; Refused("not_at_this_desk") when he may not sit here."""
    actor = desk.actor(work.rules)
    if actor is None:
        raise Refused("not_at_this_desk")
    return actor


def act(work: Work, desk: Desk, args: Args, case_id: str | None = None) -> Acted:
    """Do it, here and now, line or no line. Refused says why not, ("act_too_long") among it; then nothing has changed."""
    actor, args = actor_at(work, desk), without_nul(args)
    subject = case_id or work.new_id()
    time = work.claimed_time()
    if isinstance(args, Report):
        args = msgspec.structs.replace(args, number=_next_number(work, desk, time))
    case = get_case(work.connection, subject)
    if case is not None:
        args = with_seen(args, case)
    if isinstance(args, Merge) and (code := merge_refused(get_case(work.connection, args.into))):
        raise Refused(code)
    touched = confirmed.is_touched(work.connection, subject)
    seen = confirmed.confirmed(work.connection, subject) if touched else case
    command = _command(work, desk, actor, args, Subject("case", subject), time, seen)
    decision = decide(case, command, actor, work.rules, local_moment(command, work.proven_ms()))
    _only_accepted(decision)
    _record(work, command)
    if not touched:
        confirmed.set_aside(work.connection, {subject: case})
    after = fold(case, decision.events)
    put_case(work.connection, after)
    index_cases(work.connection, (after,), work.rules)
    work.changed.add(subject)
    return Acted(command.cmd_id, subject, after.number)


def beside_the_cases(work: Work, desk: Desk, args: Args, subject: Subject) -> Command:
    """Do what is about no case (models/tray_acts.py): kept and sent as every act is. Refused as `act` says."""
    command = _command(work, desk, actor_at(work, desk), without_nul(args), subject, work.claimed_time(), None)
    _record(work, command)
    return command


def _only_accepted(decision: Decision) -> None:
    if decision.outcome is not Outcome.ACCEPTED:
        reason = decision.reason or Reason(code="not_allowed")
        raise Refused(reason.code, **reason.args)
    if decision.reason is not None and decision.reason.code == "checker_may_not_handle":
        # It would be kept and count for nothing: whoever knows it here is told while another can still say it.
        raise Refused(decision.reason.code, **decision.reason.args)


def _command(
    work: Work, desk: Desk, actor: Actor, args: Args, subject: Subject, time: ClaimedTime, seen: Case | None
) -> Command:
    """`seen` is the case as the centre last confirmed it here: own acts still waiting are no version of the centre's."""
    dseq, head = outbox.head(work.connection)
    return Command(
        v=PROTOCOL,
        cmd_id=work.new_id(),
        device=work.read_meta("device", desk.device),
        dseq=dseq + 1,
        prev=head,
        actor=desk.person,
        unit=desk.unit,
        subject=subject,
        args=args,
        time=time,
        capacity=actor.capacity.value,
        expect=seen.version if seen is not None else None,
        session=desk.session,
        app=desk.app,
    )


def _record(work: Work, command: Command) -> None:
    sealed = seal(command)
    if len(sealed.body.encode()) > ACT_BYTES:
        raise Refused("act_too_long", most=ACT_BYTES // 1024)
    outbox.append(work.connection, command, sealed, work.present().shown_at)


def _next_number(work: Work, desk: Desk, time: ClaimedTime) -> str:
    day = datetime.fromtimestamp(work.present().shown_at / 1000, SHANGHAI).date().isoformat()
    name = f"number:{day}"
    counter = int(work.read_meta(name, "0")) + 1
    work.write_meta(name, str(counter))
    unit = work.rules.organisations[desk.unit]
    return case_number(unit.short_name, day, desk.slot, counter)


def report(work: Work, desk: Desk, args: Report, requester: dict[str, str]) -> Acted:
    """A new case. What identifies the requester goes into a record of its own; the act holds its hash (D2). Refused as `act`
    says, and ("requester_too_long")."""
    filled = {name: value.strip() for name, value in requester.items() if value.strip()}
    if not filled:
        return act(work, desk, args)
    salt = work.new_id()
    record = encode({"salt": salt, **filled})
    if len(record) > RECORD_BYTES:
        raise Refused("requester_too_long", most=RECORD_BYTES // 1024)
    digest = personal_hash(salt, record)
    acted = act(work, desk, msgspec.structs.replace(args, personal=digest))
    personal.keep(work.connection, digest, acted.case_id, record)
    return acted


def undo(work: Work, desk: Desk, cmd_id: str) -> Acted:
    """撤销: take back an own act the centre has not received. Both stay on record (D3).

    Refused("already_sent") when it is too late, Refused("not_your_act") for another's,
    Refused("undo_the_later_first") when acts on the same case were made after it, Refused("not_undoable").
    """
    row = outbox.find(work.connection, cmd_id)
    if row is None or row.actor != desk.person:
        raise Refused("not_your_act")
    if not outbox.may_be_undone(row):
        raise Refused("already_sent")
    if row.retracted or row.kind == "act.retract" or row.kind in KINDS:
        raise Refused("not_undoable")
    later = [r for r in outbox.states_of_case(work.connection, row.case_id) if r.dseq > row.dseq]
    if any(not r.retracted and r.kind != "act.retract" for r in later):
        raise Refused("undo_the_later_first")
    if row.kind == "case.report" and _is_merged_into(work, row.case_id):
        raise Refused("undo_the_later_first")
    actor = actor_at(work, desk)
    before = get_case(work.connection, row.case_id)
    command = _command(work, desk, actor, Retract(cmd_id), Subject("case", row.case_id), work.claimed_time(), None)
    _record(work, command)
    outbox.mark_retracted(work.connection, cmd_id)
    replay(work, row.case_id)
    return Acted(command.cmd_id, row.case_id, before.number if before else "")


def _is_merged_into(work: Work, case_id: str) -> bool:
    """True while another case waits to be part of this one: without it that one would be nowhere."""
    waiting = outbox.unsettled_of_cases(work.connection, outbox.waiting_cases(work.connection))
    return any(isinstance(act.args, Merge) and act.args.into == case_id for acts in waiting.values() for act in acts)


def undo_last(work: Work, desk: Desk, case_id: str) -> Acted:
    """撤销 the last own act on this case, and on no other. Refused as `undo` is; "not_undoable" when there is none."""
    mine = _own_acts(work, desk, case_id)
    if not mine:
        raise Refused("not_undoable")
    return undo(work, desk, mine[-1].cmd_id)


def replay(work: Work, *case_ids: str) -> None:
    """Fold the acts that still wait for their verdict onto the confirmed cases anew, and store the rows."""
    replay_on(work, confirmed.confirmed_of(work.connection, case_ids))


def replay_on(work: Work, bases: Mapping[str, Case | None]) -> None:
    """Fold the acts that still wait for their verdict onto these confirmed cases (like a rebase), and store the rows.

    An act that no longer fits stays in the outbox without effect on the row: the centre will say so.
    """
    if not bases:
        return
    connection = work.connection
    waiting = carried.all_waiting(connection, bases)
    proven_ms = work.proven_ms()
    then = people_then(connection) if waiting else {}
    views = {i: _folded(work, base, waiting.get(i, ()), proven_ms, then) for i, base in bases.items()}
    confirmed.release(connection, *(i for i in bases if i not in waiting))
    confirmed.set_aside(connection, {i: base for i, base in bases.items() if i in waiting})
    shown = [view for view in views.values() if view is not None]
    put_cases(connection, shown)
    index_cases(connection, shown, work.rules)
    gone = [case_id for case_id, view in views.items() if view is None]
    drop_cases(connection, gone)
    forget(connection, gone)
    work.changed.update(bases)


def _folded(work: Work, base: Case | None, waiting: Iterable[Command], proven_ms: int, then: PeopleThen) -> Case | None:
    there = {step.cmd_id for step in base.history} if base is not None else set()  # it came to the centre another way
    view = base
    for command in (command for command in waiting if command.cmd_id not in there):
        rules = work.rules.with_people(then.get(command.cmd_id, ()))
        actor = rules.actor(command.actor, command.unit)
        if actor is None:
            continue
        decision = decide(view, command, actor, rules, local_moment(command, proven_ms))
        if decision.events and decision.outcome in (Outcome.ACCEPTED, Outcome.MERGED):
            view = fold(view, decision.events)
    return view


def local_moment(command: Command, proven_ms: int) -> Moment:
    """When an own act happened, as its workstation knew it when it was made; `proven_ms` is surely past."""
    from models.evidence import Grade, moment_by_anchor

    time = command.time
    proven = moment_by_anchor(time.mono_ms, time.boot, time.anchor) if time.anchor else None
    claimed_ms = max(time.wall_ms, proven_ms)
    return proven or Moment(claimed_ms, claimed_ms, Grade.CLAIMED)


def panel(work: Work, desk: Desk, case_id: str) -> CasePanel | None:
    """Everything the case panel shows; None when the case has left this store."""
    case = get_case(work.connection, case_id)
    if case is None:
        return None
    rules = work.rules
    actor = actor_at(work, desk)
    codes = _mentioned(case)
    units = [o.code for o in _assignable(case, desk, rules)]
    may = allowed(case, actor, rules, work.present().lo)
    neighbours = [o.code for o in rules.neighbours(desk.unit)] if "case.name_checker" in may else []
    suggestion = suggest(work, case) if "case.dispatch" in may else None
    named = (*codes, *units, *neighbours, *(suggestion.named if suggestion is not None else ()))
    names = {c: rules.organisations[c].name for c in named if c in rules.organisations}
    staff = {unit: rules.staff(unit) for unit in dict.fromkeys((*codes, desk.unit, *neighbours))}
    people = {p.id: p for members in staff.values() for p in members}
    people.update({p: rules.people[p] for p in _persons(case) if p in rules.people})
    names.update({p.id: p.name for p in people.values()})
    names.update(_numbers(work, case))
    phones = {c: rules.organisations[c].duty_phone for c in (*codes, *units) if c in rules.organisations}
    phones.update({p.id: p.phone for p in people.values() if p.phone})
    acts = {act.cmd_id: _carried_state(act) for act in carried.of_case(work.connection, case_id)}
    acts.update({row.cmd_id: _state(row) for row in outbox.states_of_case(work.connection, case_id)})
    unproved = acts_unproved(case)
    acts = {i: _unproved(act) if i in unproved and act.state == "accepted" else act for i, act in acts.items()}
    category = rules.categories.get(case.category)
    return CasePanel(
        case=case,
        row=at_desk(row_of(case), desk.unit),
        names=names,
        phones=phones,
        allowed=may,
        acts=acts,
        suggestion=suggestion,
        assignable=tuple(units),
        category_name=category.name if category else "",
        undoable=_undoable(work, desk, case_id),
        staff={unit: tuple(p.id for p in members) for unit, members in staff.items()},
        spoken=spoken_for(case, actor, rules),
        to_ratify=to_ratify(case, desk.unit, rules) if "case.ratify" in may else (),
        similar=similar(work, case) if case.is_open else (),
        neighbours=tuple(neighbours),
        ring_again_minutes=rules.policy.ring_again_minutes,
        asked_at=work.present().shown_at,
        may_read_requester=may_read_requester(case, actor),
        contacts=contacts(rules, case, work.present().shown_at),
        attachments=attached.views(work, case),
        delays={k.id: found for k in case.clocks if (found := delay_of(case, k, rules)) is not None},
        at_another=at_another(work, desk, case),
    )


def _assignable(case: Case, desk: Desk, rules: Rules) -> list[Organisation]:
    """Whom this desk may name on the case: in a ruling the district may name the town's own units too; of one that came back it may
    let the town dispatch again."""
    if desk.unit == DISTRICT_CODE and case.is_ruled:
        back = rules.assignable_units(desk.unit) if case.state is State.AWAITING_DISPATCH else []
        towns = [unit for unit in back if unit.kind is OrganisationKind.SUB_CENTRE]
        return [*towns, *rules.rulable_units(case.town)]
    return rules.assignable_units(desk.unit)


def _numbers(work: Work, case: Case) -> dict[str, str]:
    """The number of the case this one was merged into, if it is in this store."""
    other = get_case(work.connection, case.duplicate_of) if case.duplicate_of else None
    return {other.id: other.number} if other is not None else {}


def _state(row: object) -> ActState:
    kept = str(row.reason)  # type: ignore[attr-defined]
    reason = decode(kept, Reason) if kept and kept != "null" else None
    shown = {outbox.PENDING: "saved", outbox.SENT: "sent"}.get(str(row.state), str(row.outcome))  # type: ignore[attr-defined]
    state = "retracted" if row.retracted else shown  # type: ignore[attr-defined]
    return ActState(str(row.cmd_id), state, reason.code if reason else "", reason.args if reason else {})  # type: ignore[attr-defined]


def _unproved(act: ActState) -> ActState:
    """An act that took effect, and whose file, or the photograph of the duty it met, has not come to the centre."""
    return msgspec.structs.replace(act, state="evidence_owed")


def _carried_state(act: carried.CarriedAct) -> ActState:
    reason = act.reason or Reason("")
    return ActState(act.cmd_id, "carried" if act.waits else act.outcome, reason.code, reason.args)


def _undoable(work: Work, desk: Desk, case_id: str) -> str:
    open_acts = [row for row in _own_acts(work, desk, case_id) if outbox.may_be_undone(row)]
    return open_acts[-1].cmd_id if open_acts else ""


def _own_acts(work: Work, desk: Desk, case_id: str) -> list[Any]:
    """What this person did to the case from here and has not taken back, in order."""
    mine = [row for row in outbox.states_of_case(work.connection, case_id) if row.actor == desk.person]
    kept = [row for row in mine if not row.retracted and row.kind != "act.retract"]
    return sorted(kept, key=lambda row: row.dseq)


def _mentioned(case: Case) -> list[str]:
    units = [case.level, case.town, case.station, case.reporter_unit, case.transferred_to]
    units += [a.receiver for a in case.assignments] + [a.giver for a in case.assignments]
    units += [c.station for c in case.checks] + [h.unit for h in case.history] + [h.to for h in case.history]
    return [u for u in dict.fromkeys(units) if u]


def _persons(case: Case) -> Sequence[str]:
    named = [h.actor for h in case.history] + [h.on_behalf for h in case.history] + [h.to for h in case.history]
    named += [p for a in case.assignments for p in a.handlers] + [c.checker for c in case.checks] + [case.reported_by]
    return list(dict.fromkeys(named))


__all__ = ["Acted", "act", "kind_of", "panel", "replay", "report", "undo"]
