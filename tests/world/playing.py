"""Playing worlds one after the other: what came of each, and the last steps of one that failed."""

from __future__ import annotations

import traceback
from collections import Counter
from dataclasses import dataclass, field

from models.commands import kind_of
from models.recovery import EFFECTIVE
from tests.invariants import check
from tests.invariants.at_rest import Violation
from tests.invariants.outside import still_so
from tests.world.mutants import Mutant
from tests.world.town import SMALL, Shape
from tests.world.world import world


@dataclass
class Outcome:
    """What one world came to. `broken` is the invariant that does not hold, "" when all do; `words` say how; `effects` are the acts
    by kind that took effect."""

    seed: int
    shape: Shape
    broken: str = ""
    words: str = ""
    played: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    effects: Counter[str] = field(default_factory=Counter)
    gestures: int = 0
    entries: int = 0


def played(seed: int, shape: Shape = SMALL, mutant: Mutant | None = None) -> Outcome:
    """Play the world of a seed, heal it, look at everything. Never raises: what goes wrong is what came of it."""
    found = Outcome(seed, shape)
    broken = (mutant.force, mutant.break_it) if mutant is not None else ({}, None)
    with world(seed, shape, *broken) as it:
        try:
            it.play()
            it.heal()
            history = check(it)
            still_so(it, history, it.witness.outside)
            found.entries = len(history.entries)
            found.effects.update(kind_of(e.command.args) for e in history.entries if e.row.outcome in EFFECTIVE)
            found.verdicts.update(f"{e.row.outcome} {e.reason.code}".strip() if e.reason else e.row.outcome
                                  for e in history.entries)  # fmt: skip
        except Violation as violation:
            found.broken, found.words = violation.rule, str(violation)
        except Exception as error:
            found.broken, found.words = "bug", "".join(traceback.format_exception(error, limit=-6))
        found.gestures = it.people.gestures
        found.played = it.faults.played
        if found.broken:
            found.words += "\n" + "\n".join(it.witness.last_steps())
    return found
