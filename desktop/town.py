"""The town at work: the other desks of the demo, each with a console of its own, speaking HTTP like everybody (演示).

Seeded. Residents report at the district, grid members at the stations; units acknowledge, arrive, answer and hand in
results; stations check and submit; the district hands cases down. It never dispatches or confirms for the sub-centre that
the person at the demo sits in. Ending it changes nothing but the activity.
"""

from __future__ import annotations

import contextlib
import logging
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from desktop.headless import Headless
from models import commands as c
from models.case import AssignmentRole, Case, State
from models.clock import MINUTE_MS, Clock
from models.decide.more_time import is_suspended
from models.errors import Refused, Weather
from models.organisation import DISTRICT_CODE
from models.people import Role
from models.rules import Rules
from models.store.case_lists import open_cases
from models.store.work import Work

PLACES = ("农贸市场后巷", "中学东门", "黎阳大道路口", "滨江步道", "菜场南门", "公交首末站", "社区广场", "老桥北头")
MATTERS = (
    ("09005", "商铺店外堆放货物"),
    ("09006", "占道摆摊影响通行"),
    ("06010", "暴露垃圾未清"),
    ("06042", "垃圾箱满溢"),
    ("06036", "乱堆杂物堵住通道"),
    ("09010", "非机动车乱停放"),
    ("07001", "墙面小广告"),
    ("06028", "夜间噪声扰民"),
    ("09012", "占用消防通道"),
    ("01037", "路灯不亮"),
)
_log = logging.getLogger("town")
MINUTES = {"acknowledge": 4, "arrive": 24, "opinion": 40, "feedback": 90, "check": 45, "submit": 10}


class Town:
    """The desks of one town but its sub-centre, and the district's own."""

    def __init__(
        self,
        folder: Path,
        address: str,
        town: str,
        clock: Clock,
        seed: int,
        first_code: Callable[[str], str],
        operator: str,
        password: str,
    ) -> None:
        """`first_code` lets the district's own workstation in; there `operator` makes the codes of all others."""
        self._chance = random.Random(seed)
        self._clock = clock
        self._town = town
        self._district = Headless(folder, address, DISTRICT_CODE, clock, first_code, password)
        self._units: dict[str, Headless] = {}
        rules = self._district.rules
        self._rules: Rules = rules
        new_code = partial(self._district.new_code, operator)
        for organisation in rules.assignable_units(town):
            self._units[organisation.code] = Headless(folder, address, organisation.code, clock, new_code, password)

    def close(self) -> None:
        """Everybody goes home."""
        for desk in (self._district, *self._units.values()):
            desk.close()

    def hour(self, rounds: int, pause_seconds: float) -> Iterator[int]:
        """Let the town work; yields after each round, so the caller may stop it."""
        for number in range(rounds):
            with contextlib.suppress(Weather):
                self._round()
            yield number
            time.sleep(pause_seconds)

    def _round(self) -> None:
        if self._chance.random() < 0.5:
            _unless_refused(self._resident_calls)
        if self._chance.random() < 0.5:
            _unless_refused(self._member_reports)
        self._district.settle()
        for unit in self._units.values():
            unit.settle()
            for case in self._cases(unit):
                _unless_refused(partial(self._go_on, unit, case))
            unit.settle()

    def _cases(self, desk: Headless) -> list[Case]:
        def job(work: Work) -> list[Case]:
            return list(open_cases(work.connection))

        return desk.database(job)

    def _person(self, unit: str, *roles: Role) -> str:
        staff = [p for p in self._rules.staff(unit) if not roles or any(r in p.roles for r in roles)]
        return self._chance.choice(staff).id

    def _report(self, channel: str) -> c.Report:
        code, title = self._chance.choice(MATTERS)
        kind = "component" if code.startswith("01") else "matter"
        station = self._chance.choice(self._rules.stations(self._town))
        place = f"{station.short_name}{self._chance.choice(PLACES)}"
        return c.Report("", channel, f"GB/T 47678.5-2026/{kind}/{code}", title, place, self._town, station.code)

    def _resident_calls(self) -> None:
        desk = self._district
        person = self._person(DISTRICT_CODE, Role.DISTRICT_INTAKE)
        case_id = desk.act(person, self._report(self._chance.choice(("hotline", "digital_um", "mailbox"))))
        desk.act(person, c.File(), case_id)
        desk.act(self._person(DISTRICT_CODE, Role.DISTRICT_OPERATOR), c.Dispatch(self._town), case_id)

    def _member_reports(self) -> None:
        report = self._report("grid")
        self._units[report.station].act(self._person(report.station, Role.GRID_MEMBER), report)

    # One case, one step

    def _go_on(self, unit: Headless, case: Case) -> None:
        mine = [a for a in case.assignments if a.receiver == unit.unit and not a.ended]
        if case.state in (State.DISPATCHED, State.HANDLING) and mine:
            self._handle(unit, case)
        elif case.check is not None and case.check.station == unit.unit:
            self._check(unit, case)

    def _due(self, what: str, since_ms: int) -> bool:
        """True when somebody usual would have done it by now (lognormal around the usual minutes)."""
        usual = MINUTES[what] * self._chance.lognormvariate(0, 0.5)
        return self._clock.wall_ms() - since_ms > usual * MINUTE_MS

    def _handle(self, unit: Headless, case: Case) -> None:
        mine = next(a for a in case.assignments if a.receiver == unit.unit and not a.ended)
        told = mine.delivered_at or mine.notified_at
        if case.lead is not None and is_suspended(case.lead, self._clock.wall_ms()):
            return  # 挂账: what it waits for is not there yet
        since = case.history[-1].at.hi
        person = self._person(unit.unit)
        if told is None:
            return
        if mine.acknowledged_at is None:
            if self._due("acknowledge", told.hi):
                unit.act(person, c.Acknowledge(mine.id, person), case.id)
        elif mine.arrived_at is None:
            if self._due("arrive", told.hi):
                unit.act(person, c.Arrive(mine.id), case.id)
        elif mine.role is AssignmentRole.CO:
            if mine.handled_at is None and self._due("feedback", since):
                unit.act(person, c.Handled(mine.id, "已配合处置"), case.id)
        elif mine.opinion_at is None and mine.round == 1:
            if self._due("opinion", mine.arrived_at.hi):
                unit.act(person, c.GiveOpinion(mine.id, "情况属实", "已劝导,限时整改"), case.id)
        elif self._due("feedback", since):
            unit.act(person, c.Feedback(mine.id, "已整改到位,现场恢复"), case.id)

    def _check(self, unit: Headless, case: Case) -> None:
        check = case.check
        assert check is not None
        leader = self._person(unit.unit, Role.STATION_DEPUTY)
        since = case.history[-1].at.hi
        hands = {h for a in case.assignments for h in a.handlers}
        if case.state is State.AWAITING_CHECK:
            free = [p.id for p in self._rules.staff(unit.unit) if p.id not in hands]
            if free and self._due("check", since):
                passed = self._chance.random() > 0.05
                unit.act(leader, c.CheckOnSite(self._chance.choice(free), passed, "已到现场查看"), case.id)
        elif case.state is State.AWAITING_SUBMIT and self._due("submit", since):
            unit.act(leader, c.SubmitCheck(), case.id)


def _unless_refused(step: Callable[[], None]) -> None:
    """What the rule book or an account refuses is one step less: the others go on working."""
    try:
        step()
    except Refused as error:
        _log.info("refused: %s", error.code)
