"""时间认定: what a doubtful time is taken for, by two persons of the district (practice.md §3, sync.md §3.7, D8).

A doubtful time is neither a breach nor a success until then, and stays that when nobody rules: undecided is not late. Both
reasons stand in the history, and an act whose evidence turns out to be earlier still takes the place of the ruling.
"""

from __future__ import annotations

from msgspec.structs import replace

from models.case import Case, RequestKind, StageClock, Verdict
from models.decide.intake import answer_request, asked_as
from models.decide.situation import Merged, Situation
from models.events import ClockSet
from models.people import Actor

VERDICTS = (Verdict.ON_TIME.value, Verdict.LATE.value)


def to_rule_on(case: Case) -> tuple[StageClock, ...]:
    """The clocks in a doubtful time about which nothing is proposed yet."""
    proposed = {r.clock for r in case.open_requests(RequestKind.TIME_RULING)}
    return tuple(k for k in case.clocks if k.verdict is Verdict.DOUBTFUL and k.id not in proposed)


def propose_time_ruling(s: Situation) -> None:
    """The first person says what it is to be taken for, and why."""
    clock = s.case.clock(s.args.clock)
    if clock is None or clock.verdict is not Verdict.DOUBTFUL:
        s.reject("time_not_doubtful")
    if s.args.verdict not in VERDICTS:
        s.reject("unknown_verdict")
    if not s.args.reason.strip():
        s.reject("reason_missing")
    asked = next((r for r in s.case.open_requests(RequestKind.TIME_RULING) if r.clock == clock.id), None)
    if asked is not None:
        if asked.verdict == s.args.verdict:
            s.ask(asked.kind, s.args.reason, clock=clock.id, verdict=asked.verdict, granted=False, beside=asked.id)
        raise Merged("time_ruling_already_proposed", asked.id)
    s.ask(RequestKind.TIME_RULING, s.args.reason, clock=clock.id, verdict=s.args.verdict)
    s.note(to=clock.owner, note=s.args.reason, result=s.args.verdict)


def answer_time_ruling(s: Situation) -> None:
    """The second person, never the first. What has been proved meanwhile needs no ruling any more."""
    request = next((r for r in s.case.requests if r.id == s.args.request), None)
    if request is None or asked_as(s.case, RequestKind.TIME_RULING, request.id) is None:
        s.reject("no_such_request")
    if request.asked_by == s.actor.person:
        s.reject("not_your_own_request")
    clock = s.case.clock(request.clock)
    answer_request(s, RequestKind.TIME_RULING, s.args.granted)
    if clock is not None and clock.verdict is Verdict.DOUBTFUL and s.args.granted:
        s.emit(ClockSet(replace(clock, verdict=Verdict(request.verdict), ruled_by=s.command.cmd_id)))
    s.note(to=clock.owner if clock else "", note=s.args.note, result="granted" if s.args.granted else "refused")


def may_second(case: Case, actor: Actor) -> bool:
    """True when the oldest proposal is another person's."""
    asked = case.open_request(RequestKind.TIME_RULING)
    return asked is not None and asked.asked_by != actor.person
