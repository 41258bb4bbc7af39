"""What a duty was worth once it was met, or once nobody could meet it any more (sync.md §3.7)."""

from __future__ import annotations

from enum import Enum


class Verdict(str, Enum):
    """What a stopped clock shows. DOUBTFUL is its own column. UNRATIFIED (代录) counts for nothing until ratified, HELD
    (延期 or 挂账 was asked in time) until that is answered. EVIDENCE_OWED stands on no clock: one that is ON_TIME is shown so
    while its photograph is owed (models/owed_evidence.py)."""

    ON_TIME = "on_time"
    LATE = "late"
    DOUBTFUL = "doubtful"
    UNRATIFIED = "unratified"
    HELD = "held"
    NOT_COUNTED = "not_counted"
    EVIDENCE_OWED = "evidence_owed"
