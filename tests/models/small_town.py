"""A very small district for tests of the rule book: one town with two villages, an office, a squad; made of data only."""

from __future__ import annotations

from models.calendar import CalendarData, CalendarYear, Slot, SlotSeason, YearStatus
from models.case import Case
from models.category import Category, Channel, ResponsibilityRule
from models.commands import Args, Command, Subject
from models.deadline import Limit, LimitUnit, YellowRule
from models.decide import Decision, Outcome, decide
from models.evidence import ClaimedTime, Moment, exactly
from models.evolve import fold
from models.ids import uuid7
from models.organisation import DISTRICT_CODE, Organisation, OrganisationKind
from models.people import DISTRICT_ITSELF, Actor, Person, Role
from models.policy import NightRule, Policy, Stage, StageRule
from models.rules import Reference, Rules

TOWN, OTHER_TOWN = "341002102", "341002100"
VILLAGE, SMALL_VILLAGE = "341002102001", "341002102002"
SQUAD, MARKET, DEPARTMENT = "341002102-squad", "341002102-market", "dept-water"
STALLS, NOISE, WASTE = "E/matter/09005", "E/matter/06028", "E/matter/06033"
THREE_DAYS = Limit(3, LimitUnit.WORK_DAY)
START_MS = 1_795_404_600_000
"""2026-11-23 11:30 in Shanghai, a Monday."""

_KIND = OrganisationKind
_ORGANISATIONS = (
    Organisation(DISTRICT_CODE, "区中心", "区中心", _KIND.DISTRICT_CENTRE),
    Organisation(TOWN, "黎阳镇分中心", "黎阳", _KIND.SUB_CENTRE, DISTRICT_CODE, TOWN, rostered=True),
    Organisation(OTHER_TOWN, "屯光镇分中心", "屯光", _KIND.SUB_CENTRE, DISTRICT_CODE, OTHER_TOWN),
    Organisation(VILLAGE, "隆阜站", "隆阜", _KIND.STATION, TOWN, TOWN, "station"),
    Organisation(SMALL_VILLAGE, "独户站", "独户", _KIND.STATION, TOWN, TOWN, "station"),
    Organisation(SQUAD, "城管执法中队", "中队", _KIND.SQUAD, TOWN, TOWN, "squad", rostered=True),
    Organisation(MARKET, "市场监管所", "市监所", _KIND.FIELD_OFFICE, TOWN, TOWN, "market"),
    Organisation(DEPARTMENT, "水利局", "水利", _KIND.DEPARTMENT, DISTRICT_CODE, None, "water"),
)


def _people() -> tuple[Person, ...]:
    rows: list[tuple[str, str, tuple[Role, ...]]] = [
        ("clerk", TOWN, (Role.DUTY_CLERK,)),
        ("clerk-2", TOWN, (Role.DUTY_CLERK, Role.CONFIRMER)),
        ("confirmer", TOWN, (Role.CONFIRMER,)),
        ("deputy", TOWN, (Role.DEPUTY_DIRECTOR,)),
        ("head", VILLAGE, (Role.STATION_HEAD,)),
        ("vice", VILLAGE, (Role.STATION_DEPUTY,)),
        ("member-1", VILLAGE, (Role.GRID_MEMBER,)),
        ("member-2", VILLAGE, (Role.GRID_MEMBER,)),
        ("lone-head", SMALL_VILLAGE, (Role.STATION_HEAD, Role.STATION_DEPUTY)),
        ("squad-leader", SQUAD, (Role.UNIT_LEADER,)),
        ("squad-officer", SQUAD, (Role.UNIT_OFFICER,)),
        ("market-deputy", MARKET, (Role.UNIT_LEADER, Role.UNIT_OFFICER)),
        ("market-officer", MARKET, (Role.UNIT_OFFICER,)),
        ("water-officer", DEPARTMENT, (Role.UNIT_OFFICER,)),
        ("operator", DISTRICT_CODE, (Role.DISTRICT_OPERATOR,)),
        ("operator-2", DISTRICT_CODE, (Role.DISTRICT_OPERATOR,)),
        ("intake", DISTRICT_CODE, (Role.DISTRICT_INTAKE,)),
        ("other-clerk", OTHER_TOWN, (Role.DUTY_CLERK,)),
    ]
    seconded = {"market-deputy": (TOWN,)}
    return tuple(Person(i, i, unit, roles, seconded_to=seconded.get(i, ())) for i, unit, roles in rows)


