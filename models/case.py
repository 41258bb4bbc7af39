"""The case: its states, its assignments, its clocks and its history, as frozen values (domain.md §2, D5).

Clocks hang on an assignment or on a dispatch cycle, never on the case. Nothing is edited: a later value with the same
id replaces an earlier one only by an event, and the history keeps every act.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from models.attachment import Attachment
from models.breach import Breach
from models.deadline import Limit, Pause
from models.duty import HandedOn, Word
from models.evidence import Moment
from models.policy import Stage
from models.step import KEPT_ONLY as KEPT_ONLY
from models.step import Step as Step
from models.verdict import Verdict as Verdict


class State(str, Enum):
    """Where a case stands. Text codes; ui/words.py words them (practice.md §5)."""

    REPORTED = "reported"
    AWAITING_SUPPLEMENT = "awaiting_supplement"
    DECLINED = "declined"
    MERGED = "merged"
    AWAITING_DISPATCH = "awaiting_dispatch"
    AWAITING_RULING = "awaiting_ruling"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    AWAITING_CHECK = "awaiting_check"
    AWAITING_SUBMIT = "awaiting_submit"
    AWAITING_CONFIRM = "awaiting_confirm"
    CLOSED = "closed"
    VOID = "void"
    TRANSFERRED_OUT = "transferred_out"
    AWAITING_REVIEW = "awaiting_review"


ENDED = frozenset({State.DECLINED, State.MERGED, State.CLOSED, State.VOID, State.TRANSFERRED_OUT})
"""States in which no clock runs and nobody owes a move."""

NO_RESULT = ("declined", "merged", "void", "transferred_out")
"""Ways to end (`close_kind`) without anything having been handled: not counted as 办结."""


class AssignmentRole(str, Enum):
    """Why a unit has the case: the town it was handed down to, the lead (主办), or a co-handler (协办)."""

    TOWN = "town"
    LEAD = "lead"
    CO = "co"


class Assignment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One unit's duty on a case, given once. `round` counts rework: 1 first, 2 after a failed check or refused confirm.

    `handlers` are the persons who handled this round or typed another's result; they may neither check nor confirm it
    (D17). `ended` says why it is over: "returned", "reassigned", "withdrawn", "reworked", "closed", "void"; `ended_at`
    when, by the evidence of the act that ended it, `ended_by`. `heard_at` (ms UTC): when the centre heard of it, if it was given
    over a cut line; no console could have received it before. `awake_at` (ms UTC): since when the console it was delivered
    to had been running, None when that is not known (models/delivery.py). `also_known_as`: its names at consoles that gave it as
    well. `suspended_until` (ms UTC): 挂账 was granted up to then; it is granted once. `may_ratify`: it is over and a typed word waits for its 追认; till then the unit keeps the case.
    """

    id: str
    giver: str
    receiver: str
    role: AssignmentRole
    round: int
    assigned_at: Moment
    cycle: str = ""
    limit: Limit | None = None
    heard_at: int | None = None
    delivered_at: Moment | None = None
    awake_at: int | None = None
    notified_at: Moment | None = None
    acknowledged_at: Moment | None = None
    arrived_at: Moment | None = None
    opinion_at: Moment | None = None
    handled_at: Moment | None = None
    handlers: tuple[str, ...] = ()
    suspended_until: int | None = None
    ended: str = ""
    ended_at: Moment | None = None
    ended_by: str = ""
    may_ratify: bool = False
    also_known_as: tuple[str, ...] = ()


