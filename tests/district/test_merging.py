"""并案 at the centre: only into a case that stands and that the unit sees, and a changed fact is not overwritten unseen."""

from __future__ import annotations

from models import commands as c
from models.wire import decode
from tests.district.parties import DISTRICT, REPORT, District, Station
from tests.models.small_town import OTHER_TOWN, TOWN

HOTLINE = c.Report("", "hotline", REPORT.category, "同一处", "龙山路口", TOWN)


def filed(station: Station, person: str, report: c.Report = REPORT) -> str:
    case_id, outcome, code = station.does(person, report)
    assert outcome == "accepted", code
    assert station.does(person, c.File(), case_id)[1] == "accepted"
    return case_id


def test_a_merge_needs_another_case_that_stands_and_is_in_sight(district: District) -> None:
    town, other, centre = (district.station(unit) for unit in (TOWN, OTHER_TOWN, DISTRICT))
    first, second, third = (filed(town, "clerk") for _ in range(3))
    foreign = filed(centre, "operator", HOTLINE)

    def merged(case_id: str, into: str) -> tuple[str, str]:
        return town.does("clerk", c.Merge(into), case_id)[1:]

    assert merged(second, town.new_id()) == ("rejected", "merge_target_unknown")
    assert merged(second, "LY-1") == ("rejected", "merge_target_unknown")
    assert merged(second, foreign) == ("rejected", "merge_target_unknown"), (
        "the district's own desk: not in the town's feed"
    )
    assert other.does("other-clerk", c.Merge(first), second)[1:] == ("rejected", "unknown_case")
    assert merged(second, first) == ("accepted", "")
    assert merged(third, second) == ("rejected", "merge_target_merged")
    assert merged(first, second) == ("rejected", "merge_target_merged"), "nor round in a circle"
    assert merged(third, first) == ("accepted", "")
    district.audited()


def test_nothing_is_merged_into_a_case_that_counts_nowhere(district: District) -> None:
    town, centre = district.station(TOWN), district.station(DISTRICT)
    first, second = filed(town, "clerk"), filed(town, "clerk")
    asked = town.act("clerk", c.AskVoid("录错"), first)
    town.push(asked)
    request = decode(asked.body, c.Command).cmd_id
    assert centre.does("operator", c.AnswerVoid(request, True), first)[1] == "accepted"
    assert town.does("clerk", c.Merge(first), second)[1:] == ("rejected", "merge_target_void"), (
        "neither would be counted: what happened there would be in no report"
    )
    district.audited()


def test_of_two_who_change_one_fact_the_second_is_asked(district: District) -> None:
    here, there = district.station(TOWN), district.station(TOWN)
    case_id = filed(here, "clerk")

    def changed(station: Station, person: str, args: c.Describe, seen: int) -> tuple[str, str]:
        reply = station.push(station.act(person, args, case_id, expect=seen))
        return reply.known[0][1], reply.known[0][2]

    assert changed(here, "clerk", c.Describe(place="东门"), 2) == ("accepted", "")
    assert changed(there, "clerk-2", c.Describe(place="西门"), 2) == ("rejected", "field_changed")
    assert changed(there, "clerk-2", c.Describe(title="两个摊"), 2) == ("accepted", ""), "another fact"
    assert changed(here, "clerk", c.Describe(place="东门外"), 2) == ("accepted", ""), "the same workstation saw its own"
    assert changed(there, "clerk-2", c.Describe(place="西门"), 5) == ("accepted", ""), "it has seen the newer one now"
