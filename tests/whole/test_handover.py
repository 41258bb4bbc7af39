"""交接包: what a workstation cannot hand in any more another one of its unit carries to the centre, once and whichever comes first
(sync.md §3.10, docs/decisions/0016). Real centre, real files; the maker a process of its own that is killed."""

from __future__ import annotations

import io
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from models import commands as c
from models.errors import Refused
from models.handover_file import Inside, read_head
from models.store import carried, outbox, personal
from models.store.work import Work
from models.wire import decode, encode
from services import cases, handover, handover_files, tray
from services.sealed_file import opened_bytes
from services.sync.machine import Phase, SayHello, TakeSnapshot
from tests.whole.conftest import CLERK, TOWN
from tests.whole.parties import ROOT, Centre, Console
from tests.whole.test_devices import revoke
from tests.whole.test_let_in_again import REPORT, in_order, store_of

OTHER = f"{TOWN}-clerk-2"
PASS = "说好的口令-2026"
PERSON = {"name": "某甲", "phone": "0559-0000999"}


@pytest.fixture
def maker(centre: Centre, tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path / "maker", centre, TOWN, CLERK)
    made.settle()
    yield made
    made.close()


@pytest.fixture
def carrier(centre: Centre, tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path / "carrier", centre, TOWN, OTHER)
    made.settle()
    yield made
    made.close()


def written(console: Console, passphrase: str = PASS) -> bytes:
    key = console.known.key
    assert key is not None
    return b"".join(handover.packed(console.database(handover.gather), console.blobs, key, passphrase).pieces)


def taken_in(console: Console, raw: bytes, passphrase: str = PASS) -> handover.Kept:
    source = io.BytesIO(raw)
    found = handover.opened(source, passphrase)

    def keep(work: Work) -> handover.Kept:
        kept = handover.keep(work, found)
        work.commit()
        return kept

    kept = console.database(keep)
    handover_files.take(source, found.at, found.inside, kept.wanted, console.blobs)
    console.database(lambda work: handover_files.enter(work, kept.wanted, console.blobs))
    return kept


def state_of(console: Console, case_id: str, cmd_id: str) -> str:
    panel = console.database(lambda work: cases.panel(work, console.desk, case_id))
    assert panel is not None
    return panel.acts[cmd_id].state


def acted(console: Console) -> tuple[str, list[str]]:
    """A case with a requester's record, filed, and a note on it: made here, handed in by nobody."""

    def report(work: Work) -> cases.Acted:
        made = cases.report(work, console.desk, REPORT, PERSON)
        work.commit()
        return made

    first = console.database(report)
    rest = [console.act(args, first.case_id) for args in (c.File(), c.Note("已电话告知"))]
    return first.case_id, [first.cmd_id, *(done.cmd_id for done in rest)]


def test_another_workstation_carries_the_acts_of_a_dead_one(centre: Centre, maker: Console, carrier: Console) -> None:
    case_id, ids = acted(maker)
    raw = written(maker)
    maker.close()
    kept = taken_in(carrier, raw)
    assert (kept.slot, kept.new, kept.before) == (maker.desk.slot, 3, 0)
    case = carrier.case(case_id)
    assert case is not None and case.filed_by == CLERK, "visible before the centre knows of it"
    assert {state_of(carrier, case_id, i) for i in ids} == {"carried"}
    assert carrier.settle().phase is Phase.ONLINE
    assert in_order(centre) == [(cmd_id, maker.known.device, n) for n, cmd_id in enumerate(ids, 1)]
    carrier.settle()
    assert {state_of(carrier, case_id, i) for i in ids} == {"accepted"}
    assert centre.asked("SELECT count(*) FROM personal") == [(1,)]
    assert carrier.database(lambda w: carried.waiting_ids(w.connection)) == set()
    record = centre.asked("SELECT record FROM personal")[0][0]
    assert PERSON["name"].encode() in bytes(record), "the district has whom to ring"  # type: ignore[arg-type]


def test_whichever_comes_first_it_counts_once_and_both_hear_of_it(
    centre: Centre, maker: Console, carrier: Console
) -> None:
    case_id, ids = acted(maker)
    taken_in(carrier, written(maker))
    carrier.settle()
    later = maker.act(c.Note("线路恢复后"), case_id).cmd_id
    assert maker.settle().phase is Phase.ONLINE
    assert [i for i, _, _ in in_order(centre)] == [*ids, later]
    for console in (maker, carrier):
        console.settle()
        assert {state_of(console, case_id, i) for i in ids} == {"accepted"}
    assert maker.database(lambda w: outbox.unsettled_ids(w.connection)) == []


