"""One case walked to closed by five desks over HTTP, with the line up and down, on both databases."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete

from models import commands as c
from models.case import State
from models.errors import Refused
from models.reference_files import EDITION
from models.store import outbox, personal
from models.store.console_tables import cursor
from models.store.work import Work
from models.wire import encode, personal_hash
from services import cases, tray
from services.sync.machine import Phase
from tests.whole.parties import Centre, Console

TOWN = "341002102"
STATION = "341002102003"
MARKET = f"{TOWN}-market"
STALLS = f"{EDITION}/matter/09005"


@pytest.fixture
def centre(demo_url: str) -> Iterator[Centre]:
    found = Centre(demo_url)
    yield found
    found.end(signal.SIGKILL)


@pytest.fixture
def desks(centre: Centre, tmp_path: Path) -> Iterator[dict[str, Console]]:
    people = {
        "clerk": (TOWN, f"{TOWN}-clerk-1"),
        "market": (MARKET, f"{MARKET}-officer-1"),
        "station": (STATION, f"{STATION}-vice"),
        "district": ("341002", "341002-operator-1"),
    }
    made = {name: Console(tmp_path, centre, unit, person) for name, (unit, person) in people.items()}
    for console in made.values():
        assert console.settle().phase is Phase.ONLINE
    yield made
    for console in made.values():
        console.close()


def test_five_desks_walk_a_case_to_closed(desks: dict[str, Console]) -> None:
    district, clerk, market, station = (desks[n] for n in ("district", "clerk", "market", "station"))
    report = c.Report("", "hotline", STALLS, "店外堆放", "龙山路口", TOWN, STATION)
    case_id = district.act(report).case_id
    district.act(c.File(), case_id)
    district.act(c.Dispatch(TOWN), case_id)
    assert clerk.case(case_id) is None
    district.settle()
    clerk.settle()
    seen = clerk.case(case_id)
    assert seen is not None and seen.level == TOWN and seen.number.startswith("区中心-")
    town = seen.town_assignment
    assert town is not None and town.delivered_at is not None, "the centre saw the sub-centre receive it"
    clerk.act(c.Dispatch(MARKET), case_id)
    clerk.settle()
    market.settle()
    lead = market.case(case_id).lead  # type: ignore[union-attr]
    assert lead is not None and lead.delivered_at is not None
    assert lead.awake_at is not None and lead.awake_at < lead.assigned_at.lo, "its console was running all the while"
    market.act(c.Acknowledge(lead.id), case_id)
    market.act(c.Arrive(lead.id), case_id)
    market.act(c.GiveOpinion(lead.id, "占道", "劝离"), case_id)
    market.act(c.Feedback(lead.id, "已清理"), case_id)
    market.settle()
    station.settle()
    station.act(c.NameChecker(f"{STATION}-member-1"), case_id)
    station.act(c.CheckOnSite(f"{STATION}-member-1", True, "路口畅通"), case_id)
    station.act(c.SubmitCheck(), case_id)
    station.settle()
    clerk.settle()
    clerk.as_person(f"{TOWN}-confirmer")
    clerk.act(c.Confirm(), case_id)
    for console in desks.values():
        console.settle()
    closed = [console.case(case_id) for console in desks.values()]
    for case in closed:
        assert case == closed[0], "every desk holds the same case"
    assert closed[0] is not None and closed[0].state is State.CLOSED
    assert all(k.verdict is not None for k in closed[0].clocks)


def test_work_goes_on_without_the_line_and_arrives_once_in_order(centre: Centre, desks: dict[str, Console]) -> None:
    clerk, district = desks["clerk"], desks["district"]
    centre.end(signal.SIGKILL)
    assert clerk.settle().phase is Phase.WAITING
    made = []
    for number in range(12):
        case_id = clerk.act(c.Report("", "grid", STALLS, f"断网上报{number}", "路口", TOWN, STATION)).case_id
        clerk.act(c.File(), case_id)
        clerk.act(c.Dispatch(MARKET), case_id)
        made.append(case_id)
    waiting = clerk.database(lambda work: outbox.unsent(work.connection))
    assert waiting.count == 36 and waiting.oldest_at is not None
    centre.start()
    for console in (clerk, district, clerk):
        assert console.settle().phase is Phase.ONLINE
    assert clerk.database(lambda work: outbox.unsent(work.connection)).count == 0
    for case_id in made:
        at_centre, here = district.case(case_id), clerk.case(case_id)
        assert at_centre is not None and at_centre == here
        assert [h.kind for h in at_centre.history] == ["case.report", "case.file", "case.dispatch"]
    numbers = {clerk.case(i).number for i in made}  # type: ignore[union-attr]
    assert len(numbers) == 12


def test_two_workstations_dispatch_one_case_and_the_second_is_told(
    centre: Centre, desks: dict[str, Console], tmp_path: Path
) -> None:
    clerk = desks["clerk"]
    other = Console(tmp_path, centre, TOWN, f"{TOWN}-clerk-2")
    case_id = clerk.act(c.Report("", "grid", STALLS, "两机同派", "路口", TOWN, STATION)).case_id
    clerk.act(c.File(), case_id)
    clerk.settle()
    other.settle()
    clerk.act(c.Dispatch(MARKET), case_id)
    other.act(c.Dispatch(STATION), case_id)
    clerk.settle()
    other.settle()
    other.settle()
    shown = other.case(case_id)
    assert shown is not None and shown.lead is not None and shown.lead.receiver == MARKET
    waiting = other.database(lambda work: tray.items(work, other.desk))
    assert [w.code for w in waiting] == ["already_dispatched_to"] and waiting[0].args["unit"] == MARKET
    assert "case.redispatch" in waiting[0].allowed
    other.close()


def test_undo_before_the_line_is_back_leaves_both_acts_on_record(centre: Centre, desks: dict[str, Console]) -> None:
    clerk, district = desks["clerk"], desks["district"]
    case_id = clerk.act(c.Report("", "grid", STALLS, "误派", "路口", TOWN, STATION)).case_id
    clerk.act(c.File(), case_id)
    clerk.settle()
    dispatched = clerk.act(c.Dispatch(MARKET), case_id)

    def undo(work):  # type: ignore[no-untyped-def]
        done = cases.undo(work, clerk.desk, dispatched.cmd_id)
        work.commit()
        return done

    clerk.database(undo)
    assert clerk.case(case_id).state is State.AWAITING_DISPATCH  # type: ignore[union-attr]
    clerk.settle()
    clerk.settle()
    district.settle()
    assert district.case(case_id) == clerk.case(case_id)
    assert district.case(case_id).state is State.AWAITING_DISPATCH  # type: ignore[union-attr]
    row = clerk.database(lambda work: outbox.find(work.connection, dispatched.cmd_id))
    assert row is not None and row.state == "settled" and row.outcome == "rejected"
    assert clerk.database(lambda work: tray.items(work, clerk.desk)) == ()


def test_an_undo_many_acts_later_takes_its_act_back(centre: Centre, desks: dict[str, Console]) -> None:
    clerk = desks["clerk"]
    report = c.Report("", "hotline", STALLS, "店外堆放", "龙山路口", TOWN, STATION)
    first, other = clerk.act(report), clerk.act(report)
    clerk.settle()
    centre.end(signal.SIGKILL)
    wrong = clerk.act(c.File(), first.case_id)
    for number in range(230):
        clerk.act(c.Note(f"第{number}次回拨"), other.case_id)

    def take_back(work: Work) -> str:
        taken = cases.undo(work, clerk.desk, wrong.cmd_id)
        work.commit()
        return taken.cmd_id

    undo = clerk.database(take_back)
    centre.start()
    assert clerk.settle().phase is Phase.ONLINE
    case = clerk.case(first.case_id)
    assert case is not None and case.state is State.REPORTED
    assert clerk.database(lambda work: outbox.unsent(work.connection)).count == 0
    told = clerk.database(lambda work: [outbox.find(work.connection, i) for i in (wrong.cmd_id, undo)])
    assert [(row.outcome, row.retracted) for row in told if row] == [("rejected", True), ("accepted", False)]


def test_an_undo_that_met_its_act_already_accepted_shows_the_act_again(
    centre: Centre, desks: dict[str, Console]
) -> None:
    clerk = desks["clerk"]
    acted = clerk.act(c.Report("", "hotline", STALLS, "店外堆放", "龙山路口", TOWN, STATION))
    filed = clerk.act(c.File(), acted.case_id)
    batch = clerk.database(lambda work: outbox.after(work.connection, 0, 200, 240_000))
    clerk.line.push(batch)  # it arrived; the answer was lost

    def take_back(work: Work) -> None:
        cases.undo(work, clerk.desk, filed.cmd_id)
        work.commit()

    clerk.database(take_back)
    assert clerk.settle().phase is Phase.ONLINE
    case = clerk.case(acted.case_id)
    assert case is not None and case.state is State.AWAITING_DISPATCH
    row = clerk.database(lambda work: outbox.find(work.connection, filed.cmd_id))
    assert row is not None and (row.outcome, row.retracted) == ("accepted", False)
    lost = clerk.database(lambda work: outbox.not_effective(work.connection))
    assert [r.kind for r in lost] == ["act.retract"], "and the tray says that the undo came too late"


def test_a_refusal_that_comes_with_a_snapshot_keeps_its_reason(
    centre: Centre, desks: dict[str, Console], tmp_path: Path
) -> None:
    clerk = desks["clerk"]
    other = Console(tmp_path, centre, TOWN, f"{TOWN}-clerk-2")
    case_id = clerk.act(c.Report("", "grid", STALLS, "两机同派", "路口", TOWN, STATION)).case_id
    clerk.act(c.File(), case_id)
    clerk.settle()
    other.settle()
    clerk.act(c.Dispatch(MARKET), case_id)
    clerk.settle()
    other.act(c.Dispatch(STATION), case_id)

    def lose_place(work: Work) -> None:
        work.connection.execute(delete(cursor))
        work.commit()

    other.database(lose_place)
    other.settle()
    waiting = other.database(lambda work: tray.items(work, other.desk))
    assert [w.code for w in waiting] == ["already_dispatched_to"] and waiting[0].args["unit"] == MARKET
    other.close()


def test_a_requesters_name_never_enters_the_log(centre: Centre, desks: dict[str, Console]) -> None:
    clerk = desks["clerk"]

    def report(work):  # type: ignore[no-untyped-def]
        args = c.Report("", "grid", STALLS, "来电反映", "路口", TOWN, STATION)
        done = cases.report(work, clerk.desk, args, {"name": "某甲", "phone": "100-0000-0000"})
        work.commit()
        return done

    case_id = clerk.database(report).case_id
    clerk.settle()
    digest = clerk.case(case_id).personal  # type: ignore[union-attr]
    assert len(digest) == 64
    row = clerk.database(lambda work: outbox.states_of_case(work.connection, case_id))[0]
    assert "某甲" not in row.body and "100-0000" not in row.body
    session = clerk.line.sign_in(clerk.desk.person, "demo-2026").session
    found = clerk.line.get_personal(digest, case_id, session)
    assert found["name"] == "某甲"


def test_a_record_the_centre_will_not_take_holds_up_no_act(centre: Centre, desks: dict[str, Console]) -> None:
    """Made before a desk refused it, or carried here: it stays, and everything else goes on."""
    clerk = desks["clerk"]
    too_long, of_nothing = encode({"salt": "s", "name": "某" * 6_000}), b'{"salt":"s"}'

    def keep(work: Work) -> None:
        personal.keep(work.connection, personal_hash("s", too_long), "another case", too_long)
        personal.keep(work.connection, "0" * 64, "another case", of_nothing)
        work.commit()

    clerk.database(keep)
    case_id = clerk.act(c.Report("", "grid", STALLS, "来电反映", "路口", TOWN, STATION)).case_id
    assert clerk.settle().phase is Phase.ONLINE
    assert clerk.database(lambda work: outbox.unsettled_ids(work.connection)) == []
    assert centre.asked("SELECT id FROM case_row") == [(case_id,)]
    assert len(clerk.database(lambda work: personal.unsent(work.connection))) == 2


def test_a_letter_pasted_with_nul_characters_stops_nothing(centre: Centre, desks: dict[str, Console]) -> None:
    """As it comes from some PDF files, and nobody sees it: the centre takes no act with one, and the acts behind it waited."""
    clerk = desks["clerk"]
    args = c.Report("", "grid", STALLS, "来电\x00反映", "路口", TOWN, STATION, words="反映\\u0000\x00多次\x00")
    case_id = clerk.act(args).case_id
    clerk.act(c.Note("电话\x00已回"), case_id)
    assert clerk.settle().phase is Phase.ONLINE
    assert clerk.database(lambda work: outbox.unsettled_ids(work.connection)) == []
    case = clerk.case(case_id)
    assert case is not None and (case.title, case.words) == ("来电反映", "反映\\u0000多次")
    assert [step.note for step in case.history] == ["", "电话已回"]


def test_many_long_acts_of_a_long_outage_are_handed_in(centre: Centre, desks: dict[str, Console]) -> None:
    """A Chinese letter is three bytes on the line: what is counted in letters was more than the centre takes, and was tried
    again for ever."""
    clerk = desks["clerk"]
    case_id = clerk.act(c.Report("", "grid", STALLS, "来电反映", "路口", TOWN, STATION)).case_id

    def note(work: Work) -> None:
        for number in range(16):
            cases.act(work, clerk.desk, c.Note(f"{number}" + "情况" * 3_000), case_id)
        work.commit()

    clerk.database(note)
    assert clerk.settle().phase is Phase.ONLINE
    assert clerk.database(lambda work: outbox.unsettled_ids(work.connection)) == []


def test_what_would_be_too_long_to_send_is_refused_at_the_desk(desks: dict[str, Console]) -> None:
    clerk = desks["clerk"]
    args = c.Report("", "grid", STALLS, "来电反映", "路口", TOWN, STATION)
    with pytest.raises(Refused, match="requester_too_long"):
        clerk.database(lambda work: cases.report(work, clerk.desk, args, {"name": "某" * 6_000}))
    with pytest.raises(Refused, match="act_too_long"):
        clerk.act(msgspec.structs.replace(args, words="长" * 22_000))
    longest = clerk.act(msgspec.structs.replace(args, words='"' * 32_000)).case_id
    assert clerk.settle().phase is Phase.ONLINE
    assert clerk.database(lambda work: outbox.unsettled_ids(work.connection)) == []
    assert clerk.case(longest) is not None
