"""What a district operator asks over the line about what waits for him, and decides there, with his session."""

from __future__ import annotations

from models.check_review import CheckReviewBody, ChecksToReview
from models.quarantine import Apart, ReviewBody, ReviewDone
from models.record_reads import RecordReads
from models.recovery import EndBody, Recovered
from models.undecided_acts import DeferredActs
from models.workstations import CodeBody, CodeMade, RevokeBody, Workstations
from services.sync.line import Line
from services.sync.replies import Done


def new_code(line: Line, wanted: CodeBody, session: str) -> CodeMade:
    """A one-time code for a workstation of a unit."""
    return line.for_operator("POST", "/v1/enrolment-codes", CodeMade, session, wanted)


def workstations(line: Line, session: str) -> Workstations:
    """All workstations of the district."""
    return line.for_operator("GET", "/v1/devices", Workstations, session)


def revoke(line: Line, device: str, reason: str, session: str) -> None:
    """Take a workstation out."""
    line.for_operator("POST", "/v1/revocations", Done, session, RevokeBody(device, reason))


def recovery(line: Line, session: str) -> Recovered:
    """How far the district is with its past after a restore."""
    return line.for_operator("GET", "/v1/recovery", Recovered, session)


def end_recovery(line: Line, wanted: EndBody, session: str) -> Recovered:
    """Wait for no workstation any more."""
    return line.for_operator("POST", "/v1/recovery", Recovered, session, wanted)


def apart(line: Line, device: str, session: str) -> Apart:
    """What a revoked workstation handed in."""
    return line.for_operator("GET", f"/v1/quarantine?device={device}", Apart, session)


def review(line: Line, wanted: ReviewBody, session: str) -> ReviewDone:
    """Admit acts that lie apart, or decline them. Refused says why none is decided."""
    return line.for_operator("POST", "/v1/quarantine", ReviewDone, session, wanted)


def deferred(line: Line, session: str) -> DeferredActs:
    """The acts the centre keeps undecided."""
    return line.for_operator("GET", "/v1/deferred", DeferredActs, session)


def checks_to_review(line: Line, session: str) -> ChecksToReview:
    """Checks of one round with different results."""
    return line.for_operator("GET", "/v1/check-reviews", ChecksToReview, session)


def review_check(line: Line, wanted: CheckReviewBody, session: str) -> None:
    """Decide on one of them. Refused("already_reviewed"), ("own_check_not_reviewed"), ("no_such_check")."""
    line.for_operator("POST", "/v1/check-reviews", Done, session, wanted)


def record_reads(line: Line, before: int | None, session: str) -> RecordReads:
    """Who read requesters' records: the newest, or those before an instant (ms UTC)."""
    path = "/v1/record-reads" if before is None else f"/v1/record-reads?before={before}"
    return line.for_operator("GET", path, RecordReads, session)
