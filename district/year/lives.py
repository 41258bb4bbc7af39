"""The life of one case as a script of acts: who does what when. Judged later, in the one order, by the shipped rule book.

A script knows ids before they are judged: an assignment is named after the act that makes it (models/decide), a request
after the act that asks. What the rule book then says is what happened; a script that is refused stays on record as such.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left, insort
from collections.abc import Generator, Iterator

from district.year.act import Act
from district.year.volumes import (
    ARRIVAL,
    CHANNELS,
    EMERGENCY_SHARE,
    EXTENSIONS,
    LONG_HOURS,
    MATTERS,
    MERGED_SHARE,
    OPINION_LATE,
    PLACES,
    SECOND_RETURN_SHARE,
    SLOW_AT_DISPATCH,
    SLOW_HOURS,
    SUSPENDED_DAYS,
    SUSPENSIONS,
    TOWN_SHARES,
    WEAK_CHECKS,
    WORKING_DAY_HOURS,
    ChannelVolume,
    Matter,
    quota,
)
from models import commands as c
from models.clock import DAY_MS, HOUR_MS, MINUTE_MS, SHANGHAI_MS
from models.deadline import Limit, LimitUnit
from models.ids import uuid7
from models.organisation import DISTRICT_CODE, OrganisationKind
from models.people import DISTRICT_ITSELF, Role
from models.rules import Rules
from models.time_requests import SUSPENSION_GROUNDS

ALIKE = 0.35
"""How much the waits of one case go together: a hard case is slow at every desk."""


class Lives:
    """Writes `count` lives, seeded: the same seed, rules and count give the same lives. Ways in, matters and towns have
    their shares exactly (practice.md §4)."""

    def __init__(self, rules: Rules, seed: int, count: int) -> None:
        self._rules = rules
        self._chance = random.Random(seed)
        self._channels = quota(self._chance, CHANNELS, [v.reports for v in CHANNELS], count)
        self._matters = quota(self._chance, MATTERS, [m.share for m in MATTERS], count)
        self._towns = quota(self._chance, list(TOWN_SHARES), list(TOWN_SHARES.values()), count)
        self._staff = {unit: rules.staff(unit) for unit in rules.organisations}
        self._numbers: dict[tuple[str, int], int] = {}
        self._filed: dict[str, list[tuple[int, str]]] = {}

    def life(self, at_ms: int) -> list[Act]:
        """The next report and everything that follows from it, in order of time; IndexError after the last."""
        drawn = (self._channels.pop(), self._matters.pop(), self._towns.pop())
        return list(_Life(self, *drawn, at_ms).acts())

    def person(self, unit: str, *roles: Role) -> str:
        """Somebody of the unit at one of these desks."""
        staff = [p for p in self._staff[unit] if any(r in p.roles for r in roles)] or self._staff[unit]
        return self._chance.choice(staff).id

    def new_id(self, at_ms: int) -> str:
        """An id for something made at that instant."""
        return uuid7(at_ms, self._chance.randbytes(10))

    def keep_filed(self, level: str, at_ms: int, case_id: str) -> None:
        """Remember a case that others may turn out to be the same as."""
        insort(self._filed.setdefault(level, []), (at_ms, case_id))

    def filed_before(self, level: str, at_ms: int) -> str:
        """The case this level filed last before that instant; "" when there is none."""
        filed = self._filed.get(level, [])
        found = bisect_left(filed, (at_ms, ""))
        return filed[found - 1][1] if found else ""

    def number(self, unit: str, at_ms: int) -> str:
        """The next case number of the unit's console on that day (slot A)."""
        day = (at_ms + SHANGHAI_MS) // DAY_MS
        self._numbers[unit, day] = self._numbers.get((unit, day), 0) + 1
        when = self._rules.calendar.local_date(at_ms).strftime("%Y%m%d")
        return f"{self._rules.organisations[unit].short_name}-{when}-A{self._numbers[unit, day]:03d}"


