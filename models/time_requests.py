"""The acts about time: more of it for a unit (延期, 挂账; domain.md §2), and what a doubtful one is taken for (practice.md §3).
models/commands.py lists every act."""

from __future__ import annotations

import msgspec

SUSPENSION_GROUNDS = ("engineering", "seasonal", "conditions", "beyond_district", "weather_or_event")
"""Why nothing can be done now: works to be planned and built, the season, conditions not ready, beyond the district's
power, weather or a big event (domain.md §2, practice.md §3)."""


class AskExtension(msgspec.Struct, frozen=True, tag="case.ask_extension"):
    """申请延期: the handling limit once more, asked before it is over (domain.md §2). Until it is answered the verdict is
    held."""

    assignment: str
    reason: str


class AnswerExtension(msgspec.Struct, frozen=True, tag="case.answer_extension", omit_defaults=True):
    """同意延期 / 不予延期, by whoever gave the assignment. Refused: the limit was what it was."""

    request: str
    granted: bool
    note: str = ""


class AskSuspension(msgspec.Struct, frozen=True, tag="case.ask_suspension"):
    """申请挂账: nothing can be done before `until` (ms UTC), on one of SUSPENSION_GROUNDS (domain.md §2)."""

    assignment: str
    ground: str
    until: int
    reason: str


class AnswerSuspension(msgspec.Struct, frozen=True, tag="case.answer_suspension", omit_defaults=True):
    """同意挂账 / 不予挂账, by whoever gave the assignment."""

    request: str
    granted: bool
    note: str = ""


class EndSuspension(msgspec.Struct, frozen=True, tag="case.end_suspension"):
    """解除挂账: what stood in the way is gone before the date; the clock runs again from now."""

    assignment: str
    reason: str


class ProposeTimeRuling(msgspec.Struct, frozen=True, tag="case.propose_time_ruling"):
    """时间认定, the first of two persons: what a clock stopped in a doubtful time is to be taken for, `verdict` "on_time" or
    "late", and why (practice.md §3 "doubtful time"; sync.md §3.7)."""

    clock: str
    verdict: str
    reason: str


class AnswerTimeRuling(msgspec.Struct, frozen=True, tag="case.answer_time_ruling", omit_defaults=True):
    """The second person: agreed, the verdict stands; refused, the time stays doubtful and is nobody's."""

    request: str
    granted: bool
    note: str = ""
