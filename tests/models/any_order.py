"""What a unit is charged with does not hang on the order in which the centre hears what was done (I13, docs/decisions/0021).

`python -m tests.models.any_order 0 3000`: these seeds, what differs, and what does not hold; with `wider` behind it, of the stories in
which seldom things happen (`wider_story.py`), with `decided`, of those about who gets the case (`decided_story.py`). With `watched`, too,
the centre looks for what was missed meanwhile.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from models.breach import Breach, BreachState
from models.case import Assignment, AssignmentRole, ClockState, StageClock, Verdict, hands_of_round
from models.clock import MINUTE_MS
from models.commands import kind_of
from models.decide import Outcome
from models.decide.begun_twice import BEGINS
from models.decide.breaches import BASES
from models.decide.made_twice import ENDS
from models.decide.spoken import may_ratify
from models.moves import MOVES
from models.policy import Stage
from models.row import scopes_of
from models.rules import Rules
from models.stage_clock import FACTS, judged
from tests.models.decided_story import DecidedStory
from tests.models.heard import HEARD_AFTER_MINUTES, Heard, hear, heard_in_minute
from tests.models.heard_story import ANSWERS, Story
from tests.models.wider_story import WiderStory

MET_BY = {"case.submit_check": "check", "case.confirm": "confirm"}
"""Decisions that are a duty's, whoever of the desk takes them: the clock's id begins so."""


TAKEN_TWICE = (*ENDS, *BEGINS, "case.redispatch", "case.add_co_handler")
"""Decisions of which two may be one: both were taken, whichever was heard first."""


SAME = (
    {"not_counted", "on_time"},  # done in time, by the word of whoever did not know yet that it was another's
    {"not_counted", "unratified"},
    {"on_time", "unratified"},  # the unit's own word was refused: it had the case no more
    {"on_time", "open"},
    {"not_counted", "open"},  # met before it began to run: never measured
    {"open", "unratified"},
    {"held", "not_counted"},  # asked for more time, handed in late, and gone to another before anybody answered
    {"late", "open and over"},
)
"""What one clock may show in two orders: nobody is charged in the one who is not in the other."""


def shown(heard: Heard, end_ms: int) -> dict[str, str]:
    """What each clock shows, by role, unit, round and stage."""
    found = {}
    for clock in heard.case.clocks:
        given = heard.case.assignment(clock.assignment)
        name = f"{given.role.value} {given.receiver} {given.round} {clock.stage.value}" if given else clock.id
        while name in found:
            name += " again"
        if clock.state is ClockState.STOPPED:
            assert clock.verdict is not None
            found[name] = clock.verdict.value
        else:
            over = clock.due_at is not None and clock.due_at < end_ms and not clock.held and not clock.is_paused
            found[name] = "open and over" if over else "open"
    return found


def unsound(heard: Heard, rules: Rules) -> Iterator[str]:
    """What does not fit together in the case, whatever was heard."""
    case = heard.case
    for clock in case.clocks:
        breach, given = case.breach(clock.id), case.assignment(clock.assignment)
        is_final = breach is not None and breach.state is BreachState.FINAL
        taken_later = given is not None and breach is not None and _was_final_before(given, breach)
        if is_final and clock.verdict not in (None, Verdict.LATE) and not _is_late_too(clock) and not taken_later:
            yield f"{clock.id}: a breach is final, the clock {clock.verdict}"
        if clock.verdict is Verdict.LATE and not clock.provisional and not is_final:
            yield f"{clock.id}: late without a breach"
        if not _is_as_judged(clock):
            yield f"{clock.id}: {clock.verdict} by what it shows is not"
        if clock.stage is Stage.HANDLING and (case.time_request(clock.assignment) is not None) != clock.held:
            yield f"{clock.id}: held, and nobody is asked; or the other way round"
        met = given is not None and clock.verdict in (Verdict.ON_TIME, Verdict.UNRATIFIED)
        if met and getattr(given, FACTS[clock.stage]) != clock.stopped:
            yield f"{clock.id}: its fact is another"
        if clock.verdict is Verdict.UNRATIFIED:
            word = next(step for step in case.history if step.cmd_id == clock.stopped_by)
            if not any(may_ratify(case, word, unit, rules) for unit in scopes_of(case)):
                yield f"{clock.id}: nobody who sees the case may ratify what it stopped by"
    for check in case.checks:
        looked = {check.checker, check.entered_by, check.submitted_by} - {""}
        if check.round == case.round and looked & hands_of_round(case):
            yield f"{check.id}: a hand of the round has checked it"
        results = [a.handled_at for a in case.assignments if a.role is AssignmentRole.LEAD and a.round == check.round]
        if check.checked_at and results and results[-1] and check.checked_at.hi < results[-1].lo:
            yield f"{check.id}: checked before the result"


def _was_final_before(given: Assignment, breach: Breach) -> bool:
    """The duty was taken away when it had been missed for good, unmet."""
    settled = breach.settled_at if breach.basis in BASES else None
    return given.ended_at is not None and settled is not None and settled < given.ended_at.hi


def _is_late_too(clock: StageClock) -> bool:
    """A typed word that would be late itself."""
    late = clock.stopped is not None and judged(clock.due_at, clock.stopped) is Verdict.LATE
    return late and clock.verdict is Verdict.UNRATIFIED


def _is_as_judged(clock: StageClock) -> bool:
    is_plain = clock.verdict in (Verdict.ON_TIME, Verdict.LATE, Verdict.DOUBTFUL) and not clock.ruled_by
    return not is_plain or clock.stopped is None or judged(clock.due_at, clock.stopped) is clock.verdict


def final(heard: Heard) -> dict[str, str]:
    """Of each clock, whether its unit is charged with a breach that is final. A typed word that was late itself waits for its 追认."""
    names = shown(heard, 0)
    states = ((name, clock, heard.case.breach(clock.id)) for name, clock in zip(names, heard.case.clocks, strict=True))
    return {
        name: "charged" if breach is not None and breach.state is BreachState.FINAL else "not charged"
        for name, clock, breach in states
        if not _is_late_too(clock)
    }


def differing(seed: int, tell: Callable[[int], Story] = Story, watches: bool = False) -> list[str]:
    """What of this story hangs on the order in which it is heard, or does not fit together, in words; empty when nothing. `watches`: the
    centre looks for what was missed meanwhile, and what is asked is who is charged with that."""
    story = tell(seed)
    end_ms = story.before.now_ms + HEARD_AFTER_MINUTES * MINUTE_MS
    seen: dict[tuple[str, frozenset[object]], dict[str, Heard]] = {}
    wrong: dict[str, Heard] = {}
    for order in story.orders():
        heard = hear(story.before, order, watches)
        for what in unsound(heard, story.before.rules):
            wrong.setdefault(what, heard)
        for clock, shows in (final(heard) if watches else shown(heard, end_ms)).items():
            seen.setdefault((clock, _decided(heard, clock)), {}).setdefault(shows, heard)
    found = [f"seed {seed}, {what}\n{_told((what, heard))}" for what, heard in wrong.items()]
    for (clock, _), by_show in seen.items():
        pairs = [{one, other} for one in by_show for other in by_show if one < other]
        if any(pair not in SAME for pair in pairs):
            found.append(f"seed {seed}, {clock}:\n" + "".join(map(_told, by_show.items())))
    return found


def _decided(heard: Heard, clock: str) -> frozenset[object]:
    """The decisions that were taken: what somebody decides who sees another case is his. For a duty that is handed on by what another
    does also when it came to its desk, which depends on the line. For a town's clock also whose word was
    taken, as a unit that has the case no more is not heard; with clocks in doubt, or moved by when the unit was told, also what was asked."""
    doubtful = any(done.doubt_minutes or kind_of(done.args) == "case.deliver" for done in heard.order)
    handed_on = heard.case.clock(clock)
    taken: set[object] = {handed_on.started_at} if handed_on is not None else set()
    if clock.startswith(AssignmentRole.CO.value):
        taken.add(_waited_for_the_lead(heard))
    for done in heard.order:
        kind = kind_of(done.args)
        outcome = heard.came_to[done.id][0]
        if kind in TAKEN_TWICE and outcome is Outcome.MERGED:
            taken.add(done.id)
        if MOVES[kind].testimony:
            counts = clock.startswith(AssignmentRole.TOWN.value) and outcome is not Outcome.REJECTED
        else:
            met_by_it = clock.startswith(MET_BY.get(kind, "-"))
            counts = outcome is Outcome.ACCEPTED and not met_by_it and (doubtful or kind not in ANSWERS)
        if counts:
            taken.add(done.id)
    return frozenset(taken)


def _waited_for_the_lead(heard: Heard) -> tuple[object, ...]:
    """When a co-handler heard that it may wait with the lead (挂账), that it has a part in the case, and that the lead was done: who
    was told to wait has waited, and for how long depends on the line."""
    taken = [i for i, done in enumerate(heard.order) if heard.came_to[done.id][0] is Outcome.ACCEPTED]
    kinds = {i: kind_of(heard.order[i].args) for i in taken}
    told = ("case.answer_suspension", "case.deliver", "case.feedback")
    when = ((kinds[i], heard_in_minute(heard.order, i)) for i in taken if kinds[i] in told)
    return tuple(when) if "case.answer_suspension" in kinds.values() else ()


def _told(shows: tuple[str, Heard]) -> str:
    heard = shows[1]
    lines = [f"  {shows[0]}\n"]
    for done in heard.order:
        outcome, code = heard.came_to[done.id]
        touch = "cut off" if done.cut_off else "in touch"
        lines.append(
            f"    {done.minute}±{done.doubt_minutes} {touch} {done.desk} {done.args!r}: {outcome.value} {code}\n"
        )
    return "".join(lines)


KINDS: dict[str, Callable[[int], Story]] = {"": Story, "wider": WiderStory, "decided": DecidedStory}
"""Which stories, by their word on the command line."""


if __name__ == "__main__":
    first, last = int(sys.argv[1]), int(sys.argv[2])
    watches, word = "watched" in sys.argv, "".join(said for said in sys.argv[3:] if said != "watched")
    differ = [told for seed in range(first, last) for told in differing(seed, KINDS[word], watches)]
    sys.stdout.write("\n".join((*differ, f"{last - first} stories, {len(differ)} differ\n")))
