"""A generated year is one that people who keep a town running would believe: practice.md §4, counted from its cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from district.opening import open_database
from district.reference import load
from district.year import report
from district.year.figures import Tally
from district.year.load import load_year
from models.rules import Rules
from models.store.case_table import every_case
from models.store.engine import open_engine

END_MS = 1_795_399_200_000  # 2026-11-23 10:00 in Shanghai
REPORTS = 4_000
TOO_FEW_IN_A_SMALL_YEAR = (
    "return upheld",
    "late: arrival of market offices", "late: dispatch at night", "returned twice", "check failed a second time",
    "ruled by the district", "emergencies, of reports", "void, of filed", "suspended", "suspended at the end, of suspended",
    "in hand and suspended, of reports",
)  # fmt: skip


pytestmark = pytest.mark.landing


@pytest.fixture(scope="module")
def url(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    copy = tmp_path_factory.mktemp("year") / "district.sqlite"
    copy.write_bytes(demo_file.read_bytes())
    made = f"sqlite:///{copy}"
    load_year(made, rules_of(made), 20261124, END_MS, REPORTS, lambda _done, _all: None)
    return made


def rules_of(url: str) -> Rules:
    engine = open_database(url)
    with engine.connect().execution_options(read_only=True) as connection:
        rules = Rules(load(connection))
    engine.dispose()
    return rules


@pytest.fixture(scope="module")
def tally(url: str) -> Tally:
    engine = open_engine(url)
    with engine.connect().execution_options(read_only=True) as connection:
        found = Tally(rules_of(url), END_MS).add_all(every_case(connection))
    engine.dispose()
    return found


def test_a_small_year_has_the_figures_that_are_believed(tally: Tally) -> None:
    wrong = [f for f in tally.figures() if not f.fits and f.name not in TOO_FEW_IN_A_SMALL_YEAR]
    assert not wrong
    rare = {f.name: f.made for f in tally.figures() if f.name in TOO_FEW_IN_A_SMALL_YEAR}
    assert all(made > 0 for made in rare.values()), rare


def test_every_sub_centre_has_its_share_and_something_in_hand(tally: Tally) -> None:
    reports = sum(tally.reports_by_town.values())
    assert len(tally.reports_by_town) == 9
    assert all(0.045 < count / reports < 0.155 for count in tally.reports_by_town.values())
    assert sum(tally.open_by_level.values()) > 5


def test_red_is_not_evenly_spread(tally: Tally) -> None:
    assert tally.late_percent("arrival of station") < tally.late_percent("arrival of housing")
    assert tally.late_percent("dispatch") < tally.late_percent("dispatch at night")


def test_the_report_prints_each_figure_and_says_what_lies_outside(
    url: str, tally: Tally, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["report", "--database", url])
    assert report.main() == (0 if all(f.fits for f in tally.figures()) else 1)
    told = capsys.readouterr().out
    assert all(f.name in told for f in tally.figures()) and "黎阳镇分中心" in told