class _Life:
    def __init__(self, lives: Lives, channel: ChannelVolume, matter: Matter, town: str, at_ms: int) -> None:
        self._l = lives
        self._rules = lives._rules
        self._chance = lives._chance
        self._channel = channel
        self._town = town
        self._now = at_ms
        self._matter = matter
        which = self._chance.randrange(len(matter.keys))
        self._category = matter.keys[which]
        self._title = matter.titles[which % len(matter.titles)]
        self._station = self._chance.choice(self._rules.stations(town)).code
        self._case = lives.new_id(at_ms)
        self._emergency = channel.code == "emergency_platform" and self._chance.random() < EMERGENCY_SHARE
        self._last_id = ""
        self._received = at_ms
        self._slowness = self._chance.gauss(0, 1)
        self._hands: set[str] = set()
        self._giver = town

    def _act(self, unit: str, person: str, args: c.Args, after_minutes: float = 0.0) -> Act:
        self._now += int(after_minutes * MINUTE_MS)
        self._last_id = self._l.new_id(self._now)
        return Act(self._now, unit, person, self._case, self._last_id, args)

    def _assignment(self, index: int = 0) -> str:
        return f"{self._last_id.replace('-', '')[-12:]}.{index}"

    def _log(self, median: float, sigma: float) -> float:
        own = self._chance.gauss(0, 1)
        return median * math.exp(sigma * (math.sqrt(ALIKE) * self._slowness + math.sqrt(1 - ALIKE) * own))

    def _report_args(self, unit: str, self_handled: bool = False) -> c.Report:
        short = self._rules.organisations[self._station].short_name
        return c.Report(
            number=self._l.number(unit, self._now),
            channel=self._channel.code,
            category=self._category,
            title=self._title,
            place=f"{short}{self._chance.choice(PLACES)}",
            town=self._town,
            station=self._station,
            self_handled=self_handled,
            emergency=self._emergency,
        )

    def acts(self) -> Iterator[Act]:
        if not self._channel.district and self._chance.random() < self._channel.self_handled:
            yield from self._found_and_fixed()
            return
        level = DISTRICT_CODE if self._channel.district else self._town
        reporter, person = self._reporter(level)
        yield self._act(reporter, person, self._report_args(reporter))
        clerk = self._clerk(level)
        fate = self._chance.random()
        if fate < self._channel.out:
            yield self._act(level, clerk, c.TransferOut("dept-zongzhi", "非城市管理事项"), self._log(3, 0.6))
            return
        if fate < self._channel.out + self._channel.declined:
            yield self._act(level, clerk, c.Decline("不属受理范围"), self._log(4, 0.6))
            return
        same = self._l.filed_before(level, self._now)
        if self._chance.random() < MERGED_SHARE and same:
            yield self._act(level, clerk, c.Merge(same), self._log(4, 0.6))
            return
        yield self._act(level, clerk, c.File(), self._log(1.0, 0.4))
        if self._chance.random() < 0.0105:
            yield from self._void(level, clerk)
            return
        self._l.keep_filed(level, self._now, self._case)
        giver = level
        if level == DISTRICT_CODE and self._chance.random() < 0.78:
            yield self._act(
                DISTRICT_CODE,
                self._l.person(level, Role.DISTRICT_OPERATOR),
                c.Dispatch(self._town),
                self._log(1.4, 0.6),
            )
            yield self._deliver(self._town, self._assignment())
            giver = self._town
        yield from self._with_unit(giver)

    def _reporter(self, level: str) -> tuple[str, str]:
        if level == DISTRICT_CODE:
            return level, self._l.person(level, Role.DISTRICT_INTAKE)
        if self._channel.code == "grid":
            return self._station, self._l.person(self._station, Role.GRID_MEMBER)
        if self._channel.code == "patrol":
            unit = f"{self._town}-squad" if self._chance.random() < 0.8 else f"{self._town}-market"
            return unit, self._l.person(unit, Role.UNIT_OFFICER)
        return level, self._l.person(level, Role.DUTY_CLERK)

    def _clerk(self, level: str) -> str:
        role = Role.DISTRICT_OPERATOR if level == DISTRICT_CODE else Role.DUTY_CLERK
        return self._l.person(level, role)

    def _found_and_fixed(self) -> Iterator[Act]:
        unit, person = self._reporter(self._town)
        yield self._act(unit, person, self._report_args(unit, self_handled=True))
        reviewer = self._l.person(self._town, Role.CONFIRMER)
        yield self._act(self._town, reviewer, c.ReviewSelfHandled(True), self._until_confirming())

    def _void(self, level: str, clerk: str) -> Iterator[Act]:
        yield self._act(level, clerk, c.AskVoid("重复录入"), self._log(20, 0.6))
        approver = DISTRICT_CODE if level == DISTRICT_CODE else self._town
        role = Role.DISTRICT_OPERATOR if level == DISTRICT_CODE else Role.DEPUTY_DIRECTOR
        persons = [p.id for p in self._rules.staff(approver) if role in p.roles and p.id != clerk]
        yield self._act(approver, persons[0], c.AnswerVoid(self._last_id, True), self._log(60, 0.6))

    def _deliver(self, receiver: str, assignment: str) -> Act:
        """The receiving console takes the news a few seconds later; that is its pull, and the centre's own act."""
        made = self._last_id
        self._received = self._now
        act = self._act(receiver, DISTRICT_ITSELF, c.Deliver(assignment), self._chance.uniform(0.03, 0.4))
        self._last_id = made
        return act

    def _unit(self, giver: str) -> str:
        rule = self._rules.responsibility(self._category)
        function = rule.lead if rule else "squad"
        found = self._rules.unit_for(function, self._town, self._station)
        if giver == DISTRICT_CODE:
            wide = ("dept-zhujian", "dept-shijian", "corp-chengjiantou", "corp-huanwei", "dept-chengguan")
            return found.code if found and self._rules.may_name(giver, found.code) else self._chance.choice(wide)
        squad = f"{self._town}-squad"
        if found is None or not self._rules.may_name(giver, found.code):
            return squad
        # Off duty nobody answers at a village or a market office: the duty clerk sends whom somebody can reach.
        return found.code if found.rostered or self._is_duty(self._now) else squad

    def _is_duty(self, at_ms: int) -> bool:
        return self._rules.calendar.next_working_instant(at_ms) == at_ms

    def _dispatch_minutes(self, giver: str) -> float:
        if giver == DISTRICT_CODE:
            return self._log(1.4, 0.6)
        hour = (self._now // HOUR_MS + 8) % 24
        night = 1.6 if hour < 7 or hour >= 20 else 1.25 if hour in (12, 13) else 1.0
        return self._log(2.9 * night * (1.7 if self._town == SLOW_AT_DISPATCH else 1.0), 0.55)

    def _with_unit(self, giver: str) -> Iterator[Act]:
        self._giver = giver
        unit = self._unit(giver)
        co = self._co(giver, unit)
        if giver != DISTRICT_CODE and self._is_for_the_district():
            yield from self._ask_ruling(giver)
            return
        yield self._act(giver, self._clerk(giver), c.Dispatch(unit, co), self._dispatch_minutes(giver))
        lead = self._assignment()
        helpers = [(name, self._assignment(n)) for n, name in enumerate(co, start=1)]
        yield self._deliver(unit, lead)
        if self._chance.random() < 0.045:
            asks = self._l.person(unit, Role.UNIT_LEADER, Role.STATION_HEAD)
            yield self._act(unit, asks, c.AskReturn(lead, "不属本单位职责"), self._log(14, 0.5))
            upheld = self._chance.random() < 0.7
            yield self._act(giver, self._clerk(giver), c.AnswerReturn(self._last_id, upheld), self._log(12, 0.5))
            if upheld:
                unit = self._second_choice(giver, unit)
                yield self._act(giver, self._clerk(giver), c.Dispatch(unit), self._log(3, 0.5))
                lead = self._assignment()
                yield self._deliver(unit, lead)
                if self._chance.random() < SECOND_RETURN_SHARE:
                    asks = self._l.person(unit, Role.UNIT_LEADER, Role.STATION_HEAD)
                    yield self._act(unit, asks, c.AskReturn(lead, "也不属本单位职责"), self._log(14, 0.5))
                    yield self._act(giver, self._clerk(giver), c.AnswerReturn(self._last_id, True), self._log(12, 0.5))
                    unit, lead = yield from self._ruled()
        for name, assignment in helpers:
            yield self._deliver(name, assignment)
            yield self._act(name, self._l.person(name, Role.UNIT_OFFICER), c.Arrive(assignment), self._log(12, 0.4))
        yield from self._handling(unit, lead)
        for name, assignment in helpers:
            if self._chance.random() < 0.9:
                yield self._act(name, self._l.person(name, Role.UNIT_OFFICER), c.Handled(assignment, "已配合处置"), 0.5)
        yield from self._loop(unit, lead)

    def _second_choice(self, giver: str, unit: str) -> str:
        if giver == DISTRICT_CODE:
            return "dept-chengguan" if unit != "dept-chengguan" else "dept-zhujian"
        return f"{self._town}-squad" if unit != f"{self._town}-squad" else self._station

    def _is_for_the_district(self) -> bool:
        rule = self._rules.responsibility(self._category)
        return rule is not None and not rule.town_has_function

    def _ask_ruling(self, giver: str) -> Iterator[Act]:
        """What no unit of the town is there for: the town asks, the district names the units (R44)."""
        asks = c.AskRuling("涉及多个部门,镇街无此职能")
        yield self._act(giver, self._clerk(giver), asks, self._dispatch_minutes(giver))
        unit, lead = yield from self._ruled()
        yield from self._handling(unit, lead)
        yield from self._loop(unit, lead)

    def _ruled(self) -> Generator[Act, None, tuple[str, str]]:
        rules = self._rules
        wide = [o.code for o in rules.organisations.values() if o.kind is OrganisationKind.DEPARTMENT]
        unit = self._chance.choice([code for code in wide if rules.may_rule(code, self._town)])
        self._giver = DISTRICT_CODE
        operator = self._l.person(DISTRICT_CODE, Role.DISTRICT_OPERATOR)
        limit = Limit(3, LimitUnit.WORK_DAY)
        yield self._act(DISTRICT_CODE, operator, c.Rule(unit, limit, note="牵头办理"), self._log(25, 0.6))
        lead = self._assignment()
        yield self._deliver(unit, lead)
        return unit, lead

    def _co(self, giver: str, unit: str) -> tuple[str, ...]:
        rule = self._rules.responsibility(self._category)
        wanted = rule.co if rule else ()
        if giver == DISTRICT_CODE or self._chance.random() > (0.6 if wanted else 0.025):
            return ()
        codes = [f"{self._town}-{f}" for f in (wanted or ("police",))]
        return tuple(code for code in codes if code in self._rules.organisations and code != unit)

    def _kind(self, unit: str) -> str:
        organisation = self._rules.organisations[unit]
        if organisation.function in ARRIVAL:
            return organisation.function
        return "contractor" if organisation.kind is OrganisationKind.CONTRACTOR else "department"

    def _handling(self, unit: str, lead: str, rework: bool = False) -> Iterator[Act]:
        kind = self._kind(unit)
        officer = self._l.person(unit, Role.UNIT_OFFICER, Role.STATION_HEAD, Role.GRID_MEMBER)
        self._hands.add(officer)
        received = self._received
        yield self._act(unit, officer, c.Acknowledge(lead, officer), self._log(5 if kind != "department" else 14, 0.7))
        median, sigma = ARRIVAL[kind]
        wait = max(1.0, self._log(median, sigma) - (self._now - received) / MINUTE_MS)
        yield self._act(unit, officer, c.Arrive(lead), wait if self._is_duty(received) else self._on_duty(unit, wait))
        arrived = self._now
        hours = self._log(self._matter.hours, self._matter.sigma)
        if not rework:
            late = OPINION_LATE.get(kind, 0.08)
            wait = min(self._log(60, 0.8), 0.7 * hours * 60)  # it comes with the result at the latest
            if hours > 2 * WORKING_DAY_HOURS and self._chance.random() < late:
                wait = self._log(2200, 0.2)
            yield self._act(unit, officer, c.GiveOpinion(lead, "情况属实", "已到场处置"), wait)
        gone = (self._now - arrived) / MINUTE_MS
        rest = max(3.0, hours * 60 - gone)
        if not rework:
            rest = yield from self._more_time(unit, lead, officer, rest)
        rest = self._on_duty(unit, rest)
        yield self._act(unit, officer, c.Feedback(lead, "已整改到位,现场恢复", (officer,)), rest)

    def _more_time(self, unit: str, lead: str, officer: str, rest: float) -> Generator[Act, None, float]:
        """延期 and 挂账 of what takes long; what is left to wait until the result, in minutes."""
        giver, hours = self._giver, self._matter.hours
        if hours >= LONG_HOURS and self._chance.random() < SUSPENSIONS:
            asked = self._on_duty(unit, 0.3 * rest)
            days = self._chance.randint(*SUSPENDED_DAYS)
            midnight = (self._now // DAY_MS + days) * DAY_MS + 16 * HOUR_MS  # in Shanghai
            asks = c.AskSuspension(lead, self._chance.choice(SUSPENSION_GROUNDS), midnight, "须待条件具备后施工")
            yield self._act(unit, officer, asks, asked)
            role = Role.DISTRICT_OPERATOR if giver == DISTRICT_CODE else Role.DEPUTY_DIRECTOR
            wait = self._on_duty(unit, self._log(90, 0.8))
            yield self._act(giver, self._l.person(giver, role), c.AnswerSuspension(self._last_id, True), wait)
            return (midnight - self._now) / MINUTE_MS + 0.7 * rest
        if hours >= SLOW_HOURS and self._chance.random() < EXTENSIONS:
            yield self._act(unit, officer, c.AskExtension(lead, "所需材料未到"), self._on_duty(unit, 0.4 * rest))
            granted = self._chance.random() < 0.85
            wait = self._on_duty(unit, self._log(50, 0.8))
            yield self._act(giver, self._clerk(giver), c.AnswerExtension(self._last_id, granted), wait)
            return (1.2 if granted else 0.6) * rest
        return rest

    def _loop(self, unit: str, lead: str) -> Iterator[Act]:
        weak = self._town == WEAK_CHECKS
        for round_ in (1, 2, 3):
            deputy = self._l.person(self._station, Role.STATION_DEPUTY)
            free = [p.id for p in self._rules.staff(self._station) if Role.GRID_MEMBER in p.roles]
            free = [p for p in free if p not in self._hands] or [deputy]
            checker = self._chance.choice(free)
            failed = round_ < 3 and self._chance.random() < (0.02 if weak else 0.05 if round_ == 1 else 0.15)
            seen = "现场仍有残留" if failed else "现场已恢复"
            wait = self._on_duty(self._station, self._log(95, 0.86))
            yield self._act(self._station, deputy, c.CheckOnSite(checker, not failed, seen), wait)
            yield self._act(self._station, deputy, c.SubmitCheck(), self._log(8, 0.6))
            if not failed:
                confirmer = f"{self._town}-confirmer"
                if round_ < 3 and self._chance.random() < 0.012:
                    yield self._act(self._town, confirmer, c.RefuseConfirm("照片与地点不符"), self._until_confirming())
                else:
                    yield self._act(self._town, confirmer, c.Confirm(), self._until_confirming())
                    return
            lead = self._assignment()
            yield self._deliver(unit, lead)
            yield from self._handling(unit, lead, rework=True)

    def _on_duty(self, unit: str, minutes: float) -> float:
        """Work of units nobody is rostered for waits for the next duty hours."""
        if self._rules.organisations[unit].rostered:
            return minutes
        then = self._now + int(minutes * MINUTE_MS)
        duty = self._rules.calendar.next_working_instant(then)
        return (duty - self._now) / MINUTE_MS + (self._chance.uniform(0, 30) if duty > then else 0)

    def _until_confirming(self) -> float:
        """Confirmations are done in batches, in working hours."""
        wait = self._log(58, 0.76)
        then = self._now + int(wait * MINUTE_MS)
        duty = self._rules.calendar.next_working_instant(then)
        return (duty - self._now) / MINUTE_MS + (self._chance.uniform(5, 90) if duty > then else 0)
