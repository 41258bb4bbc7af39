"""After a restore acts are decided in their old order, whoever calls first; what differs is listed (sync.md §3.5, decision 0010)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from district import breaches
from district.opening import open_centre, open_database
from district.past import head_of
from district.recovery import LONGEST_MS, UNSURE_MS, advance
from models import commands as c
from models.clock import MINUTE_MS
from models.recovery import LostBody, Recovered, Was
from models.signing import RECEIPT
from models.store.case_table import get_case
from models.wire import PushReply, Sealed, decode, encode
from tests.district.parties import CENTRE_KEY, DISTRICT, REPORT, District, Station, open_district
from tests.district.test_put_back_while_serving import copied
from tests.models.small_town import MARKET, SQUAD, TOWN


class Two:
    """Two workstations of a sub-centre; both dispatched a case, one after the other and to different units, and the centre was
    put back to before that."""

    def __init__(self, district: District, folder: Path) -> None:
        self.district, self.file, self.saved = district, folder / "district.sqlite", folder / "copy"
        self.a, self.b = district.station(TOWN), district.station(TOWN)
        self.case_id = self.a.new_id()
        self.a.push(self.a.act("clerk", REPORT, self.case_id), self.a.act("clerk", c.File(), self.case_id))
        copied(self.file, self.saved)
        self.first = self.a.act("clerk", c.Dispatch(MARKET), self.case_id)
        self.second = self.b.act("clerk", c.Dispatch(SQUAD), self.case_id)
        self.was = {
            "a": told(self.a.push(self.first)),
            "b": told(self.b.push(self.second)),
        }
        copied(self.saved, self.file)

    def offered(self, station: Station, act: Sealed, was: list[Was]) -> tuple[str, str]:
        """As a console does: what it had come to, then the act."""
        assert station.ask("POST", "/v1/lost", data=encode(LostBody(was))).status_code == 200
        known = station.push(act).known[0]
        return known[1], known[2]

    def verdicts(self) -> dict[str, tuple[str, str]]:
        """What the two acts came to by now."""
        ids = {told_id(act): name for name, act in (("a", self.first), ("b", self.second))}
        known = self.a.ask("POST", "/v1/status", json={"ids": list(ids)}).json()["known"]
        return {ids[one[0]]: (one[1], (one[2] or {}).get("code", "")) for one in known}

    def report(self) -> Recovered:
        """As an operator sees it."""
        here = self.district.station(DISTRICT)
        assert here.sign_in("operator").status_code == 200
        answer = here.ask("GET", "/v1/recovery")
        assert answer.status_code == 200
        return decode(answer.content, Recovered)


def command(url: str, *words: str) -> tuple[int, str]:
    """The command line, as an administrator runs it."""
    ran = subprocess.run(
        [sys.executable, "-m", "district", "recovery", "--database", url, *words],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout


def told(reply: PushReply) -> list[Was]:
    """What a console keeps of a verdict."""
    decided = [one for one in reply.known if one[1] != "deferred"]
    return [Was(cmd_id, reply.epoch, gseq, outcome, code) for cmd_id, outcome, code, gseq in decided]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with open_district(f"sqlite:///{tmp_path}/district.sqlite") as district:
        found = Two(district, tmp_path)
        assert [was[0].outcome for was in found.was.values()] == ["accepted", "rejected"]
        yield found


WAITS = ("deferred", "centre_recovering")


def test_whoever_calls_first_the_old_order_decides(two: Two) -> None:
    assert two.offered(two.b, two.second, two.was["b"]) == WAITS
    assert two.report().missing[0].device == two.a.device
    two.offered(two.a, two.first, two.was["a"])
    found = two.verdicts()
    assert found["a"] == ("accepted", "") and found["b"] == ("rejected", two.was["b"][0].code)
    report = two.report()
    assert (report.ends_at, report.offered, report.back, report.differing, report.waiting) == (None, 2, 2, 0, 0)
    two.district.audited()


def test_without_what_they_had_come_to_they_are_decided_as_they_come(two: Two) -> None:
    """A console of an older version tells nothing: the test above would not hold by itself."""
    two.b.push(two.second)
    two.a.push(two.first)
    assert two.verdicts()["b"][0] == "accepted" and two.verdicts()["a"][0] == "rejected"


def test_nobody_waits_longer_than_a_quarter_of_an_hour_and_what_differs_is_listed(two: Two) -> None:
    two.offered(two.b, two.second, two.was["b"])
    two.district.clock.now_ms += LONGEST_MS - 1
    assert not advance(two.district.centre)
    two.district.clock.now_ms += 1
    assert advance(two.district.centre)
    assert two.verdicts()["b"] == ("accepted", "")
    verdict = two.offered(two.a, two.first, two.was["a"])
    assert verdict[0] == "rejected", "decided at once, as it comes"
    differing = {one.cmd_id: (one.was, one.now) for one in two.report().differences}
    assert set(differing.values()) == {("rejected", "accepted"), ("accepted", "rejected")}
    two.district.audited()


def test_a_new_case_is_worked_on_at_once_and_an_old_one_is_not(two: Two) -> None:
    two.offered(two.b, two.second, two.was["b"])
    new = two.b.new_id()
    for args in (REPORT, c.File(), c.Dispatch(MARKET)):
        assert two.b.does("clerk", args, new)[1] == "accepted"
    assert two.b.does("clerk", c.Note("看过"), two.case_id)[1:] == WAITS
    two.offered(two.a, two.first, two.was["a"])
    assert two.report().waiting == 0
    two.district.audited()


def test_a_lost_report_is_back_at_once_and_what_followed_it_waits(two: Two) -> None:
    copied(two.file, two.saved)
    lost = two.b.new_id()
    acts = [two.b.act("clerk", args, lost) for args in (REPORT, c.File())]
    reply = two.b.push(two.second, *acts)
    copied(two.saved, two.file)
    assert two.b.ask("POST", "/v1/lost", data=encode(LostBody(told(reply)))).status_code == 200
    again = two.b.push(two.second, *acts)
    assert [known[1] for known in again.known] == ["deferred", "accepted", "deferred"]


def test_a_centre_started_anew_goes_on_waiting(two: Two) -> None:
    two.offered(two.b, two.second, two.was["b"])
    again = open_centre(open_database(two.district.url), two.district.clock)
    assert again.recovery is not None and two.verdicts()["b"] == WAITS
    again.engine.dispose()


def test_an_operator_ends_it_on_record(two: Two) -> None:
    two.offered(two.b, two.second, two.was["b"])
    here = two.district.station(DISTRICT)
    here.sign_in("operator")
    assert here.ask("POST", "/v1/recovery", json={"reason": " "}).json()["error"] == "reason_missing"
    assert two.b.ask("POST", "/v1/recovery", json={"reason": "x"}).status_code in (401, 403)
    ended = decode(here.ask("POST", "/v1/recovery", json={"reason": "1号机已报废"}).content, Recovered)
    assert ended.ends_at is None and two.verdicts()["b"] == ("accepted", "")
    code, words = command(two.district.url)
    assert code == 0 and "1号机已报废" in words and "by operator" in words and "1 differ" in words


def test_the_command_line_ends_it_too(two: Two) -> None:
    two.offered(two.b, two.second, two.was["b"])
    code, words = command(two.district.url)
    assert code == 0 and f"missing: {TOWN} A ({two.a.device}): 2 of 3 acts" in words
    assert command(two.district.url, "--end")[0] != 0, "a reason is asked for"
    code, words = command(two.district.url, "--end", "--reason", "报废")
    assert code == 0 and "waits for nobody" in words
    two.district.centre.look_for_news()
    assert two.district.centre.recovery is None


@pytest.mark.parametrize("meanwhile", [0, 5])
def test_a_receipt_names_who_is_waited_for(tmp_path: Path, meanwhile: int) -> None:
    """Nobody wrote down whose acts were lost: for a minute whoever calls is waited for, and a receipt tells of more; also when
    others acted `meanwhile`, so that the order has gone beyond the place that was lost."""
    with open_district(f"sqlite:///{tmp_path}/district.sqlite") as district:
        two = Two(district, tmp_path)
        with (
            district.centre.reading() as connection
        ):  # as in a service that was started on the copy, without its head file
            district.centre._last = head_of(connection)
        district.centre._heads = dict(district.centre._last.devices)
        other = district.station(TOWN)
        for _ in range(meanwhile):
            other.does("clerk", REPORT)
        shown = {station: receipt_of(station) for station in (two.a, two.b)}
        assert two.b.ask("POST", "/v1/witness", json=shown[two.b]).json()["epoch"] == 2
        assert [one.device for one in two.report().missing] == [two.b.device]
        two.offered(two.b, two.second, two.was["b"])
        assert two.verdicts()["b"] == WAITS, "another may have lost something as well"
        two.a.ask("POST", "/v1/witness", json=shown[two.a])
        assert [one.device for one in two.report().missing] == [two.a.device]
        district.clock.now_ms += UNSURE_MS
        assert not advance(district.centre)
        two.offered(two.a, two.first, two.was["a"])
        assert two.report().ends_at is None and two.report().differing == 0


def receipt_of(station: Station) -> dict[str, str]:
    assert station.receipt is not None
    body = encode(station.receipt).decode()
    return {"body": body, "sig": CENTRE_KEY.sign(RECEIPT, body)}


def test_acts_of_one_workstation_keep_their_order(two: Two) -> None:
    """Whatever is said of them: a later act of a workstation is never decided before an earlier one."""
    later = two.a.act("clerk", c.Note("后一件"), two.case_id)
    lying = [Was(told_id(two.first), 1, 900, "accepted"), Was(told_id(later), 1, 1, "accepted")]
    assert two.a.ask("POST", "/v1/lost", data=encode(LostBody(lying))).status_code == 200
    two.a.push(two.first, later)
    two.offered(two.b, two.second, two.was["b"])
    case = [one for one in two.a.pull(epoch=2) if one.entry.outcome == "accepted"]
    settled = [decode(one.entry.body, dict)["args"] for one in case]
    order = [args["cmd_id"] for args in settled if args["type"] == "act.settle"]
    assert order == [told_id(two.second), told_id(two.first), told_id(later)]
    two.district.audited()


def test_an_act_that_waits_can_be_taken_back(two: Two) -> None:
    """Found by the real faults: the centre said that it had been decided, and the act was refused later, in nobody's tray."""
    two.offered(two.b, two.second, two.was["b"])
    back = two.b.act("clerk", c.Retract(told_id(two.second)), two.case_id)
    reply = two.b.push(back)
    assert reply.known[0][1:3] == ("accepted", "") and two.verdicts()["b"] == ("rejected", "retracted")
    assert two.b.push(back).known == reply.known, "said again"
    two.offered(two.a, two.first, two.was["a"])
    assert two.verdicts() == {"a": ("accepted", ""), "b": ("rejected", "retracted")}
    two.district.audited()


