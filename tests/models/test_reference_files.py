"""The shipped reference data holds together."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from models.organisation import DISTRICT_CODE, OrganisationKind
from models.people import Role
from models.reference_files import load_reference
from models.rules import Reference, Rules
from models.wire import decode, encode

FOLDER = Path(__file__).parents[2] / "resources" / "reference"


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules(load_reference(FOLDER))


def test_the_district_is_whole(rules: Rules) -> None:
    kinds = [o.kind for o in rules.reference.organisations]
    assert kinds.count(OrganisationKind.STATION) == 73
    assert kinds.count(OrganisationKind.SUB_CENTRE) == 9
    assert rules.reference.organisations[0].code == DISTRICT_CODE
    assert len(rules.organisations) == len(kinds), "codes are unique"
    assert len(rules.people) == len(rules.reference.people)
    assert len({p.name for p in rules.reference.people}) == len(rules.reference.people)
    assert len(rules.reference.categories) == 153 + 250 + 5
    assert all(o.duty_phone.startswith("0559-0000") for o in rules.reference.organisations)


def test_every_town_can_act_on_every_rule(rules: Rules) -> None:
    towns = [o for o in rules.reference.organisations if o.kind is OrganisationKind.SUB_CENTRE]
    for town in towns:
        station = rules.stations(town.code)[0].code
        for rule in rules.reference.responsibilities:
            lead = rules.unit_for(rule.lead, town.code, station)
            assert lead is not None, rule
            assert rules.may_name(town.code, lead.code) or not rule.town_has_function, (rule, lead)
            for function in rule.co:
                assert rules.unit_for(function, town.code, station) is not None


def test_every_station_has_a_named_deputy_and_members(rules: Rules) -> None:
    for organisation in rules.reference.organisations:
        if organisation.kind is OrganisationKind.STATION:
            roles = [role for person in rules.staff(organisation.code) for role in person.roles]
            assert Role.STATION_HEAD in roles and Role.STATION_DEPUTY in roles and Role.GRID_MEMBER in roles


def test_a_market_officer_is_seconded_to_every_sub_centre(rules: Rules) -> None:
    seconded = {town for p in rules.reference.people for town in p.seconded_to}
    assert len(seconded) == 9


def test_it_travels_unchanged(rules: Rules) -> None:
    assert decode(encode(rules.reference), Reference) == rules.reference
    assert load_reference(FOLDER) == rules.reference


def test_every_day_of_the_official_years_agrees_with_the_oracle(rules: Rules) -> None:
    day = date(2025, 1, 1)
    while day.year < 2027:
        assert rules.calendar.is_working_day(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)