def _policy() -> Policy:
    hours = Limit(4, LimitUnit.WORK_HOUR)
    return Policy(
        "test-1",
        (
            StageRule(Stage.DISPATCH, Limit(10, LimitUnit.MINUTE), YellowRule(minutes=4)),
            StageRule(Stage.ARRIVAL, Limit(60, LimitUnit.MINUTE), YellowRule(minutes=20), NightRule.ROSTER),
            StageRule(Stage.OPINION, Limit(1, LimitUnit.WORK_DAY), YellowRule(work_minutes=180)),
            StageRule(Stage.HANDLING, THREE_DAYS, YellowRule(percent=20, at_least_minutes=60)),
            StageRule(Stage.CHECK, hours, YellowRule(work_minutes=120)),
            StageRule(Stage.CONFIRM, hours, YellowRule(work_minutes=120)),
        ),
    )


def reference() -> Reference:
    """The small district's reference data."""
    slots = (Slot(480, 720), Slot(870, 1050))
    years = tuple(CalendarYear(y, YearStatus.OFFICIAL, "test") for y in (2025, 2026))
    return Reference(
        version="test-1",
        district_name="测试区",
        organisations=_ORGANISATIONS,
        people=_people(),
        categories=(
            Category(STALLS, "店外经营", "街面秩序", Limit(2, LimitUnit.URGENT_HOUR)),
            Category(NOISE, "噪声扰民", "市容环境", Limit(2, LimitUnit.URGENT_HOUR)),
            Category(WASTE, "医疗废物", "市容环境", Limit(1, LimitUnit.WORK_DAY)),
        ),
        channels=(
            Channel("grid", "网格员", "sub_centre", proactive=True),
            Channel("hotline", "区长热线", "district", hotline=True),
        ),
        responsibilities=(
            ResponsibilityRule("", "squad"),
            ResponsibilityRule(NOISE, "squad"),
            ResponsibilityRule(WASTE, "water", ("market",), town_has_function=False),
        ),
        calendar=CalendarData("test-1", "Asia/Shanghai", (SlotSeason("2025-01-01", slots),), years, ()),
        policy=_policy(),
    )


class Walk:
    """Acts on one case in order, at instants the test chooses; the case is folded after each act."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules(reference())
        self.case: Case | None = None
        self.now_ms = START_MS
        self.count = 0
        self.last = Decision(Outcome.ACCEPTED)

    def actor(self, person: str, unit: str = "") -> Actor:
        """The person at the own unit's desk, or at `unit`'s."""
        home = DISTRICT_CODE if person == DISTRICT_ITSELF else self.rules.people[person].unit
        actor = self.rules.actor(person, unit or home)
        assert actor is not None
        return actor

    def command(self, person: str, args: Args, unit: str = "") -> Command:
        """The act as a device would write it."""
        self.count += 1
        actor = self.actor(person, unit)
        return Command(
            v=1,
            cmd_id=uuid7(self.now_ms, self.count.to_bytes(10, "big")),
            device="D-test",
            dseq=self.count,
            prev="",
            actor=person,
            unit=actor.unit,
            subject=Subject("case", "case-1"),
            args=args,
            time=ClaimedTime(self.now_ms, "boot", self.now_ms),
            capacity=actor.capacity.value,
        )

    def try_act(
        self,
        person: str,
        args: Args,
        *,
        minutes: float = 0,
        unit: str = "",
        at: Moment | None = None,
        heard_ms: int | None = None,
    ) -> Decision:
        """Let `minutes` pass, act, fold; returns the decision whatever it is. `heard_ms`: the centre heard of it only then."""
        self.now_ms += int(minutes * 60_000)
        command = self.command(person, args, unit)
        actor = self.actor(person, unit)
        self.last = decide(self.case, command, actor, self.rules, at or exactly(self.now_ms), heard_ms)
        if self.last.events:
            self.case = fold(self.case, self.last.events)
        return self.last

    def act(
        self,
        person: str,
        args: Args,
        *,
        minutes: float = 0,
        unit: str = "",
        at: Moment | None = None,
        heard_ms: int | None = None,
    ) -> Case:
        """Like try_act; the act must be accepted."""
        decision = self.try_act(person, args, minutes=minutes, unit=unit, at=at, heard_ms=heard_ms)
        assert decision.outcome is Outcome.ACCEPTED, decision.reason
        assert self.case is not None
        return self.case

    def refused(self, person: str, args: Args, *, minutes: float = 0, unit: str = "") -> str:
        """The act must be rejected and change nothing; returns the code."""
        before = self.case
        decision = self.try_act(person, args, minutes=minutes, unit=unit)
        assert decision.outcome is Outcome.REJECTED, decision.outcome
        assert decision.events == () and self.case is before
        assert decision.reason is not None
        return decision.reason.code
