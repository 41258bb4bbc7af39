"""What is known of a duty beside its clock: how it came to its desk, and the words that it may have been met by."""

from __future__ import annotations

import msgspec

from models.evidence import Moment


class HandedOn(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a duty that hangs on no assignment (dispatch, check, confirm) reached its desk, where that took a while: when it was
    handed on, when a console of the desk received it, and since when that one was running, if known. ms UTC (D6)."""

    sent_at: int
    told_at: int
    awake_at: int | None = None


class Word(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody's word that a duty was met at `at`, by the act `cmd_id`; `typed` for a unit (代录) that has not said 追认."""

    cmd_id: str
    at: Moment
    typed: bool = False