@pytest.mark.parametrize("recovers", [True, False], ids=["meanwhile", "long_afterwards"])
@pytest.mark.parametrize("how", ["refused_before", "made_since"])
def test_an_act_that_had_taken_effect_is_not_undone_by_a_restore(tmp_path: Path, recovers: bool, how: str) -> None:
    """Others had gone on from it: with it, an arrival in time was lost."""
    file, saved = tmp_path / "district.sqlite", tmp_path / "copy"
    with open_district(f"sqlite:///{file}") as district:
        town, squad = district.station(TOWN), district.station(SQUAD)
        case_id = town.new_id()
        town.push(town.act("clerk", REPORT, case_id), town.act("clerk", c.File(), case_id))
        copied(file, saved)
        sent = town.act("clerk", c.Dispatch(SQUAD), case_id)
        was = told(town.push(sent))
        undo = town.act("clerk", c.Retract(told_id(sent)), case_id)
        if how == "refused_before":
            was += told(town.push(undo))
        squad.pull()
        arrived = squad.act("squad-officer", c.Arrive(_lead(district, case_id), note="到"), case_id)
        arrival_was = told(squad.push(arrived))
        assert [(w.outcome, w.code) for w in (*was, *arrival_was)][:1] == [("accepted", "")]
        assert arrival_was[0].outcome == "accepted"
        copied(saved, file)
        if not recovers:
            district.station(TOWN).does("clerk", c.Note("以后"), case_id)
            district.clock.now_ms += LONGEST_MS
            advance(district.centre)
        assert town.ask("POST", "/v1/lost", data=encode(LostBody(was))).status_code == 200
        assert town.push(sent, undo).known[1][1:3] == ("rejected", "already_accepted")
        assert squad.ask("POST", "/v1/lost", data=encode(LostBody(arrival_was))).status_code == 200
        squad.push(arrived)
        ids = [told_id(sent), told_id(arrived)]
        known = [
            one
            for station in (town, squad)
            for one in station.ask("POST", "/v1/status", json={"ids": ids}).json()["known"]
        ]
        assert {one[0]: one[1] for one in known} == dict.fromkeys(ids, "accepted")
        district.audited()


