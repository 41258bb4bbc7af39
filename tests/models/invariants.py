"""What must hold of a case after every act, whoever did what in which order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from models import commands as c
from models.breach import BreachState
from models.case import AssignmentRole, Case, ClockState, RequestKind, State, Verdict, hands_of_round
from models.commands import Command, kind_of
from models.decide import Decision, Outcome, allowed
from models.decide.credit import STILL_CREDITED
from models.evidence import Moment, is_earlier
from models.evolve import apply_effect, effect_of, written_effect
from models.moves import MOVES
from models.organisation import DISTRICT_CODE
from models.people import Actor, Role
from models.policy import Stage
from models.row import next_step, row_of, scopes_of
from models.rules import Rules
from models.wire import decode, encode

BY_ROLE = {"case.confirm": (Role.CONFIRMER, Role.DEPUTY_DIRECTOR)}
"""Whose move it is where separation may leave nobody."""

WORDS = {c.Arrive: Stage.ARRIVAL, c.GiveOpinion: Stage.OPINION}


KEPT = ("late_history", "appended_after_close", "checker_may_not_handle")


class Witness:
    """Remembers what the case itself must not be trusted with: every word on a duty, and who did what in each round. `editions`:
    all by which anything was decided; one edition may leave nobody for what another had somebody for."""

    def __init__(self, *editions: Rules) -> None:
        self._editions = editions
        self._words: dict[tuple[str, Stage], list[Moment]] = defaultdict(list)

    def saw(
        self, before: Case, command: Command, actor: Actor, at: Moment, decision: Decision, after: Case, rules: Rules
    ) -> None:
        """One act was decided by these rules; raises AssertionError when anything is wrong with what came of it."""
        if decision.outcome is Outcome.REJECTED:
            refused(before, actor, rules, at, decision, after)
            return
        moved(before, kind_of(command.args), decision, after)
        self._separate(before, command, actor, decision, after)
        self._credited(command, at, decision, after)
        sound(after)
        next_one_can(after, self._editions, at)

    def _separate(self, before: Case, command: Command, actor: Actor, decision: Decision, after: Case) -> None:
        """Handler ≠ checker ≠ confirmer of a round (D17), told from the acts themselves."""
        if decision.outcome is not Outcome.ACCEPTED:
            return
        hands = hands_of_round(before)
        looked = before.check
        if looked is not None and looked.passed is not None and after.round == before.round:
            assert not (hands_of_round(after) - hands) & {looked.checker, looked.entered_by, looked.submitted_by}
        if isinstance(command.args, c.CheckOnSite):
            assert not hands & {command.args.checker, actor.person}
        if isinstance(command.args, c.SubmitCheck):
            assert actor.person not in hands
        if isinstance(command.args, c.Confirm | c.RefuseConfirm):
            check = before.check
            assert check is not None and actor.person not in hands
            assert actor.person not in {check.checker, check.entered_by, check.submitted_by}

    def _credited(self, command: Command, at: Moment, decision: Decision, after: Case) -> None:
        """The credited interval of a duty is the earliest among all words on it (I13); typed words await their 追认."""
        stage = WORDS.get(type(command.args))  # type: ignore[arg-type]
        late = kept_only(decision)
        if stage is not None and not late and not command.args.on_behalf:  # type: ignore[union-attr]
            self._words[command.args.assignment, stage].append(at)  # type: ignore[union-attr]
        for (assignment_id, of), words in self._words.items():
            clock, assignment = after.clock(f"{assignment_id}:{of.value}"), after.assignment(assignment_id)
            assert assignment is not None
            if clock is None or assignment.ended not in STILL_CREDITED:
                continue
            assert clock.stopped is not None, "a duty somebody spoke of has been met"
            assert not any(is_earlier(word, clock.stopped) for word in words)


def kept_only(decision: Decision) -> bool:
    """True for a testimony that stands in the history and was not the duty's own."""
    return decision.reason is not None and decision.reason.code in KEPT


def refused(before: Case, actor: Actor, rules: Rules, at: Moment, decision: Decision, after: Case) -> None:
    """A move that is not allowed changes nothing and says what is allowed instead."""
    assert decision.events == () and after is before and decision.reason is not None
    assert decision.reason.args.get("allowed", "") == " ".join(allowed(before, actor, rules, at.lo))


def moved(before: Case, kind: str, decision: Decision, after: Case) -> None:
    """The states are the table's, the version counts acts, and the effect is the fold."""
    late = kept_only(decision)
    if decision.outcome is Outcome.ACCEPTED and not late:
        move = MOVES[kind]
        assert before.state in move.states
        leads_on = after.state in move.to and before.state in (move.leaves or move.states)
        assert after.state is before.state or leads_on, (kind, before.state, after.state)
    else:
        assert after.state is before.state
    if not decision.events:
        assert after is before
        return
    assert after.version == before.version + 1
    assert len(after.history) == len(before.history) + 1 and after.history[-1].kind == kind
    assert after.history[:-1] == before.history or kind == "case.ratify"
    effect = effect_of(before, after)
    assert written_effect(before, after) == encode(effect), "what the district writes is what is told"
    assert apply_effect(before, effect) == after
    assert apply_effect(before, decode(encode(effect), type(effect))) == after, "over the wire too"


