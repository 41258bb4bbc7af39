"""What happened to a case: the only values that change it. Small, so that folding is obviously right.

Events live for one fold; what is kept and sent is the act with its outcome and effect (D11).
"""

from __future__ import annotations

from typing import Any

import msgspec

from models.attachment import Attachment
from models.breach import Breach
from models.case import Assignment, Case, Check, Request, StageClock, State, Step


class CaseOpened(msgspec.Struct, frozen=True, tag="case_opened"):
    """A case exists from now on."""

    case: Case


class StateMoved(msgspec.Struct, frozen=True, tag="state_moved"):
    """The case stands elsewhere; the pair is a row of models/moves.py."""

    to: State


class AssignmentSet(msgspec.Struct, frozen=True, tag="assignment_set"):
    """An assignment was given, or one of its facts became known (same id replaces)."""

    assignment: Assignment


class ClockSet(msgspec.Struct, frozen=True, tag="clock_set"):
    """A clock was made, started, paused, moved or stopped (same id replaces)."""

    clock: StageClock


class CheckSet(msgspec.Struct, frozen=True, tag="check_set"):
    """The on-the-spot check of a round went one step further (same id replaces)."""

    check: Check


class RequestSet(msgspec.Struct, frozen=True, tag="request_set"):
    """A request was asked or answered (same id replaces)."""

    request: Request


class BreachSet(msgspec.Struct, frozen=True, tag="breach_set"):
    """The centre found that a clock was not met, or thinks otherwise of it now (same id replaces)."""

    breach: Breach


class AttachmentSet(msgspec.Struct, frozen=True, tag="attachment_set"):
    """A photograph or file was added, or its bytes arrived at the centre (same id replaces)."""

    attachment: Attachment


class FactsSet(msgspec.Struct, frozen=True, tag="facts_set"):
    """Plain fields of the case changed: the names and their new values."""

    values: dict[str, Any]


class Noted(msgspec.Struct, frozen=True, tag="noted"):
    """A line was added to the history."""

    step: Step


class Ratified(msgspec.Struct, frozen=True, tag="ratified"):
    """The unit stood by an act that was typed for it (追认)."""

    cmd_id: str
    by: str


Event = (
    CaseOpened | StateMoved | AssignmentSet | ClockSet | CheckSet | RequestSet | BreachSet | AttachmentSet | FactsSet | Noted
    | Ratified
)  # fmt: skip
