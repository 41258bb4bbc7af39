"""What the world itself saw, beside all that the parties keep: which acts were made and told to be saved, when in truth."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from models.rules import Rules
from models.store.cursors import Cursor
from services.sync import machine
from tests.invariants.at_rest import Made, Violation
from tests.invariants.outside import Outside

if TYPE_CHECKING:
    from tests.world.console import WorldConsole


class Witness:
    """`made` every act that reached its commit; `told` those the screen called saved; `lost` those an image took away; `files` those that
    added a file whose bytes are there; `screens` what stood in each fact on the screen of whoever corrected one; `decided` what
    workstations had last been told of their acts when the centre was put back; `made_under` the reference data each was made under."""

    def __init__(self) -> None:
        self.made: dict[str, Made] = {}
        self.told: set[str] = set()
        self.lost: set[str] = set()
        self.files: set[str] = set()
        self.screens: dict[str, dict[str, str]] = {}
        self.decided: dict[str, str] = {}
        self.made_under: dict[str, Rules] = {}
        self.refusals: Counter[str] = Counter()
        self.feeds: Any = None
        self.outside = Outside()
        self._steps: deque[str] = deque(maxlen=12)
        self._order: dict[str, list[str]] = {}

    def making(self, console: WorldConsole, cmd_id: str, at_ms: int, shown: dict[str, str] | None = None) -> None:
        """An act is about to be committed; a correction, by somebody whose screen showed these facts."""
        self.made[cmd_id] = Made(console.place.device, at_ms, at_ms)
        if console.rules is not None:
            self.made_under[cmd_id] = console.rules
        if shown:
            self.screens[cmd_id] = shown
        self.outside.left_before[cmd_id] = console.cable.used_ms
        self._order.setdefault(console.name, []).append(cmd_id)

    def saved(self, console: WorldConsole, cmd_id: str) -> None:
        """The screen said 已存本机."""
        self.told.add(cmd_id)

    def refused(self, code: str) -> None:
        """The rule book said no at the desk."""
        self.refusals[code] += 1

    def put_back(self, decided: dict[str, str]) -> None:
        """The centre is about to be put back; so much a workstation had heard of its acts by then."""
        self.decided.update(decided)

    @property
    def served(self) -> dict[str, dict[str, int]]:
        """See tests/invariants/at_rest.py Seen."""
        found: dict[str, dict[str, int]] = self.feeds.served
        return found

    @property
    def asked(self) -> dict[str, list[tuple[int, int]]]:
        """See tests/invariants/at_rest.py Seen."""
        found: dict[str, list[tuple[int, int]]] = self.feeds.asked
        return found

    @property
    def put_back_ms(self) -> int:
        """See tests/invariants/at_rest.py Seen."""
        return int(self.feeds.put_back_ms)

    def exchanged(self, console: WorldConsole, effect: machine.Effect, fact: machine.Fact) -> None:
        """An exchange came to something."""
        if not isinstance(fact, machine.Failed):
            self.note(console.hub.now_ms, f"{console.name} {type(effect).__name__} -> {fact}")

    def lost_its_place(self, name: str, unit: str, asked_from: Cursor | None) -> None:
        """A pull ended in the wish for a snapshot: right when the centre's past is another than the one it asked from."""
        if asked_from is None or asked_from.epoch != self.feeds.epoch() or asked_from.sseq > self.feeds.end_of(unit):
            return
        raise Violation("R10", f"{name} took a whole feed for a broken one at {asked_from.sseq}")

    def note(self, at_ms: int, words: str) -> None:
        """Something happened that whoever looks for a fault wants to read."""
        self._steps.append(f"{at_ms} {words}")

    def last_steps(self) -> list[str]:
        """The last things that happened."""
        return list(self._steps)

    def length_of(self, console: WorldConsole) -> int:
        """How many acts the workstation had made."""
        return len(self._order.get(console.name, ()))

    def disk_restored(self, console: WorldConsole, length: int) -> None:
        """All it made after that many acts is gone from its disk."""
        self.outside.disks.add(console.name)
        mine = self._order.get(console.name, [])
        self.lost |= set(mine[length:])
        for cmd_id in mine:
            self.decided.pop(cmd_id, None)  # what its workstation had heard of it is gone from it as well
        del mine[length:]
