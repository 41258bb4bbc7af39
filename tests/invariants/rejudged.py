"""Every verdict once more, by the rules at its place of the order: I7; and on the way what must hold of each case: I13."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

from msgspec.structs import replace

from district.judge import acting, as_then, judge
from district.store.reader import Reader
from district.store.records import Standing
from models.commands import CloseEntry, Merge, Publish, Retract, ReviewQuarantined, Settle
from models.decide import decide
from models.people import DISTRICT_ITSELF
from models.rules import Rules
from models.tray_acts import AboutTray, Told
from tests.invariants.at_rest import AtRest, Violation, must
from tests.invariants.desks import Editions
from tests.invariants.history import Entry, History
from tests.models import invariants

_BY_OTHER_MEANS = ("retracted", "waits_for", "upgrade_server", "centre_recovering")
"""Verdicts that rest on other acts than the case: I10 and I19 look at those."""


def judged_again(rest: AtRest, history: History) -> None:
    """The rules say of each act, on the case as it was, what the centre said."""
    editions, people = Editions(rest, history), _People(rest)
    witnesses: dict[str, invariants.Witness] = defaultdict(lambda: invariants.Witness(*editions.every))
    deferred = {e.command.cmd_id: e for e in history.entries if e.row.outcome == "deferred"}
    cases: dict[str, object] = {}
    told: dict[str, Told] = {}
    closed: dict[tuple[str, str, str], str] = {}
    for entry in history.entries:
        args = entry.command.args
        _tell(entry, history, told)
        if isinstance(args, Publish | Retract) or (entry.reason and entry.reason.code in _BY_OTHER_MEANS):
            continue
        if isinstance(args, ReviewQuarantined) and entry.row.effect == "null":
            continue  # on record beside the cases: the district's audit holds it against what lies apart
        late = deferred.get(args.cmd_id) if isinstance(args, Settle) else None
        if isinstance(args, Settle):
            must(late is not None, "I7", f"{args.cmd_id} is settled and was never deferred")
            if args.code == "retracted":
                continue
        of, known = late or entry, partial(_known, people, entry.row.received_at)
        rules, who = as_then(editions.judging(entry.row.gseq), of.command, of.at, known), known(of.command.actor)
        _same(entry, late, history, rules, who, cases, _known_of(of.command.args, told, closed))
        if isinstance(args, CloseEntry) and entry.row.outcome == "accepted":
            closed.setdefault((args.cmd_id, args.outcome, args.code), entry.row.cmd_id)
        _sound(entry, late, rules, who, witnesses)
        if entry.after is not None:
            cases[entry.after.id] = entry.after


class _People(dict[str, Standing]):
    """Where everybody sat before: an act made while somebody sat otherwise was judged by that."""

    def __init__(self, rest: AtRest) -> None:
        self._rest = rest

    def __missing__(self, name: str) -> Standing:
        with self._rest.district.reading() as connection:
            self[name] = found = Standing(former=Reader(connection).standing(name).former)
        return found


def _known(people: _People, at_ms: int, name: str) -> Standing:
    """What the centre knew of him at that instant."""
    return Standing(former=tuple(desk for desk in people[name].former if desk.until_at <= at_ms))


def _tell(entry: Entry, history: History, told: dict[str, Told]) -> None:
    """What the centre has of each act by then."""
    args = entry.command.args
    if isinstance(args, Settle) and args.cmd_id in told:
        told[args.cmd_id] = replace(told[args.cmd_id], outcome=args.outcome, code=args.code)
    code = entry.reason.code if entry.reason else ""
    told[entry.command.cmd_id] = Told(str(history.devices[entry.row.device].unit), entry.row.outcome, code)


def _known_of(args: object, told: dict[str, Told], closed: dict[tuple[str, str, str], str]) -> Told | None:
    """Of the act that one about the tray names."""
    if not isinstance(args, AboutTray) or args.cmd_id not in told:
        return None
    return replace(told[args.cmd_id], closed_by=closed.get((args.cmd_id, args.outcome, args.code), ""))


def _same(
    entry: Entry,
    late: Entry | None,
    history: History,
    rules: Rules,
    who: Standing,
    cases: dict[str, object],
    told: Told | None,
) -> None:
    of = late or entry
    unit = history.devices[of.row.device].unit
    by_centre = of.row.actor == DISTRICT_ITSELF
    args = of.command.args
    into = cases.get(args.into) if isinstance(args, Merge) else None
    heard_ms = None if by_centre else int(entry.row.received_at)
    found = judge(
        entry.before, of.command, unit, rules, of.at, who,
        by_centre=by_centre, into=into, told=told, heard_ms=heard_ms,  # type: ignore[arg-type]
    )  # fmt: skip
    said = (entry.row.outcome, entry.reason.code if entry.reason else "", entry.row.effect)
    if late is not None:
        settled = entry.command.args
        assert isinstance(settled, Settle)
        said = (settled.outcome, settled.code, entry.row.effect)
    again = (found.outcome.value, found.reason.code if found.reason else "", found.effect.decode())
    must(said == again, "I7", f"entry {entry.row.gseq} {of.row.kind}: said {said[:2]}, the rules say {again[:2]}")


def _sound(
    entry: Entry, late: Entry | None, rules: Rules, who: Standing, witnesses: dict[str, invariants.Witness]
) -> None:
    of, before = late or entry, entry.before
    actor = acting(of.command, rules, of.at, who)
    if before is None or actor is None:
        return
    decision = decide(before, of.command, actor, rules, of.at, int(entry.row.received_at))
    if (entry.row.outcome == "rejected") != (decision.outcome.value == "rejected") and late is None:
        return  # refused before the rule book was asked: judge says so, and I7 has compared it
    after = decision.after or before
    try:
        witnesses[before.id].saw(before, of.command, actor, of.at, decision, after, rules)
    except AssertionError as error:
        raise Violation("I13", f"entry {entry.row.gseq} {of.row.kind}: {error}") from error
