"""未生效操作: own acts that did not take effect wait here until an act closes them (P4, I11, sync.md §3.8)."""

from __future__ import annotations

from msgspec.structs import replace

from models.case import Case
from models.commands import Subject
from models.decide import allowed
from models.decide.desks import own_assignments
from models.errors import Refused
from models.people import Actor, Person
from models.store import carried, outbox, tray_words
from models.store.case_table import get_case
from models.store.tray_words import Handed
from models.store.work import Work
from models.tray_acts import SUBJECT, AboutTray, CloseEntry, HandOn
from models.views import TrayItem
from models.wire import Malformed, Reason, UnknownKind, decode, decode_command
from services.cases import actor_at, beside_the_cases
from services.desk import Desk

SENDING = ("case.dispatch", "case.redispatch", "case.rule", "case.add_co_handler")
"""Acts by which a unit goes."""

NO_REASON = Reason(code="")
NOT_EFFECTIVE = ("rejected", "merged")
LONGEST_WORD = 200
"""Letters of one word of a reason that are repeated when an entry is handed on."""


def items(work: Work, desk: Desk) -> tuple[TrayItem, ...]:
    """What was handed to this person first, then the newest: what was done, when, why it had no effect, who was first, and what may be
    done now instead."""
    now = actor_at(work, desk), work.present().lo
    own = (
        _item(work, *now, TrayItem(row.cmd_id, row.case_id, "", row.kind, row.made_at), row.body, row.outcome,
              decode(row.reason, Reason) if row.reason else NO_REASON)
        for row in outbox.not_effective(work.connection)
    )  # fmt: skip
    others = (
        _item(work, *now, TrayItem(act.cmd_id, act.case_id, "", act.kind, act.made_at, by=act.actor),
              act.sealed.body, act.outcome, act.reason or NO_REASON)
        for act in carried.not_effective(work.connection)
    )  # fmt: skip
    found = [_with_colleague(work, item) for item in (*own, *others)] + [
        _elsewhere(work, *now, handed) for handed in tray_words.handed_elsewhere(work.connection)
    ]
    return tuple(sorted(found, key=lambda item: item.handed_to != desk.person))


def _with_colleague(work: Work, item: TrayItem) -> TrayItem:
    handed = tray_words.handed(work.connection, item.cmd_id)
    return item if handed is None else _handed(work, item, handed)


def _handed(work: Work, item: TrayItem, handed: Handed) -> TrayItem:
    names = item.names | names_in(work, {"to": handed.said.to, "by": handed.by, "maker": item.by})
    return replace(
        item, handed_to=handed.said.to, handed_by=handed.by, handed_at=handed.at, note=handed.said.note, names=names
    )


def _elsewhere(work: Work, actor: Actor, now_ms: int, handed: Handed) -> TrayItem:
    """An entry of another workstation of the unit: of it no more is here than was said when it was handed on."""
    said = tray_words.handed(work.connection, handed.said.cmd_id) or handed
    act = said.said
    item = TrayItem(act.cmd_id, act.case, "", act.kind, act.made_at, by=act.maker, is_elsewhere=True)
    found = _item(work, actor, now_ms, item, "", act.outcome, Reason(act.code, act.args, act.by))
    return _handed(work, found, said)


def _item(work: Work, actor: Actor, now_ms: int, act: TrayItem, body: str, outcome: str, reason: Reason) -> TrayItem:
    case = get_case(work.connection, act.case_id)
    first = next((step for step in case.history if step.cmd_id == reason.by), None) if case and reason.by else None
    named, unit = _named_by(body)
    people = {} if first is None else {"first": first.actor, "first_unit": first.unit}
    names = names_in(work, {**reason.args, "by": act.by, "to": named, **people})
    return replace(
        act,
        case_number=case.number if case else str(reason.args.get("number", "")),
        code=reason.code,
        args=dict(reason.args),
        allowed=allowed(case, actor, work.rules, now_ms),
        names=names,
        to=names.get(named, ""),
        first=first,
        to_call_off=outcome == "rejected" and case is not None and _was_rung_in_vain(case, act, named, unit),
    )


def _named_by(body: str) -> tuple[str, str]:
    """To whom an act goes, "" where that is nobody or a kind of a later version, and as whose it was made."""
    try:
        act = decode_command(body)
    except (Malformed, UnknownKind):
        return "", ""
    return str(getattr(act.args, "to", "")), act.unit


def _was_rung_in_vain(case: Case, act: TrayItem, named: str, unit: str) -> bool:
    """True when the unit that a refused act sent was told so on the telephone, by the same desk, and does not have the case: somebody
    calls it off (sync.md §3.6)."""
    if not named or act.kind not in SENDING or own_assignments(case, named):
        return False
    calls = (step for step in case.history if step.kind == "case.log_call" and step.to == named)
    return any(step.result == "answered" and step.unit == unit and step.at.hi >= act.made_at for step in calls)


def names_in(work: Work, args: dict[str, str | int]) -> dict[str, str]:
    """What the units and persons a reason speaks of are called."""
    names = {code: person.name for code, person in work.rules.people.items()}
    names |= {code: unit.name for code, unit in work.rules.organisations.items()}
    return {str(code): names[str(code)] for code in args.values() if str(code) in names}


def close(work: Work, desk: Desk, cmd_id: str) -> str:
    """知道了: out of the tray by an act of whoever says so, which names the verdict that he has seen; returns that act's id. The act
    it is about, and its verdict, stay on record. Refused("entry_gone") when there is no such entry any more."""
    seen = _entry(work, cmd_id)
    return _say(work, desk, CloseEntry(cmd_id, seen.outcome, seen.code))


def hand_on(work: Work, desk: Desk, cmd_id: str, to: str, note: str) -> str:
    """转交: a colleague of the unit is to look at it; returns the act's id. Refused("entry_gone"), ("not_a_colleague"),
    ("reason_missing")."""
    seen = _entry(work, cmd_id)
    if to == desk.person or work.rules.actor(to, desk.unit) is None:
        raise Refused("not_a_colleague")
    if not note.strip():
        raise Refused("reason_missing")
    return _say(work, desk, replace(seen, to=to, note=note))


def colleagues(work: Work, desk: Desk) -> tuple[Person, ...]:
    """Who else sits at this unit's desk."""
    return tuple(person for person in work.rules.people_at(desk.unit) if person.id != desk.person)


def _say(work: Work, desk: Desk, args: AboutTray) -> str:
    command = beside_the_cases(work, desk, args, Subject(SUBJECT, args.cmd_id))
    tray_words.said(work.connection, command, work.present().shown_at)
    return command.cmd_id


def _entry(work: Work, cmd_id: str) -> HandOn:
    """What stands in an entry of the tray, as it is told to a colleague."""
    act = tray_words.find(work.connection, cmd_id)
    if act is not None:
        if act.outcome not in NOT_EFFECTIVE or act.is_closed:
            raise Refused("entry_gone")
        shown = {name: _short(value) for name, value in act.reason.args.items()}
        return HandOn(
            cmd_id, act.outcome, "", "", act.kind, act.case_id, act.maker, act.made_at, act.reason.code, shown, act.reason.by
        )  # fmt: skip
    told = tray_words.handed(work.connection, cmd_id)
    if told is None:
        raise Refused("entry_gone")
    return told.said


def _short(value: str | int) -> str | int:
    """A word of the reason as it is repeated: no act may be too long to be handed on."""
    return value if not isinstance(value, str) or len(value) <= LONGEST_WORD else f"{value[:LONGEST_WORD]}…"
