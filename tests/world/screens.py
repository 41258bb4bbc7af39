"""At any moment: what a clerk did and what has no final verdict yet shows on his own screen, on top of what the centre last
said (I14, D10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from typing import Protocol

from sqlalchemy import or_, select

from models.case import Case
from models.commands import Args, Command, Describe, Supplement, named_in
from models.decide import Outcome, decide
from models.describing import FACTS
from models.evolve import fold
from models.rules import Rules
from models.store import carried, confirmed, outbox
from models.store.case_table import get_case
from models.store.console_tables import outbox as table
from models.store.cursors import Cursor
from models.store.work import Work
from models.wire import decode_command
from services.cases import local_moment
from tests.invariants.at_rest import Violation

_IS_OPEN = or_(table.c.state != outbox.SETTLED, table.c.outcome == Outcome.DEFERRED.value)
_OPEN = select(table).where(_IS_OPEN, table.c.retracted.is_(False)).order_by(table.c.dseq)
_SETTLED = select(table.c.cmd_id, table.c.gseq).where(table.c.state == outbox.SETTLED)


class Feeds(Protocol):
    """The centre's feeds, seen from outside."""

    @property
    def desks_changed(self) -> Set[str]:
        """Who has been something else at one time: by his desk of now his acts may show otherwise."""
        ...

    def epoch(self) -> int: ...
    def place_of(self, scope: str, gseq: int) -> int | None: ...
    def end_of(self, scope: str) -> int: ...


def own_acts_show(work: Work, name: str, place: Cursor | None, feeds: Feeds, made_under: Mapping[str, Rules]) -> None:
    """Violation when an act that waits for its verdict is missing on the screen, or one that does not fit is on it. Between
    the news that the centre was put back and its snapshot the screen is of the former history, and stays so. `made_under`: the
    reference data each act was made under; whoever is something else by now was what he was then."""
    if place is not None and place.epoch != feeds.epoch():
        return
    rows = work.connection.execute(_OPEN).all()
    waiting: dict[str, list[Command]] = {}
    for row in rows:
        waiting.setdefault(row.case_id, []).append(decode_command(row.body))
    for case_id in sorted(waiting.keys() | carried.cases_on_top(work.connection)):
        mine = waiting.get(case_id, [])
        others = carried.waiting_of_case(work.connection, case_id)
        if any(command.actor in feeds.desks_changed for command in others):
            continue  # an edition may have come before the file did
        commands = [*others, *mine]
        wanted = _folded(work, confirmed.confirmed(work.connection, case_id), commands, made_under)
        shown = _shown(get_case(work.connection, case_id), commands)
        if shown != wanted:
            kinds = {c.cmd_id: type(c.args).__name__ for c in commands if c.cmd_id in shown ^ wanted}
            raise Violation("I14", f"{name}: on the screen {shown - wanted or 'is missing'} {wanted - shown} {kinds}")
        twice = _twice(get_case(work.connection, case_id), shown)
        if twice:
            raise Violation("I14", f"{name}: shown more than once: {twice}")


def _twice(case: Case | None, shown: set[str]) -> set[str]:
    counted = Counter(step.cmd_id for step in case.history if step.cmd_id in shown) if case is not None else Counter()
    return {cmd_id for cmd_id, times in counted.items() if times > 1}


def _folded(work: Work, case: Case | None, commands: list[Command], made_under: Mapping[str, Rules]) -> set[str]:
    there = {step.cmd_id for step in case.history} if case is not None else set()
    for command in (command for command in commands if command.cmd_id not in there):
        then = made_under.get(command.cmd_id, work.rules).people
        of_it = (command.actor, *named_in(command.args))
        rules = work.rules.with_people(tuple(then[i] for i in of_it if i in then))
        actor = rules.actor(command.actor, command.unit)
        if actor is None:
            continue
        decision = decide(case, command, actor, rules, local_moment(command, work.proven_ms()))
        if decision.events and decision.outcome in (Outcome.ACCEPTED, Outcome.MERGED):
            case = fold(case, decision.events)
    return _shown(case, commands)


def _shown(case: Case | None, commands: list[Command]) -> set[str]:
    steps = {step.cmd_id for step in case.history} if case is not None else set()
    return {c.cmd_id for c in commands} & steps


def settled_by_the_feed(work: Work, name: str, place: Cursor | None, feeds: Feeds) -> None:
    """Violation when an act counts as settled whose entry the store has not taken in (sync-R1)."""
    if place is None or place.epoch != feeds.epoch():
        return
    for row in work.connection.execute(_SETTLED):
        sseq = feeds.place_of(place.scope, row.gseq)
        if sseq is not None and sseq > place.sseq:
            raise Violation("R1", f"{name}: {row.cmd_id} is settled at {sseq}, the store stands at {place.sseq}")


def facts_shown(work: Work, args: Args, case_id: str | None) -> dict[str, str]:
    """What stands on the screen in each fact of the case, for whoever is about to correct one."""
    case = get_case(work.connection, case_id) if isinstance(args, Describe | Supplement) and case_id else None
    return {name: str(getattr(case, name)) for name in FACTS} if case is not None else {}
