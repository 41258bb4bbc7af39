"""What goes wrong in a world, and how often: drawn once from its seed. All of it ends before the world is judged."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field


class Crashed(BaseException):
    """The program ended in the middle of a gesture or an exchange."""


@dataclass
class Faults:
    """Chances of one request (0..1) and hours between events; `hours` is how long the world is played, `help_minutes` how long
    it takes on average until somebody lets a workstation in again that stands still, `late_workstations` how many are let in for
    the first time in mid-world, `handovers` how many write their unsent acts into a file,
    `revocations` how many are taken out while they hold some; `copy_at_record` is the chance that a copy is made just before a
    requester's record comes, and put back just after; `desk_changes` how often somebody's desk changes while a workstation is cut off
    with what he did, `late_undos` how many try to undo, after each restore, what had taken effect, `corrections` how often two
    workstations correct one fact from what is on their screens; `outages` how often a whole unit has no line; `played` counts what
    happened."""

    hours: float = 0.0
    lose_request: float = 0.0
    lose_answer: float = 0.0
    double: float = 0.0
    old_answer: float = 0.0
    slow: float = 0.0
    crash_at_commit: float = 0.0
    cut_hours: float = 0.0
    crash_hours: float = 0.0
    reboot_hours: float = 0.0
    wall_step_hours: float = 0.0
    centre_crash_hours: float = 0.0
    centre_dies_at_commit: float = 0.0
    drill_hours: float = 0.0
    old_program_hours: float = 0.0
    restores_centre: int = 0
    copy_at_record: float = 0.0
    restores_disk: int = 0
    late_workstations: int = 0
    handovers: int = 0
    revocations: int = 0
    thick_files: int = 0
    thefts: int = 0
    help_minutes: float = 3.0
    desk_changes: int = 0
    late_undos: int = 0
    corrections: int = 0
    outages: int = 0
    played: Counter[str] = field(default_factory=Counter)

    def heal(self) -> None:
        """From now on nothing fails; what was played stays counted."""
        self.__init__(played=self.played)  # type: ignore[misc]


def drawn(chance: random.Random) -> Faults:
    """The faults of a world: none, some or many of each kind."""

    def rate(*choices: float) -> float:
        return chance.choice(choices)

    return Faults(
        hours=chance.uniform(2, 14),
        lose_request=rate(0, 0.02, 0.1, 0.25),
        lose_answer=rate(0, 0.02, 0.1, 0.25),
        double=rate(0, 0.05, 0.2),
        old_answer=rate(0, 0.0, 0.05, 0.15),
        slow=rate(0, 0.05, 0.2),
        crash_at_commit=rate(0, 0.005, 0.03),
        cut_hours=rate(0, 2, 6),
        crash_hours=rate(0, 10, 30),
        reboot_hours=rate(0, 12, 40),
        wall_step_hours=rate(0, 8, 30),
        centre_crash_hours=rate(0, 0, 8, 24),
        centre_dies_at_commit=rate(0, 0, 0.01),
        drill_hours=rate(0, 40),
        old_program_hours=rate(0, 0, 0, 6),
        restores_centre=chance.choice((0, 0, 0, 1, 2)),
        restores_disk=chance.choice((0, 0, 0, 1)),
        late_workstations=chance.choice((0, 0, 1)),
        handovers=chance.choice((0, 0, 1, 2)),
        revocations=chance.choice((0, 0, 1)),
        help_minutes=rate(5, 30, 120),
        copy_at_record=rate(0, 0, 0.1),
    )


def gestures_drawn(faults: Faults, chance: random.Random) -> None:
    """How often people do what they seldom do. Drawn beside the rest: a world in which nobody does is what it was before."""
    faults.desk_changes = chance.choice((0, 0, 2, 3))
    faults.late_undos = chance.choice((0, 4, 6))
    faults.corrections = chance.choice((0, 0, 3, 5))
