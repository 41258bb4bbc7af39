"""The year's acts in the order the centre received them, with outages of the line on the way (practice.md §4)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

from district.year.act import Act
from district.year.lives import Lives
from district.year.volumes import REPORTS_A_YEAR, TOWN_SHARES, day_weight, minute_of_day
from models.clock import DAY_MS, MINUTE_MS
from models.organisation import DISTRICT_CODE
from models.rules import Rules

YEAR_DAYS = 365


def received_acts(rules: Rules, seed: int, end_ms: int, reports: int = REPORTS_A_YEAR) -> list[tuple[int, Act]]:
    """(received_ms, act) of about `reports` reports in the year before `end_ms`; what lies after it has not happened."""
    chance = random.Random(seed)
    outages = _outages(rules, chance, end_ms)
    instants = list(_reports(rules, chance, end_ms, reports))
    lives = Lives(rules, seed + 1, len(instants))
    found: list[tuple[int, int, Act]] = []
    for at_ms in instants:
        known_ms = 0
        for act in lives.life(at_ms):
            # Nobody acts on what has not reached him: what follows an act held back by an outage arrives after it.
            known_ms = received = max(_received(act, outages), known_ms + 1)
            if received <= end_ms:
                found.append((received, act.at_ms, act))
    found.sort(key=lambda row: (row[0], row[1], row[2].cmd_id))
    return [(received, act) for received, _, act in found]


def _reports(rules: Rules, chance: random.Random, end_ms: int, reports: int) -> Iterator[int]:
    last = rules.calendar.local_date(end_ms)
    days = [last - timedelta(days=n) for n in range(YEAR_DAYS, -1, -1)]
    weights = [day_weight(day, rules.calendar) for day in days]
    midnight = {day: end_ms - (last - day).days * DAY_MS - _since_midnight(end_ms) for day in days}
    start_ms = end_ms - YEAR_DAYS * DAY_MS
    for day in chance.choices(days, weights, k=reports):
        at_ms = midnight[day] + int(minute_of_day(chance) * MINUTE_MS)
        if start_ms <= at_ms < end_ms:
            yield at_ms


def _since_midnight(at_ms: int) -> int:
    return (at_ms + 8 * 60 * MINUTE_MS) % DAY_MS


def _outages(rules: Rules, chance: random.Random, end_ms: int) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    june = (end_ms - 160 * DAY_MS, end_ms - 160 * DAY_MS + 9 * 60 * MINUTE_MS)
    for town in TOWN_SHARES:
        starts = [end_ms - int(chance.random() * YEAR_DAYS * DAY_MS) for _ in range(chance.randint(4, 6))]
        each = [(s, s + int(35 * chance.lognormvariate(0, 0.7) * MINUTE_MS)) for s in starts]
        found[town] = [*each, june]
    return found


def _received(act: Act, outages: dict[str, list[tuple[int, int]]]) -> int:
    """When the centre got it: at once, or when the line of that desk's town was mended."""
    if act.unit == DISTRICT_CODE:
        return act.at_ms + 40
    town = act.unit[:9]
    for start, end in outages.get(town, ()):
        if start <= act.at_ms < end:
            return end + 2_000
    return act.at_ms + 900
