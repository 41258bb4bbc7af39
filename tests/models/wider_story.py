"""Stories with what happens seldom: at night and over lunch, emergencies, a town that has not received the case, words said before the
delivery, a second 改派, a case sent anew after it was given back, calls about anything by anybody, refused confirmations, voids.

They draw beside the plain ones, whose seeds stay what they are (`heard_story.py`).
"""

from __future__ import annotations

from random import Random

from models import commands as c
from models.case import State
from models.clock import MINUTE_MS
from models.commands import Args, kind_of
from tests.models.heard import Done
from tests.models.heard_story import Story, assigned_by
from tests.models.small_town import MARKET, SQUAD, STALLS, TOWN, VILLAGE, Walk
from tests.models.stories import dispatched, failed, of, told

AFTER_START_MINUTES = (0, 0, 25, 510)
"""A story begins at 11:30, just before lunch, or at eight in the evening."""

OFFICERS = {SQUAD: ("squad-1", "squad-officer"), MARKET: ("market-1", "market-officer")}

CALLERS = (
    ("town-8", "clerk"),
    ("district-9", "operator"),
    ("market-3", "market-officer"),
    ("village-3", "head"),
)

TOLD_OF = {"case.redispatch": MARKET, "case.add_co_handler": VILLAGE, "case.submit_check": SQUAD}
"""Which unit gets the case by these acts."""

LOOP = ("case.check", "case.submit_check", "case.confirm", "case.refuse_confirm")


class WiderStory(Story):
    """See the module's text."""

    def __init__(self, seed: int) -> None:
        self._seldom = Random(f"wider {seed}")
        super().__init__(seed)

    def _at_times(self, chance: float) -> bool:
        return self._seldom.random() < chance

    def _begun(self, co: tuple[str, ...]) -> Walk:
        kind = self.random.choice(("filed", "handed_down", "rework", "handed_in"))
        kind = self._seldom.choice((kind, kind, "town_on_the_way"))
        walk = self._reported(from_above=kind in ("handed_down", "town_on_the_way"))
        if kind in ("rework", "handed_in"):
            return self._handed_in(walk, co, again=kind == "rework")
        if kind == "handed_down":
            told(walk)
        self._is_on_the_way = self._is_on_the_way or kind == "town_on_the_way"
        walk.now_ms += self._seldom.choice((0, 5, 20, 50)) * MINUTE_MS if kind != "filed" else 0
        if self._is_on_the_way:
            walk.act("clerk", c.Dispatch(SQUAD, co=co))
        else:
            dispatched(walk, "clerk", SQUAD, *co)
        return walk

    def _reported(self, from_above: bool) -> Walk:
        walk = Walk()
        walk.now_ms += self._seldom.choice(AFTER_START_MINUTES) * MINUTE_MS
        by, channel = ("intake", "hotline") if from_above else ("clerk", "grid")
        is_emergency = self._at_times(0.1)
        walk.act(by, c.Report("1", channel, STALLS, "某事", "路口", TOWN, VILLAGE, emergency=is_emergency))
        walk.act(by, c.File())
        if from_above:
            walk.act("operator", c.Dispatch(TOWN))
        return walk

    def _handed_in(self, walk: Walk, co: tuple[str, ...], again: bool) -> Walk:
        dispatched(walk, "clerk", SQUAD, *co)
        walk.act("squad-officer", c.Arrive(of(walk, SQUAD)))
        walk.act("squad-officer", c.GiveOpinion(of(walk, SQUAD), "见", "做"))
        walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"), minutes=self._seldom.choice((10, 60, 200)))
        if again and self._is_on_the_way:
            walk.act("head", c.CheckOnSite("member-1", False, "未清"))
            walk.act("head", c.SubmitCheck())
        elif again:
            failed(walk)
        return walk

    def _do(self, desk: str, minute: int, person: str, args: Args, needs: str = "") -> Done:
        """Now and then what a unit does is done before the centre knows that its console has received the case."""
        assignment = getattr(args, "assignment", "")
        got = self._received.get(assignment)
        if got is None or not desk.startswith(("squad", "market", "village")) or not self._at_times(0.3):
            return super()._do(desk, minute, person, args, needs)
        del self._received[assignment]
        done = super()._do(desk, minute, person, args, needs)
        self._received[assignment] = got
        return done

    def _answers(self) -> None:
        for done in list(self._drawn):
            if kind_of(done.args) == "case.redispatch" and self._at_times(0.4):
                sent = c.Redispatch(SQUAD, "回")
                self._goes_on(
                    self._do("town-3", done.minute + self._seldom.choice((10, 60)), "clerk", sent, done.id), SQUAD
                )
            if kind_of(done.args) == "case.ask_return" and self._at_times(0.6):
                to = self._seldom.choice((MARKET, SQUAD))
                sent_anew = c.Dispatch(to)
                self._goes_on(self._do("town-3", done.minute + self._seldom.choice((130, 200)), "clerk", sent_anew), to)
        self._calls()
        self._refusals()
        self._ends()
        super()._answers()

    def _goes_on(self, sent: Done, to: str) -> None:
        lead = assigned_by(sent)
        self._receives(lead, to, sent.minute + self._seldom.choice((0, 20)), sent.id)
        usual: list[Args] = [c.Arrive(lead), c.GiveOpinion(lead, "见", "做"), c.Feedback(lead, "已办")]
        self._after(sent, *OFFICERS[to], self._some(usual, 0.7))

    def _calls(self) -> None:
        """About anything, also by whoever tells nobody anything."""
        for given in self.before.case.assignments if self.before.case is not None else ():
            if self._at_times(0.6):
                desk, who = self._seldom.choice(CALLERS)
                rung = self._seldom.choice((0, 5, 20, 40, 80, 300))
                self._do(desk, rung, who, c.LogCall(given.receiver, "answered", assignment=given.id))
        for done in list(self._drawn):
            unit = TOLD_OF.get(kind_of(done.args))
            if unit is not None and self._at_times(0.3):
                rung = done.minute + self._seldom.choice((5, 30, 80))
                call = c.LogCall(unit, "answered", assignment=assigned_by(done))
                self._do(done.desk, rung, done.person, call, done.id)

    def _refusals(self) -> None:
        for done in list(self._drawn):
            if kind_of(done.args) == "case.confirm" and self._at_times(0.35):
                self._drawn.remove(done)
                refused = self._do(done.desk, done.minute, done.person, c.RefuseConfirm("不行"))
                lead = assigned_by(refused)
                self._receives(lead, SQUAD, refused.minute + self._seldom.choice((0, 20, 60)), refused.id)
                self._after(refused, *OFFICERS[SQUAD], self._some([c.Arrive(lead), c.Feedback(lead, "再办")], 0.7))

    def _ends(self) -> None:
        if self.before.case is not None and self.before.case.state is State.AWAITING_CHECK and self._at_times(0.6):
            self._drawn = [done for done in self._drawn if kind_of(done.args) not in LOOP]
            self._do("village-1", 50, "head", c.CheckOnSite("member-1", True, "看"))
            self._do("village-1", 55, "head", c.SubmitCheck())
            self._do("town-15", self._seldom.choice((60, 100, 200)), "confirmer", c.Confirm())
        if self._at_times(0.15):
            asked = self._do("town-v", self._seldom.randint(20, 500), "clerk", c.AskVoid("错"))
            answer = c.AnswerVoid(asked.id, self._at_times(0.7))
            self._do("answering-v", asked.minute + self._seldom.choice((5, 60)), "deputy", answer, asked.id)
