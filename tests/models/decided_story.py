"""Stories of who gets the case: two desks of the town and two of the district send it, send it elsewhere, ask for a ruling, rule,
take back what was given back, send it out, confirm and do not confirm, each on what it has heard; and the units do what they are sent for.

They draw what the others never do (`heard_story.py`, `wider_story.py`): decisions made twice, rulings, returns to a town and by it.
"""

from __future__ import annotations

from random import Random

from models import commands as c
from models.clock import MINUTE_MS
from models.commands import Args
from models.deadline import Limit, LimitUnit
from models.people import DISTRICT_ITSELF
from tests.models.heard import Done
from tests.models.heard_story import Story, assigned_by
from tests.models.small_town import DEPARTMENT, MARKET, SQUAD, STALLS, TOWN, VILLAGE, WASTE, Walk
from tests.models.stories import told

URGENT = Limit(2, LimitUnit.URGENT_HOUR)
GO = {
    SQUAD: (("squad-1", "squad-officer"), ("squad-2", "squad-leader")),
    MARKET: (("market-1", "market-officer"), ("market-2", "market-deputy")),
    VILLAGE: (("village-3", "head"), ("village-4", "member-2")),
    DEPARTMENT: (("dept-1", "water-officer"),),
}
CLERKS = (("town-1", "clerk"), ("town-2", "clerk-2"))
OPERATORS = (("district-1", "operator"), ("district-2", "operator-2"))
NEAR = (SQUAD, SQUAD, MARKET)


