"""What one act comes to at the centre, as a value: the verdict, the effect, and which feeds it reaches.

Pure: no database, no clock. The API path and the bulk loader both write exactly what this says.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from district.store.records import Standing
from models.case import Case
from models.check_review import ReviewCheck, is_reviewed
from models.commands import AttachmentArrived, Command, Deliver, Merge, NoticeBreach, SettleBreach, kind_of, named_in
from models.decide import Decision, Outcome, decide
from models.decide.breaches import missed, not_final
from models.decide.intake import merge_refused
from models.decide.situation import Merged, Rejected
from models.decide.tray import about_the_tray
from models.delivery import awaits_its_desk, took_a_while
from models.evidence import ClaimedTime, Grade, Moment, moment_of_act
from models.evolve import written_effect
from models.moves import OF_THE_CENTRE
from models.organisation import DISTRICT_CODE
from models.people import DISTRICT_ITSELF, Actor
from models.retention import NEVER_MS
from models.row import scopes_of
from models.rules import Rules
from models.tray_acts import SUBJECT, AboutTray, Told
from models.wire import Reason

NO_EFFECT = b"null"
REFERENCE_SCOPE = "reference"
"""The feed every workstation may read beside its own unit's (D13)."""


class Judgement(msgspec.Struct, frozen=True):
    """A verdict and its consequences. `after` is None when nothing changed. `modes` maps each feed that carries the
    entry to how it sees it (models/wire.py FeedItem). `given` lists what a desk has now to receive as (id, receiver): new
    assignments, and new clocks of duties that hang on none; `settled` what has just been delivered or is over."""

    outcome: Outcome
    reason: Reason | None
    effect: bytes
    after: Case | None
    modes: dict[str, str]
    given: tuple[tuple[str, str], ...] = ()
    settled: tuple[str, ...] = ()


def judge(
    case: Case | None,
    command: Command,
    device_unit: str,
    rules: Rules,
    at: Moment,
    standing: Standing,
    *,
    by_centre: bool = False,
    into: Case | None = None,
    told: Told | None = None,
    heard_ms: int | None = None,
) -> Judgement:
    """Judge an act made on a device of `device_unit`. Only the centre's own device speaks for the centre (`by_centre`).
    `into` is the case that a `case.merge` names, `told` the act that one about the tray names, if there is one; `heard_ms`: when
    the centre received the act."""
    try:
        decision = _decision(case, command, device_unit, rules, at, standing, by_centre, told, heard_ms)
        if isinstance(command.args, Merge) and decision.outcome is Outcome.ACCEPTED:
            decision = _merged_into(into, device_unit) or decision
        after = decision.after
        if after is None:
            return without_effect(decision.outcome, decision.reason, device_unit)
    except (ValueError, ArithmeticError, IndexError):
        # A limit or a time no calendar reaches. It must become a verdict: an act that cannot be judged would otherwise
        # stand in its device's chain for ever and hold up every later one.
        return without_effect(Outcome.REJECTED, Reason(code="not_judgeable"), device_unit)
    if any(clock.due_at is not None and clock.due_at >= NEVER_MS for clock in after.clocks):
        return without_effect(Outcome.REJECTED, Reason(code="not_judgeable"), device_unit)
    awaited = _awaited(after)
    return Judgement(
        outcome=decision.outcome,
        reason=decision.reason,
        effect=written_effect(case, after),
        after=after,
        modes=_modes(case, after, device_unit),
        given=_given(case, after, awaited, device_unit),
        settled=tuple(i for i in _awaited(case) if i not in awaited),
    )


def without_effect(outcome: Outcome, reason: Reason | None, device_unit: str) -> Judgement:
    """A verdict that changes nothing: only the actor's unit and the district hear of it."""
    modes = dict.fromkeys(sorted({device_unit, DISTRICT_CODE}), "own")
    return Judgement(outcome, reason, NO_EFFECT, None, modes)


def published() -> Judgement:
    """A new edition of the reference data: in everybody's second feed (D13)."""
    return Judgement(Outcome.ACCEPTED, None, NO_EFFECT, None, {DISTRICT_CODE: "own", REFERENCE_SCOPE: "own"})


def delivery(case: Case | None, given: str, now_ms: int, awake_at: int | None) -> Deliver | None:
    """What is to be said of something a desk has just received (the id of an assignment, or of a clock that hangs on none). None:
    nothing, for it was there within a minute, or is over."""
    clock = case.clock(given) if case is not None else None
    if clock is None:
        return Deliver(given, awake_at)
    return Deliver("", awake_at, clock.id) if took_a_while(clock, now_ms) else None


Observed = NoticeBreach | SettleBreach | AttachmentArrived | ReviewCheck
"""What the centre puts into the order of a case after it has looked."""


