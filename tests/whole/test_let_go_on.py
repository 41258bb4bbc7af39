"""A workstation that was revoked, or let in again, or whose colleague's acts met a hole: nothing of it is stranded."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from models import commands as c
from models.errors import Refused, Weather
from models.store import carried, outbox
from models.store.carried import Carried
from models.store.rechain import CHAIN_UNSURE
from services import cases, handover, tray
from services.receipts import newest_receipt
from services.sync import carrying
from services.sync.carrying import BATCH
from services.sync.line import Line
from services.sync.machine import Phase
from tests.whole.parties import Centre, Console
from tests.whole.test_devices import revoke
from tests.whole.test_handover import OTHER, TOWN, acted, carrier, maker, taken_in, written
from tests.whole.test_let_in_again import REPORT, in_order, reported, unsent
from tests.whole.test_restore import file_of

__all__ = ["carrier", "maker"]


def _put_back(centre: Centre, copy: Path) -> None:
    centre.end()
    for suffix in ("-wal", "-shm"):
        file_of(centre).with_name(f"{file_of(centre).name}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(copy, file_of(centre))
    centre.start()


def _copied(centre: Centre, copy: Path) -> Path:
    centre.end()
    shutil.copyfile(file_of(centre), copy)
    centre.start()
    return copy


def test_a_revoked_one_hands_over_its_own_acts_though_it_carries_a_colleagues(
    centre: Centre, maker: Console, carrier: Console
) -> None:
    acted(maker)
    taken_in(carrier, written(maker))
    own = carrier.act(REPORT).cmd_id
    revoke(centre, carrier.known.device)
    assert carrier.settle().phase is Phase.REFUSED
    assert centre.asked("SELECT cmd_id FROM quarantine") == [(own,)]
    (found,) = carrier.database(lambda w: carried.every(w.connection))
    assert found.is_to_hand_in, "the colleague's acts wait for another carrier"


def test_a_revoked_one_hands_over_what_a_restored_centre_has_lost(
    centre: Centre, clerk: Console, tmp_path: Path
) -> None:
    copy = _copied(centre, tmp_path / "before.sqlite")
    own = clerk.act(REPORT).cmd_id
    for _ in range(2):
        clerk.settle()
    _put_back(centre, copy)
    revoke(centre, clerk.known.device)
    for _ in range(2):
        assert clerk.settle().phase is Phase.REFUSED
    assert centre.asked("SELECT cmd_id FROM quarantine") == [(own,)]


def test_the_receipts_of_the_new_device_are_kept(centre: Centre, clerk: Console) -> None:
    """By them it is known that a centre was put back (D14), and it is proved that acts were handed in."""
    reported(clerk, 5)
    clerk.settle()
    revoke(centre, clerk.known.device)
    reported(clerk, 1)
    clerk.settle()
    clerk.let_in_again(centre, "device_revoked")
    for _ in range(2):
        clerk.settle()
    newest = clerk.database(newest_receipt)
    assert newest is not None and newest.device == clerk.known.device


def test_let_in_again_with_nothing_to_send_it_is_heard_of(centre: Centre, clerk: Console) -> None:
    reported(clerk, 2)
    for _ in range(2):
        clerk.settle()
    revoke(centre, clerk.known.device)
    clerk.settle()
    clerk.let_in_again(centre, "device_revoked")
    for _ in range(2):
        assert clerk.settle().phase is Phase.ONLINE
    assert unsent(clerk) == 0 and not clerk.database(lambda w: w.read_meta(CHAIN_UNSURE))


def test_a_second_file_taken_in_while_the_first_is_handed_in_is_handed_in_too(
    centre: Centre, maker: Console, carrier: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    acted(maker)
    taken_in(carrier, written(maker))
    later = maker.act(REPORT).cmd_id
    second = [written(maker)]
    hand_in = carrying._handed_in

    def and_another_is_taken_in(found: Carried, line: Line) -> str:
        refusal = hand_in(found, line)
        if second:
            taken_in(carrier, second.pop())
        return refusal

    monkeypatch.setattr(carrying, "_handed_in", and_another_is_taken_in)
    for _ in range(2):
        assert carrier.settle().phase is Phase.ONLINE
    assert centre.asked(f"SELECT outcome FROM log WHERE cmd_id = '{later}'") == [("accepted",)]
    (found,) = carrier.database(lambda w: carried.every(w.connection))
    assert found.handed and all(act.is_told_of for act in found.acts)


@pytest.mark.landing
def test_an_act_taken_back_further_on_than_one_push_takes_stays_taken_back(
    centre: Centre, maker: Console, carrier: Console
) -> None:
    case_id = maker.act(REPORT).case_id
    maker.act(c.File(), case_id)
    wrong = maker.act(c.Dispatch(f"{TOWN}-market"), case_id).cmd_id
    other = maker.act(REPORT).case_id
    for number in range(BATCH):
        maker.act(c.Note(f"第{number}条"), other)
    maker.database(lambda w: (cases.undo(w, maker.desk, wrong), w.commit()))
    taken_in(carrier, written(maker))
    for _ in range(2):
        assert carrier.settle().phase is Phase.ONLINE
    assert centre.asked(f"SELECT outcome FROM log WHERE cmd_id = '{wrong}'") == [("rejected",)]
    case = carrier.case(case_id)
    assert case is not None and case.lead is None
    assert centre.asked("SELECT count(*) FROM log WHERE kind = 'act.retract'") == [(1,)]


@pytest.mark.landing
def test_an_act_too_long_for_the_centre_stops_its_maker_and_nobody_else(
    centre: Centre, maker: Console, carrier: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that did not refuse it at the desk made it, and its workstation was stuck: so somebody wrote a file."""
    monkeypatch.setattr(cases, "ACT_BYTES", 1 << 20)
    first = maker.act(REPORT).cmd_id
    maker.act(msgspec.structs.replace(REPORT, words="长" * 100_000))
    taken_in(carrier, written(maker))
    own = carrier.act(REPORT).cmd_id
    for _ in range(2):
        assert carrier.settle().phase is Phase.ONLINE
    assert own in [i for i, _, _ in in_order(centre)]
    (found,) = carrier.database(lambda w: carried.every(w.connection))
    assert found.refusal == "too_large", (first, "and a person is told why")


