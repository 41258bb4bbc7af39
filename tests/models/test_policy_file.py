"""Limits, thresholds and switches are data: read whole, refused with the place that is wrong, changed without code."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from models.deadline import Limit, LimitUnit
from models.policy import Policy, Stage
from models.policy_file import policy_of
from models.reference_files import load_reference
from models.wire import Malformed

FOLDER = Path(__file__).parents[2] / "resources" / "reference"


def _data() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "policy.toml").read_text(encoding="utf-8"))


def test_every_setting_stands_in_the_file_with_its_source() -> None:
    data = _data()
    found = policy_of(data)
    assert [rule.stage for rule in found.stages] == list(Stage)
    fields = set(Policy.__struct_fields__) - {"version", "stages", "source"}
    assert set(data["switches"]) == fields, "a switch that is nowhere in the data is a constant in code"
    assert all(rule.source for rule in found.stages)
    of_the_plan = {rule.stage for rule in found.stages if rule.source != "演示数据"}
    assert of_the_plan == {Stage.DISPATCH, Stage.ARRIVAL, Stage.OPINION}
    assert load_reference(FOLDER).policy == found


def test_ten_minutes_become_twelve_by_the_file_alone() -> None:
    data = _data()
    data["stages"]["dispatch"]["limit"]["amount"] = 12
    assert policy_of(data).stage(Stage.DISPATCH).limit == Limit(12, LimitUnit.MINUTE)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("stages", "check"), None, "stages.check"),
        (("stages", "dispatch", "limit", "amount"), 0, "amount"),
        (("stages", "dispatch", "limit", "amount"), "ten", "amount"),
        (("stages", "dispatch", "limit", "unit"), "fortnight", "unit"),
        (("stages", "dispatch", "yellow", "hours"), 1, "hours"),
        (("stages", "siesta"), {}, "siesta"),
        (("stages", "opinion", "source"), "", "source"),
        (("switches", "offline_pass_days"), None, "offline_pass_days"),
        (("switches", "ring_again_minutes"), -1, "ring_again_minutes"),
        (("switches", "lock_after_idle_minutes"), 61, "lock_after_idle_minutes"),
        (("switches", "personal_kept_days"), 89, "personal_kept_days"),
        (("switches", "personal_kept_days"), 3_661, "personal_kept_days"),
        (("switches", "personal_kept_at_console_days"), 6, "personal_kept_at_console_days"),
        (("switches", "personal_kept_at_console_days"), 367, "personal_kept_at_console_days"),
        (("version",), None, "version"),
    ],
)
def test_what_is_wrong_is_named(place: tuple[str, ...], value: object, said: str) -> None:
    data = _data()
    holder = data
    for name in place[:-1]:
        holder = holder[name]
    if value is None:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
    with pytest.raises(Malformed, match=f"policy.toml.*{said}"):
        policy_of(data)


def test_a_file_that_says_nothing_of_records_means_what_was_so_before() -> None:
    data = _data()
    del data["switches"]["personal_kept_days"], data["switches"]["personal_kept_at_console_days"]
    found = policy_of(data)
    assert (found.personal_kept_days, found.personal_kept_at_console_days) == (1_098, 90)


def test_no_workstation_remembers_whom_the_district_has_forgotten() -> None:
    data = _data()
    data["switches"] |= {"personal_kept_days": 120, "personal_kept_at_console_days": 120}
    assert policy_of(data).personal_kept_days == 120
    data["switches"]["personal_kept_at_console_days"] = 121
    with pytest.raises(Malformed, match=r"policy.toml.*personal_kept_at_console_days.*more than personal_kept_days"):
        policy_of(data)


@pytest.mark.parametrize("name", ["policy.toml", "district.toml", "calendar.json"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / name).write_text("= [", encoding="utf-8")
    with pytest.raises(Malformed, match=name):
        load_reference(tmp_path)