def test_an_undo_of_what_is_refused_after_a_restore_is_no_undo_that_came_too_late(tmp_path: Path) -> None:
    """Its act has no effect any more: told that it stands, and with the act put out of the tray, its clerk heard of nothing."""
    file, saved = tmp_path / "district.sqlite", tmp_path / "copy"
    with open_district(f"sqlite:///{file}") as district:
        town = district.station(TOWN)
        case_id = town.new_id()
        town.push(town.act("clerk", REPORT, case_id))
        copied(file, saved)
        sent = town.act("clerk", c.File(), case_id)
        was = told(town.push(sent))
        copied(saved, file)
        district.station(TOWN).does("clerk", c.Decline("重复"), case_id)
        district.clock.now_ms += LONGEST_MS
        advance(district.centre)
        assert town.ask("POST", "/v1/lost", data=encode(LostBody(was))).status_code == 200
        undo = town.act("clerk", c.Retract(told_id(sent)), case_id)
        known = town.push(sent, undo).known
        assert [one[1] for one in known] == ["rejected", "accepted"] and known[0][2] != "retracted"
        district.audited()


def _lead(district: District, case_id: str) -> str:
    with district.centre.reading() as connection:
        case = get_case(connection, case_id)
    assert case is not None and case.lead is not None
    return case.lead.id


def told_id(act: Sealed) -> str:
    return str(decode(act.body, dict)["cmd_id"])


def said(**changes: Any) -> dict[str, Any]:
    return {"cmd_id": "c", "epoch": 1, "gseq": 1, "outcome": "accepted", "code": "", **changes}


@pytest.mark.parametrize(
    "wrong", [said(outcome="deferred"), said(epoch=0), said(gseq=0), said(cmd_id=""), said(code="x" * 65)]
)
def test_what_cannot_have_been_said_is_refused(two: Two, wrong: dict[str, Any]) -> None:
    assert two.a.ask("POST", "/v1/lost", json={"lost": [wrong]}).json()["error"] == "malformed"
    assert two.a.ask("POST", "/v1/lost", json={"lost": [said()] * 501}).status_code == 413


def test_breaches_are_not_looked_for_meanwhile(two: Two) -> None:
    two.offered(two.b, two.second, two.was["b"])
    two.district.clock.now_ms += 12 * MINUTE_MS
    assert breaches.look(two.district.centre) == 0
    two.offered(two.a, two.first, two.was["a"])
    assert two.district.centre.recovery is None
