"""What was missed: noticed by the centre, final when no workstation can hold an act that met it, taken back by one that did
(sync.md §3.7; I16)."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from district import breaches
from district.breaches import look
from district.past import EPOCH
from district.store.documents import write_meta
from models import commands as c
from models.breach import Breach, BreachState
from models.case import Case, Verdict
from models.clock import HOUR_MS, MINUTE_MS
from models.evidence import Anchor, ClaimedTime
from models.store.case_table import get_case
from models.wire import HeldHead
from tests.district.parties import REPORT, District, Station, dispatched_case, open_district
from tests.district.test_put_back_while_serving import copied
from tests.models.small_town import MARKET, SQUAD, TOWN, VILLAGE

PROVISIONAL, FINAL, WITHDRAWN = BreachState.PROVISIONAL, BreachState.FINAL, BreachState.WITHDRAWN


def case_of(district: District, case_id: str) -> Case:
    with district.centre.reading() as connection:
        found = get_case(connection, case_id)
    assert found is not None
    return found


def breach_of(district: District, case_id: str, stage: str = "arrival") -> Breach | None:
    lead = case_of(district, case_id).lead
    assert lead is not None
    return case_of(district, case_id).breach(f"{lead.id}:{stage}")


def says_what_it_holds(station: Station, dseq: int | None = None) -> None:
    """A pull that says how long the chain is, now."""
    now = station.now()
    held = HeldHead(station.dseq if dseq is None else dseq, ClaimedTime(now, "b", now, Anchor(now, now, 0, "b")))
    station.pull(held=msgspec.to_builtins(held))


def sent_to_the_squad(district: District) -> tuple[Station, Station, str]:
    """Delivered; its hour runs."""
    town, squad = district.station(TOWN), district.station(SQUAD)
    case_id = dispatched_case(town, SQUAD)
    squad.pull()
    return town, squad, case_id


def test_a_report_its_town_has_not_received_is_no_breach_when_the_town_calls_in(district: District) -> None:
    village, town = district.station(VILLAGE), district.station(TOWN)
    case_id = village.new_id()
    village.does("head", REPORT, case_id)
    district.clock.now_ms += 11 * MINUTE_MS
    says_what_it_holds(village)
    assert look(district.centre) == 1, "nobody knows yet whether the town is switched off"
    says_what_it_holds(town)
    found = case_of(district, case_id).breach("dispatch-1")
    assert found is not None and found.state is WITHDRAWN, "it had no line"
    assert look(district.centre) == 0
    district.clock.now_ms += 11 * MINUTE_MS
    for station in (village, town):
        says_what_it_holds(station)
    assert [look(district.centre), look(district.centre)] == [1, 1]
    found = case_of(district, case_id).breach("dispatch-1")
    assert found is not None and (found.state, found.basis) == (FINAL, "watermark"), "it had ten minutes of its own"
    district.audited()


def test_it_is_provisional_until_every_workstation_concerned_was_heard_of(district: District) -> None:
    town, squad, case_id = sent_to_the_squad(district)
    second = district.station(SQUAD)
    market = district.station(MARKET)
    assert look(district.centre) == 0, "nothing is over yet"
    district.clock.now_ms += 61 * MINUTE_MS
    assert look(district.centre) == 1
    found = breach_of(district, case_id)
    assert found is not None and (found.state, found.unit, found.basis) == (PROVISIONAL, SQUAD, "")
    assert look(district.centre) == 0, "noticed once"
    for station in (town, squad):
        says_what_it_holds(station)
    assert look(district.centre) == 0, "the squad's second workstation may hold an arrival"
    says_what_it_holds(market)
    assert look(district.centre) == 0, "whose word would prove nothing here"
    says_what_it_holds(second)
    assert look(district.centre) == 1
    found = breach_of(district, case_id)
    assert found is not None and (found.state, found.basis, found.silent) == (FINAL, "watermark", ())
    assert [s.kind for s in case_of(district, case_id).history][-2:] == ["case.notice_breach", "case.settle_breach"]
    district.audited()


def test_a_workstation_that_holds_more_than_came_in_is_not_heard_of(district: District) -> None:
    town, squad, case_id = sent_to_the_squad(district)
    district.clock.now_ms += 61 * MINUTE_MS
    look(district.centre)
    says_what_it_holds(town)
    says_what_it_holds(squad, squad.dseq + 1)
    assert look(district.centre) == 0
    now = squad.now()
    unanchored = HeldHead(squad.dseq, ClaimedTime(now, "b", now))
    assert squad.pull_raw(0, held=msgspec.to_builtins(unanchored)).status_code == 200
    assert look(district.centre) == 0, "a clock that proves nothing"
    assert (breach_of(district, case_id) or found_none()).state is PROVISIONAL


def test_a_report_that_came_over_a_cut_line_is_no_breach_of_the_town(district: District) -> None:
    town, village = district.station(TOWN), district.station(VILLAGE)
    case_id = village.new_id()
    report = village.act("member-1", REPORT, case_id)
    district.clock.now_ms += HOUR_MS
    village.push(report)
    says_what_it_holds(town)
    assert look(district.centre) == 0, "the town hears of it now: its ten minutes begin"
    district.clock.now_ms += 10 * MINUTE_MS + 1
    assert look(district.centre) == 1
    district.audited()


def found_none() -> Breach:
    raise AssertionError("no breach")


def test_after_the_grace_it_is_final_and_says_who_was_silent(district: District) -> None:
    town, squad, case_id = sent_to_the_squad(district)
    district.clock.now_ms += 61 * MINUTE_MS
    look(district.centre)
    says_what_it_holds(town)
    district.clock.now_ms += 24 * HOUR_MS + 1
    assert look(district.centre) > 0
    found = breach_of(district, case_id)
    assert found is not None and (found.state, found.basis, found.silent) == (FINAL, "grace", (squad.device,))


def is_final(district: District, case_id: str) -> bool:
    look(district.centre)
    return (breach_of(district, case_id) or found_none()).state is FINAL


def test_nobody_is_called_silent_for_the_time_the_centre_itself_was_away(district: District) -> None:
    case_id = sent_to_the_squad(district)[2]
    district.clock.now_ms += 25 * HOUR_MS
    assert not is_final(district, case_id), "it was away all that time, and notices now"
    district.clock.now_ms += 5_000
    assert not is_final(district, case_id)
    district.clock.now_ms += 24 * HOUR_MS
    assert is_final(district, case_id)


def test_nobody_is_called_silent_as_soon_as_the_service_has_started(district: District) -> None:
    _town, squad, case_id = sent_to_the_squad(district)
    district.clock.now_ms += 61 * MINUTE_MS
    assert not is_final(district, case_id)
    district.clock.now_ms += 25 * HOUR_MS
    district.centre.listens_since_ms = district.clock.now_ms  # as a process that starts now
    assert not is_final(district, case_id)
    says_what_it_holds(squad)
    district.clock.now_ms += HOUR_MS + 1
    assert is_final(district, case_id)
    assert squad.device not in (breach_of(district, case_id) or found_none()).silent


def test_what_was_heard_by_a_clock_that_is_set_back_is_forgotten(district: District) -> None:
    """Everybody had handed in all he made by a time that was still to come: the squad's arrival is made after it was heard."""
    town, squad, case_id = sent_to_the_squad(district)
    district.clock.now_ms += 3 * HOUR_MS
    for station in (town, squad):
        says_what_it_holds(station)
    district.clock.now_ms -= 3 * HOUR_MS
    says_what_it_holds(town)
    lead = case_of(district, case_id).lead
    assert lead is not None
    arrival = squad.act("squad-officer", c.Arrive(lead.id), case_id)
    district.clock.now_ms += 61 * MINUTE_MS
    says_what_it_holds(town)
    assert not is_final(district, case_id) and not is_final(district, case_id), "the squad's word was of another time"
    assert squad.push(arrival).known[0][1] == "accepted"
    assert (breach_of(district, case_id) or found_none()).state is WITHDRAWN
    district.audited()


