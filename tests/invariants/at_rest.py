"""A district that has come to rest, as the checks read it: simulated (tests/world) or of real processes (tests/faults)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from district.centre import Centre
from models.rules import Rules
from models.store.work import Work
from services.sync.machine import Sync

T = TypeVar("T")


class Violation(AssertionError):
    """An invariant does not hold. `rule` names it: "I9"."""

    def __init__(self, rule: str, words: str) -> None:
        super().__init__(f"{rule}: {words}")
        self.rule = rule


def must(fine: bool, rule: str, words: str) -> None:
    """Violation unless it is so."""
    if not fine:
        raise Violation(rule, words)


class Made(NamedTuple):
    """An act that was about to be committed: on which workstation, and between which instants in truth (ms UTC)."""

    device: str
    at_ms: int
    until_ms: int


class Seat(Protocol):
    """Which workstation of which unit."""

    @property
    def unit(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def slot(self) -> str: ...


class Workstation(Protocol):
    """One workstation at rest."""

    @property
    def name(self) -> str: ...
    @property
    def place(self) -> Seat: ...
    @property
    def devices(self) -> Collection[str]:
        """All that it has been at the centre."""
        ...

    @property
    def rules(self) -> Rules | None: ...
    @property
    def sync(self) -> Sync: ...
    @property
    def is_stopped(self) -> bool: ...
    def database(self, job: Callable[[Work], T]) -> T: ...


class Seen(Protocol):
    """What was seen from outside, beside all that the parties keep: acts made and acts told to be saved; what a disk put back
    took away; acts that added a file
    whose bytes are really there."""

    @property
    def made(self) -> Mapping[str, Made]: ...
    @property
    def told(self) -> Collection[str]: ...
    @property
    def lost(self) -> Collection[str]: ...
    @property
    def files(self) -> Collection[str]: ...
    @property
    def screens(self) -> Mapping[str, Mapping[str, str]]:
        """By act that corrects facts: what the screen showed in each when it was made, as far as somebody looked."""
        ...

    @property
    def decided(self) -> Mapping[str, str]:
        """By act: the outcome its workstation had heard of when the centre was last put back."""
        ...

    @property
    def served(self) -> Mapping[str, Mapping[str, int]]:
        """By device: the entries (their chain) that pulls were answered with, and when first (ms UTC), as far as somebody
        looked."""
        ...

    @property
    def asked(self) -> Mapping[str, Sequence[tuple[int, int]]]:
        """By device: when it asked for news (ms UTC), and from which place of its unit's feed on: it has what lies before."""
        ...

    @property
    def put_back_ms(self) -> int:
        """When the centre was last put back to a copy (ms UTC); 0: never."""
        ...


class AtRest(Protocol):
    """All of it."""

    @property
    def units(self) -> Sequence[str]: ...
    @property
    def rules(self) -> Rules: ...
    @property
    def now_ms(self) -> int: ...
    @property
    def district(self) -> Centre: ...
    @property
    def witness(self) -> Seen: ...
    @property
    def consoles(self) -> Sequence[Workstation]: ...
