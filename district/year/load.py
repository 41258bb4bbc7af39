"""Loads the generated year into a fresh demo district, through the same journal as every push (practice.md §4; 演示数据)."""

from __future__ import annotations

import random
from collections.abc import Callable

from district.bulk import BulkLoader
from district.year.act import Act
from district.year.script import received_acts
from models.commands import Command, Deliver, Subject
from models.evidence import Anchor, ClaimedTime
from models.organisation import DISTRICT_CODE
from models.rules import Rules
from models.wire import GENESIS, PROTOCOL, seal

DOUBTFUL_SHARE = 0.012
ANCHOR_AGE_MS = 60_000
ROUND_TRIP_MS = 40
STEPS = 40
"""Progress is told at least so often."""


def load_year(
    database_url: str,
    rules: Rules,
    seed: int,
    end_ms: int,
    reports: int,
    progress: Callable[[int, int], None],
) -> int:
    """Make and load the year before `end_ms`; returns how many acts were judged. `progress(done, all)` every few per cent."""
    chance = random.Random(seed)
    acts = received_acts(rules, seed, end_ms, reports)
    step = max(1, len(acts) // STEPS)
    with BulkLoader(database_url, rules, chance.randbytes) as loader:
        desks = _Desks(loader, f"{DISTRICT_CODE}-operator-1", end_ms)
        for number, (received_ms, act) in enumerate(acts):
            if isinstance(act.args, Deliver):
                loader.deliver(act.unit, received_ms)
            else:
                desks.push(act, received_ms, doubtful=chance.random() < DOUBTFUL_SHARE)
            if number % step == 0:
                progress(number, len(acts))
        progress(len(acts), len(acts))
        return loader.count


class _Desks:
    """One workstation a unit, each with its own chain."""

    def __init__(self, loader: BulkLoader, operator: str, end_ms: int) -> None:
        self._loader = loader
        self._operator = operator
        self._start_ms = end_ms - 366 * 86_400_000
        self._heads: dict[str, tuple[str, int, str]] = {}

    def push(self, act: Act, received_ms: int, *, doubtful: bool) -> None:
        """Seal the act at its place in its desk's chain, and push it."""
        if act.unit not in self._heads:
            made = self._loader.register(act.unit, "year", self._operator, self._start_ms)
            self._heads[act.unit] = (made.id, 0, GENESIS)
        device, dseq, head = self._heads[act.unit]
        at = act.at_ms
        anchor = None if doubtful else Anchor(at - ANCHOR_AGE_MS, at - ANCHOR_AGE_MS, ROUND_TRIP_MS, "year")
        command = Command(
            v=PROTOCOL,
            cmd_id=act.cmd_id,
            device=device,
            dseq=dseq + 1,
            prev=head,
            actor=act.person,
            unit=act.unit,
            subject=Subject("case", act.case_id),
            args=act.args,
            time=ClaimedTime(at, "year", at, anchor),
        )
        sealed = seal(command)
        self._heads[act.unit] = (device, dseq + 1, sealed.hash)
        self._loader.push(device, [(sealed, command)], received_ms)