def test_what_was_handed_in_before_it_was_carried_is_told_by_a_snapshot(
    centre: Centre, maker: Console, carrier: Console
) -> None:
    case_id, ids = acted(maker)
    raw = written(maker)
    maker.settle()
    carrier.settle()
    before = in_order(centre)
    assert taken_in(carrier, raw).new == 3
    case = carrier.case(case_id)
    assert case is not None and [step.cmd_id for step in case.history] == ids, "shown once, although it came twice"
    carrier.settle()
    carrier.settle()
    assert in_order(centre) == before
    assert {state_of(carrier, case_id, i) for i in ids} == {"accepted"}


def test_what_did_not_take_effect_waits_in_both_trays(centre: Centre, maker: Console, carrier: Console) -> None:
    case_id = carrier.act(REPORT).case_id
    carrier.settle()
    maker.settle()
    late = maker.act(c.Decline("不属城管"), case_id).cmd_id
    carrier.act(c.File(), case_id)
    carrier.settle()
    taken_in(carrier, written(maker))
    carrier.settle()
    maker.settle()
    for console in (carrier, maker):
        console.settle()
        (item,) = console.database(lambda w, k=console: tray.items(w, k.desk))
        assert (item.cmd_id, item.kind) == (late, "case.decline")
        assert item.by == (CLERK if console is carrier else "")

        def put_away(work: Work, desk: object = console.desk) -> None:
            tray.close(work, desk, late)  # type: ignore[arg-type]
            work.commit()

        console.database(put_away)
        assert console.database(lambda w, k=console: tray.items(w, k.desk)) == ()


