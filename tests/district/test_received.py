"""What has come to a desk, when, and what its console says of itself (D6, R43): by what the next pull asks on from behind, never by what an
answer carried that may have been lost on its way."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest

from district.api import snapshot as api
from district.audit import audit
from district.breaches import look
from district.store.tables import undelivered
from models import commands as c
from models.breach import BreachState
from models.case import Case, Verdict
from models.clock import HOUR_MS, MINUTE_MS
from models.evidence import Anchor, ClaimedTime
from models.wire import HeldHead
from tests.district.parties import REPORT, District, Station, dispatched_case
from tests.district.test_breaches import case_of
from tests.models.small_town import SQUAD, TOWN, VILLAGE

DISPATCH = "dispatch-1"


def reported(district: District) -> str:
    """Handed on by a village to its town."""
    village = district.station(VILLAGE)
    case_id = village.new_id()
    village.does("head", REPORT, case_id)
    return case_id


def breach(district: District, case_id: str) -> BreachState | None:
    found = case_of(district, case_id).breach(DISPATCH)
    return found.state if found is not None else None


def arrival_began(case: Case) -> int | None:
    assert case.lead is not None
    clock = case.clock(f"{case.lead.id}:arrival")
    assert clock is not None
    return clock.started_at


def asks_from(station: Station, place: int, up_ms: int) -> int:
    """A pull that says what the workstation holds and for how long it has been running; the place it comes to."""
    now = station.now()
    held = HeldHead(station.dseq, ClaimedTime(now, "b", now, Anchor(now, now, 0, "b")))
    items = station.page(place, up_ms=up_ms, held=msgspec.to_builtins(held))
    return items[-1].sseq if items else place


def test_a_report_whose_answer_was_lost_has_not_come(district: District) -> None:
    town, case_id = district.station(TOWN), reported(district)
    district.clock.now_ms += 2_000
    asks_from(town, 0, HOUR_MS)  # answered into a line that is cut
    district.clock.now_ms += 40 * MINUTE_MS
    look(district.centre)
    assert breach(district, case_id) is BreachState.PROVISIONAL
    place = asks_from(town, 0, HOUR_MS + 40 * MINUTE_MS)
    look(district.centre)
    assert breach(district, case_id) is BreachState.PROVISIONAL, "whoever had not received it proves nothing by asking"
    asks_from(town, place, HOUR_MS + 40 * MINUTE_MS)
    look(district.centre)
    assert breach(district, case_id) is BreachState.WITHDRAWN


def test_an_assignment_whose_answer_was_lost_has_not_come(district: District) -> None:
    town, squad = district.station(TOWN), district.station(SQUAD)
    case_id = dispatched_case(town, SQUAD)
    asks_from(squad, 0, HOUR_MS)
    district.clock.now_ms += 90 * MINUTE_MS
    asks_from(squad, asks_from(squad, 0, 3 * HOUR_MS), 3 * HOUR_MS)
    assert arrival_began(case_of(district, case_id)) == district.clock.now_ms


def test_an_act_that_is_heard_before_its_duty_is_known_to_have_come_is_judged_when_it_is(district: District) -> None:
    town, case_id = district.station(TOWN), reported(district)
    district.clock.now_ms += 40 * MINUTE_MS
    place = asks_from(town, 0, HOUR_MS)
    town.does("clerk", c.Decline("不属城管"), case_id)
    clock = case_of(district, case_id).clock(DISPATCH)
    assert clock is not None and clock.verdict is Verdict.LATE
    asks_from(town, place, HOUR_MS)
    clock = case_of(district, case_id).clock(DISPATCH)
    assert clock is not None and clock.verdict is Verdict.ON_TIME
    assert breach(district, case_id) is BreachState.WITHDRAWN


def test_a_breach_that_is_read_first_excuses_nobody(district: District) -> None:
    """The report had come in good time; the notice of its breach is the next thing that comes."""
    town, case_id = district.station(TOWN), reported(district)
    place = asks_from(town, asks_from(town, 0, HOUR_MS), HOUR_MS)
    district.clock.now_ms += 11 * MINUTE_MS
    look(district.centre)
    asks_from(town, asks_from(town, place, HOUR_MS), HOUR_MS)
    clock = case_of(district, case_id).clock(DISPATCH)
    assert clock is not None and clock.handed_on is None
    assert breach(district, case_id) is BreachState.PROVISIONAL


def test_what_comes_while_a_snapshot_is_made_is_delivered_too(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    town, squad, take = district.station(TOWN), district.station(SQUAD), api.snapshots.take
    made: list[str] = []

    def slow(*asked: Any) -> Any:
        if not made:
            made.append(dispatched_case(town, SQUAD))
        return take(*asked)

    monkeypatch.setattr(api.snapshots, "take", slow)
    squad.pull(squad.ask("GET", "/v1/snapshot", params={"scope": SQUAD}).json()["sseq"])
    assert arrival_began(case_of(district, made[0])) is not None


def test_a_console_that_was_off_is_not_excused_by_its_snapshot(district: District) -> None:
    town, case_id = district.station(TOWN), reported(district)
    for waited in (11 * MINUTE_MS, 25 * HOUR_MS, 0):
        district.clock.now_ms += waited
        look(district.centre)
    assert breach(district, case_id) is BreachState.FINAL
    asks_from(town, town.ask("GET", "/v1/snapshot", params={"scope": TOWN}).json()["sseq"], up_ms=0)
    clock = case_of(district, case_id).clock(DISPATCH)
    assert clock is not None and clock.start_kind == "switched_off"
    assert breach(district, case_id) is BreachState.FINAL


def test_since_when_it_runs_is_reckoned_from_the_question(district: District) -> None:
    """It waits for something new for twenty seconds; what comes then was given within them."""
    town, squad = district.station(TOWN), district.station(SQUAD)
    case_id = town.new_id()
    town.does("clerk", REPORT, case_id)
    town.does("clerk", c.File(), case_id)
    on_since = district.clock.now_ms
    district.clock.now_ms += 5_000
    act = town.act("clerk", c.Dispatch(SQUAD), case_id)
    district.clock.now_ms += 2_000
    known = {"reference_version": district.centre.reference_name}
    asking = threading.Thread(target=lambda: squad.page(wait_seconds=20, up_ms=7_000, **known))
    asking.start()
    for _ in range(500):
        if district.centre.waiting.get(SQUAD):
            break
        threading.Event().wait(0.01)
    district.clock.now_ms += 20_000
    town.push(act)
    asking.join(25)
    asks_from(squad, squad.page()[-1].sseq, 27_000)
    lead = case_of(district, case_id).lead
    assert lead is not None and lead.awake_at == on_since


def test_a_desk_without_any_workstation_has_the_grace_as_well(district: District) -> None:
    """Until it calls in 超时待核定, or final after the grace (docs/decisions/0005): that nobody is there proves nothing."""
    case_id = reported(district)
    district.clock.now_ms += 11 * MINUTE_MS
    look(district.centre)
    look(district.centre)
    assert breach(district, case_id) is BreachState.PROVISIONAL


@pytest.mark.parametrize("is_of_no_case", [False, True])
def test_the_audit_reads_what_is_still_to_be_delivered(district: District, is_of_no_case: bool) -> None:
    case_id = dispatched_case(district.station(TOWN), SQUAD)
    with district.centre.writing() as connection:
        if is_of_no_case:
            of = {"case_id": "none", "receiver": TOWN, "gseq": 1}
            connection.execute(undelivered.insert().values(assignment="a", **of))
        else:
            connection.execute(undelivered.update().where(undelivered.c.case_id == case_id).values(receiver=VILLAGE))
    with district.centre.reading() as connection:
        assert audit(connection).contradictions
