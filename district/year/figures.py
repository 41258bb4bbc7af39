"""What a year comes to, counted from the cases as they stand, beside what practice.md §4 says (estimates; 演示数据)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from models.case import Case, RequestKind, StageClock, State, Verdict
from models.clock import DAY_MS
from models.decide.more_time import is_suspended
from models.evidence import Grade
from models.organisation import DISTRICT_CODE
from models.owed_evidence import as_shown
from models.policy import Stage
from models.rules import Rules


class Figure(msgspec.Struct, frozen=True):
    """A number beside what is believed: `low` to `high`, all in `unit` ("%", or "" for plain counts)."""

    name: str
    made: float
    low: float
    high: float
    unit: str = "%"

    @property
    def fits(self) -> bool:
        """True when it lies where it is believed to lie."""
        return self.low <= self.made <= self.high


BANDS: tuple[tuple[str, float, float], ...] = (
    ("at least one red, of normal cases", 14, 19),
    ("late: dispatch", 2, 4),
    ("late: dispatch at night", 3, 20),
    ("late: arrival", 4.5, 6.5),
    ("late: arrival of market offices", 4, 12),
    ("late: arrival of stations", 0, 2.5),
    ("late: arrival of squads", 3, 6.5),
    ("late: first opinion", 1.5, 4.5),
    ("late: handling", 4.5, 9),
    ("late: check", 2, 5.5),
    ("late: confirm", 1, 3.5),
    ("return asked", 3.5, 5.5),
    ("return upheld", 60, 80),
    ("returned twice", 0.3, 1.1),
    ("check failed", 3.5, 6.5),
    ("check failed a second time", 0.3, 1.4),
    ("confirm refused", 0.7, 2),
    ("co-handled", 5, 9),
    ("extended", 2, 4),
    ("suspended", 0.4, 1.2),
    ("ruled by the district", 0.6, 1.6),
    ("void, of filed", 0.5, 1.1),
    ("self-handled, of filed", 29, 35),
    ("merged, of reports", 2.6, 4.6),
    ("declined, of reports", 2, 3.8),
    ("transferred out, of reports", 6.5, 9.5),
    ("emergencies, of reports", 0.25, 0.65),
    ("filed at the district, of filed", 29, 40),
    ("merged into a case that is not there", 0, 0),
    ("open for 60 days or more, not suspended", 0, 0.15),
    ("suspended at the end, of suspended", 20, 60),
    ("doubtful times, of acts", 0.8, 1.6),
    ("in hand and not suspended, of reports", 0.3, 0.7),
    ("in hand and suspended, of reports", 0.08, 0.22),
)
"""The figures of practice.md §4, with room for a year's chance. What is in hand is a share of the reports, for a year of
fewer reports has fewer in hand (210 and 60 of 41,350 there)."""


class Tally:
    """Counts cases one by one; `end_ms` is when the year ended."""

    def __init__(self, rules: Rules, end_ms: int) -> None:
        self._rules = rules
        self._end_ms = end_ms
        self._n: Counter[str] = Counter()
        self._stopped: Counter[str] = Counter()
        self._late: Counter[str] = Counter()
        self._ids: set[str] = set()
        self._into: set[str] = set()
        self.open_by_level: Counter[str] = Counter()
        self.reports_by_town: Counter[str] = Counter()
        self.late_by_category: Counter[str] = Counter()
        self.handled_by_category: Counter[str] = Counter()

    def add_all(self, cases: Iterable[Case]) -> Tally:
        """Count them."""
        for case in cases:
            self._add(case)
        return self

    def _add(self, case: Case) -> None:
        n = self._n
        n["reports"] += 1
        self._ids.add(case.id)
        self.reports_by_town[case.town] += 1
        n[case.state.value] += 1
        n["emergency"] += case.emergency
        if case.duplicate_of:
            self._into.add(case.duplicate_of)
        if case.is_open:
            self.open_by_level[case.level] += 1
            n["in_hand"] += 1
            waits = any(is_suspended(a, self._end_ms) for a in case.assignments)
            n["suspended_now"] += waits
            n["old"] += self._end_ms - case.reported_at.hi > 60 * DAY_MS and not waits
        n["acts"] += len(case.history)
        n["doubtful"] += sum(step.at.grade is Grade.DOUBTFUL for step in case.history)
        n["filed"] += case.filed_at is not None
        n["filed_at_district"] += case.filed_at is not None and self._reached_district(case)
        n["self_handled"] += case.close_kind == "self_handled"
        if any(a.giver != DISTRICT_CODE or a.receiver != case.town for a in case.assignments):
            self._add_normal(case)

    def _reached_district(self, case: Case) -> bool:
        return case.reporter_unit == DISTRICT_CODE

    def _add_normal(self, case: Case) -> None:
        n = self._n
        n["normal"] += 1
        returns = [r for r in case.requests if r.kind is RequestKind.RETURN]
        n["returns"] += bool(returns)
        n["returned"] += len(returns)
        n["upheld"] += sum(r.granted is True for r in returns)
        n["twice"] += sum(r.granted is True for r in returns) > 1
        n["extended"] += any(clock.extensions for clock in case.clocks)
        n["suspended"] += any(a.suspended_until is not None for a in case.assignments)
        n["ruled"] += any(s.kind == "case.rule" for s in case.history)
        n["co"] += any(a.role.value == "co" for a in case.assignments)
        failed = sum(c.passed is False for c in case.checks)
        n["checked"] += any(c.passed is not None for c in case.checks)
        n["failed"] += failed > 0
        n["failed_twice"] += failed > 1
        n["refused"] += any(s.kind == "case.refuse_confirm" for s in case.history)
        for clock in case.clocks:
            self._add_clock(case, as_shown(case, clock))
        n["red"] += any(self._is_late(clock) for clock in case.clocks)

    def _is_late(self, clock: StageClock) -> bool:
        if clock.is_counting:
            return clock.due_at is not None and clock.due_at < self._end_ms
        return clock.verdict is Verdict.LATE

    def _add_clock(self, case: Case, clock: StageClock) -> None:
        if clock.verdict not in (Verdict.ON_TIME, Verdict.LATE):
            return
        late = clock.verdict is Verdict.LATE
        for name in self._groups(clock):
            self._stopped[name] += 1
            self._late[name] += late
        if clock.stage is Stage.HANDLING:
            self.handled_by_category[case.category] += 1
            self.late_by_category[case.category] += late

    def _groups(self, clock: StageClock) -> list[str]:
        found = [clock.stage.value]
        if clock.stage is Stage.DISPATCH and clock.started_at is not None:
            hour = (clock.started_at // 3_600_000 + 8) % 24
            found += ["dispatch at night"] if hour < 7 or hour >= 20 else []
        if clock.stage is Stage.ARRIVAL:
            owner = self._rules.organisations.get(clock.owner)
            found.append(f"arrival of {owner.function if owner and owner.function else 'others'}")
        return found

    def late_percent(self, group: str) -> float:
        """How many per cent of these clocks were late."""
        return 100 * self._late[group] / max(1, self._stopped[group])

    def stopped(self, group: str) -> int:
        """How many clocks of the group were judged on time or late."""
        return self._stopped[group]

    def groups(self) -> list[str]:
        """Every group that a clock was counted in."""
        return sorted(self._stopped)

    def figures(self) -> list[Figure]:
        """All that practice.md §4 has a word on, in the order of BANDS."""
        n, late = self._n, self.late_percent
        made = {
            "at least one red, of normal cases": _share(n["red"], n["normal"]),
            "late: dispatch": late("dispatch"),
            "late: dispatch at night": late("dispatch at night"),
            "late: arrival": late("arrival"),
            "late: arrival of market offices": late("arrival of market"),
            "late: arrival of stations": late("arrival of station"),
            "late: arrival of squads": late("arrival of squad"),
            "late: first opinion": late("opinion"),
            "late: handling": late("handling"),
            "late: check": late("check"),
            "late: confirm": late("confirm"),
            "return asked": _share(n["returns"], n["normal"]),
            "return upheld": _share(n["upheld"], n["returned"]),
            "returned twice": _share(n["twice"], n["normal"]),
            "check failed": _share(n["failed"], n["checked"]),
            "check failed a second time": _share(n["failed_twice"], n["checked"]),
            "confirm refused": _share(n["refused"], n["checked"]),
            "co-handled": _share(n["co"], n["normal"]),
            "extended": _share(n["extended"], n["normal"]),
            "suspended": _share(n["suspended"], n["normal"]),
            "ruled by the district": _share(n["ruled"], n["normal"]),
            "void, of filed": _share(n[State.VOID.value], n["filed"]),
            "self-handled, of filed": _share(n["self_handled"], n["filed"]),
            "merged, of reports": _share(n[State.MERGED.value], n["reports"]),
            "declined, of reports": _share(n[State.DECLINED.value], n["reports"]),
            "transferred out, of reports": _share(n[State.TRANSFERRED_OUT.value], n["reports"]),
            "emergencies, of reports": _share(n["emergency"], n["reports"]),
            "filed at the district, of filed": _share(n["filed_at_district"], n["filed"]),
            "merged into a case that is not there": float(len(self._into - self._ids)),
            "open for 60 days or more, not suspended": _share(n["old"], n["reports"]),
            "suspended at the end, of suspended": _share(n["suspended_now"], n["suspended"]),
            "doubtful times, of acts": _share(n["doubtful"], n["acts"]),
            "in hand and not suspended, of reports": _share(n["in_hand"] - n["suspended_now"], n["reports"]),
            "in hand and suspended, of reports": _share(n["suspended_now"], n["reports"]),
        }
        return [Figure(name, made[name], low, high) for name, low, high in BANDS]


def _share(part: int, whole: int) -> float:
    return 100 * part / max(1, whole)
