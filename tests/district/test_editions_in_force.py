"""What a new edition does to cases under way: the centre reckons them anew, every unit hears of it in its feed (D13)."""

from __future__ import annotations

from msgspec.structs import replace

from district import reference
from models import commands as c
from models.calendar import CalendarDay, DayKind
from models.case import Case
from models.clock import DAY_MS
from models.evolve import apply_effect
from models.policy import Stage
from models.rules import Reference
from models.wire import Effect, decode, decode_case
from tests.district.parties import DISTRICT, District, Station, dispatched_case, kinds
from tests.models import small_town
from tests.models.small_town import MARKET, SQUAD, TOWN

HOLIDAY = CalendarDay("2026-11-24", DayKind.STATUTORY_HOLIDAY, "test")


def publish(district: District, edition: Reference) -> None:
    with district.centre.in_order() as journal:
        reference.publish_folder(journal.source.connection, journal, edition)  # type: ignore[attr-defined]


def _seen(station: Station, case_id: str) -> Case:
    """The case as a console of that unit folds it from its feed."""
    found: Case | None = None
    for item in station.pull():
        if decode(item.entry.body, dict)["subject"]["id"] != case_id or item.mode == "own":
            continue
        found = (
            decode_case(bytes(item.case))
            if item.mode == "enter"
            else apply_effect(found, decode(bytes(item.entry.effect), Effect))
        )
    assert found is not None
    return found


def _due(case: Case, stage: Stage) -> int:
    (due_at,) = (k.due_at for k in case.clocks if k.stage is stage)
    assert due_at is not None
    return due_at


def test_a_new_holiday_moves_the_open_cases_in_order_and_every_unit_is_told(district: District) -> None:
    town, market, squad = (district.station(unit) for unit in (TOWN, MARKET, SQUAD))
    first, second = dispatched_case(town), dispatched_case(town)
    by_night, over = dispatched_case(town, SQUAD), dispatched_case(town)
    market.pull()
    town.does("clerk", c.AskVoid("错"), over)
    asked = [step.cmd_id for step in _seen(town, over).history if step.kind == "case.ask_void"]
    town.does("deputy", c.AnswerVoid(asked[0], True), over)
    before = {case_id: _seen(town, case_id) for case_id in (first, second, over)}
    in_squad = len(squad.pull())
    place = town.pull()[-1].sseq
    edition = small_town.reference()
    publish(district, replace(edition, calendar=replace(edition.calendar, version="test-2", days=(HOLIDAY,))))

    new = town.pull(place)
    told = [decode(item.entry.body, dict)["subject"]["id"] for item in new]
    assert kinds(new) == [("effect", "case.recalculate")] * 3 and told == sorted([first, second, by_night])
    for case_id in (first, second):
        after = _seen(market, case_id)
        assert _due(after, Stage.OPINION) == _due(before[case_id], Stage.OPINION) + DAY_MS
        assert {k.calendar_was for k in after.clocks if k.stage is Stage.OPINION} == {"test-1"}
        assert _seen(town, case_id) == after
    assert _seen(town, over) == before[over], "what has ended stays as it was judged"
    assert len(squad.pull()) == in_squad + 1
    district.audited()


def test_an_edition_with_the_same_calendar_moves_nothing(district: District) -> None:
    town, centre = district.station(TOWN), district.station(DISTRICT)
    dispatched_case(town)
    place = centre.pull()[-1].sseq
    publish(district, replace(small_town.reference(), district_name="新名"))
    assert kinds(centre.pull(place)) == [("own", "reference.publish")]


def test_a_changed_policy_and_calendar_get_names_of_their_own(district: District) -> None:
    edition = small_town.reference()
    longer = replace(edition.policy, return_within_minutes=45)
    publish(district, replace(edition, policy=longer))
    publish(district, replace(edition, policy=longer, calendar=replace(edition.calendar, days=(HOLIDAY,))))
    publish(district, replace(edition, policy=longer, calendar=replace(edition.calendar, days=(HOLIDAY,))))
    with district.centre.reading() as connection:
        now = reference.load(connection)
    assert (now.version, now.policy.version, now.calendar.version) == ("test-1+2", "test-1+1", "test-1+2")
    assert now.former_policies == (edition.policy,)


def test_nobody_but_the_centre_recalculates(district: District) -> None:
    centre, town = district.station(DISTRICT), district.station(TOWN)
    case_id = dispatched_case(town)
    for station, person in ((centre, "operator"), (town, "clerk"), (centre, "district-centre")):
        assert station.does(person, c.Recalculate("a", "b"), case_id)[1:] == ("rejected", "only_the_centre")
