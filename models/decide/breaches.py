"""When a limit was missed: found by the centre, provisional at first, final when no act that met it can still turn up
(sync.md §3.7, D8, D18a; practice.md §3 "red").

A red light shows at once, reckoned wherever it is seen. A breach is the centre's own finding about it, and nothing is made
of it before it is final: until every workstation that could hold an earlier act has proved that it holds none (the unit
watermark), or the policy's grace is over. What turns up later still takes it back, and both stay on record.
"""

from __future__ import annotations

from msgspec.structs import replace

from models.breach import BLAMELESS, Breach, BreachState
from models.case import NO_RESULT, Assignment, AssignmentRole, Case, ClockState, StageClock, State, Verdict
from models.decide.situation import Merged, Situation
from models.events import BreachSet, ClockSet
from models.stage_clock import is_late_anyhow

BY_EVIDENCE, BY_RULING, BY_WATERMARK, BY_GRACE = "evidence", "ruling", "watermark", "grace"
BASES = (BY_WATERMARK, BY_GRACE)
"""What may make a breach final while the duty is still unmet."""

_FINAL, _PROVISIONAL, _WITHDRAWN = BreachState.FINAL, BreachState.PROVISIONAL, BreachState.WITHDRAWN


def missed(case: Case, now_ms: int) -> tuple[StageClock, ...]:
    """The clocks that run past their due time at `now_ms` and have no breach yet. A due time that is 暂定 is nobody's
    breach: the year's notice may still move it (practice.md §3)."""
    found = []
    for clock in case.clocks:
        if not clock.is_counting or clock.provisional or clock.due_at is None or clock.due_at >= now_ms:
            continue
        known = case.breach(clock.id)
        if known is None or known.state is _WITHDRAWN:
            found.append(clock)
    return tuple(found)


def not_final(case: Case) -> tuple[Breach, ...]:
    """The breaches of clocks that still run and that time alone may make final; none whose due time has become 暂定 since."""
    running = {k.id for k in case.clocks if k.is_counting and not k.provisional}
    return tuple(b for b in case.breaches if b.state is _PROVISIONAL and b.id in running)


def could_testify(case: Case, clock: StageClock) -> frozenset[str]:
    """The units whose workstations may hold an act that met the clock: whoever owes it, whoever gave it and may type for
    it, whom a town has sent, and who checks."""
    found = {clock.owner}
    given = case.assignment(clock.assignment)
    if given is not None:
        found.add(given.giver)
        if given.role is AssignmentRole.TOWN:
            found |= {a.receiver for a in case.assignments if a.giver == given.receiver}
    if case.check is not None and clock.id.startswith("check-"):
        found |= {case.check.checker_unit, case.check.submitter_unit}
    return frozenset(found - {""})


def notice_breach(s: Situation) -> None:
    """The centre saw the due time pass without the act: provisional."""
    clock = s.case.clock(s.args.clock)
    if clock is None or clock not in missed(s.case, s.at.lo):
        raise Merged("no_breach")
    assert clock.due_at is not None
    s.emit(BreachSet(Breach(clock.id, clock.owner, clock.due_at, _PROVISIONAL, s.at.shown_at)))
    s.note(to=clock.owner)


def settle_breach(s: Situation) -> None:
    """Nothing that met it can turn up any more, or the grace is over: final."""
    known = s.case.breach(s.args.clock)
    if known is None or known not in not_final(s.case):
        raise Merged("no_breach")
    if s.args.basis not in BASES:
        s.reject("unknown_basis", basis=s.args.basis)
    final = replace(known, state=_FINAL, settled_at=s.at.shown_at, basis=s.args.basis, silent=s.args.silent)
    s.emit(BreachSet(final))
    s.note(to=known.unit, result=s.args.basis)


def follow(s: Situation) -> None:
    """What this act means for the breaches of the clocks it changed: one that stopped late is final by its evidence, one
    that was met in time, moved or never was the unit's is taken back."""
    changed = {e.clock.id: e.clock for e in s.events if isinstance(e, ClockSet)}
    for clock in changed.values():
        known = s.case.breach(clock.id)
        found = _after(s, clock, known)
        if found is not None and found != known:
            s.emit(BreachSet(found))


def _after(s: Situation, clock: StageClock, known: Breach | None) -> Breach | None:
    now = s.at.shown_at
    if clock.verdict is Verdict.LATE and clock.due_at is not None and not clock.provisional:
        if known is not None and known.state is _FINAL:
            return replace(known, due_at=clock.due_at)
        basis = BY_RULING if clock.ruled_by else BY_EVIDENCE
        noticed = known.noticed_at if known is not None else now
        return Breach(clock.id, clock.owner, clock.due_at, _FINAL, noticed, settled_at=now, basis=basis)
    if known is not None and known.state is _WITHDRAWN and is_late_anyhow(clock):
        # No red is wiped by what would be late itself; what was vouched for was the due time of then.
        vouched = known.basis in BASES and clock.due_at is not None and clock.due_at <= known.due_at
        state, basis = (_FINAL, known.basis) if vouched else (_PROVISIONAL, "")
        return replace(known, state=state, due_at=clock.due_at or known.due_at, settled_at=now, basis=basis)
    if known is None or known.state is _WITHDRAWN:
        return known
    if clock.due_at is not None and clock.due_at < known.due_at:
        known = replace(known, due_at=clock.due_at)
    return replace(known, state=_WITHDRAWN, settled_at=now) if _falls(s, clock, known) else known


def _falls(s: Situation, clock: StageClock, known: Breach) -> bool:
    if clock.verdict in (Verdict.ON_TIME, Verdict.DOUBTFUL, Verdict.HELD) or (clock.held and clock.stopped is None):
        return True  # undecided is not late; it is noticed anew when it is decided so (docs/decisions/0009)
    if clock.verdict is Verdict.UNRATIFIED:
        return not is_late_anyhow(clock)  # nor is what only waits for its 追认
    if clock.verdict is Verdict.NOT_COUNTED:
        given = s.case.assignment(clock.assignment)
        if given is not None:
            blameless = given.ended in BLAMELESS or s.case.close_kind in NO_RESULT or _never_over(given, known)
        else:
            with_it = (a for a in s.case.assignments if a.ended_by == clock.stopped_by and a.receiver == clock.owner)
            blameless = s.case.state is State.VOID or any(a.ended in BLAMELESS for a in with_it)
        rested = known.basis in (BY_EVIDENCE, BY_RULING)  # on a verdict, which is no more
        return known.state is _PROVISIONAL or blameless or rested
    if clock.state is not ClockState.RUNNING or clock.due_at is None:
        return False
    # Where the later due time is over too, it is noticed anew, and vouched for anew.
    return clock.provisional or clock.due_at > known.due_at


def _never_over(given: Assignment, known: Breach) -> bool:
    """True when the duty went to another, as is heard only now, before its time was over, or its breach was final: heard then, that would
    have fallen."""
    return given.ended_at is not None and given.ended_at.hi <= max(known.due_at, known.settled_at or 0)