class ClockState(str, Enum):
    """A clock waits for its start, runs, or has stopped. Paused is running with an open pause."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"


class StageClock(msgspec.Struct, frozen=True, omit_defaults=True):
    """One promise with a limit: whose it is (`owner`), since when, until when. Times in ms UTC.

    `yellow_at` and `due_at` are stored, a colour never (D15). `provisional`: the due time rests on a calendar year without its
    official notice. `stopped_by`: the act that stopped it. Policy and calendar are those the clock started under (D13);
    `calendar_was` is that calendar once a later one has moved it. `extensions`: how often 延期 was granted. `held`: more time was
    asked for in due time; no light burns until that is answered. `ruled_by`: the act that ruled on a doubtful time. `others`: words on the
    duty beside the one it stopped by, one of which may count when the due time moves (docs/decisions/0021). `opened_at`: when the act
    was done that a level's own duty comes of; nobody there could meet it earlier. `photo_required`: by its policy whoever meets it
    owes a photograph.
    """

    id: str
    stage: Stage
    owner: str
    limit: Limit
    assignment: str = ""
    started_at: int | None = None
    start_kind: str = ""
    due_at: int | None = None
    yellow_at: int | None = None
    pauses: tuple[Pause, ...] = ()
    extensions: int = 0
    held: bool = False
    stopped: Moment | None = None
    stopped_by: str = ""
    verdict: Verdict | None = None
    ruled_by: str = ""
    provisional: bool = False
    policy: str = ""
    calendar: str = ""
    calendar_was: str = ""
    handed_on: HandedOn | None = None
    others: tuple[Word, ...] = ()
    opened_at: Moment | None = None
    photo_required: bool = False

    @property
    def state(self) -> ClockState:
        """Waiting, running or stopped."""
        if self.stopped is not None:
            return ClockState.STOPPED
        return ClockState.WAITING if self.started_at is None else ClockState.RUNNING

    @property
    def is_paused(self) -> bool:
        """True while the last pause is open."""
        return bool(self.pauses) and self.pauses[-1].to_ms is None

    @property
    def is_quiet(self) -> bool:
        """True while no light burns: it stands still, or what is asked about it waits for its answer."""
        return self.held or self.is_paused

    @property
    def is_counting(self) -> bool:
        """True while it runs and its light burns."""
        return self.state is ClockState.RUNNING and not self.is_quiet


def clock_id(assignment_id: str, stage: Stage) -> str:
    """The id of the clock of a stage of an assignment."""
    return f"{assignment_id}:{stage.value}"


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """The on-the-spot check of one round (四(五), R49): who looks, what was seen, when the station submitted it.

    `elsewhere`: by a neighbouring station or a patrol (异站核查), flagged and sampled three times as often. `checker_unit`: where the
    checker sits; the case is in that unit's feed. `submitter_unit`: who submits where all leaders of the station had a hand in
    the handling; `nobody_submits`: nor may anybody there, and somebody else must look."""

    id: str
    station: str
    round: int
    checker: str = ""
    checker_unit: str = ""
    submitter_unit: str = ""
    passed: bool | None = None
    seen: str = ""
    checked_at: Moment | None = None
    entered_by: str = ""
    submitted_at: Moment | None = None
    submitted_by: str = ""
    elsewhere: bool = False
    nobody_submits: bool = False


class RequestKind(str, Enum):
    """What one desk may ask another to decide."""

    RETURN = "return"
    VOID = "void"
    RULING = "ruling"
    EXTENSION = "extension"
    SUSPENSION = "suspension"
    TIME_RULING = "time_ruling"


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question waiting for its answer; `granted` None while open, `answered_at` when somebody answered it. A ruling with an `assignment`
    was opened by the second return of it. `to`: the unit where somebody may answer a request to void, "" when nobody but whoever asked
    could. `until` (ms UTC): how long 挂账 is asked for; of an answered ruling, up to when the units' clocks stood. `clock`, `verdict`: what
    is proposed about a doubtful time. `beside`: the open request it was merged with; the answer is to both, or says if it is its own."""

    id: str
    kind: RequestKind
    asked_by: str
    unit: str
    reason: str
    asked_at: Moment
    assignment: str = ""
    suggested: tuple[str, ...] = ()
    granted: bool | None = None
    to: str = ""
    until: int | None = None
    clock: str = ""
    verdict: str = ""
    beside: str = ""
    answered_at: Moment | None = None


