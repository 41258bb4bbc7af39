"""What two desks of one level began alike, one of them cut off, began by the earlier act: the ten minutes that come after what was given
back (退单), the facts that were missing (补充), and what does not count as found and fixed (docs/decisions/0021).
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from models.case import RequestKind, StageClock, Step
from models.decide.desks import CLERKS
from models.decide.intake import describe_facts, finders
from models.decide.situation import Merged, Situation
from models.describing import FACTS
from models.events import RequestSet
from models.evidence import is_earlier
from models.policy import Stage
from models.stage_clock import judged_anew, reckoned, started, stood_until_met


def already_begun(s: Situation, wrong: str) -> None:
    """Merges what another desk of the level has done as well. Nothing happens where this is the first word on it."""
    step = BEGINS[s.kind](s, wrong) if s.kind in BEGINS else None
    if step is None or step.actor == s.actor.person:
        return  # he knew of it
    if is_earlier(s.at, step.at):
        _begin_earlier(s, step)
    raise Merged("decided_as_well", step.cmd_id)


def _given_back(s: Situation, wrong: str) -> Step | None:
    """The answer by which the duty had been given back, where this one says so too."""
    asked = next((r for r in s.case.requests if r.id == s.args.request and r.kind is RequestKind.RETURN), None)
    given = s.case.assignment(asked.assignment) if asked is not None else None
    if given is None or given.ended != "returned" or not s.args.granted or wrong not in ("", "not_the_giver"):
        return None
    if given.giver != s.actor.unit or not s.actor.has(*CLERKS):
        return None
    return next((step for step in s.case.history if step.cmd_id == given.ended_by), None)


def _supplied(s: Situation, wrong: str) -> Step | None:
    """Of what was missing; this may say something more. Two who say it otherwise are told so, as two who describe."""
    step = _next_done(s)
    if wrong or step is None:
        return None
    if any(getattr(s.args, name, "").strip() not in ("", getattr(s.case, name)) for name in FACTS):
        describe_facts(s)
    return step


def _not_counted(s: Situation, wrong: str) -> Step | None:
    return None if wrong or s.args.accepted or s.actor.person in finders(s.case) else _next_done(s)


def _next_done(s: Situation) -> Step | None:
    """The first act of this kind after this one that began a cycle."""
    same = (step for step in s.case.history if step.kind == s.kind and is_earlier(s.at, step.at))
    return next((step for step in same if _began(s, step) is not None), None)


def _began(s: Situation, step: Step) -> StageClock | None:
    dispatching = (clock for clock in s.case.clocks if clock.stage is Stage.DISPATCH)
    return next((clock for clock in dispatching if clock.opened_at == step.at), None)


def _begin_earlier(s: Situation, step: Step) -> None:
    """At the own desk; another's runs from when it may have heard of it, as the centre had first."""
    for given in s.case.assignments:
        if given.ended_by == step.cmd_id:
            s.end_earlier(given)
    considered_earlier(s, step.cmd_id)
    clock = _began(s, step)
    if clock is None or clock.owner != s.actor.unit or clock.started_at is None:
        return
    earlier = replace(clock, opened_at=s.at)
    s.judge(judged_anew(started(earlier, s.at.hi, "received", s.rules, s.case.emergency)))


def considered_earlier(s: Situation, by: str) -> None:
    """The district was asked for a ruling by this act before it was by that one: the units' clocks have stood still since."""
    asked = next((r for r in s.case.requests if r.id == by and r.kind is RequestKind.RULING), None)
    if asked is None or not is_earlier(s.at, asked.asked_at):
        return
    s.emit(RequestSet(replace(asked, asked_at=s.at)))
    since_ms, was_ms = s.at.lo, asked.asked_at.lo
    for clock in s.case.clocks:
        if not clock.assignment or clock.started_at is None:
            continue
        earlier = max(since_ms, clock.started_at)
        if any(pause.from_ms == was_ms for pause in clock.pauses):
            pauses = (replace(p, from_ms=earlier) if p.from_ms == was_ms else p for p in clock.pauses)
            s.judge(judged_anew(reckoned(replace(clock, pauses=tuple(pauses)), s.rules)))
        elif clock.stopped is not None and since_ms < clock.stopped.hi <= was_ms:
            s.judge(stood_until_met(clock, since_ms, s.rules))


BEGINS: dict[str, Callable[[Situation, str], Step | None]] = {
    "case.answer_return": _given_back,
    "case.supplement": _supplied,
    "case.review_self_handled": _not_counted,
}
"""Acts that begin a cycle of the level, and how the one is found that did it as well."""
