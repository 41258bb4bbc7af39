"""After a restore an act can come to the same and its clock not: operators are told of every one (decision 0010)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from district.parsing import parse
from district.receipts_shown import came_before
from district.recovery import UNSURE_MS, advance
from district.restored import keep_head, look_for_restore
from models import commands as c
from models.case import Case, StageClock
from models.clock import HOUR_MS, MINUTE_MS
from models.evidence import ClaimedTime
from models.policy import Stage
from models.recovery import CLOCK_OTHERWISE, CLOCK_STARTED_ANEW, TIME_DOUBTFUL, LostBody, Recovered, Was
from models.signing import RECEIPT
from models.store.case_table import get_case
from models.store.clocks_told import was_clock
from models.wire import Receipt, Receipted, Sealed, decode, encode, seal
from tests.district.parties import CENTRE_KEY, DISTRICT, District, dispatched_case, open_district
from tests.district.test_put_back_while_serving import copied
from tests.district.test_recovery import command, told
from tests.models.small_town import SQUAD, TOWN


class Arrived:
    """A unit's arrival, which a restore loses. It begins when the case was dispatched."""

    def __init__(self, district: District, folder: Path) -> None:
        self.district, self.folder = district, folder
        self.file, self.saved = folder / "district.sqlite", folder / "copy"
        self.town, self.squad = district.station(TOWN), district.station(SQUAD)
        self.case_id = dispatched_case(self.town, SQUAD)
        self.began = district.clock.now_ms

    @property
    def case(self) -> Case:
        with self.district.centre.reading() as connection:
            found = get_case(connection, self.case_id)
        assert found is not None
        return found

    @property
    def clock(self) -> StageClock:
        lead = self.case.lead
        assert lead is not None
        found = self.case.clock_of(lead.id, Stage.ARRIVAL)
        assert found is not None
        return found

    def save(self) -> None:
        copied(self.file, self.saved)

    def arrives(self, after_minutes: int, *, anchored: bool = True) -> tuple[Sealed, list[Was]]:
        """Handed in as it is made; in a boot without a reading of the centre's clock when not `anchored`."""
        self.district.clock.now_ms = self.began + after_minutes * MINUTE_MS
        lead = self.case.lead
        assert lead is not None
        args = c.Arrive(lead.id, note="到")
        if anchored:
            act = self.squad.act("squad-officer", args, self.case_id)
        else:
            time = ClaimedTime(self.district.clock.now_ms, "b2", 5000)
            act = self.squad.sealed(seal(self.squad.command("squad-officer", args, self.case_id, time=time)))
        return act, told(self.squad.push(act))

    def knowing(self, was: list[Was]) -> list[Was]:
        """As a console tells it that knows how the clocks were judged."""
        mine = {clock.id: was_clock(clock) for clock in self.case.clocks if clock.stopped_by == was[0].cmd_id}
        assert mine
        return [replace(was[0], clocks=mine)]

    def receipt(self) -> Receipt:
        """The newest that the unit's workstation was given, as the centre signed it."""
        assert self.squad.receipt is not None
        body = encode(self.squad.receipt).decode()
        return Receipt(body, CENTRE_KEY.sign(RECEIPT, body))

    def shows(self, receipt: Receipt) -> None:
        assert self.squad.ask("POST", "/v1/witness", data=encode(receipt)).status_code == 200

    def put_back(self) -> None:
        self.district.clock.now_ms = self.began + 3 * HOUR_MS
        copied(self.saved, self.file)
        centre, keys = self.district.centre, self.folder / "keys"
        assert centre._last is not None
        keep_head(keys, replace(centre._last, devices=centre._heads))
        look_for_restore(centre, keys)
        assert centre.epoch == 2

    def again(self, act: Sealed, was: list[Was], *, pulls_first: bool = True) -> Recovered:
        """The unit's console calls; then an operator looks."""
        if pulls_first:
            self.squad.pull(epoch=2)
        assert self.squad.ask("POST", "/v1/lost", data=encode(LostBody(was))).status_code == 200
        assert self.squad.push(act).known[0][1] in ("accepted", "deferred")
        self.squad.pull(epoch=2)
        return self.report()

    def report(self) -> Recovered:
        here = self.district.station(DISTRICT)
        assert here.sign_in("operator").status_code == 200
        return decode(here.ask("GET", "/v1/recovery").content, Recovered)


