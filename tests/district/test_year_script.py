"""The year's script: nobody acts on a case before what went before has reached the centre, outages or not."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from district.year.act import Act
from district.year.load import load_year
from district.year.script import received_acts
from district.year.volumes import CHANNELS, MATTERS, TOWN_SHARES, quota
from models.clock import MINUTE_MS
from models.commands import AskVoid, Merge, Report
from models.rules import Rules
from tests.district.test_small_year import make_empty

END_MS = 1_795_399_200_000
HELD_MS = 10 * MINUTE_MS


def test_what_follows_an_act_held_back_arrives_after_it(rules: Rules) -> None:
    lives: dict[str, list[tuple[int, Act]]] = defaultdict(list)
    for received_ms, act in received_acts(rules, 7, END_MS, 4_000):
        lives[act.case_id].append((received_ms, act))
    held = [life for life in lives.values() if any(received - act.at_ms > HELD_MS for received, act in life)]
    assert len(held) >= 5, "outages hold acts back"
    for life in lives.values():
        received = [at for at, _act in life]
        made = [act.at_ms for _at, act in life]
        assert received == sorted(set(received))
        assert made == sorted(made), "in the order they were made"
        assert all(at >= act.at_ms for at, act in life)


def test_nothing_is_merged_into_what_is_void(rules: Rules) -> None:
    """It would be refused, and the report stand red where it came in for the rest of the year."""
    acts = [act for _at, act in received_acts(rules, 7, END_MS, 8_000)]
    void = {act.case_id for act in acts if isinstance(act.args, AskVoid)}
    into = {act.args.into for act in acts if isinstance(act.args, Merge)}
    assert void and into and not void & into


@pytest.mark.parametrize("reports", [300, 1_500, 4_000])
@pytest.mark.parametrize("seed", [7, 20261124])
def test_every_sub_centre_has_its_share_of_the_cases_ways_in_and_matters_theirs(
    rules: Rules, seed: int, reports: int
) -> None:
    made = [act.args for _at, act in received_acts(rules, seed, END_MS, reports) if isinstance(act.args, Report)]
    count = len(made)
    assert reports - reports // 50 <= count <= reports, "but for those that fall outside the year's first and last day"
    slack = 3
    """Reports held back by an outage until after the year's end."""

    def holds(found: Counter[str], wanted: dict[str, float]) -> None:
        whole = sum(wanted.values())
        assert set(found) == {name for name, weight in wanted.items() if round(count * weight / whole) >= 1}
        for name, weight in wanted.items():
            assert abs(found[name] - count * weight / whole) <= 1 + slack, name

    towns = Counter(report.town for report in made)
    holds(towns, {name: float(share) for name, share in TOWN_SHARES.items()})
    assert 0.05 * count - slack <= min(towns.values()) and max(towns.values()) <= 0.15 * count + slack
    holds(Counter(report.channel for report in made), {v.code: float(v.reports) for v in CHANNELS})
    matter_of = {key: number for number, matter in enumerate(MATTERS) for key in matter.keys}
    matters = Counter(str(matter_of[report.category]) for report in made)
    holds(matters, {str(number): matter.share for number, matter in enumerate(MATTERS)})


@pytest.mark.parametrize("count", [0, 1, 9, 100, 1_483, 31_483])
def test_a_quota_never_passes_the_table_s_bounds(count: int) -> None:
    found = Counter(quota(random.Random(1), list(TOWN_SHARES), list(TOWN_SHARES.values()), count))
    assert sum(found.values()) == count
    shares = sorted(TOWN_SHARES, key=lambda town: TOWN_SHARES[town])
    assert 100 * found[shares[0]] >= 5 * count and 100 * found[shares[-1]] <= 15 * count
    assert all(abs(found[town] - count * share / 100) < 1 for town, share in TOWN_SHARES.items())


def test_progress_is_told_every_few_per_cent_of_a_small_year_too(rules: Rules, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/district.sqlite"
    make_empty(url, rules.reference)
    told: list[float] = []
    load_year(url, rules, 7, END_MS, 60, lambda done, everything: told.append(100 * done / everything))
    assert told[0] == 0 and told[-1] == 100
    assert max(after - before for before, after in pairwise(told)) <= 5
