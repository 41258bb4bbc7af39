"""One store in which cases stand in every state a case can have, as a town's desks really brought them there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from desktop.present import PresentClock
from models import commands as c
from models.case import AssignmentRole, Case, RequestKind
from models.commands import Command, Subject
from models.deadline import Limit, LimitUnit
from models.decide import decide
from models.errors import Refused
from models.evidence import Anchor, ClaimedTime, Grade, Moment
from models.organisation import DISTRICT_CODE
from models.people import DISTRICT_ITSELF
from models.reference_files import EDITION
from models.rules import Rules
from models.store import outbox
from models.store.case_table import get_case, put_case
from models.store.search import index_cases
from models.store.work import Work
from models.wire import Reason
from services import cases
from services.desk import Desk
from services.sync.kept_anchor import keep_anchor
from tests.ui.desks import START_MS, TOWN, Copy, Desks
from ui.main_window import MainWindow

STATION, OTHER_STATION = "341002102006", "341002102200"
SQUAD, MARKET, FIRE, PRICES = f"{TOWN}-squad", f"{TOWN}-market", "dept-xiaofang", "dept-shijian"
CLERK, SECOND, DEPUTY, CONFIRMER = (f"{TOWN}-{who}" for who in ("clerk-1", "clerk-2", "deputy", "confirmer"))
VICE, MEMBER, OTHER_MEMBER = (f"{STATION}-{who}" for who in ("vice", "member-1", "member-2"))
OFFICER, MARKET_LEADER = f"{SQUAD}-officer-1", f"{MARKET}-leader"
OPERATOR, INTAKE = f"{DISTRICT_CODE}-operator-1", f"{DISTRICT_CODE}-intake-1"
SECOND_OPERATOR = f"{DISTRICT_CODE}-operator-2"
STALLS = f"{EDITION}/matter/09005"
CLINICAL_WASTE = f"{EDITION}/matter/06033"
"""By the responsibility rules no town has this function: the district may be asked to rule."""


class EveryState(Desks):
    """Also the program around a window, without threads: its jobs run at once, its line is told by hand."""

    def __init__(self, folder: Path, rules: Rules) -> None:
        super().__init__(folder, rules)
        self.present = PresentClock(self.clock)
        self.present.heard(Anchor(START_MS, START_MS, 2, "hand"), START_MS)
        self.number = 0

    # What a window asks of the program

    def run(
        self,
        job: Callable[[Work], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """See ui.ports.Jobs."""
        try:
            with self.work() as work:
                result = job(work)
        except Refused as error:
            if failed is None:
                raise
            failed(error)
            return
        done(result)

    def act(
        self,
        job: Callable[[Work], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None,
        _late: object,
    ) -> None:
        """See ui.ports.Acts: its windows stay."""
        self.run(job, done, failed)

    def work_offline(self, on: bool) -> None:
        """See ui.ports.LineSwitch: the test tells the window what the line is."""

    def try_now(self) -> None:
        """See ui.ports.LineSwitch."""

    def let_in_again(self) -> None:
        """See ui.ports.LineSwitch."""

    def write_handover(self) -> None:
        pass

    def take_handover(self) -> None:
        pass

    def move_secrets(self, way: str) -> None:
        pass

    def check_itself(self) -> None:
        """See ui.ports.LineSwitch."""

    def window(self, person: str, unit: str = "") -> MainWindow:
        """The real window, with this person at it."""
        self.desk = self._desk(person, unit)
        return MainWindow(self, self, self.present, self, self.rules, 10)

    # Acting

    def _desk(self, person: str, unit: str = "") -> Desk:
        home = DISTRICT_CODE if person == DISTRICT_ITSELF else self.rules.people[person].unit
        return Desk(person, unit or home, "D-test", "A")

    def does(self, person: str, args: c.Args, case_id: str | None = None, minutes: int = 1) -> str:
        """Somebody acts, after some minutes."""
        self.clock.now_ms += minutes * 60_000
        with self.work() as work:
            done = cases.act(work, self._desk(person), args, case_id)
            work.commit()
        return done.case_id

    def case(self, case_id: str) -> Case:
        """The case as it stands."""
        with self.work() as work:
            found = get_case(work.connection, case_id)
        assert found is not None
        return found

    def lead(self, case_id: str) -> str:
        """The lead's duty, or the town's where nobody leads yet."""
        case = self.case(case_id)
        found = case.lead or case.town_assignment
        assert found is not None
        return found.id

    def request(self, case_id: str, kind: RequestKind) -> str:
        """The open request of a kind."""
        found = self.case(case_id).open_request(kind)
        assert found is not None
        return found.id

    # Roads; each leaves the case where its name says

    def reported(self, who: str = MEMBER, channel: str = "grid", category: str = STALLS, **more: Any) -> str:
        """Known, not judged yet."""
        self.number += 1
        title, place = f"Goods {self.number}", f"Road {self.number}"
        return self.does(who, c.Report("", channel, category, title, place, TOWN, STATION, "As told", **more))

    def filed(self, category: str = STALLS) -> str:
        """To be dispatched by the town."""
        case_id = self.reported(category=category)
        self.does(CLERK, c.File(), case_id)
        return case_id

    def dispatched(self, delivered: bool = True, co: tuple[str, ...] = (MARKET,)) -> str:
        """With the squad and the market office."""
        case_id = self.filed()
        self.does(CLERK, c.Dispatch(SQUAD, co, note="Please hurry"), case_id)
        for duty in self.case(case_id).assignments if delivered else ():
            self.does(DISTRICT_ITSELF, c.Deliver(duty.id), case_id)
        return case_id

    def handling(self) -> str:
        """The squad is there and has said what it found."""
        case_id = self.dispatched()
        lead = self.lead(case_id)
        self.does(OFFICER, c.Acknowledge(lead), case_id)
        self.does(OFFICER, c.Arrive(lead), case_id)
        self.does(OFFICER, c.GiveOpinion(lead, "Found", "Done"), case_id)
        return case_id

    def fed_back(self) -> str:
        """To be checked by the station."""
        case_id = self.handling()
        self.does(OFFICER, c.NoteProgress("Soon", problem=True, assignment=self.lead(case_id)), case_id)
        self.does(OFFICER, c.Feedback(self.lead(case_id), "Cleared"), case_id)
        return case_id

    def checked(self, passed: bool = True) -> str:
        """To be submitted by the station."""
        case_id = self.fed_back()
        self.does(VICE, c.NameChecker(MEMBER), case_id)
        self.does(VICE, c.CheckOnSite(MEMBER, passed, "Clean"), case_id)
        return case_id

    def submitted(self, passed: bool = True) -> str:
        """To be confirmed by the town, or back with the squad."""
        case_id = self.checked(passed)
        self.does(VICE, c.SubmitCheck(), case_id)
        return case_id

    def asked_for_ruling(self) -> str:
        """The district must name lead and co-handlers."""
        case_id = self.filed(CLINICAL_WASTE)
        self.does(CLERK, c.AskRuling("Three departments", (FIRE, MARKET)), case_id)
        return case_id

    def hotline(self, down: bool = False) -> str:
        """Known at the district; `down`: handed to the town and received there."""
        case_id = self.reported(INTAKE, "hotline")
        if down:
            self.does(INTAKE, c.File(), case_id)
            self.does(OPERATOR, c.Dispatch(TOWN), case_id)
            self.does(DISTRICT_ITSELF, c.Deliver(self.lead(case_id)), case_id)
        return case_id

    # Everything

    _filled: ClassVar[tuple[Copy, int] | None] = None

    def fill(self) -> None:
        """Everything; once in a run of tests, and copied after that, as it takes a second."""
        if EveryState._filled is None:
            self._fill()
            EveryState._filled = self.copied(), self.number
        else:
            assert self.number == 0, "only an empty store can be as the filled one"
            copy, self.number = EveryState._filled
            self.take(copy)

    def _fill(self) -> None:
        """Late ones first, then everything else, then what is new."""
        self.reported()
        self.filed()
        self.dispatched(delivered=False)
        self.clock.now_ms += 26 * 3_600_000
        self._on_the_way()
        self._requests()
        self._ended()
        self._without_effect()
        self.handling()  # its limit still runs: more time may be asked
        self.reported(emergency=True)
        with self.work() as work:
            keep_anchor(work, Anchor(START_MS, START_MS, 2, "hand"))
            work.commit()

    def _on_the_way(self) -> None:
        called = self.dispatched(delivered=False)
        self.does(CLERK, c.LogCall(SQUAD, "answered", "Duty desk", self.lead(called), "Coming"), called)
        self.does(CLERK, c.LogCall(MARKET, "no_answer"), called)
        self.does(CLERK, c.LogCall(STATION, "passed_on"), called)
        proxy = self.dispatched()
        self.does(CLERK, c.Arrive(self.lead(proxy), on_behalf=OFFICER), proxy)
        self.dispatched()
        self.handling()
        self.fed_back()
        self.checked()
        self.submitted()
        self.submitted(passed=False)
        self.reported(self_handled=True)
        self.does(CLERK, c.AskSupplement("No place"), self.reported())
        self.does(MEMBER, c.FirstResponse("Cordoned off"), self.reported())
        self.hotline()
        self.hotline(down=True)
        ruled = self.asked_for_ruling()
        self.does(OPERATOR, c.Rule(FIRE, Limit(3, LimitUnit.WORK_DAY), (PRICES,)), ruled)
        self.asked_for_ruling()
        self.filed(CLINICAL_WASTE)

    def _requests(self) -> None:
        returned = self.dispatched()
        self.does(OFFICER, c.AskReturn(self.lead(returned), "Not ours"), returned)
        kept = self.dispatched()
        self.does(OFFICER, c.AskReturn(self.lead(kept), "Not ours"), kept)
        self.does(CLERK, c.AnswerReturn(self.request(kept, RequestKind.RETURN), False, "It is"), kept)
        self.does(CLERK, c.AskVoid("Twice"), self.filed())
        asked = self.reported(INTAKE, "hotline")
        self.does(INTAKE, c.AskVoid("Twice"), asked)
        void = self.filed()
        self.does(CLERK, c.AskVoid("Twice"), void)
        self.does(DEPUTY, c.AnswerVoid(self.request(void, RequestKind.VOID), True), void)
        self._more_time()
        self._doubtful()

    def _doubtful(self) -> None:
        """Arrived in another boot, about when the hour was over; one is proposed to the second person."""
        for proposed in (False, True):
            case_id = self.dispatched(co=())
            lead = self.lead(case_id)
            with self.work() as work:
                case = get_case(work.connection, case_id)
                assert case is not None
                clock = case.clock(f"{lead}:arrival")
                assert clock is not None and clock.due_at is not None
                about = Moment(clock.due_at - 60_000, clock.due_at + 60_000, Grade.DOUBTFUL)
                rules, desk = work.rules, self._desk(OFFICER)
                actor = rules.actor(OFFICER, desk.unit)
                assert actor is not None
                command = Command(
                    1, work.new_id(), "D-other", 1, "", OFFICER, SQUAD, Subject("case", case_id), c.Arrive(lead),
                    ClaimedTime(0, "other", 0),
                )  # fmt: skip
                found = decide(case, command, actor, rules, about)
                assert found.after is not None
                put_case(work.connection, found.after)
                index_cases(work.connection, (found.after,), rules)
                work.commit()
            if proposed:
                propose = c.ProposeTimeRuling(f"{lead}:arrival", "on_time", "Photograph")
                self.does(SECOND_OPERATOR, propose, case_id, minutes=7)

    def _more_time(self) -> None:
        longer = self.handling()
        self.does(OFFICER, c.AskExtension(self.lead(longer), "Crane late"), longer)
        self.does(CLERK, c.AnswerExtension(self.request(longer, RequestKind.EXTENSION), True, "Once"), longer)
        self.does(OFFICER, c.AskExtension(self.lead(longer), "Still late"), longer)
        for granted in (None, True):
            case_id = self.handling()
            until = self.clock.now_ms + 30 * 86_400_000
            self.does(OFFICER, c.AskSuspension(self.lead(case_id), "seasonal", until, "Floods"), case_id)
            if granted is not None:
                asked = self.request(case_id, RequestKind.SUSPENSION)
                self.does(DEPUTY, c.AnswerSuspension(asked, granted), case_id)

    def _ended(self) -> None:
        self.does(CLERK, c.Decline("Not ours"), self.reported())
        first = self.reported()
        self.does(CLERK, c.Merge(first), self.reported())
        self.does(INTAKE, c.TransferOut(FIRE, "Hotline only"), self.hotline())
        self.does(CONFIRMER, c.Confirm(), self.submitted())
        redone = self.submitted()
        self.does(CONFIRMER, c.RefuseConfirm("Wrong photograph"), redone)
        withdrawn = self.dispatched()
        co = self.case(withdrawn).active(AssignmentRole.CO)[0]
        self.does(CLERK, c.WithdrawCoHandler(co.id, "Not needed"), withdrawn)
        self.does(CLERK, c.Redispatch(MARKET, "Nearer"), self.dispatched(co=()))
        done = self.dispatched()
        self.does(MARKET_LEADER, c.Handled(self.case(done).active(AssignmentRole.CO)[0].id, "Fined"), done)

    def _without_effect(self) -> None:
        lost = self.filed()
        with self.work() as work:
            for row, (outcome, code, args) in zip(
                outbox.states_of_case(work.connection, lost),
                (
                    ("merged", "already_dispatched_to", {"unit": SQUAD}),
                    ("rejected", "not_in_this_state", {"state": "declined", "kind": "case.dispatch"}),
                ),
                strict=True,
            ):
                outbox.settle(work.connection, row.cmd_id, outcome, Reason(code, dict(args)), 7)
            work.commit()
