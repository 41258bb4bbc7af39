"""未生效操作: own acts that did not take effect wait here until somebody has looked at them (P4, I11, sync.md §3.8)."""

from __future__ import annotations

from msgspec.structs import replace

from models.case import Case
from models.decide import allowed
from models.decide.desks import own_assignments
from models.people import Actor
from models.store import carried, outbox
from models.store.case_table import get_case
from models.store.work import Work
from models.views import TrayItem
from models.wire import Malformed, Reason, UnknownKind, decode, decode_command
from services.cases import actor_at
from services.desk import Desk

SENDING = ("case.dispatch", "case.redispatch", "case.rule", "case.add_co_handler")
"""Acts by which a unit goes."""

NO_REASON = Reason(code="")


def items(work: Work, desk: Desk) -> tuple[TrayItem, ...]:
    """Newest first: what was done, when, why it had no effect, who was first, and what may be done now instead."""
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
    return (*own, *others)


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


def close(work: Work, desk: Desk, cmd_id: str) -> None:
    """知道了: out of the tray; the act and its verdict stay on record."""
    at = work.present().shown_at
    outbox.put_away(work.connection, cmd_id, at)
    carried.put_away(work.connection, cmd_id, at)