def test_a_file_that_is_not_as_it_was_made_is_refused_and_nothing_is_lost(
    centre: Centre, maker: Console, carrier: Console
) -> None:
    acted(maker)
    raw = written(maker)
    for bad, code in (
        (raw[:-40], "bundle_unreadable"),
        (b"", "bundle_unreadable"),
        (raw.replace(maker.known.device.encode(), b"D-" + b"0" * (len(maker.known.device) - 2)), "bundle_changed"),
        (raw[: len(raw) // 2] + bytes([raw[len(raw) // 2] ^ 1]) + raw[len(raw) // 2 + 1 :], "bundle_changed"),
    ):
        with pytest.raises(Refused, match=code):
            taken_in(carrier, bad)
    with pytest.raises(Refused, match="bundle_passphrase_wrong"):
        taken_in(carrier, raw, "another passphrase")
    assert carrier.database(lambda w: carried.every(w.connection)) == []
    assert taken_in(carrier, raw).new == 3, "the file itself is as good as before"
    with pytest.raises(Refused, match="bundle_known"):
        taken_in(carrier, raw)
    with pytest.raises(Refused, match="bundle_is_own"):
        taken_in(maker, raw)


def test_a_record_under_another_hash_than_its_own_is_refused(maker: Console, carrier: Console) -> None:
    acted(maker)
    maker.database(lambda w: (personal.keep(w.connection, "0" * 64, "case", b'{"salt":"s"}'), w.commit()))
    with pytest.raises(Refused, match="bundle_changed"):
        taken_in(carrier, written(maker))


def test_a_later_file_of_the_same_workstation_adds_what_is_new(
    centre: Centre, maker: Console, carrier: Console
) -> None:
    case_id, ids = acted(maker)
    taken_in(carrier, written(maker))
    more = maker.act(c.Note("又一条"), case_id).cmd_id
    kept = taken_in(carrier, written(maker))
    assert (kept.new, kept.before) == (1, 3)
    carrier.settle()
    assert [i for i, _, _ in in_order(centre)] == [*ids, more]


def test_nothing_of_a_case_or_a_person_can_be_read_in_the_file(maker: Console) -> None:
    acted(maker)
    raw = written(maker)
    for mark in (REPORT.title, REPORT.place, PERSON["name"], PERSON["phone"], "已电话告知"):
        assert mark.encode() not in raw and mark.encode("unicode_escape") not in raw
    head, sealed = read_head(raw)
    inside = decode(opened_bytes(sealed, PASS), Inside)
    assert (len(inside.acts), len(inside.records), head.acts) == (3, 1, 3)
    with pytest.raises(Refused, match="bundle_passphrase_short"):
        written(maker, "short")


def test_another_unit_or_another_district_takes_none_of_it(centre: Centre, maker: Console, tmp_path: Path) -> None:
    acted(maker)
    raw = written(maker)
    market = Console(tmp_path / "market", centre, f"{TOWN}-market", f"{TOWN}-market-1")
    market.settle()
    with pytest.raises(Refused, match="bundle_of_other_unit"):
        taken_in(market, raw)
    market.close()
    head = maker.database(handover.gather).head
    found = handover.opened(io.BytesIO(raw), PASS)
    elsewhere = msgspec.structs.replace(found, head=msgspec.structs.replace(head, centre_key="A" * 43))
    with pytest.raises(Refused, match="bundle_of_other_district"):
        maker.database(lambda work: handover.keep(work, elsewhere))


def test_acts_of_a_workstation_revoked_meanwhile_lie_apart(centre: Centre, maker: Console, carrier: Console) -> None:
    case_id, ids = acted(maker)
    taken_in(carrier, written(maker))
    revoke(centre, maker.known.device)
    assert carrier.settle().phase is Phase.ONLINE, "the one that carries goes on"
    assert [row[0] for row in centre.asked("SELECT cmd_id FROM quarantine ORDER BY dseq")] == ids
    assert in_order(centre) == []
    (found,) = carrier.database(lambda w: carried.every(w.connection))
    assert (found.refusal, carrier.case(case_id)) == ("carried_revoked", None), "no longer shown as if it might count"


def test_what_befalls_the_carrier_is_not_held_against_what_it_carries(
    centre: Centre, maker: Console, carrier: Console
) -> None:
    """Its line down, then it is revoked itself: the acts still wait, and a third workstation can carry them."""
    case_id, ids = acted(maker)
    raw = written(maker)
    taken_in(carrier, raw)
    centre.end(signal.SIGKILL)
    carrier.settle()
    centre.start()
    revoke(centre, carrier.known.device)
    assert carrier.settle().phase is Phase.REFUSED
    (found,) = carrier.database(lambda w: carried.every(w.connection))
    assert found.is_to_hand_in and state_of(carrier, case_id, ids[0]) == "carried"
    third = Console(store_of(carrier).parent / "third", centre, TOWN, OTHER)
    third.settle()
    taken_in(third, raw)
    third.settle()
    assert [i for i, _, _ in in_order(centre)] == ids
    third.close()


def test_a_restored_centre_is_given_them_again(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    case_id, ids = acted(maker)
    centre.end()
    file = Path(centre.database_url.removeprefix("sqlite:///"))
    copy = shutil.copy(file, tmp_path / "before.sqlite")
    centre.start()
    taken_in(carrier, written(maker))
    carrier.settle()
    carrier.settle()
    assert {state_of(carrier, case_id, i) for i in ids} == {"accepted"}
    centre.end()
    shutil.copy(copy, file)
    centre.start()
    for _ in range(3):
        carrier.settle()
    assert [i for i, _, _ in in_order(centre)] == ids
    assert {state_of(carrier, case_id, i) for i in ids} == {"accepted"}


def test_after_a_restore_they_show_on_top_of_what_the_centre_has_left(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    """World 2095: of the case the centre still had, what it had lost was missing until it was handed in again."""
    case_id = acted(maker)[0]
    maker.settle()
    carrier.settle()
    centre.end()
    file = Path(centre.database_url.removeprefix("sqlite:///"))
    copy = shutil.copy(file, tmp_path / "before.sqlite")
    centre.start()
    note = maker.act(c.Note("断网后写的"), case_id).cmd_id
    taken_in(carrier, written(maker))
    carrier.settle()
    carrier.settle()
    assert state_of(carrier, case_id, note) == "accepted"
    centre.end()
    shutil.copy(copy, file)
    centre.start()
    for effect in (SayHello(), TakeSnapshot()):
        carrier.exchange.do(effect, carrier.line)
    case = carrier.case(case_id)
    assert case is not None and case.history[-1].cmd_id == note
    assert state_of(carrier, case_id, note) == "carried"
    for _ in range(2):
        carrier.settle()
    assert state_of(carrier, case_id, note) == "accepted"


def test_nothing_to_hand_over_is_said(maker: Console) -> None:
    with pytest.raises(Refused, match="nothing_unsent"):
        maker.database(handover.gather)


def test_a_workstation_process_that_was_killed(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    """It writes its file with the line down, goes on working, and is killed. Nobody starts it again."""
    told = {
        "store": str(maker.engine.url.database),
        "unit": TOWN,
        "person": CLERK,
        "file": str(tmp_path / "one.handover"),
    }
    told |= {"secret": maker.known.key.secret if maker.known.key else "", "passphrase": PASS, "slot": maker.desk.slot}
    told["device"] = maker.known.device
    (tmp_path / "told.json").write_bytes(encode(told))
    maker.engine.dispose()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.whole.dying_console", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ids = process.stdout.readline().split()
        assert len(ids) == 5
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(20)
    assert taken_in(carrier, Path(told["file"]).read_bytes()).new == 5
    carrier.settle()
    assert [i for i, _, _ in in_order(centre)] == ids
