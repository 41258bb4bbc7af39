"""Reads the district's settings from resources/reference/policy.toml: data with a version and a source, never code (R4–R6).

Wrong data is refused with the place in the file: a limit nobody meant would judge people.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from models.deadline import LONGEST_LIMIT_AMOUNT, Limit, LimitUnit, WorkDayReading, YellowRule
from models.owed_evidence import SHOWS
from models.policy import NightRule, Policy, Stage, StageRule
from models.wire import Malformed, from_builtins

LONGEST_IDLE_MINUTES = 60
"""No district leaves its cases in sight of a waiting room for longer."""

Amount = Annotated[int, msgspec.Meta(ge=1, le=LONGEST_LIMIT_AMOUNT)]
Minutes = Annotated[int, msgspec.Meta(ge=0)]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Named = Annotated[str, msgspec.Meta(min_length=1)]


class _Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    amount: Amount
    unit: LimitUnit
    reading: WorkDayReading = WorkDayReading.NEXT_CLOSE


class _Yellow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    minutes: Minutes = 0
    work_minutes: Minutes = 0
    percent: Percent = 0
    at_least_minutes: Minutes = 0


class _Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: Named
    limit: _Limit
    yellow: _Yellow
    night: NightRule = NightRule.ALWAYS
    photo_required: bool = False


class _Switches(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    return_within_minutes: Amount
    acknowledge_within_minutes: Amount
    ring_again_minutes: Amount
    undelivered_call_minutes: Amount
    ruling_within_work_hours: Amount
    similar_within_hours: Amount
    offline_pass_days: Amount
    extensions_at_most: Amount
    suspension_at_most_days: Amount
    breach_grace_hours: Amount
    lock_after_idle_minutes: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_IDLE_MINUTES)]
    attachment_at_most_mb: Amount = 200
    personal_kept_days: Annotated[int, msgspec.Meta(ge=90, le=10 * 366)] = 3 * 366
    personal_kept_at_console_days: Annotated[int, msgspec.Meta(ge=7, le=366)] = 90


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Named
    source: Named
    stages: dict[Stage, _Stage]
    switches: _Switches


def policy_of(data: dict[str, Any]) -> Policy:
    """The policy written in the file's data. Malformed names what is missing, unknown or out of range."""
    try:
        found = from_builtins(data, _File)
    except Malformed as error:
        raise Malformed(f"policy.toml: {error.where}") from error
    missing = [stage.value for stage in Stage if stage not in found.stages]
    if missing:
        raise Malformed(f"policy.toml: stages.{missing[0]} is missing")
    if found.switches.personal_kept_at_console_days > found.switches.personal_kept_days:
        # A workstation would still hold a name that the district has promised to forget.
        raise Malformed("policy.toml: switches.personal_kept_at_console_days is more than personal_kept_days")
    asks = next((stage for stage in Stage if found.stages[stage].photo_required and stage not in SHOWS), None)
    if asks is not None:
        raise Malformed(f"policy.toml: stages.{asks.value}.photo_required: nobody is on the spot then")
    stages = tuple(_rule(stage, found.stages[stage]) for stage in Stage)
    return Policy(found.version, stages, **msgspec.structs.asdict(found.switches), source=found.source)


def _rule(stage: Stage, row: _Stage) -> StageRule:
    limit = Limit(row.limit.amount, row.limit.unit, row.limit.reading)
    yellow = YellowRule(**msgspec.structs.asdict(row.yellow))
    return StageRule(stage, limit, yellow, row.night, row.source, row.photo_required)