@pytest.fixture
def arrived(tmp_path: Path) -> Iterator[Arrived]:
    with open_district(f"sqlite:///{tmp_path}/district.sqlite") as district:
        yield Arrived(district, tmp_path)
        district.audited()


def named(report: Recovered) -> list[tuple[str, str, str, str]]:
    assert report.differing == len(report.differences) == report.of_clocks
    return [(one.now_code, one.stage, one.was_clock, one.now_clock) for one in report.differences]


@pytest.mark.parametrize("is_told", [True, False], ids=["told", "by_an_older_console"])
def test_a_time_that_became_doubtful_is_named(arrived: Arrived, is_told: bool) -> None:
    """Handed in in time, its evidence ended when it came in; it comes in again much later."""
    arrived.squad.pull()
    arrived.save()
    act, was = arrived.arrives(20, anchored=False)
    assert arrived.clock.verdict.value == "on_time"
    was = arrived.knowing(was) if is_told else was
    arrived.put_back()
    report = arrived.again(act, was)
    assert arrived.clock.verdict.value == "doubtful"
    assert named(report) == [
        (CLOCK_OTHERWISE, "arrival", "on_time", "doubtful") if is_told else (TIME_DOUBTFUL, "arrival", "", "doubtful")
    ]


@pytest.mark.parametrize("is_told", [True, False], ids=["told", "by_an_older_console"])
@pytest.mark.parametrize("pulls_first", [True, False], ids=["delivered_first", "arrived_first"])
def test_a_clock_of_a_delivery_made_anew_is_named(arrived: Arrived, is_told: bool, pulls_first: bool) -> None:
    """Late, with a breach that was final; now on a clock that started after it was stopped."""
    arrived.save()
    arrived.squad.pull()
    act, was = arrived.arrives(75)
    assert arrived.clock.verdict.value == "late"
    was = arrived.knowing(was) if is_told else was
    arrived.put_back()
    report = arrived.again(act, was, pulls_first=pulls_first)
    now = arrived.clock
    assert now.verdict.value == ("on_time" if pulls_first else "not_counted")
    assert named(report) == [(CLOCK_STARTED_ANEW, "arrival", "late" if is_told else "", now.verdict.value)]
    code, words = command(arrived.district.url)
    assert code == 0 and "now accepted clock_started_anew" in words and f"now {now.verdict.value}" in words
    assert "1 differ, 0 wait; 1 differ by a clock only, the clocks of 0 " in words


def test_what_is_said_of_a_clock_hides_no_new_start(arrived: Arrived) -> None:
    """A workstation that waits for the new delivery and tells of a clock as it is then."""
    arrived.save()
    arrived.squad.pull()
    act, was = arrived.arrives(75)
    name = arrived.clock.id
    arrived.put_back()
    arrived.squad.pull(epoch=2)
    lying = replace(was_clock(arrived.clock), verdict="on_time")
    report = arrived.again(act, [replace(was[0], clocks={name: lying})])
    assert named(report) == [(CLOCK_STARTED_ANEW, "arrival", "on_time", "on_time")]


@pytest.mark.parametrize("minutes", [20, 75], ids=["on_time", "late"])
def test_a_clock_that_came_out_as_before_is_not_named(arrived: Arrived, minutes: int) -> None:
    arrived.squad.pull()
    arrived.save()
    act, was = arrived.arrives(minutes)
    was = arrived.knowing(was)
    arrived.put_back()
    report = arrived.again(act, was)
    assert (report.back, report.differing, report.of_clocks, report.uncompared) == (1, 0, 0, 0)


def test_what_nobody_could_compare_is_counted(arrived: Arrived) -> None:
    arrived.squad.pull()
    arrived.save()
    act, was = arrived.arrives(20)
    arrived.put_back()
    report = arrived.again(act, was)
    assert (report.back, report.differing, report.uncompared) == (1, 0, 1)


