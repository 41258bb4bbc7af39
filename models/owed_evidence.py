"""待补证据: a duty was met in time, and the photograph of it has not come to the centre (sync.md §3.6, practice.md §5).

Derived from the case and kept nowhere, so it cannot disagree with what has arrived. The clock keeps its own verdict, and is shown
with another one: an owed photograph makes nobody late, excuses nobody who is, and one that never comes stays owed.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from models.attachment import Attachment, AttachmentKind
from models.case import Assignment, AssignmentRole, Case, Check, StageClock, Verdict
from models.evidence import Moment
from models.policy import Stage

_DONE = frozenset({AttachmentKind.AFTER, AttachmentKind.NEAR, AttachmentKind.FAR})
SHOWS = {
    Stage.ARRIVAL: _DONE | {AttachmentKind.BEFORE, AttachmentKind.DURING},
    Stage.HANDLING: _DONE,
    Stage.CHECK: _DONE,
}
"""What a photograph must show to prove a duty: that somebody was there, or how the place was left. No other stage may ask for one."""


class Span(msgspec.Struct, frozen=True):
    """Whose photographs of which time belong to a duty: of these units, not surely before `since`, not surely after `until`, by
    nobody of `not_by`. `until` None: it goes on."""

    units: tuple[str, ...]
    since: Moment
    until: Moment | None = None
    not_by: tuple[str, ...] = ()

    def holds(self, added: Attachment, same: list[Attachment]) -> bool:
        """True when the photograph was added there and then, as far as that is known: whoever owes it has the doubt. Of the `same` file
        nobody had added any before: it proves nothing a second time, whatever it is said to show now."""
        is_new = all(one.at.hi >= self.since.lo for one in same)
        in_time = self.until is None or added.at.lo <= self.until.hi
        return is_new and in_time and added.unit in self.units and added.by not in self.not_by


def owes_photo(case: Case, clock: StageClock) -> bool:
    """True for a duty that was met in time while none of the photographs it asks for is at the centre."""
    if not clock.photo_required or clock.verdict is not Verdict.ON_TIME:
        return False
    spans = tuple(_spans(case, clock))
    return not any(_proves(case, clock, added, spans) for added in case.attachments)


def as_shown(case: Case, clock: StageClock) -> StageClock:
    """The clock as everybody is shown it, and as it is counted: 待补证据 in the place of 按时."""
    return replace(clock, verdict=Verdict.EVIDENCE_OWED) if owes_photo(case, clock) else clock


def clocks_shown(case: Case) -> tuple[StageClock, ...]:
    """All clocks of the case as they are shown."""
    return tuple(as_shown(case, clock) for clock in case.clocks)


def is_owed(case: Case) -> bool:
    """True while some clock of the case is 待补证据."""
    return any(owes_photo(case, clock) for clock in case.clocks)


def owed_by(case: Case, unit: str) -> tuple[StageClock, ...]:
    """The clocks whose photograph the unit has still to hand in, or that of a town whose unit it is; none that it can hand in no more,
    for it has the case anew or the next round has begun."""
    owed = (clock for clock in case.clocks if owes_photo(case, clock))
    return tuple(k for k in owed if any(unit in span.units and span.until is None for span in _spans(case, k)))


def acts_unproved(case: Case) -> frozenset[str]:
    """The acts that wait for bytes: what a file was added by that is not at the centre, and what met a duty whose photograph is owed."""
    added = (a.id for a in case.attachments if a.arrived_at is None)
    return frozenset((*added, *(clock.stopped_by for clock in case.clocks if owes_photo(case, clock))))


def _proves(case: Case, clock: StageClock, added: Attachment, spans: tuple[Span, ...]) -> bool:
    if added.arrived_at is None or added.kind not in SHOWS.get(clock.stage, ()):
        return False
    same = [other for other in case.attachments if other.sha256 == added.sha256]
    return any(span.holds(added, same) for span in spans)


def _spans(case: Case, clock: StageClock) -> Iterator[Span]:
    if clock.stage is Stage.CHECK:
        check = next((one for one in case.checks if one.id == clock.id), None)
        if check is not None:
            yield _looked(case, check)
        return
    given = case.assignment(clock.assignment)
    if given is None:
        return
    if given.role is not AssignmentRole.TOWN:
        yield _had(case, given)
        return
    yield from (_had(case, sent) for sent in case.assignments if _was_sent_for(case, sent, given))


def _was_sent_for(case: Case, sent: Assignment, town: Assignment) -> bool:
    """True when the town sent the unit for this duty, and neither for one it had earlier (models/decide/credit.py) nor for the next."""
    if sent.giver != town.receiver or sent.role is AssignmentRole.TOWN:
        return False
    after = _next_of(case, town)
    was_before = sent.ended_at is not None and sent.ended_at.hi <= town.assigned_at.hi
    return not was_before and (after is None or sent.assigned_at.hi < after.assigned_at.hi)


def _had(case: Case, given: Assignment) -> Span:
    """From when the unit was given the duty until it is given the next one: handed in late, the photograph is still of this one."""
    after = _next_of(case, given)
    return Span((given.receiver,), given.assigned_at, after.assigned_at if after is not None else None)


def _next_of(case: Case, given: Assignment) -> Assignment | None:
    later = (a for a in case.assignments if a.receiver == given.receiver and a.assigned_at.hi > given.assigned_at.hi)
    return min(later, key=lambda a: a.assigned_at.hi, default=None)


def _looked(case: Case, check: Check) -> Span:
    """From the result of the round until the next round is given; by nobody who had a hand in it (D17)."""
    leads = [a for a in case.assignments if a.role is AssignmentRole.LEAD]
    of_round = [a for a in leads if a.round == check.round]
    results = [a.handled_at for a in of_round if a.handled_at is not None]
    after = next((a.assigned_at for a in leads if a.round > check.round), None)
    hands = tuple(person for a in of_round for person in a.handlers)
    units = tuple(dict.fromkeys(filter(None, (check.station, check.checker_unit))))
    return Span(units, results[-1] if results else Moment(0, 0), after, hands)