class Described(msgspec.Struct, frozen=True, array_like=True):
    """Which version of the case last set one of its plain facts, and on which workstation: two clerks who describe
    different facts both count, of two who describe the same one the second is asked (sync.md §3.6)."""

    field: str
    version: int
    device: str


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything the rule book and the screens know of one case. `version` counts accepted commands.

    `level` is the organisation that must receive, file and dispatch now; `town` the sub-centre of the place, `station`
    the workstation of the place. `personal` is the salted hash of the requester's record (D2), never the record.
    """

    id: str
    number: str
    version: int
    state: State
    level: str
    channel: str
    category: str
    title: str
    place: str
    town: str
    reported_at: Moment
    reported_by: str
    reporter_unit: str
    station: str = ""
    words: str = ""
    external_number: str = ""
    emergency: bool = False
    personal: str = ""
    round: int = 1
    cycle: int = 1
    filed_at: Moment | None = None
    filed_by: str = ""
    closed_at: Moment | None = None
    close_kind: str = ""
    duplicate_of: str = ""
    transferred_to: str = ""
    described: tuple[Described, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    clocks: tuple[StageClock, ...] = ()
    checks: tuple[Check, ...] = ()
    requests: tuple[Request, ...] = ()
    breaches: tuple[Breach, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    history: tuple[Step, ...] = ()

    @property
    def is_open(self) -> bool:
        """True while somebody owes a move."""
        return self.state not in ENDED

    def active(self, role: AssignmentRole) -> tuple[Assignment, ...]:
        """The assignments of that role that are not over."""
        return tuple(a for a in self.assignments if a.role is role and not a.ended)

    @property
    def lead(self) -> Assignment | None:
        """The unit that handles the case now (主办), if one is named."""
        return next(iter(self.active(AssignmentRole.LEAD)), None)

    @property
    def town_assignment(self) -> Assignment | None:
        """The town's own duty towards the district, if the case was handed down."""
        return next(iter(self.active(AssignmentRole.TOWN)), None)

    def assignment(self, assignment_id: str) -> Assignment | None:
        """The assignment with that id, or known by it too; ended or not."""
        for found in self.assignments:
            if found.id == assignment_id or assignment_id in found.also_known_as:
                return found
        return None

    def clock(self, wanted: str) -> StageClock | None:
        """The clock with that id."""
        for found in self.clocks:
            if found.id == wanted:
                return found
        return None

    def clock_of(self, assignment_id: str, stage: Stage) -> StageClock | None:
        """The clock of that stage of an assignment."""
        return self.clock(clock_id(assignment_id, stage))

    def breach(self, of_clock: str) -> Breach | None:
        """What the centre found about that clock, if anything."""
        return next((b for b in self.breaches if b.id == of_clock), None)

    @property
    def check(self) -> Check | None:
        """The check of the current round, if it has begun."""
        for found in reversed(self.checks):
            if found.round == self.round:
                return found
        return None

    @property
    def is_ruled(self) -> bool:
        """True from the moment the district is asked to rule, unless it refused."""
        return any(r.kind is RequestKind.RULING and r.granted is not False for r in self.requests)

    def open_requests(self, kind: RequestKind) -> tuple[Request, ...]:
        """The unanswered requests of that kind, oldest first: each unit may ask to return its own assignment."""
        return tuple(r for r in self.requests if r.kind is kind and r.granted is None)

    def open_request(self, kind: RequestKind) -> Request | None:
        """The oldest unanswered request of that kind."""
        return next(iter(self.open_requests(kind)), None)

    def return_request(self, assignment_id: str) -> Request | None:
        """The unanswered 退单 of one assignment."""
        return next((r for r in self.open_requests(RequestKind.RETURN) if r.assignment == assignment_id), None)

    def time_requests(self, assignment_id: str) -> tuple[Request, ...]:
        """The unanswered requests for more time (延期, 挂账) of one assignment: never more than one of each."""
        asked = (*self.open_requests(RequestKind.EXTENSION), *self.open_requests(RequestKind.SUSPENSION))
        return tuple(r for r in asked if r.assignment == assignment_id)

    def time_request(self, assignment_id: str) -> Request | None:
        """The first of them to be answered, if any."""
        return next(iter(self.time_requests(assignment_id)), None)

    def sent_by(self, town: Assignment) -> tuple[Assignment, ...]:
        """The units at work in the name of a town that was handed the case."""
        mine = (a for a in self.assignments if a.giver == town.receiver and not a.ended)
        return tuple(a for a in mine if a.role is not AssignmentRole.TOWN)


def hands_of_round(case: Case) -> frozenset[str]:
    """Everybody who handled this round, or typed another's result (代录), also of a unit that has given the case back since: they may
    neither check nor confirm (D17). A co-handler's duty goes on through rework: whoever works on it is of every round it lasts."""
    at_work = (a for a in case.assignments if is_of_round(a, case.round) or (a.round == case.round and a.handled_at))
    return frozenset(h for a in at_work for h in a.handlers)


def is_of_round(assignment: Assignment, round_: int) -> bool:
    """True when what was done under the assignment belongs to the case's present round."""
    return assignment.ended in ("", "closed") or (assignment.round == round_ and assignment.ended != "returned")
