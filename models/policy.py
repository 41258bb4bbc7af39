"""Limits, thresholds and switches, as versioned data (practice.md §3, D15, R4–R6). Code interprets, never decides them."""

from __future__ import annotations

from enum import Enum

import msgspec

from models.deadline import Limit, YellowRule


class Stage(str, Enum):
    """What a clock measures. Order of appearance in a case's life."""

    DISPATCH = "dispatch"
    ARRIVAL = "arrival"
    OPINION = "opinion"
    HANDLING = "handling"
    CHECK = "check"
    CONFIRM = "confirm"


class NightRule(str, Enum):
    """What happens off duty. ALWAYS: the clock runs. ROSTER: it runs for emergencies and rostered units, otherwise it
    starts when duty next starts."""

    ALWAYS = "always"
    ROSTER = "roster"


class StageRule(msgspec.Struct, frozen=True):
    """One stage's limit and when it turns yellow. The limit of HANDLING is only the fallback: the case's category or
    the ruling names its own. `source`: the plan's section, or 演示数据. `photo_required`: who met it in time owes a photograph
    of it (待补证据, models/owed_evidence.py)."""

    stage: Stage
    limit: Limit
    yellow: YellowRule
    night: NightRule = NightRule.ALWAYS
    source: str = ""
    photo_required: bool = False


class Policy(msgspec.Struct, frozen=True):
    """One version of the settings. A clock keeps the version it started under (D13). `ruling_within_work_hours`
    is the district's own limit for naming a unit after a second return (practice.md §3). `extensions_at_most` of one
    handling limit; a suspension (挂账) is granted once, for at most so many natural days (domain.md §2).
    `breach_grace_hours`: how long a breach waits for workstations that have not been heard of (sync.md §3.7);
    `lock_after_idle_minutes`: how long a console that nobody touches keeps its cases in sight;
    `attachment_at_most_mb`: how large one photograph or file may be, in megabytes of 1024 × 1024 bytes;
    `personal_kept_days`: how long the centre keeps a requester's record after it came, three years when nothing is said, as long as
    case rows are kept at hand (D22); `personal_kept_at_console_days`: how long a workstation keeps one that the centre has after its
    case was reported, as long as a centre that was put back to an old copy may want it again (sync-R7), and to spare its words in
    what is printed."""

    version: str
    stages: tuple[StageRule, ...]
    return_within_minutes: int = 30
    acknowledge_within_minutes: int = 15
    ring_again_minutes: int = 15
    undelivered_call_minutes: int = 5
    ruling_within_work_hours: int = 2
    similar_within_hours: int = 24
    offline_pass_days: int = 7
    extensions_at_most: int = 2
    suspension_at_most_days: int = 366
    breach_grace_hours: int = 24
    lock_after_idle_minutes: int = 15
    attachment_at_most_mb: int = 200
    personal_kept_days: int = 3 * 366
    personal_kept_at_console_days: int = 90
    source: str = ""

    def stage(self, stage: Stage) -> StageRule:
        """The rule of a stage; KeyError when the data lacks it."""
        for rule in self.stages:
            if rule.stage is stage:
                return rule
        raise KeyError(stage)