class DecidedStory(Story):
    """See the module's text."""

    def __init__(self, seed: int) -> None:
        self.random = Random(f"decided {seed}")
        self._start = self.random
        self._is_on_the_way = True
        self._received: dict[str, Done] = {}
        self._count = 1_000
        self._drawn: list[Done] = []
        self.may_rule = self._perhaps(0.5)
        self.from_above = self._perhaps(0.4)
        self.before = self._begun(())
        if self.from_above:
            self._handed_down()
        to = self.random.choice(NEAR)
        first = self.random.choice((2, 5, 9, 14))
        for desk, person in CLERKS[: self.random.choice((1, 2, 2))]:
            self._sends(desk, person, to if self._perhaps(0.8) else self.random.choice(NEAR), first)
        self._seldom()
        self.acts = self._as_seen()

    def _begun(self, co: tuple[str, ...]) -> Walk:
        walk = Walk()
        walk.now_ms += self.random.choice((0, 0, 25, 510)) * MINUTE_MS
        by, channel = ("intake", "hotline") if self.from_above else ("clerk", self.random.choice(("grid", "hotline")))
        walk.act(by, c.Report("1", channel, WASTE if self.may_rule else STALLS, "某事", "路口", TOWN, VILLAGE))
        walk.act(by, c.File())
        if self.from_above and self._perhaps(0.7):
            walk.act("operator", c.Dispatch(TOWN))
            if self._perhaps(0.6):
                told(walk)
        return walk

    def _handed_down(self) -> None:
        case = self.before.case
        assert case is not None
        if case.assignments:
            if case.assignments[0].delivered_at is None:
                self._receives(case.assignments[0].id, TOWN, self.random.choice((0, 4, 30)))
            towns = [case.assignments[0].id]
        else:
            towns = []
            for desk, person in OPERATORS[: self.random.choice((1, 2))]:
                sent = self._do(desk, self.random.choice((1, 4, 12)), person, c.Dispatch(TOWN))
                self._receives(assigned_by(sent), TOWN, sent.minute + self.random.choice((0, 3, 20)), sent.id)
                towns.append(assigned_by(sent))
        if self._perhaps(0.3):
            desk, person = self.random.choice(CLERKS)
            asked = self._do(desk, self.random.choice((3, 10, 30)), person, c.AskReturn(towns[0], "不属"))
            self._given_back(asked, OPERATORS)

    def _given_back(self, asked: Done, givers: tuple[tuple[str, str], ...]) -> list[Done]:
        """Answered by one desk of the giver or by both; and sent anew."""
        granted = self._perhaps(0.8)
        answers = []
        for desk, person in givers[: self.random.choice((1, 1, 2))]:
            minute = asked.minute + self.random.choice((1, 10, 40))
            answers.append(self._do(desk, minute, person, c.AnswerReturn(asked.id, granted), asked.id))
        return answers

    def _sends(self, desk: str, person: str, to: str, first: int) -> None:
        minute = first + self.random.choice((0, 1, 3, 8, 20))
        co = tuple(u for u in (MARKET, VILLAGE) if u != to and self._perhaps(0.25))
        if self.may_rule and self._perhaps(0.5):
            self._asks_for_a_ruling(desk, person, minute)
        sent = self._do(desk, minute, person, c.Dispatch(to, co=co))
        self._goes_on(sent, to, co, depth=0)
        if self._perhaps(0.3):
            other = self.random.choice((SQUAD, MARKET, VILLAGE))
            away = self._do(desk, minute + self.random.choice((3, 20, 60)), person, c.Redispatch(other, "更近"))
            self._goes_on(away, other, (), depth=1)
            if self._perhaps(0.3):
                back = self._do(desk, away.minute + self.random.choice((5, 30)), person, c.Redispatch(to, "回"))
                self._goes_on(back, to, (), depth=1)
        if self._perhaps(0.3):
            helps = self.random.choice((MARKET, VILLAGE, SQUAD))
            added = self._do(desk, minute + self.random.choice((1, 20, 60)), person, c.AddCoHandler(helps))
            self._helps(added, assigned_by(added), helps)

    def _asks_for_a_ruling(self, desk: str, person: str, minute: int) -> None:
        asked = self._do(desk, minute + self.random.choice((-2, 2, 30)), person, c.AskRuling("不明"))
        to = self.random.choice((SQUAD, MARKET, DEPARTMENT))
        for at, by in OPERATORS[: self.random.choice((1, 2))]:
            when = asked.minute + self.random.choice((3, 9, 15, 60))
            if self._perhaps(0.7):
                ruled = self._do(at, when, by, c.Rule(to, URGENT), asked.id)
                self._goes_on(ruled, to, (), depth=1)
            else:
                refused = self._do(at, when, by, c.RefuseRuling("属"), asked.id)
                self._sent_anew(refused)

    def _sent_anew(self, cause: Done) -> None:
        for desk, person in CLERKS[: self.random.choice((1, 2))]:
            to = self.random.choice(NEAR)
            minute = cause.minute + self.random.choice((4, 9, 25))
            again = self._do(desk, minute, person, c.Dispatch(to), cause.id)
            self._goes_on(again, to, (), depth=1)

    def _goes_on(self, sent: Done, to: str, co: tuple[str, ...], depth: int) -> None:
        lead = assigned_by(sent)
        minute = sent.minute + self.random.choice((0, 3, 20, 100))
        if self._perhaps(0.8):
            self._do("centre", minute, DISTRICT_ITSELF, c.Deliver(lead), sent.id)
        self._rung(sent, lead, to)
        for desk, person in GO[to][: self.random.choice((1, 1, 2))]:
            at = minute
            usual: list[Args] = [c.Arrive(lead), c.GiveOpinion(lead, "见", "做"), c.Feedback(lead, "已办")]
            for args in self._some(usual, 0.8, (0.2, c.AskExtension(lead, "未完"))):
                at += self.random.choice((5, 20, 55, 70, 130))
                self._do(desk, at, person, args, sent.id)
            if self._perhaps(0.35):
                when = minute + self.random.choice((2, 15, 40))
                asked = self._do(desk, when, person, c.AskReturn(lead, "不属"), sent.id)
                givers = OPERATORS if sent.desk.startswith("district") else CLERKS
                for answer in self._given_back(asked, givers):
                    if depth < 2 and givers is CLERKS:
                        again_to = self.random.choice(NEAR)
                        again = self._do(
                            answer.desk, answer.minute + self.random.choice((2, 9, 15)), answer.person,
                            c.Dispatch(again_to), answer.id,
                        )  # fmt: skip
                        self._goes_on(again, again_to, (), depth + 1)
        for index, unit in enumerate(co, start=1):
            self._helps(sent, f"{lead.rpartition('.')[0]}.{index}", unit)
        if self._perhaps(0.5):
            self._checked(sent, minute)

    def _rung(self, sent: Done, given: str, unit: str) -> None:
        if self._perhaps(0.4):
            rung = sent.minute + self.random.choice((1, 4, 30, 90))
            self._do(sent.desk, rung, sent.person, c.LogCall(unit, "answered", assignment=given), sent.id)
        if self._perhaps(0.25):
            spoke = GO[unit][0][1]
            typed = self._do(
                sent.desk, sent.minute + self.random.choice((20, 70, 140)), sent.person,
                c.Arrive(given, on_behalf=spoke), sent.id,
            )  # fmt: skip
            if self._perhaps(0.7):
                self._do("ratifying", typed.minute + 10, GO[unit][-1][1], c.Ratify(typed.id), typed.id)

    def _helps(self, sent: Done, given: str, unit: str) -> None:
        minute = sent.minute + self.random.choice((0, 3, 20, 100))
        self._do("centre", minute, DISTRICT_ITSELF, c.Deliver(given), sent.id)
        self._rung(sent, given, unit)
        desk, person = self.random.choice(GO[unit])
        for args in self._some([c.Arrive(given), c.Handled(given)], 0.7, (0.2, c.AskExtension(given, "未完"))):
            minute += self.random.choice((5, 20, 55, 70, 130))
            self._do(desk, minute, person, args, sent.id)
        if self._perhaps(0.3):
            when = sent.minute + self.random.choice((10, 60, 150))
            self._do(sent.desk, when, sent.person, c.WithdrawCoHandler(given, "不用"), sent.id)

    def _checked(self, sent: Done, minute: int) -> None:
        minute += self.random.choice((100, 180, 300))
        passed = self._perhaps(0.7)
        self._do("village-1", minute, "vice", c.CheckOnSite("member-1", passed, "看"), sent.id)
        for desk, signs in (("village-1", "vice"), ("village-2", "head"))[: self.random.choice((1, 2))]:
            self._do(desk, minute + self.random.choice((2, 30)), signs, c.SubmitCheck(), sent.id)
        for desk, confirms in (("town-3", "confirmer"), ("town-2", "clerk-2"))[: self.random.choice((1, 2))]:
            what: Args = c.Confirm() if self._perhaps(0.6) else c.RefuseConfirm("未清")
            self._do(desk, minute + self.random.choice((35, 60, 400)), confirms, what, sent.id)

    def _seldom(self) -> None:
        desk, person = self.random.choice(CLERKS)
        if self._perhaps(0.15):
            self._do(desk, self.random.choice((5, 20, 60)), person, c.TransferOut(DEPARTMENT, "非"))
        if self._perhaps(0.15):
            asked = self._do(desk, self.random.choice((5, 20, 100)), person, c.AskVoid("错"))
            self._do("answering-v", asked.minute + 20, "deputy", c.AnswerVoid(asked.id, True), asked.id)