@pytest.mark.landing
def test_acts_handed_over_as_either_device_are_both_settled(
    centre: Centre, maker: Console, carrier: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = carrier.act(REPORT).case_id
    for console in (carrier, maker):
        console.settle()
    maker.act(c.Note("断网时写的"), case_id)
    taken_in(carrier, written(maker))
    revoke(centre, maker.known.device)
    for _ in range(2):
        carrier.settle()
    maker.let_in_again(centre, "device_revoked")

    def no_line(_batch: object, _readings: object) -> None:
        raise Weather("line_down")

    monkeypatch.setattr(maker.line, "push", no_line)
    maker.settle()
    taken_in(carrier, written(maker))
    for _ in range(3):
        carrier.settle()
    assert carrier.database(lambda w: carried.waiting_ids(w.connection)) == set()


@pytest.mark.landing
def test_an_act_handed_over_as_either_device_shows_once(
    centre: Centre, maker: Console, carrier: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the case while the carrier has no line, and in its tray when it did not take effect."""
    case_id = carrier.act(REPORT).case_id
    for console in (carrier, maker):
        console.settle()
    note = maker.act(c.Note("断网时写的"), case_id).cmd_id
    late = maker.act(c.File(), case_id).cmd_id
    carrier.act(c.File(), case_id)
    carrier.settle()
    first = written(maker)
    revoke(centre, maker.known.device)
    maker.let_in_again(centre, "device_revoked")

    def no_line(_batch: object, _readings: object) -> None:
        raise Weather("line_down")

    monkeypatch.setattr(maker.line, "push", no_line)
    maker.settle()
    for raw in (first, written(maker)):
        taken_in(carrier, raw)
    case = carrier.case(case_id)
    assert case is not None and [step.cmd_id for step in case.history].count(note) == 1
    for _ in range(3):
        carrier.settle()
    assert [item.cmd_id for item in carrier.database(lambda w: tray.items(w, carrier.desk))] == [late]


@pytest.mark.landing
def test_a_file_refused_for_a_hole_is_taken_in_again_when_the_hole_is_filled(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    third = Console(tmp_path / "third", centre, TOWN, OTHER)
    third.settle()
    copy = _copied(centre, tmp_path / "copy.sqlite")
    case_id = maker.act(REPORT).case_id
    taken_in(third, written(maker))
    maker.settle()
    late = maker.act(c.File(), case_id).cmd_id
    raw = written(maker)
    taken_in(carrier, raw)
    maker.close()
    _put_back(centre, copy)
    for console in (carrier, third):
        for _ in range(3):
            console.settle()
    (found,) = carrier.database(lambda w: carried.every(w.connection))
    assert found.refusal == carried.GAP
    taken_in(carrier, raw)
    for _ in range(2):
        assert carrier.settle().phase is Phase.ONLINE
    assert centre.asked(f"SELECT count(*) FROM log WHERE cmd_id = '{late}'") == [(1,)]
    third.close()


@pytest.mark.landing
def test_an_earlier_file_fills_the_hole_a_later_one_was_refused_for(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    """Taken in by the same workstation, in the order the sticks turn up: they are handed in as they were made."""
    copy = _copied(centre, tmp_path / "copy.sqlite")
    ids = [maker.act(REPORT).cmd_id]
    earlier = written(maker)
    maker.settle()
    second = maker.act(REPORT)
    ids.append(second.cmd_id)
    later = written(maker)
    maker.close()
    _put_back(centre, copy)
    taken_in(carrier, later)
    carrier.settle()
    assert carrier.case(second.case_id) is None, "refused for the hole"
    taken_in(carrier, earlier)
    assert carrier.case(second.case_id) is not None, "tried again, and so shown again (world 7042)"
    for _ in range(2):
        assert carrier.settle().phase is Phase.ONLINE
    assert [i for i, _, _ in in_order(centre)] == ids


def test_what_the_file_cannot_hold_yet_is_said(centre: Centre, maker: Console, carrier: Console) -> None:
    """Which acts of its former device the centre has nobody knows before it was asked: they have no places in the new chain."""
    case_id, former = acted(maker)
    revoke(centre, maker.known.device)
    maker.let_in_again(centre, "device_revoked")
    later = maker.act(REPORT).cmd_id
    gathered = maker.database(handover.gather)
    assert len(gathered.acts) + gathered.head.acts_left == unsent(maker) == 4
    assert (gathered.head.acts, gathered.head.acts_left) == (1, 3)
    assert taken_in(carrier, written(maker)).acts_left == 3
    carrier.settle()
    assert [i for i, _, _ in in_order(centre)] == [later]
    assert maker.settle().phase is Phase.ONLINE
    assert [i for i, _, _ in in_order(centre)] == [later, *former], "one moment of line, each once"
    assert maker.database(lambda work: outbox.unsent(work.connection)) == outbox.Unsent(0, None, 0)
    maker.act(c.Note("又一条"), case_id)
    assert maker.database(handover.gather).head.acts_left == 0


def test_when_all_of_it_must_stay_behind_no_file_says_that_nothing_waits(centre: Centre, maker: Console) -> None:
    reported(maker, 2)
    revoke(centre, maker.known.device)
    maker.let_in_again(centre, "device_revoked")
    with pytest.raises(Refused, match="handover_unplaced") as caught:
        maker.database(handover.gather)
    assert caught.value.args_by_name == {"count": 2}
