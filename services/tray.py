"""未生效操作: own acts that did not take effect wait here until somebody has looked at them (P4, I11, sync.md §3.8)."""

from __future__ import annotations

from models.case import Case
from models.commands import Command, kind_of
from models.decide import allowed
from models.decide.desks import own_assignments
from models.store import carried, outbox
from models.store.case_table import get_case
from models.store.work import Work
from models.views import TrayItem
from models.wire import Reason, decode, decode_command
from services.cases import actor_at
from services.desk import Desk

SENDING = ("case.dispatch", "case.redispatch", "case.rule", "case.add_co_handler")
"""Acts by which a unit goes."""


def items(work: Work, desk: Desk) -> tuple[TrayItem, ...]:
    """Newest first: what was done, when, why it had no effect, who was first, and what may be done now instead."""
    own = (
        _item(work, desk, row.body, row.made_at, row.outcome, decode(row.reason, Reason) if row.reason else None)
        for row in outbox.not_effective(work.connection)
    )
    others = (
        _item(work, desk, act.sealed.body, act.made_at, act.outcome, act.reason, act.actor)
        for act in carried.not_effective(work.connection)
    )
    return (*own, *others)


def _item(
    work: Work, desk: Desk, body: str, made_at: int, outcome: str, reason: Reason | None, by: str = ""
) -> TrayItem:
    act, reason = decode_command(body), reason or Reason(code="")
    case = get_case(work.connection, act.subject.id)
    args = dict(reason.args)
    first = next((step for step in case.history if step.cmd_id == reason.by), None) if case and reason.by else None
    named = str(getattr(act.args, "to", ""))
    about = {
        **args,
        "by": by,
        "to": named,
        "first": first.actor if first else "",
        "unit of it": first.unit if first else "",
    }
    names = names_in(work, about)
    return TrayItem(
        cmd_id=act.cmd_id,
        case_id=act.subject.id,
        case_number=case.number if case else str(args.get("number", "")),
        kind=kind_of(act.args),
        made_at=made_at,
        code=reason.code,
        args=args,
        allowed=allowed(case, actor_at(work, desk), work.rules, work.present().lo),
        names=names,
        by=by,
        to=names.get(named, ""),
        first=first,
        to_call_off=outcome == "rejected" and case is not None and _was_rung_in_vain(case, act, named, made_at),
    )


def _was_rung_in_vain(case: Case, act: Command, named: str, made_at: int) -> bool:
    """True when the unit that a refused act sent was told so on the telephone, by the same desk, and does not have the case: somebody
    calls it off (sync.md §3.6)."""
    if kind_of(act.args) not in SENDING or own_assignments(case, named):
        return False
    calls = (step for step in case.history if step.kind == "case.log_call" and step.to == named)
    return any(step.result == "answered" and step.unit == act.unit and step.at.hi >= made_at for step in calls)


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
