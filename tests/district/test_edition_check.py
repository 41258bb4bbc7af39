"""A mistaken edition of the reference data is refused before it is in force, and said in words (district/edition_check.py)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from district import commands, devices, reference
from models.calendar import CalendarYear, YearStatus
from models.deadline import LONGEST_LIMIT_AMOUNT
from models.errors import Refused
from models.reference_files import load_reference
from models.rota import Rota
from models.rules import Reference
from models.wire import Malformed
from tests.district.parties import DISTRICT, OPERATOR, REPORT, District
from tests.models import small_town
from tests.models.small_town import TOWN, VILLAGE

FOLDER = small_town.reference()
LIMIT = FOLDER.categories[0].limit


def _limited(amount: object) -> Reference:
    first = replace(FOLDER.categories[0], limit=replace(LIMIT, amount=amount))
    return replace(FOLDER, categories=(first, *FOLDER.categories[1:]))


DAILY = 3
"""So many of them in every run; all before anything lands."""

MISTAKEN = {
    "no number": _limited("2"),
    "half a day": _limited(1.5),
    "no time": _limited(0),
    "a limit nothing can be dispatched with": _limited(LONGEST_LIMIT_AMOUNT + 1),
    "a unit twice": replace(FOLDER, organisations=(*FOLDER.organisations, FOLDER.organisations[-1])),
    "a person twice": replace(FOLDER, people=(*FOLDER.people, FOLDER.people[0])),
    "a person nowhere": replace(FOLDER, people=(*FOLDER.people, replace(FOLDER.people[0], id="new", unit="nowhere"))),
    "a turn of no days": replace(FOLDER, station_rota=Rota(1, 0, 480, ())),
    "a calendar long over": replace(
        FOLDER, calendar=replace(FOLDER.calendar, years=(CalendarYear(2006, YearStatus.OFFICIAL),), days=())
    ),
}


def _publish(district: District, edition: Reference) -> None:
    with district.centre.in_order() as journal:
        reference.publish_folder(journal.source.connection, journal, edition)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "edition",
    [e if n < DAILY else pytest.param(e, marks=pytest.mark.landing) for n, e in enumerate(MISTAKEN.values())],
    ids=MISTAKEN,
)
def test_a_mistaken_edition_is_not_put_into_force(district: District, edition: Reference) -> None:
    """An edition that could not be read again was in force, and no service could be started on it any more."""
    with pytest.raises((Malformed, Refused)):
        _publish(district, edition)
    district.centre.look_for_news()
    assert district.centre.rules.reference == FOLDER
    town = district.station(TOWN)
    assert town.does("clerk", REPORT)[1] == "accepted"


def test_a_unit_where_workstations_work_is_not_lost(district: District) -> None:
    """A line that is missing by mistake: whatever was done there until it is noticed would be refused for ever."""
    village, desk = district.station(VILLAGE), district.station(DISTRICT)
    without = replace(
        FOLDER,
        organisations=tuple(o for o in FOLDER.organisations if o.code != VILLAGE),
        people=tuple(p for p in FOLDER.people if p.unit != VILLAGE),
    )
    with pytest.raises(Refused, match="unit_has_workstations"):
        _publish(district, without)
    assert village.sign_in("vice").status_code == 200 and desk.sign_in(OPERATOR).status_code == 200
    with district.centre.writing() as connection:
        devices.revoke(connection, village.device, OPERATOR, "撤站", district.clock.now_ms)
    _publish(district, without)
    district.centre.look_for_news()
    assert VILLAGE not in district.centre.rules.organisations


FILES: dict[str, tuple[str, Callable[[str], bytes], str]] = {
    "gbk": ("divisions.csv", lambda text: text.encode("gbk"), "divisions.csv: not UTF-8"),
    "misspelt": ("district.toml", lambda text: text.replace("district_name", "name", 1).encode(), "'district_name'"),
    "unknown": ("district.toml", lambda text: text.replace("grid_member", "nobody", 1).encode(), "nobody"),
    "no column": ("divisions.csv", lambda text: text.replace("town_code", "town", 1).encode(), "'town_code'"),
}


@pytest.mark.parametrize(("name", "spoilt", "said"), FILES.values(), ids=FILES)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, name: str, spoilt: Callable[[str], bytes], said: str) -> None:
    folder = Path(shutil.copytree(commands.RESOURCES, tmp_path / "reference"))
    (folder / name).write_bytes(spoilt((folder / name).read_text(encoding="utf-8")))
    with pytest.raises(Malformed, match=said):
        load_reference(folder)


def test_a_table_that_excel_wrote_is_read(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(commands.RESOURCES, tmp_path / "reference"))
    for name in ("divisions.csv", "categories.csv"):
        (folder / name).write_bytes((folder / name).read_text(encoding="utf-8").encode("utf-8-sig"))
    assert load_reference(folder) == load_reference(commands.RESOURCES)
