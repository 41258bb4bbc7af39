"""Stories of one case, drawn from a seed: a lead, a co-handler, the town and the station, each at desks that may be cut off.

Each desk is in touch up to a minute of its own. What somebody does is what his own workstation allows him, knowing what he has
heard. The centre hears what was done in touch at once, in its order, and the rest later, in any order that keeps each
workstation's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random

from models import commands as c
from models.case import State
from models.clock import MINUTE_MS
from models.commands import Args, kind_of
from models.decide import Outcome
from models.ids import uuid7
from models.people import DISTRICT_ITSELF
from models.time_requests import SUSPENSION_GROUNDS
from tests.models.heard import Done, hear
from tests.models.small_town import MARKET, SQUAD, TOWN, VILLAGE, Walk
from tests.models.stories import at_work, dispatched, failed, filed, handed_down, of

ORDERS = 25
ALWAYS = 9_999

ANSWERS: dict[str, tuple[Callable[[str, bool], Args], str]] = {
    "case.ask_extension": (c.AnswerExtension, "deputy"),
    "case.ask_suspension": (c.AnswerSuspension, "deputy"),
    "case.ask_return": (c.AnswerReturn, "deputy"),
    "case.propose_time_ruling": (c.AnswerTimeRuling, "operator-2"),
}
"""What answers an act, and who does."""


_PEOPLE = {
    SQUAD: ("squad-officer", "squad-leader", "squad-2"),
    MARKET: ("market-officer", "market-deputy", "market-1"),
    VILLAGE: ("head", "member-2", "village-1"),
    TOWN: ("clerk-2", "clerk", "town-2"),
}
"""Of each unit: who speaks on the telephone, who goes, and from which desk it is acknowledged."""


def assigned_by(done: Done) -> str:
    """The id of the assignment that this act makes."""
    return f"{done.id.replace('-', '')[-12:]}.0"


class Story:
    """Acts on one case, drawn from a seed; each its maker could do."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._start = Random(f"start {seed}")
        self._is_on_the_way = self._start.random() < 0.3
        self._received: dict[str, Done] = {}
        helped = self._perhaps(0.6)
        self.before = self._begun((MARKET,) if helped else ())
        self._count = 1_000  # no act makes an assignment by the id of one that the walk before has made
        self._drawn: list[Done] = []
        self._on_the_way()
        if self.before.case is not None and self.before.case.state is State.AWAITING_CHECK:
            self._loop()
        else:
            self._lead(of(self.before, SQUAD))
            self._typed(helped)
        if helped:
            self._co_handler(of(self.before, MARKET))
        self._town(helped)
        self._district()
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
        if kind == "handed_down" and self._is_on_the_way:
            walk = filed("intake", "hotline")
            walk.act("operator", c.Dispatch(TOWN))
        else:
            walk = filed() if kind == "filed" else handed_down()
        walk.now_ms += self.random.choice((0, 5, 20, 50)) * MINUTE_MS if kind == "handed_down" else 0
        if self._is_on_the_way:
            walk.act("clerk", c.Dispatch(SQUAD, co=co))
        else:
            dispatched(walk, "clerk", SQUAD, *co)
        return walk

    def _on_the_way(self) -> None:
        """What no console has received yet is received some time; before, somebody may ring the unit, from a desk that is cut off."""
        for given in self.before.case.assignments if self.before.case is not None else ():
            if given.delivered_at is None and not given.ended:
                self._receives(given.id, given.receiver, self._start.choice((0, 5, 30, 100, 200)))

    def _receives(self, assignment: str, unit: str, minute: int, needs: str = "") -> None:
        if not self._is_on_the_way:
            return
        awake = self._start.choice((None, None, 60, 30, 3))
        awake_ms = self.before.now_ms + (minute - awake) * MINUTE_MS if awake is not None else None
        received = c.Deliver(assignment, awake_ms)
        self._received[assignment] = self._do("centre", minute, DISTRICT_ITSELF, received, needs)
        spoke, goes, desk = _PEOPLE[unit]
        rings = ("district-2", "operator") if unit == TOWN else ("town-8", "clerk")
        told: list[tuple[str, str, Args]] = [
            (*rings, c.LogCall(unit, "answered", assignment=assignment)),
            ("town-9", "clerk", c.Acknowledge(assignment, on_behalf=spoke)),
            ("town-9", "clerk", c.NoteProgress("在路上", assignment, on_behalf=spoke)),
            (desk, spoke, c.Acknowledge(assignment, goes)),
        ]
        for at, by, word in told:
            if self._start.random() < 0.25:
                rung = max(0, minute + self._start.choice((-90, -60, -20, -5, 10)))
                self._do(at, self._start.choice((5, 20, 70)) if at == desk else rung, by, word, needs)

    def _do(self, desk: str, minute: int, person: str, args: Args, needs: str = "") -> Done:
        self._count += 1
        got = self._received.get(getattr(args, "assignment", ""))
        if got is not None and desk.startswith(("squad", "market", "village")):
            minute, needs = minute + got.minute, got.id
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
        usual: list[Args] = [c.Arrive(lead), c.GiveOpinion(lead, "见", "做"), c.Feedback(lead, "已办")]
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
            words: list[Args] = [c.Arrive(lead, on_behalf=spoke), c.GiveOpinion(lead, "见", "做", on_behalf=spoke)]
            words.append(c.Feedback(lead, "已办", on_behalf=spoke))
        else:
            spoke, mate, co = "market-officer", "market-deputy", of(self.before, MARKET)
            words = [c.Arrive(co, on_behalf=spoke), c.Handled(co, on_behalf=spoke)]
        self._do("town-2", self.random.choice((5, 20, 50, 120, 170)), "clerk-2", self.random.choice(words))
        self._ratified(spoke, mate)

    def _ratified(self, *by: str) -> None:
        typed = self._drawn[-1]
        if self._perhaps(0.7):
            self._do("ratifying", typed.minute + 10, self.random.choice(by), c.Ratify(typed.id), typed.id)

    def _town(self, helped: bool) -> None:
        if self._perhaps(0.25):
            self._new_lead(self._do("town-3", self.random.randint(0, 400), "clerk", c.Redispatch(MARKET, "更近")))
        if self._perhaps(0.25):
            self._added(self._do("town-7", self.random.randint(0, 300), "clerk-2", c.AddCoHandler(VILLAGE)))
        if helped and self._perhaps(0.2):
            withdraws = c.WithdrawCoHandler(of(self.before, MARKET), "不用")
            self._do("town-4", self.random.randint(0, 400), "clerk", withdraws)
            if self._start.random() < 0.5:
                self._do("town-5", self._start.randint(0, 400), "clerk-2", withdraws)

    def _after(self, cause: Done, desk: str, person: str, acts: Iterable[Args]) -> None:
        minute = cause.minute
        for args in acts:
            minute += self.random.choice((5, 20, 50, 70, 100))
            self._do(desk, minute, person, args, cause.id)

    def _new_lead(self, sent: Done) -> None:
        lead = assigned_by(sent)
        self._receives(lead, MARKET, sent.minute + self._start.choice((0, 20, 100)), sent.id)
        usual: list[Args] = [c.Arrive(lead), c.GiveOpinion(lead, "见", "做"), c.Feedback(lead, "已办")]
        asks = (0.4, c.AskExtension(lead, "未完")), (0.1, c.AskReturn(lead, "不属"))
        for desk, person, chance in (("market-1", "market-officer", 0.85), ("market-2", "market-deputy", 0.3)):
            self._after(sent, desk, person, self._some(list(usual), chance, *asks))

    def _added(self, added: Done) -> None:
        co = assigned_by(added)
        self._receives(co, VILLAGE, added.minute + self._start.choice((0, 20, 100)), added.id)
        for desk, person in (("village-1", "head"), ("village-2", "vice")):
            acts = self._some([c.Arrive(co), c.Handled(co)], 0.6, (0.4, c.AskExtension(co, "未完")))
            self._after(added, desk, person, acts)
        if self._perhaps(0.3):
            self._after(added, "town-4", "clerk", [c.WithdrawCoHandler(co, "不用")])
        if self._perhaps(0.3):
            self._after(added, "town-2", "clerk-2", [c.Handled(co, on_behalf="member-1")])
            self._ratified("head", "vice")

    def _district(self) -> None:
        """Somebody at the district finds a time doubtful."""
        if not self._perhaps(0.3) or self.before.case is None:
            return
        for given in self.before.case.assignments:
            for stage in ("arrival", "opinion", "handling"):
                if not given.ended and self._perhaps(0.4):
                    proposed = c.ProposeTimeRuling(
                        f"{given.id}:{stage}", self.random.choice(("on_time", "late")), "认定"
                    )
                    self._do("district-1", self.random.randint(30, 900), "operator", proposed)

    def _answers(self) -> None:
        for asked in list(self._drawn):
            if kind_of(asked.args) in ANSWERS and self._perhaps(0.8):
                answer, person = ANSWERS[kind_of(asked.args)]
                minute = asked.minute + self.random.choice((5, 30, 120))
                self._do(f"answering-{asked.id}", minute, person, answer(asked.id, self._perhaps(0.6)), asked.id)

    def _loop(self) -> None:
        passed = self._perhaps(0.8)
        for desk, looks, signs, confirms in (
            ("1", "member-1", "head", "confirmer"),
            ("2", "member-2", "vice", "clerk-2"),
        ):
            minute = self.random.choice((10, 60, 200, 1_000, 1_500))
            if self._perhaps(0.8):
                self._do(f"village-{desk}", minute, signs, c.CheckOnSite(looks, passed, "看"))
                signed = self._do(f"village-{desk}", minute + self.random.choice((5, 300)), signs, c.SubmitCheck())
                self._again(signed, f"village-{desk}", signs)
            self._do(f"town-{desk}5", minute + self.random.choice((320, 1_500, 2_000)), confirms, c.Confirm())

    def _again(self, signed: Done, desk: str, signs: str) -> None:
        """Where it was not passed: once more round."""
        lead = assigned_by(signed)
        self._after(signed, "squad-1", "squad-officer", self._some([c.Arrive(lead), c.Feedback(lead, "再办")], 0.7))
        handed_in = self._drawn[-1]
        if isinstance(handed_in.args, c.Feedback) and self._perhaps(0.7):
            self._after(handed_in, desk, signs, [c.CheckOnSite("member-1", True, "看"), c.SubmitCheck()])
        if self._perhaps(0.4):
            ask = c.AskExtension(of(self.before, SQUAD), "未完")
            self._do("squad-2", self.random.randint(1, 200), "squad-leader", ask)

    def _as_seen(self) -> list[Done]:
        """Each act with what its maker had heard of; those he could not do, as he saw it, are not done."""
        in_touch: dict[str, int] = {}
        for desk in sorted({done.desk for done in self._drawn}):
            always = desk.startswith(("answering", "ratifying", "centre"))
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
