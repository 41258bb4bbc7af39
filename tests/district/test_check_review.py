"""Two checks with different results (sync.md §3.6): both are shown to an operator side by side, and decided on once, on record."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from district.audit import audit
from district.deferred import settle_deferred
from district.store import checks
from district.store.tables import log
from models import commands as c
from models.case import Case, State
from models.clock import MINUTE_MS
from models.people import Role
from models.store.case_table import get_case
from tests.district.parties import DISTRICT, OPERATOR, District, Station, dispatched_case
from tests.district.test_changed_desks import change
from tests.district.test_deferred import older
from tests.invariants.history import read
from tests.invariants.rejudged import judged_again
from tests.models.small_town import MARKET, TOWN, VILLAGE

__all__ = ["older"]

WHY = "照片与第一次所见相符"
PATH = "/v1/check-reviews"


def case_of(district: District, case_id: str) -> Case:
    with district.centre.reading() as connection:
        found = get_case(connection, case_id)
    assert found is not None
    return found


def to_check(district: District) -> str:
    """A case that was handled: the station of the place is to look."""
    town, market = district.station(TOWN), district.station(MARKET)
    case_id = dispatched_case(town)
    market.pull()
    lead = case_of(district, case_id).lead
    assert lead is not None
    for args in (c.Arrive(lead.id), c.GiveOpinion(lead.id, "属实", "整改"), c.Feedback(lead.id, "已清理")):
        assert market.does("market-officer", args, case_id)[1] == "accepted"
    return case_id


def checked_twice(district: District) -> tuple[str, str]:
    """The case, and the id of the second check, which was refused."""
    case_id = to_check(district)
    one, other = district.station(VILLAGE), district.station(VILLAGE)
    assert one.does("vice", c.CheckOnSite("member-1", True, "路面干净"), case_id)[1] == "accepted"
    district.clock.now_ms += MINUTE_MS
    second = other.command("member-2", c.CheckOnSite("member-2", False, "仍有堆放"), case_id)
    sealed = other.act("member-2", second.args, case_id, cmd_id=second.cmd_id)
    assert other.push(sealed).known[0][1:3] == ("rejected", "verified_already")
    return case_id, second.cmd_id


def desk(district: District, person: str = OPERATOR) -> Station:
    found = district.station(DISTRICT)
    assert found.sign_in(person).status_code == 200
    return found


def listed(station: Station) -> list[dict[str, Any]]:
    answer = station.ask("GET", PATH)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["checks"]
    return found


def decides(station: Station, cmd_id: str, decision: str = "stands", reason: str = WHY) -> tuple[int, str]:
    answer = station.ask("POST", PATH, json={"cmd_id": cmd_id, "decision": decision, "reason": reason})
    return answer.status_code, answer.json().get("error", "")


def test_both_are_shown_side_by_side(district: District) -> None:
    case_id, second = checked_twice(district)
    (shown,) = listed(desk(district))
    assert (shown["case_id"], shown["state"], shown["station"]) == (case_id, "awaiting_submit", VILLAGE)
    assert shown["received_at"] == district.clock.now_ms and shown["may_decide"]
    one, two = shown["first"], shown["second"]
    assert (one["checker"], one["typed_by"], one["passed"], one["seen"]) == ("member-1", "vice", True, "路面干净")
    assert (two["checker"], two["typed_by"], two["passed"], two["seen"]) == ("member-2", "member-2", False, "仍有堆放")
    assert two["cmd_id"] == second and two["at"][1] == district.clock.now_ms > one["at"][1]


@pytest.mark.parametrize("decision", ["stands", pytest.param("recheck", marks=pytest.mark.landing)])
def test_the_decision_stands_in_the_order_and_moves_nothing(district: District, decision: str) -> None:
    case_id, second = checked_twice(district)
    before, operator = case_of(district, case_id), desk(district)
    assert decides(operator, second, decision) == (200, "")
    after = case_of(district, case_id)
    assert after.state is before.state is State.AWAITING_SUBMIT
    assert (after.checks, after.clocks, after.assignments) == (before.checks, before.clocks, before.assignments)
    step = after.history[-1]
    assert (step.kind, step.actor, step.unit, step.note) == ("case.review_check", OPERATOR, DISTRICT, WHY)
    assert (step.result, step.to) == (decision, second) and len(after.history) == len(before.history) + 1
    village = district.station(VILLAGE)
    assert '"case.review_check"' in village.pull_raw(0).text.replace("\\", ""), "who checked reads it"
    assert listed(operator) == []
    assert decides(operator, second, "recheck") == decides(operator, second) == (409, "already_reviewed")
    district.audited()
    rest = SimpleNamespace(district=district.centre, rules=district.centre.rules)
    judged_again(rest, read(rest))  # type: ignore[arg-type]


def test_only_district_operators_look_and_decide(district: District) -> None:
    _, second = checked_twice(district)
    entries = len(district.rows(log))
    clerk, intake = district.station(TOWN), district.station(DISTRICT)
    clerk.sign_in("clerk")
    intake.sign_in("intake")
    for station, code in ((clerk, 403), (intake, 403), (district.station(DISTRICT), 401)):
        assert station.ask("GET", PATH).status_code == decides(station, second)[0] == code
    assert len(district.rows(log)) == entries


@pytest.mark.parametrize(
    "person", ["member-1", *(pytest.param(p, marks=pytest.mark.landing) for p in ("vice", "member-2"))]
)
def test_whoever_made_either_decides_on_neither(district: District, person: str) -> None:
    _, second = checked_twice(district)
    change(district, person, unit=DISTRICT, roles=(Role.DISTRICT_OPERATOR,))
    at = desk(district, person)
    (shown,) = listed(at)
    assert not shown["may_decide"]
    assert decides(at, second) == (403, "own_check_not_reviewed")
    assert decides(desk(district), second)[0] == 200


@pytest.mark.landing
def test_nothing_but_a_check_refused_for_its_result_is_decided_on(district: District) -> None:
    case_id, second = checked_twice(district)
    operator, village = desk(district), district.station(VILLAGE)
    same, _, code = village.does("head", c.CheckOnSite("head", True, "干净"), case_id)
    assert same == case_id and code == "already_checked"
    refused = village.does("member-2", c.CheckOnSite("nobody", False, "x"), to_check(district))
    assert refused[1:] == ("rejected", "unknown_person")
    ids = [row[1] for row in district.rows(log) if row[1] != second]
    assert {decides(operator, cmd_id) for cmd_id in ids} == {(404, "no_such_check")}
    assert decides(operator, second, "otherwise")[0] == decides(operator, second, reason="")[0] == 400
    assert decides(operator, second, reason=" ") == (400, "reason_missing")
    assert len(listed(operator)) == 1


@pytest.mark.landing
def test_of_a_third_check_the_one_that_counts_is_shown(district: District) -> None:
    """It was refused for the other's result, though the last word before it was a merged one."""
    case_id = to_check(district)
    village = district.station(VILLAGE)
    village.does("member-1", c.CheckOnSite("member-1", True, "第一次"), case_id)
    assert village.does("member-2", c.CheckOnSite("member-2", True, "又一次"), case_id)[1] == "merged"
    village.does("head", c.CheckOnSite("head", False, "另一样"), case_id)
    (shown,) = listed(desk(district))
    assert shown["first"]["seen"] == "第一次" and shown["second"]["seen"] == "另一样"


