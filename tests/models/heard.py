"""Hearing acts in an order, and how a story is told: which act, at which desk, by whom, in touch or cut off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from models.case import Case
from models.clock import MINUTE_MS
from models.commands import Args, Command, Subject
from models.decide import Outcome, decide
from models.evidence import ClaimedTime, Moment
from models.evolve import fold
from tests.models.small_town import Walk
from tests.models.watching import watched

HEARD_AFTER_MINUTES = 4_000


@dataclass(frozen=True)
class Done:
    """One act: at which desk, in which minute since the case came, by whom; `doubt_minutes`: how far the clock of the desk may
    be wrong. `heard`: the ids of those its maker knew of, and of his own before it."""

    id: str
    desk: str
    minute: int
    person: str
    args: Args
    doubt_minutes: int = 0
    needs: str = ""
    heard: frozenset[str] = frozenset()
    cut_off: bool = False


@dataclass(frozen=True)
class Heard:
    """What came of acts in one order: the case, and of each act the outcome and the reason's code."""

    case: Case
    came_to: dict[str, tuple[Outcome, str]]
    order: tuple[Done, ...]


def hear(before: Walk, order: Iterable[Done], watches: bool = False) -> Heard:
    """The centre hears the acts in this order. `watches`: it looks for what was missed before each, and long after the last."""
    case, came_to, order = before.case, {}, tuple(order)
    for index, done in enumerate(order):
        at_ms = before.now_ms + done.minute * MINUTE_MS
        actor = before.actor(done.person)
        command = Command(
            v=1, cmd_id=done.id, device=f"D-{done.desk}", dseq=1, prev="", actor=done.person, unit=actor.unit,
            subject=Subject("case", "case-1"), args=done.args, time=ClaimedTime(at_ms, "boot", at_ms),
            capacity=actor.capacity.value,
        )  # fmt: skip
        heard_ms = before.now_ms + heard_in_minute(order, index) * MINUTE_MS
        case = watched(before, case, heard_ms) if watches and case is not None else case
        moment = Moment(at_ms - done.doubt_minutes * MINUTE_MS, at_ms + done.doubt_minutes * MINUTE_MS)
        decision = decide(case, command, actor, before.rules, moment, heard_ms)
        came_to[done.id] = decision.outcome, decision.reason.code if decision.reason else ""
        case = fold(case, decision.events) if decision.events else case
    assert case is not None
    for _ in range(2 if watches else 0):  # noticed, and final
        case = watched(before, case, before.now_ms + 2 * HEARD_AFTER_MINUTES * MINUTE_MS)
    return Heard(case, came_to, order)


def heard_in_minute(order: tuple[Done, ...], index: int) -> int:
    """What was done in touch is heard at once; what was done cut off, when the line is back: before the next that is done in touch."""
    following = (done.minute for done in order[index:] if not done.cut_off)
    return next(following, HEARD_AFTER_MINUTES + index)