@pytest.mark.parametrize("carrier_is", ["older", "younger"])
def test_a_colleague_who_carried_it_hides_nothing_that_its_maker_tells(tmp_path: Path, carrier_is: str) -> None:
    """He knows where the act had stood, and nothing of its clocks."""
    with open_district(f"sqlite:///{tmp_path}/district.sqlite") as district:
        older = district.station(SQUAD)
        arrived = Arrived(district, tmp_path)
        colleague = older if carrier_is == "older" else district.station(SQUAD)
        arrived.squad.pull()
        arrived.save()
        act, was = arrived.arrives(20, anchored=False)
        known = arrived.knowing(was)
        arrived.put_back()
        assert colleague.ask("POST", "/v1/lost", data=encode(LostBody(was))).status_code == 200
        report = arrived.again(act, known)
        assert named(report) == [(CLOCK_OTHERWISE, "arrival", "on_time", "doubtful")]


@pytest.mark.parametrize("maker_comes", ["first", "last"])
def test_who_carries_and_knows_no_clock_hides_nothing(arrived: Arrived, maker_comes: str) -> None:
    """A colleague tells of the same act at the same place, by a version that kept no clocks."""
    arrived.squad.pull()
    arrived.save()
    colleague = arrived.district.station(SQUAD)
    arrived.save()
    act, was = arrived.arrives(20)
    knowing = arrived.knowing(was)
    arrived.put_back()
    words = [(arrived.squad, knowing), (colleague, was)]
    for station, told_again in words if maker_comes == "first" else words[::-1]:
        assert station.ask("POST", "/v1/lost", data=encode(LostBody(told_again))).status_code == 200
    report = arrived.again(act, knowing)
    assert (report.back, report.differing, report.uncompared) == (1, 0, 0)


@pytest.mark.parametrize("notices_by", ["the_receipt", "the_file"])
def test_the_centres_own_receipt_says_when_an_act_had_come(arrived: Arrived, notices_by: str) -> None:
    """Handed in at a time in doubt, but surely before its receipt: it stays in time."""
    arrived.squad.pull()
    arrived.save()
    act, was = arrived.arrives(20, anchored=False)
    was, receipt, before = arrived.knowing(was), arrived.receipt(), arrived.clock
    if notices_by == "the_file":
        arrived.put_back()
    else:
        arrived.district.clock.now_ms = arrived.began + 3 * HOUR_MS
        copied(arrived.saved, arrived.file)
    for _ in range(2):
        arrived.shows(receipt)
    arrived.again(act, was)
    arrived.district.clock.now_ms += UNSURE_MS
    advance(arrived.district.centre)
    report = arrived.report()
    assert arrived.clock == before and (report.back, report.differing, report.uncompared) == (1, 0, 0)


def test_a_receipt_bounds_what_stood_before_it_and_nothing_else(arrived: Arrived) -> None:
    """Of two acts in one receipt both had come by then; one that follows, or another at its place, had not."""
    arrived.squad.pull()
    arrived.save()
    act, _was = arrived.arrives(20, anchored=False)
    note, later = (arrived.squad.act("squad-officer", c.Note(words), arrived.case_id) for words in ("看过", "以后"))
    arrived.squad.push(note)
    receipt = arrived.receipt()
    arrived.put_back()
    arrived.shows(receipt)
    device, now_ms = arrived.squad.device, arrived.district.clock.now_ms
    with arrived.district.centre.reading() as connection:
        batch = [parse(sealed) for sealed in (act, note, later)]
        at = decode(receipt.body, Receipted).at
        assert came_before(connection, device, batch, now_ms) == {parsed.cmd_id: at for parsed in batch[:2]}
        assert came_before(connection, device, batch, at - 1) == {parsed.cmd_id: at - 1 for parsed in batch[:2]}
        assert came_before(connection, device, [batch[0], batch[2]], now_ms) == {}, (
            "the act of the receipt is not there"
        )
        assert came_before(connection, arrived.town.device, batch, now_ms) == {}


def test_of_a_chain_that_is_whole_no_receipt_is_kept(arrived: Arrived) -> None:
    arrived.squad.pull()
    arrived.arrives(20)
    arrived.shows(arrived.receipt())
    with arrived.district.centre.reading() as connection:
        found = connection.execute(text("SELECT count(*) FROM meta WHERE name LIKE 'receipts_shown:%'"))
        assert found.scalar_one() == 0
