"""The same acts, heard in every order the line allows: who did what when does not hang on whose workstation was cut off.

A case stands with a unit; its people, its co-handler and the town act, each at a desk that is in touch up to a minute of its
own and cut off from then on. What somebody does is what his own workstation allows him, knowing what he has heard. The
centre hears what was done in touch at once, in its order, and the rest later, in any order that keeps each workstation's own.

`python -m tests.models.heard 0 3000`: these seeds, and what differs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from models import commands as c
from models.case import AssignmentRole, Case, ClockState, State
from models.commands import Args, Command, Subject, kind_of
from models.decide import Outcome, decide
from models.evidence import ClaimedTime, Moment
from models.evolve import fold
from models.ids import uuid7
from models.moves import MOVES
from models.time_requests import SUSPENSION_GROUNDS
from tests.models.small_town import MARKET, SQUAD, Walk
from tests.models.stories import at_work, dispatched, failed, filed, handed_down, of

MINUTE_MS = 60_000
ORDERS = 25
HEARD_AFTER_MINUTES = 4_000
ALWAYS = 9_999

ANSWERS = {
    "case.ask_extension": c.AnswerExtension,
    "case.ask_suspension": c.AnswerSuspension,
    "case.ask_return": c.AnswerReturn,
}


MET_BY = {"case.submit_check": "check", "case.confirm": "confirm"}
"""Decisions that are a duty's, whoever of the desk takes them: the clock's id begins so."""


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


def hear(before: Walk, order: Iterable[Done]) -> Heard:
    """The centre hears the acts in this order."""
    case, came_to, order = before.case, {}, tuple(order)
    for index, done in enumerate(order):
        at_ms = before.now_ms + done.minute * MINUTE_MS
        actor = before.actor(done.person)
        command = Command(
            v=1, cmd_id=done.id, device=f"D-{done.desk}", dseq=1, prev="", actor=done.person, unit=actor.unit,
            subject=Subject("case", "case-1"), args=done.args, time=ClaimedTime(at_ms, "boot", at_ms),
            capacity=actor.capacity.value,
        )  # fmt: skip
        moment = Moment(at_ms - done.doubt_minutes * MINUTE_MS, at_ms + done.doubt_minutes * MINUTE_MS)
        heard_ms = before.now_ms + (HEARD_AFTER_MINUTES + index) * MINUTE_MS
        decision = decide(case, command, actor, before.rules, moment, heard_ms)
        came_to[done.id] = decision.outcome, decision.reason.code if decision.reason else ""
        case = fold(case, decision.events) if decision.events else case
    assert case is not None
    return Heard(case, came_to, order)


class Story:
    """Acts on one case, drawn from a seed; each its maker could do."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        helped = self._perhaps(0.6)
        self.before = self._begun((MARKET,) if helped else ())
        self._count = 0
        self._drawn: list[Done] = []
        if self.before.case is not None and self.before.case.state is State.AWAITING_CHECK:
            self._loop()
        else:
            self._lead(of(self.before, SQUAD))
            self._typed(helped)
        if helped:
            self._co_handler(of(self.before, MARKET))
        self._town(helped)
        self._answers()
        self.acts = self._as_seen()

    def _perhaps(self, chance: float) -> bool:
        return self.random.random() < chance

    def _begun(self, co: tuple[str, ...]) -> Walk:
        kind = self.random.choice(("filed", "handed_down", "rework", "handed_in"))
        if kind in ("rework", "handed_in"):
            walk = at_work(*co)
            walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"), minutes=self.random.choice((10, 60, 200)))
            if kind == "rework":
                failed(walk)
            return walk
        walk = filed() if kind == "filed" else handed_down()
        walk.now_ms += self.random.choice((0, 5, 20, 50)) * MINUTE_MS if kind == "handed_down" else 0
        dispatched(walk, "clerk", SQUAD, *co)
        return walk

    def _do(self, desk: str, minute: int, person: str, args: Args, needs: str = "") -> Done:
        self._count += 1
        doubt = self.random.choice((3, 10, 40)) if self._is_doubtful else 0
        made = Done(
            uuid7(self.before.now_ms, self._count.to_bytes(10, "big")), desk, minute, person, args, doubt, needs
        )
        self._drawn.append(made)
        return made

    @property
    def _is_doubtful(self) -> bool:
        return self._count % 4 == 0 and self._perhaps(0.5)

    def _in_turn(self, desk: str, person: str, acts: Iterable[Args]) -> None:
        minute = self.random.choice((0, 0, 30, 100))
        for args in acts:
            minute += self.random.choice((5, 20, 50, 70, 100))
            self._do(desk, minute, person, args)

    def _some(self, acts: list[Args], chance: float, *sometimes: tuple[float, Args]) -> list[Args]:
        for likely, args in sometimes:
            if self._perhaps(likely):
                acts.insert(self.random.randint(0, len(acts)), args)
        return [args for args in acts if self._perhaps(chance)]

    def _lead(self, lead: str) -> None:
        until = self.before.now_ms + self.random.choice((300, 1500)) * MINUTE_MS
        usual = [c.Arrive(lead), c.GiveOpinion(lead, "见", "做"), c.Feedback(lead, "已办")]
        waits = c.AskSuspension(lead, sorted(SUSPENSION_GROUNDS)[0], until, "等")
        asks = (0.5, c.AskExtension(lead, "未完")), (0.2, c.AskReturn(lead, "不属"))
        if self._perhaps(0.3):
            self._in_turn("squad-1", "squad-officer", self._some([*usual[:2], waits, usual[2]], 0.95))
            self._do("town-6", self.random.randint(100, 500), "clerk", c.EndSuspension(lead, "可办"))
        else:
            self._in_turn("squad-1", "squad-officer", self._some(list(usual), 0.85, *asks))
        if self._perhaps(0.6):
            self._in_turn("squad-2", "squad-leader", self._some(list(usual), 0.5, (0.4, c.AskExtension(lead, "未完"))))

    def _co_handler(self, co: str) -> None:
        usual: list[Args] = [c.Arrive(co), c.Handled(co)]
        asks = (0.6, c.AskExtension(co, "未完")), (0.2, c.AskReturn(co, "不属"))
        self._in_turn("market-1", "market-officer", self._some(list(usual), 0.75, *asks))
        if self._perhaps(0.3):
            self._in_turn("market-2", "market-deputy", self._some(list(usual), 0.6))

    def _typed(self, helped: bool) -> None:
        if not self._perhaps(0.4):
            return
        if not helped or self._perhaps(0.6):
            spoke, mate, lead = "squad-officer", "squad-leader", of(self.before, SQUAD)
            words = [c.Arrive(lead, on_behalf=spoke), c.GiveOpinion(lead, "见", "做", on_behalf=spoke)]
            words.append(c.Feedback(lead, "已办", on_behalf=spoke))
        else:
            spoke, mate, co = "market-officer", "market-deputy", of(self.before, MARKET)
            words = [c.Arrive(co, on_behalf=spoke), c.Handled(co, on_behalf=spoke)]
        typed = self._do("town-2", self.random.choice((5, 20, 50, 120, 170)), "clerk-2", self.random.choice(words))
        if self._perhaps(0.7):
            self._do("ratifying", typed.minute + 10, self.random.choice((spoke, mate)), c.Ratify(typed.id), typed.id)

    def _town(self, helped: bool) -> None:
        if self._perhaps(0.25):
            self._do("town-3", self.random.randint(0, 400), "clerk", c.Redispatch(MARKET, "更近"))
        if helped and self._perhaps(0.2):
            self._do(
                "town-4", self.random.randint(0, 400), "clerk", c.WithdrawCoHandler(of(self.before, MARKET), "不用")
            )

    def _answers(self) -> None:
        for asked in list(self._drawn):
            answer = ANSWERS.get(kind_of(asked.args))
            if answer is not None and self._perhaps(0.8):
                minute = asked.minute + self.random.choice((5, 30, 120))
                self._do(f"answering-{asked.id}", minute, "deputy", answer(asked.id, self._perhaps(0.6)), asked.id)

    def _loop(self) -> None:
        passed = self._perhaps(0.8)
        for desk, looks, signs, confirms in (
            ("1", "member-1", "head", "confirmer"),
            ("2", "member-2", "vice", "clerk-2"),
        ):
            minute = self.random.choice((10, 60, 200, 1_000, 1_500))
            if self._perhaps(0.8):
                self._do(f"village-{desk}", minute, signs, c.CheckOnSite(looks, passed, "看"))
                self._do(f"village-{desk}", minute + self.random.choice((5, 300)), signs, c.SubmitCheck())
            self._do(f"town-{desk}5", minute + self.random.choice((320, 1_500, 2_000)), confirms, c.Confirm())

    def _as_seen(self) -> list[Done]:
        """Each act with what its maker had heard of; those he could not do, as he saw it, are not done."""
        in_touch: dict[str, int] = {}
        for desk in sorted({done.desk for done in self._drawn}):
            always = desk.startswith(("answering", "ratifying"))
            until = self.random.choice((ALWAYS, ALWAYS, 0, 60, 120, self.random.randint(0, 500), 1_200))
            in_touch[desk] = ALWAYS if always else until
        done: list[Done] = []
        for act in sorted(self._drawn, key=lambda a: (a.minute, a.desk, a.id)):
            reach = min(act.minute, in_touch[act.desk])
            heard = [a for a in done if not a.cut_off and a.minute <= reach]
            if act.needs and act.needs not in {a.id for a in heard}:
                continue
            own = [a for a in done if a.desk == act.desk and a not in heard]
            outcome, _code = hear(self.before, [*heard, *own, act]).came_to[act.id]
            if outcome in (Outcome.ACCEPTED, Outcome.MERGED):
                first = {a.id for a in done if a.desk == act.desk or (not a.cut_off and a.minute <= act.minute)}
                cut_off = act.minute > in_touch[act.desk]
                done.append(
                    Done(act.id, act.desk, act.minute, act.person, act.args, act.doubt_minutes, act.needs,
                         frozenset(first), cut_off)
                )  # fmt: skip
        return done

    def orders(self) -> Iterator[list[Done]]:
        """Some of the orders in which the centre may hear them."""
        for _ in range(ORDERS):
            left, order, heard = list(self.acts), [], set[str]()
            while left:
                act = self.random.choice([a for a in left if a.heard <= heard])
                left.remove(act)
                order.append(act)
                heard.add(act.id)
            yield order