def test_one_that_was_kept_undecided_before_is_there_too(district: District, older: pytest.MonkeyPatch) -> None:
    case_id = to_check(district)
    town, village = district.station(TOWN), district.station(VILLAGE)
    village.does("member-1", c.CheckOnSite("member-1", True, "干净"), case_id)
    assert town.does("clerk", c.Describe(title="更正"), case_id)[2] == "upgrade_server"
    late = village.act("member-2", c.CheckOnSite("member-2", False, "脏"), case_id)
    assert village.push(late).known[0][1:3] == ("deferred", "waits_for")
    operator = desk(district)
    assert listed(operator) == []
    older.undo()
    district.centre.look_for_news()
    assert settle_deferred(district.centre) == 2
    (shown,) = listed(operator)
    assert (shown["first"]["seen"], shown["second"]["seen"]) == ("干净", "脏")
    assert decides(operator, shown["second"]["cmd_id"], "recheck")[0] == 200 and listed(operator) == []
    district.audited()


@pytest.mark.landing
def test_the_log_is_not_read_through_for_it(district: District) -> None:
    checked_twice(district)
    with district.centre.reading() as connection:
        asked = "SELECT * FROM log WHERE kind = 'case.check' AND outcome = 'rejected'"
        if connection.dialect.name == "sqlite":
            plan = " ".join(str(row) for row in connection.execute(text(f"EXPLAIN QUERY PLAN {asked}")))
            assert "log_refused_check" in plan, plan
        assert len(checks.refused_checks(connection)) == 1
        assert audit(connection).contradictions == []