def test_who_still_reckons_by_the_clock_before_it_was_set_back_is_not_heard(district: District) -> None:
    town, squad, case_id = sent_to_the_squad(district)
    district.clock.now_ms += 61 * MINUTE_MS
    look(district.centre)
    says_what_it_holds(town)
    now = squad.now()
    ahead = ClaimedTime(now, "b", now, Anchor(now + HOUR_MS, now, 0, "b"))
    squad.pull(held=msgspec.to_builtins(HeldHead(squad.dseq, ahead)))
    assert not is_final(district, case_id)
    says_what_it_holds(squad)
    assert is_final(district, case_id)


def test_the_grace_of_a_breach_noticed_in_a_future_that_was_none_begins_when_that_ended(district: District) -> None:
    case_id = sent_to_the_squad(district)[2]
    district.clock.now_ms += 1000 * HOUR_MS
    assert not is_final(district, case_id)
    district.clock.now_ms -= 998 * HOUR_MS
    assert not is_final(district, case_id)
    district.clock.now_ms += 24 * HOUR_MS
    assert not is_final(district, case_id)
    district.clock.now_ms += 1
    assert is_final(district, case_id), "and not six weeks later"


def test_a_clock_that_is_kept_right_is_not_set_back(district: District) -> None:
    station = district.station(SQUAD)
    says_what_it_holds(station)
    heard = dict(district.centre.heard)
    district.clock.now_ms -= 1_000
    look(district.centre)
    assert heard and district.centre.heard == heard


