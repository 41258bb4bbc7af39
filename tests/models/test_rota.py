"""Who is on duty today follows the date, the hour of handing over and the desks that take turns."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from models.people import Role
from models.rules import Rules

STATION = "341002102006"
ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def test_the_desks_take_turns_day_by_day(rules: Rules) -> None:
    staff = rules.staff(STATION)
    turns = [rules.on_duty(STATION, ms(MORNING + timedelta(days=n))) for n in range(2 * len(staff))]
    assert {person.id for person in turns if person} == {person.id for person in staff}
    assert turns[: len(staff)] == turns[len(staff) :]


def test_duty_changes_hands_at_the_hour_of_the_rota(rules: Rules) -> None:
    rota = rules.reference.station_rota
    assert rota is not None
    change = MORNING.replace(hour=0) + timedelta(minutes=rota.hand_over_minutes)
    before, after = (rules.on_duty(STATION, ms(change) + by) for by in (-1, 0))
    assert before != after
    assert before == rules.on_duty(STATION, ms(MORNING - timedelta(days=1)))


def test_not_every_station_has_the_same_desk_on_duty(rules: Rules) -> None:
    titles = {rules.on_duty(s.code, ms(MORNING)).title for s in rules.stations("341002102")}  # type: ignore[union-attr]
    assert len(titles) > 1


def test_without_a_rota_it_is_the_deputy_the_village_named(rules: Rules) -> None:
    bare = Rules(replace(rules.reference, station_rota=None))
    found = bare.on_duty(STATION, ms(MORNING))
    assert found is not None and Role.STATION_DEPUTY in found.roles