def sound(case: Case) -> None:
    """One lead, clocks and checks that fit the state, and everybody concerned sees it."""
    leads, towns = case.active(AssignmentRole.LEAD), case.active(AssignmentRole.TOWN)
    assert len(leads) <= 1 and len(towns) <= 1
    working = [a.receiver for a in (*leads, *case.active(AssignmentRole.CO))]
    assert len(set(working)) == len(working), "no unit has it twice"
    assert not leads or case.state not in (State.AWAITING_DISPATCH, State.AWAITING_RULING, State.REPORTED)
    _clocks(case)
    for check in case.checks:
        assert check.elsewhere is (check.checker_unit not in ("", check.station))
    for asked in case.open_requests(RequestKind.RETURN) if case.is_open else ():
        given = case.assignment(asked.assignment)
        assert given is not None and not given.ended, "nobody is asked about what is over"
    _more_time(case)
    _breaches(case)
    _attachments(case)
    if any(k.owner == case.town for k in case.clocks) or case.assignments:
        assert case.town in scopes_of(case), "what a town has had it goes on seeing"
    assert all(a.receiver in scopes_of(case) for a in case.assignments if not a.ended)
    row_of(case)


def _more_time(case: Case) -> None:
    """A clock is held while, and only while, a request for more time about it is open, and of each kind at most one (domain.md §2)."""
    for given in case.assignments:
        clock, asked = case.clock(f"{given.id}:{Stage.HANDLING.value}"), case.time_request(given.id)
        assert (clock is not None and clock.held) == (asked is not None)
        assert clock is None or (clock.verdict is Verdict.HELD) <= clock.held
        kinds = [r.kind for r in case.requests if r.assignment == given.id and r.granted is None]
        assert len(kinds) == len(set(kinds))


def _breaches(case: Case) -> None:
    """A clock that stopped late has a final breach, one met in time has none that stands (I16)."""
    for clock in case.clocks:
        found = case.breach(clock.id)
        if clock.verdict is Verdict.LATE:
            assert found is not None and found.state is BreachState.FINAL
        if clock.verdict is Verdict.ON_TIME:
            assert found is None or found.state is BreachState.WITHDRAWN
    assert {b.id for b in case.breaches} <= {k.id for k in case.clocks}
    assert all((b.settled_at is None) == (b.state is BreachState.PROVISIONAL) for b in case.breaches)


def _attachments(case: Case) -> None:
    """Each file stands once as each kind, of one size, and has arrived as all of them or as none (I17)."""
    assert len({(a.sha256, a.kind) for a in case.attachments}) == len({a.id for a in case.attachments})
    assert len({a.sha256 for a in case.attachments}) == len({(a.sha256, a.size) for a in case.attachments})
    assert len({a.sha256 for a in case.attachments}) == len({(a.sha256, a.arrived_at) for a in case.attachments})
    assert {a.id for a in case.attachments} <= {step.cmd_id for step in case.history}


def _clocks(case: Case) -> None:
    assert len({k.id for k in case.clocks}) == len(case.clocks)
    running = [k for k in case.clocks if k.state is ClockState.RUNNING]
    assert len([k for k in running if k.stage is Stage.DISPATCH]) <= 1
    for clock in running:
        assert clock.yellow_at is not None and clock.due_at is not None and clock.yellow_at <= clock.due_at
        assert not clock.is_paused or case.state is State.AWAITING_RULING
    acts = {step.cmd_id for step in case.history}
    assert all(k.stopped_by in acts and k.verdict is not None for k in case.clocks if k.state is ClockState.STOPPED)
    if not case.is_open:
        assert all(k.state is ClockState.STOPPED for k in case.clocks), "no clock runs when nobody owes a move"
    for given in case.assignments:
        if given.ended:
            assert all(k.state is ClockState.STOPPED for k in case.clocks if k.assignment == given.id)


def next_one_can(case: Case, editions: Sequence[Rules], at: Moment) -> None:
    """Whoever is told to be next sees the case, and somebody of that unit may make the move: unless all of them had a
    hand in it, when the case waits where everybody sees it (D17)."""
    step = next_step(case)
    # Over, but for what was asked in due time (docs/decisions/0008) and a typed word that waits for its 追认.
    if not case.is_open and step.code not in ("case.answer_extension", "case.answer_suspension", "case.ratify"):
        assert step.code == ""
        return
    assert step.code and step.unit
    assert step.unit == DISTRICT_CODE or step.unit in scopes_of(case)
    assert any(_can(case, step.code, step.unit, rules, at) for rules in editions), step


def _can(case: Case, code: str, unit: str, rules: Rules, at: Moment) -> bool:
    actors = [a for p in rules.people_at(unit) if (a := rules.actor(p.id, unit)) is not None]
    can = any(code in allowed(case, actor, rules, at.lo) for actor in actors)
    return can or nobody_is_left(case, code, actors)


def nobody_is_left(case: Case, code: str, actors: list[Actor]) -> bool:
    """True when everybody who might confirm had a hand in the round, or checked it."""
    check = case.check
    if check is None or code not in BY_ROLE:
        return False
    looked = {check.checker, check.entered_by, check.submitted_by}
    return {a.person for a in actors if a.has(*BY_ROLE[code])} <= hands_of_round(case) | looked
