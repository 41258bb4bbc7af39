"""未生效操作: own acts that did not take effect wait here until somebody has looked at them (P4, I11, sync.md §3.8)."""

from __future__ import annotations

from models.decide import allowed
from models.store import carried, outbox
from models.store.case_table import get_case
from models.store.work import Work
from models.views import TrayItem
from models.wire import Reason, decode
from services.cases import actor_at
from services.desk import Desk


def items(work: Work, desk: Desk) -> tuple[TrayItem, ...]:
    """Newest first: what was done, when, why it had no effect, and what may be done now instead."""
    actor, now_ms = actor_at(work, desk), work.present().lo
    found = []
    for row in outbox.not_effective(work.connection):
        case = get_case(work.connection, row.case_id)
        reason = decode(row.reason, Reason) if row.reason else Reason(code="")
        may = allowed(case, actor, work.rules, now_ms)
        args = dict(reason.args)
        number = case.number if case else str(args.get("number", ""))
        names = names_in(work, args)
        found.append(TrayItem(row.cmd_id, row.case_id, number, row.kind, row.made_at, reason.code, args, may, names))
    for act in carried.not_effective(work.connection):
        case = get_case(work.connection, act.case_id)
        reason = act.reason or Reason(code="")
        names, args = names_in(work, {**reason.args, "by": act.actor}), dict(reason.args)
        number = case.number if case else str(args.get("number", ""))
        may = allowed(case, actor, work.rules, now_ms)
        found.append(
            TrayItem(act.cmd_id, act.case_id, number, act.kind, act.made_at, reason.code, args, may, names, act.actor)
        )
    return tuple(found)


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
