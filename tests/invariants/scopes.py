"""What each unit was given to see: I3 per scope, I18."""

from __future__ import annotations

from collections import defaultdict

from district.store.audit import feed_items
from models.commands import Publish
from models.organisation import DISTRICT_CODE
from models.retention import ended_by, surely_held_since
from models.row import scopes_of
from tests.invariants.at_rest import AtRest, must
from tests.invariants.history import Entry, History


def feeds_as_they_should_be(rest: AtRest, history: History) -> None:
    """Each feed holds exactly what its unit may see, dense and in the order; nobody was served anything else."""
    wanted: dict[str, list[tuple[int, str]]] = defaultdict(list)
    sees: dict[str, set[str]] = {}
    for entry in history.entries:
        modes = _modes(entry, history)
        if not isinstance(entry.command.args, Publish):  # of which everybody is told
            sees[entry.row.chain] = set(modes)
        for scope, mode in modes.items():
            wanted[scope].append((entry.row.gseq, mode))
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    with rest.district.reading() as connection:
        for row in feed_items(connection):
            must(row.sseq == len(found[row.scope]) + 1, "I3", f"{row.scope} {row.sseq} is not dense")
            found[row.scope].append((row.gseq, row.mode))
    for scope in {*wanted, *found} - {"reference"}:
        must(found[scope] == wanted[scope], "I18", f"{scope}: {_first_other(found[scope], wanted[scope])}")
    for device, served in rest.witness.served.items():
        seat = history.devices.get(device)
        for chain in served.keys() & sees.keys() if seat is not None else ():
            must(seat.unit in sees[chain], "I18", f"{device} of {seat.unit} was served an entry it may not see")


def _modes(entry: Entry, history: History) -> dict[str, str]:
    if isinstance(entry.command.args, Publish):
        return {DISTRICT_CODE: "own"}
    unit = history.unit_of(entry)
    if entry.row.effect == "null":
        return dict.fromkeys({unit, DISTRICT_CODE}, "own")
    assert entry.after is not None
    before = scopes_of(entry.before) if entry.before is not None else frozenset()
    after = scopes_of(entry.after)
    ended = entry.before is not None and ended_by(entry.before) < surely_held_since(entry.row.received_at)
    change = "enter" if ended else "effect"  # of what some workstation may hold no more, the whole case
    modes = {s: ("leave" if s not in after else change if s in before else "enter") for s in before | after}
    modes.setdefault(unit, "own")
    return modes


def _first_other(found: list[tuple[int, str]], wanted: list[tuple[int, str]]) -> str:
    for a, b in zip(found, wanted, strict=False):
        if a != b:
            return f"has {a}, should have {b}"
    return f"has {len(found)} entries, should have {len(wanted)}"