def test_a_restored_centre_listens_anew(district: District) -> None:
    before = district.centre.listens_since_ms
    district.clock.now_ms += HOUR_MS
    with district.centre.writing() as connection:
        write_meta(connection, EPOCH, "2")
    district.centre.look_for_news()
    assert district.centre.listens_since_ms == before + HOUR_MS


def test_what_is_found_in_a_database_that_was_put_back_is_not_recorded(tmp_path: Path) -> None:
    """Everybody had handed in all he made, to a centre that has forgotten the arrival: nobody has noticed yet."""
    file, copy = tmp_path / "district.sqlite", tmp_path / "copy"
    with open_district(f"sqlite:///{file}") as district:
        town, squad, case_id = sent_to_the_squad(district)
        lead = case_of(district, case_id).lead
        assert lead is not None
        arrival = squad.act("squad-officer", c.Arrive(lead.id), case_id)
        district.clock.now_ms += 61 * MINUTE_MS
        look(district.centre)
        copied(file, copy)
        squad.push(arrival)
        for station in (town, squad):
            says_what_it_holds(station)
        assert (breach_of(district, case_id) or found_none()).state is WITHDRAWN
        copied(copy, file)
        assert look(district.centre) == 0 and district.centre.epoch == 2
        assert (breach_of(district, case_id) or found_none()).state is PROVISIONAL
        district.audited()


def test_nothing_is_settled_while_an_act_on_the_case_is_kept_undecided(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = sent_to_the_squad(district)[2]
    district.clock.now_ms += 61 * MINUTE_MS
    assert not is_final(district, case_id)
    district.clock.now_ms += 25 * HOUR_MS
    with monkeypatch.context() as patch:
        patch.setattr(breaches, "open_deferrals", lambda _connection: [SimpleNamespace(case_id=case_id)])
        assert not is_final(district, case_id)
    assert is_final(district, case_id)


def test_an_arrival_that_comes_late_and_was_in_time_takes_it_back(district: District) -> None:
    for settled in (False, True):
        _town, squad, case_id = sent_to_the_squad(district)
        lead = case_of(district, case_id).lead
        assert lead is not None
        district.clock.now_ms += 30 * MINUTE_MS
        kept_back = squad.act("squad-officer", c.Arrive(lead.id), case_id)
        district.clock.now_ms += 40 * MINUTE_MS
        look(district.centre)
        if settled:
            district.clock.now_ms += 25 * HOUR_MS
            look(district.centre)
        assert (breach_of(district, case_id) or found_none()).state is (FINAL if settled else PROVISIONAL)
        squad.push(kept_back)
        found = breach_of(district, case_id)
        assert found is not None and found.state is WITHDRAWN and found.settled_at is not None
        kinds = [s.kind for s in case_of(district, case_id).history]
        assert "case.notice_breach" in kinds, "that it was found stays on record"
        clock = case_of(district, case_id).clock(found.id)
        assert clock is not None and clock.verdict is Verdict.ON_TIME
    district.audited()


def test_a_late_arrival_is_final_by_its_own_evidence_noticed_or_not(district: District) -> None:
    for noticed in (False, True):
        _, squad, case_id = sent_to_the_squad(district)
        lead = case_of(district, case_id).lead
        assert lead is not None
        district.clock.now_ms += 61 * MINUTE_MS
        if noticed:
            look(district.centre)
        squad.does("squad-officer", c.Arrive(lead.id), case_id)
        found = breach_of(district, case_id)
        assert found is not None and (found.state, found.basis) == (FINAL, "evidence")


def test_what_was_returned_never_was_the_units(district: District) -> None:
    town, squad, case_id = sent_to_the_squad(district)
    lead = case_of(district, case_id).lead
    assert lead is not None
    squad.does("squad-leader", c.AskReturn(lead.id, "不属中队"), case_id)
    asked = case_of(district, case_id).requests[-1].id
    district.clock.now_ms += 61 * MINUTE_MS
    look(district.centre)
    for station in (town, squad):
        says_what_it_holds(station)
    look(district.centre)
    clock_id = f"{lead.id}:arrival"
    assert (case_of(district, case_id).breach(clock_id) or found_none()).state is FINAL
    town.does("clerk", c.AnswerReturn(asked, True), case_id)
    assert (case_of(district, case_id).breach(clock_id) or found_none()).state is WITHDRAWN


def test_consoles_are_told_and_hold_the_same(district: District) -> None:
    _town, squad, case_id = sent_to_the_squad(district)
    district.clock.now_ms += 61 * MINUTE_MS
    look(district.centre)
    kinds = [msgspec.json.decode(item.entry.body)["args"]["type"] for item in squad.pull()]
    assert kinds[-1] == "case.notice_breach"
    assert squad.does("squad-officer", c.NoticeBreach("x"), case_id)[1:] == ("rejected", "only_the_centre")
