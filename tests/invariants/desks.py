"""Which rules were in force at each place of the order, and as what everybody sat where: read from the editions that the order names,
not from what the centre keeps of former desks. I7 for those who have become something else."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right

from district.store.documents import get_document
from models.commands import Command, Merge, Publish, Retract, Settle
from models.decide import decide
from models.people import DISTRICT_ITSELF, Actor, Person
from models.rules import Reference, Rules
from models.wire import decode
from tests.invariants.at_rest import AtRest, must
from tests.invariants.history import Entry, History

_BY_OTHER_MEANS = (
    "retracted", "already_accepted", "waits_for", "upgrade_server", "centre_recovering", "not_judgeable",
)  # fmt: skip
"""Verdicts that rest on other acts than the case, or on no judgement at all."""


class Editions:
    """The editions of the reference data that the order names: at which place, since when (ms UTC)."""

    def __init__(self, rest: AtRest, history: History) -> None:
        self._places: list[int] = []
        self._since: list[int] = []
        self._rules: list[Rules] = []
        told = [(entry, entry.command.args) for entry in history.entries]
        named = [(entry, args.sha256) for entry, args in told if isinstance(args, Publish)]
        for entry, sha256 in named:
            self._places.append(entry.row.gseq)
            self._since.append(entry.row.received_at)
            self._rules.append(rest.rules if len(named) == 1 else _edition(rest, sha256))
        self._otherwise = rest.rules

    @property
    def changed(self) -> bool:
        """True when there was more than one."""
        return len(self._rules) > 1

    @property
    def every(self) -> list[Rules]:
        """All of them, the first one first."""
        return self._rules or [self._otherwise]

    def judging(self, gseq: int) -> Rules:
        """Those by which the entry at that place was judged."""
        before = bisect_left(self._places, gseq)
        return self._rules[before - 1] if before else self._otherwise

    def sat(self, person: str, unit: str, at_ms: int) -> Actor | None:
        """As what he sat there at that instant; None when he did not, or when it changed just then."""
        found = {rules.actor(person, unit) for rules in self._in_force(at_ms)}
        return found.pop() if len(found) == 1 else None

    def was(self, person: str, at_ms: int) -> Person | None:
        """The active person at that instant; None when he was not, or when it changed just then."""
        found = {rules.people.get(person) for rules in self._in_force(at_ms)}
        one = found.pop() if len(found) == 1 else None
        return one if one is not None and one.active else None

    def is_otherwise(self, person: str) -> bool:
        """True when he was not the same in all of them."""
        return len({rules.people.get(person) for rules in self._rules}) > 1

    def _in_force(self, at_ms: int) -> list[Rules]:
        before, after = bisect_left(self._since, at_ms), bisect_right(self._since, at_ms)
        return self._rules[max(0, before - 1) : max(1, after)]

    def sits_otherwise(self, person: str, unit: str) -> bool:
        """True when he did not sit there as the same in all of them."""
        return len({rules.actor(person, unit) for rules in self._rules}) > 1


def _edition(rest: AtRest, sha256: str) -> Rules:
    with rest.district.reading() as connection:
        body = get_document(connection, sha256) or b""
    must(hashlib.sha256(body).hexdigest() == sha256, "I6", f"the edition {sha256} is not what its name says")
    return Rules(decode(body, Reference))


def judged_as_they_sat(rest: AtRest, history: History) -> None:
    """Whoever has become something else since is judged by what he was when he surely acted, whenever it came in."""
    editions = Editions(rest, history)
    if not editions.changed:
        return
    deferred = {e.command.cmd_id: e for e in history.entries if e.row.outcome == "deferred"}
    for entry in history.entries:
        args = entry.command.args
        of = deferred.get(args.cmd_id) if isinstance(args, Settle) else entry
        if of is None or of.row.actor == DISTRICT_ITSELF or isinstance(of.command.args, Merge | Retract):
            continue
        said = (args.outcome, args.code) if isinstance(args, Settle) else _verdict(entry)
        if said[1] in _BY_OTHER_MEANS or of.command.subject.type != "case":
            continue
        named = _named(of.command)
        if editions.sits_otherwise(of.command.actor, of.command.unit) or any(map(editions.is_otherwise, named)):
            _fair(entry, of, said, editions)


def _fair(entry: Entry, of: Entry, said: tuple[str, str], editions: Editions) -> None:
    command = of.command
    actor = editions.sat(command.actor, command.unit, of.at.hi)
    people = [editions.was(name, of.at.hi) for name in _named(command)]
    if actor is None or None in people:
        return
    rules = editions.judging(entry.row.gseq).with_people(tuple(person for person in people if person is not None))
    found = decide(entry.before, command, actor, rules, of.at)
    wanted = (found.outcome.value, found.reason.code if found.reason else "")
    words = (
        f"entry {entry.row.gseq} {of.row.kind} of {command.actor}, surely made by {of.at.hi} as {sorted(actor.roles)}"
    )
    must(said == wanted, "I7", f"{words}: said {said}, wanted {wanted}")


def _named(command: Command) -> list[str]:
    """Whom an act speaks of beside whoever made it: who checked, who goes there, who spoke on the telephone, who reported."""
    found = (getattr(command.args, field, "") for field in ("checker", "handler", "on_behalf", "reporter"))
    return [str(name) for name in found if name]


def _verdict(entry: Entry) -> tuple[str, str]:
    return entry.row.outcome, entry.reason.code if entry.reason else ""