def still_holds(case: Case, args: Observed, now_ms: int) -> bool:
    """Is what the centre found about a case still so? Looking and recording are two steps."""
    if isinstance(args, ReviewCheck):
        return not is_reviewed(case, args.cmd_id)
    if isinstance(args, AttachmentArrived):
        return args.sha256 in {a.sha256 for a in case.attachments if a.arrived_at is None}
    holds = missed(case, now_ms) if isinstance(args, NoticeBreach) else not_final(case)
    return args.clock in {found.id for found in holds}


def moment_at_centre(time: ClaimedTime, proven_lo: int, received_ms: int) -> Moment:
    """When an act happened (D8). An anchor that contradicts what the same chain has proved already proves nothing."""
    found = moment_of_act(time, proven_lo, received_ms)
    if found.grade is Grade.ANCHORED and found.hi < min(proven_lo, received_ms):
        return Moment(min(proven_lo, received_ms), received_ms, Grade.DOUBTFUL)
    return found


def sees(case: Case, unit: str) -> bool:
    """True when the unit's feed carries the case."""
    return unit == DISTRICT_CODE or unit in scopes_of(case)


def acting(command: Command, rules: Rules, at: Moment, standing: Standing) -> Actor | None:
    """Who acted: as he sat at that desk when the act was surely made, else as he sits there now; None when he does not."""
    former = standing.former_actor(command.actor, command.unit, at.hi)
    return former if former is not None else rules.actor(command.actor, command.unit)


def as_then(rules: Rules, command: Command, at: Moment, standing_of: Callable[[str], Standing]) -> Rules:
    """The rules in which the people an act names are what they were when it was surely made: who checked, who goes there, who
    spoke on the telephone has not been somebody else by what became of him since."""
    named = named_in(command.args)
    then = [standing_of(name).former_person(name, rules.people.get(name), at.hi) for name in named]
    return rules.with_people(tuple(person for person in then if person is not None))


def _modes(case: Case | None, after: Case, device_unit: str) -> dict[str, str]:
    before_scopes = scopes_of(case) if case is not None else frozenset[str]()
    after_scopes = scopes_of(after)
    modes: dict[str, str] = {}
    for scope in sorted(before_scopes | after_scopes):
        if scope not in after_scopes:
            modes[scope] = "leave"
        else:
            modes[scope] = "effect" if scope in before_scopes else "enter"
    modes.setdefault(device_unit, "own")
    return modes


def _awaited(case: Case | None) -> dict[str, str]:
    """What a desk may still have to receive, with the unit: assignments, and the clocks of duties that hang on none."""
    if case is None:
        return {}
    given = {a.id: a.receiver for a in case.assignments if not a.ended and a.delivered_at is None}
    return given | {k.id: k.owner for k in case.clocks if awaits_its_desk(k)}


def _given(case: Case | None, after: Case, awaited: dict[str, str], device_unit: str) -> tuple[tuple[str, str], ...]:
    """What has just been given. A duty without an assignment is not on the way at the desk it was made at, nor when it waited
    before: then its desk was told of the assignment it lies in."""
    known = {*(a.id for a in case.assignments), *(k.id for k in case.clocks)} if case is not None else set()
    known |= {k.id for k in after.clocks if k.owner == device_unit}
    return tuple((i, unit) for i, unit in awaited.items() if i not in known)


def _decision(
    case: Case | None,
    command: Command,
    device_unit: str,
    rules: Rules,
    at: Moment,
    standing: Standing,
    by_centre: bool,
    told: Told | None,
    heard_ms: int | None,
) -> Decision:
    if not by_centre and (command.actor == DISTRICT_ITSELF or kind_of(command.args) in OF_THE_CENTRE):
        return _rejected("only_the_centre")
    if command.unit != device_unit:
        return _rejected("not_at_this_desk")
    actor = acting(command, rules, at, standing)
    if actor is None:
        return _rejected("not_at_this_desk")
    if standing.disabled_at is not None and at.hi >= standing.disabled_at:
        return _rejected("actor_disabled")
    if isinstance(command.args, AboutTray) and command.subject.type == SUBJECT:
        return _about_the_tray(command.args, command.subject.id, told, device_unit, rules)
    if command.subject.type != "case" or isinstance(command.args, AboutTray):
        return _rejected("unknown_subject")
    return decide(case, command, actor, rules, at, heard_ms)


def _about_the_tray(args: AboutTray, subject: str, told: Told | None, unit: str, rules: Rules) -> Decision:
    try:
        about_the_tray(args, subject, told, unit, rules)
    except Rejected as refused:
        return _rejected(refused.code)
    except Merged as same:
        return Decision(Outcome.MERGED, Reason(code=same.code, by=same.by))
    return Decision(Outcome.ACCEPTED)


def _merged_into(into: Case | None, unit: str) -> Decision | None:
    """The refusal of a merge; of a case the unit does not see it is told no more than of one that does not exist."""
    code = merge_refused(into if into is not None and sees(into, unit) else None)
    return _rejected(code) if code else None


def _rejected(code: str) -> Decision:
    return Decision(Outcome.REJECTED, Reason(code=code))