SAME = (
    {"not_counted", "on_time"},  # done in time, by the word of whoever did not know yet that it was another's
    {"not_counted", "unratified"},
    {"on_time", "unratified"},  # the unit's own word was refused: it had the case no more
    {"on_time", "open"},
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
        if clock.state is ClockState.STOPPED:
            assert clock.verdict is not None
            found[name] = clock.verdict.value
        else:
            over = clock.due_at is not None and clock.due_at < end_ms and not clock.held and not clock.is_paused
            found[name] = "open and over" if over else "open"
    return found


def differing(seed: int) -> list[str]:
    """What of this story hangs on the order in which it is heard, in words; empty when nothing does."""
    story = Story(seed)
    end_ms = story.before.now_ms + HEARD_AFTER_MINUTES * MINUTE_MS
    seen: dict[tuple[str, frozenset[str]], dict[str, Heard]] = {}
    for order in story.orders():
        heard = hear(story.before, order)
        for clock, shows in shown(heard, end_ms).items():
            seen.setdefault((clock, _decided(heard, clock)), {}).setdefault(shows, heard)
    found = []
    for (clock, _), by_show in seen.items():
        shows = set(by_show)
        if any({one, other} not in SAME for one in shows for other in shows if one < other):
            found.append(f"seed {seed}, {clock}:\n" + "".join(map(_told, by_show.items())))
    return found


def _decided(heard: Heard, clock: str) -> frozenset[str]:
    """The decisions that were taken: what somebody decides who sees another case is his. For a town's clock also whose word was
    taken, as a unit that has the case no more is not heard; with clocks in doubt also what was asked."""
    doubtful = any(done.doubt_minutes for done in heard.order)
    taken = set()
    for done in heard.order:
        kind = kind_of(done.args)
        outcome = heard.came_to[done.id][0]
        if MOVES[kind].testimony:
            counts = clock.startswith(AssignmentRole.TOWN.value) and outcome is not Outcome.REJECTED
        else:
            met_by_it = clock.startswith(MET_BY.get(kind, "-"))
            counts = outcome is Outcome.ACCEPTED and not met_by_it and (doubtful or kind not in ANSWERS)
        if counts:
            taken.add(done.id)
    return frozenset(taken)


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


if __name__ == "__main__":
    first, last = int(sys.argv[1]), int(sys.argv[2])
    differ = [told for seed in range(first, last) for told in differing(seed)]
    sys.stdout.write("\n".join((*differ, f"{last - first} stories, {len(differ)} differ\n")))
