"""What waited at a restored centre is decided in the order it had (sync.md §3.5): R6, reckoned here from the log alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from district.store.tables import lost
from models.commands import Settle
from tests.invariants.at_rest import AtRest, must
from tests.invariants.history import Entry, History

Key = tuple[int, int]
_NEVER: Key = (1 << 62, 0)


def decided_in_old_order(rest: AtRest, history: History, known: Mapping[str, Key] = MappingProxyType({})) -> None:
    """Of the acts that were decided together, those of one case by the places they had; an act of a workstation never before
    an earlier one of its own. `known`: places that whoever hands in the act must have told of."""
    told = _told(rest, history)
    deferred = [e for e in history.entries if e.row.outcome == "deferred"]
    settled: set[str] = set()
    for (is_settling, _), run in groupby(history.entries, key=lambda e: (_settles(e), e.row.received_at)):
        if not is_settling:
            continue
        together = list(run)
        open_then = [e for e in deferred if e.row.gseq < together[0].row.gseq and e.command.cmd_id not in settled]
        keys = _keys(open_then, {**known, **_places(told, together[0].row.received_at)})
        by_case: dict[str, list[tuple[Key, int]]] = defaultdict(list)
        for entry in together:
            args = entry.command.args
            assert isinstance(args, Settle)
            settled.add(args.cmd_id)
            if args.code != "retracted" and args.cmd_id in keys:
                by_case[entry.command.subject.id].append((keys[args.cmd_id], entry.row.gseq))
        for case_id, found in by_case.items():
            before = sorted(found, key=lambda one: one[0])
            must(before == found, "R6", f"{case_id}: decided as {found}, and not in the order they had")


def _settles(entry: Entry) -> bool:
    return isinstance(entry.command.args, Settle)


def _keys(waiting: list[Entry], places: dict[str, Key]) -> dict[str, Key]:
    least: dict[str, Key] = {}
    found: dict[str, Key] = {}
    for entry in waiting:
        device, cmd_id = entry.row.device, entry.command.cmd_id
        found[cmd_id] = least[device] = max(places.get(cmd_id, _NEVER), least.get(device, (0, 0)))
    return found


def _told(rest: AtRest, history: History) -> list[Any]:
    """What workstations said of acts of their own unit, and when: who carries an act for another may know its past as well, or
    nothing of it, and then its maker may tell of it when it is decided already."""
    unit_of = {e.command.cmd_id: history.devices[e.row.device].unit for e in history.entries}
    with rest.district.reading() as connection:
        rows = connection.execute(select(lost)).all()
    return [row for row in rows if history.devices[row.device].unit == unit_of.get(row.cmd_id)]


def _places(told: list[Any], until_ms: int) -> dict[str, Key]:
    """The first place each act had, as far as somebody had said so by then."""
    found: dict[str, Key] = {}
    for row in told:
        if row.told_at <= until_ms:
            found[row.cmd_id] = min(found.get(row.cmd_id, _NEVER), (int(row.epoch), int(row.gseq)))
    return found
