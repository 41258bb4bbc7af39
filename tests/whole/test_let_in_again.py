"""A workstation whose chain no longer fits the centre's is let in again with all it holds: nothing is lost, nothing counts
twice, and the operator sees what happened (sync-R4, R5). Real processes, real files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from district.audit import audit
from models import commands as c
from models.errors import Refused, Weather
from models.reference_files import EDITION
from models.store import outbox
from models.store.engine import open_engine
from models.store.rechain import CHAIN_UNSURE
from models.wire import decode_command
from services.sync.line import Line
from services.sync.machine import Phase, Push, TakeSnapshot
from tests.whole.conftest import TOWN
from tests.whole.parties import Centre, Console
from tests.whole.test_devices import revoke
from tests.whole.test_restore import district

REPORT = c.Report("", "volunteer", f"{EDITION}/matter/09005", "店外堆放", "龙山路口", TOWN, f"{TOWN}006")


def reported(console: Console, times: int) -> list[str]:
    """So many reports; the ids of the acts."""
    return [console.act(REPORT).cmd_id for _ in range(times)]


def reviewed(centre: Centre, device: str, verdict: str, *chosen: str) -> None:
    """A person of the district, not the one who revoked the workstation, admits or declines what lies apart."""
    engine = open_engine(centre.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE device SET revoked_by = '341002-operator-2' WHERE id = :id"), {"id": device})
    engine.dispose()
    done = district("quarantine", device, "--database", centre.database_url, "--reason", "查看", verdict, *chosen)
    assert done.returncode == 0, done.stderr


def store_of(console: Console) -> Path:
    return Path(str(console.engine.url.database))


def image(console: Console, to: Path) -> Path:
    """What a backup program would have copied: the file, with its log folded in."""
    console.engine.dispose()
    return Path(shutil.copy(store_of(console), to))


def copied(centre: Centre, folder: Path) -> Callable[[], None]:
    """A copy of the centre's database as it is now; what puts the centre back to it."""
    database = Path(centre.database_url.removeprefix("sqlite:///"))
    centre.end()
    copy = shutil.copy(database, folder / "copy.sqlite")
    centre.start()

    def put_centre_back() -> None:
        centre.end()
        shutil.copy(copy, database)
        centre.start()

    return put_centre_back


def put_back(console: Console, copy: Path) -> None:
    console.engine.dispose()
    for beside in ("-wal", "-shm"):
        store_of(console).with_name(store_of(console).name + beside).unlink(missing_ok=True)
    shutil.copy(copy, store_of(console))


def in_order(centre: Centre) -> list[tuple[str, str, int]]:
    """(id, device, number) of every act of a workstation in the centre's order; its own examination finds nothing wrong."""
    engine = open_engine(centre.database_url)
    with engine.connect().execution_options(read_only=True) as connection:
        assert audit(connection).contradictions == []
    engine.dispose()
    return [
        (str(i), str(d), int(str(n)))
        for i, d, n in centre.asked("SELECT cmd_id, device, dseq FROM log WHERE device != 'D-centre' ORDER BY gseq")
    ]


def unsent(console: Console) -> int:
    return console.database(lambda work: outbox.unsent(work.connection)).count


def at_peace(console: Console) -> None:
    """Nothing waits, nothing is unsettled, and its chain follows the centre's."""
    assert console.settle().phase is Phase.ONLINE
    assert unsent(console) == 0
    assert console.database(lambda work: outbox.unsettled_ids(work.connection)) == []
    assert console.database(lambda work: work.read_meta(CHAIN_UNSURE)) == ""


def revoked(centre: Centre) -> dict[str, str]:
    found = centre.asked("SELECT id, revoke_reason FROM device WHERE revoked_at IS NOT NULL")
    return {str(device): str(reason) for device, reason in found}


def test_an_older_image_put_back(centre: Centre, clerk: Console, tmp_path: Path) -> None:
    first = reported(clerk, 2)
    clerk.settle()
    copy = image(clerk, tmp_path / "image")
    forgotten = reported(clerk, 3)
    clerk.settle()
    put_back(clerk, copy)
    after = reported(clerk, 2)
    sync = clerk.settle()
    assert (sync.phase, sync.reason) == (Phase.REFUSED, "chain_fork")
    assert unsent(clerk) == 2, "what the centre has not got is not called sent"
    was = clerk.identity.device
    later = reported(clerk, 1)
    clerk.let_in_again(centre, "chain_fork")
    at_peace(clerk)
    now = clerk.identity.device
    assert in_order(centre) == [
        *((cmd_id, was, n) for n, cmd_id in enumerate([*first, *forgotten], 1)),
        *((cmd_id, now, n) for n, cmd_id in enumerate([*after, *later], 1)),
    ]
    body = str(centre.asked(f"SELECT body FROM log WHERE cmd_id = '{after[0]}'")[0][0])
    origin = decode_command(body).origin
    assert origin is not None and (origin.device, origin.dseq) == (was, 3)
    assert revoked(centre) == {was: "chain_fork"}
    kept = clerk.database(
        lambda work: work.connection.execute(text("SELECT cmd_id FROM outbox ORDER BY dseq")).scalars().all()
    )
    assert kept == [*first, *after, *later], "in the order they were made"
    again = reported(clerk, 1)
    at_peace(clerk)
    assert in_order(centre)[-1] == (again[0], now, 4)


def held_up(console: Console, centre: Centre, monkeypatch: pytest.MonkeyPatch, call: str, after: int = 0) -> None:
    """A `call` over the line, the first after so many others, is answered as ever, and by the time its answer is heard the
    workstation was let in again."""
    former, ask, before = console.line, getattr(console.line, call), [None] * after

    def slow(*asked: object) -> object:
        answer = ask(*asked)
        if before:
            before.pop()
        else:
            monkeypatch.delattr(former, call)
            console.let_in_again(centre, "chain_fork")
        return answer

    monkeypatch.setattr(former, call, slow)


@pytest.mark.parametrize("call, is_revoked", [("status", False), ("push", False), ("push", True)])
def test_let_in_again_while_its_former_line_waits_for_an_answer(
    centre: Centre, clerk: Console, monkeypatch: pytest.MonkeyPatch, call: str, is_revoked: bool
) -> None:
    """What is said there of the former device's chain is nothing to the new one's."""
    made = reported(clerk, 2)
    clerk.settle()
    made += reported(clerk, 2)
    if is_revoked:
        revoke(centre, clerk.desk.device)
    held_up(clerk, centre, monkeypatch, call)
    sync = clerk.settle()
    assert (sync.phase, sync.reason) == (Phase.WAITING, "answer_unreadable"), "tried again by itself"
    assert unsent(clerk) == 2, "what nobody has said to have is not called sent"
    at_peace(clerk)
    assert sorted(i for i, _, _ in in_order(centre)) == sorted(made)


def test_let_in_again_while_a_try_of_the_former_device_goes_on(
    centre: Centre, clerk: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its new chain was numbered after the former one's head, and refused as a gap for ever."""
    reported(clerk, 2)
    clerk.settle()
    copy = image(clerk, tmp_path / "image")
    reported(clerk, 3)
    clerk.settle()
    put_back(clerk, copy)
    after = reported(clerk, 1)
    assert clerk.settle().reason == "chain_fork"
    held_up(clerk, centre, monkeypatch, "hello")
    assert clerk.settle().phase is Phase.WAITING
    at_peace(clerk)
    assert in_order(centre)[-1] == (after[0], clerk.identity.device, 1)


def test_let_in_again_while_a_centre_that_was_put_back_is_asked_what_it_lost(
    centre: Centre, clerk: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The acts it lost are those of a former device by the time its answer is heard: they are asked about anew, not passed over."""
    kept = reported(clerk, 1)
    clerk.settle()
    put_centre_back = copied(centre, tmp_path)
    lost = reported(clerk, 2)
    clerk.settle()
    put_centre_back()
    held_up(clerk, centre, monkeypatch, "status", after=1)
    with pytest.raises(Weather, match="answer_unreadable"):
        clerk.exchange.do(TakeSnapshot(), clerk.line)  # as after a pull that was told of another epoch
    at_peace(clerk)
    assert [i for i, _, _ in in_order(centre)] == [*kept, *lost]


def test_a_copy_at_work_beside_its_original(centre: Centre, clerk: Console, tmp_path: Path) -> None:
    first = reported(clerk, 1)
    clerk.settle()
    twin = Console(tmp_path, centre, TOWN, f"{TOWN}-clerk-2")
    twin.identity, twin.known, twin.desk, twin.rules = clerk.identity, clerk.known, clerk.desk, clerk.rules
    twin.line = Line(centre.address, twin.clock, twin.known)
    put_back(twin, image(clerk, tmp_path / "image"))
    here, there = reported(clerk, 2), reported(twin, 2)
    clerk.settle()
    assert twin.settle().reason == "chain_fork"
    twin.let_in_again(centre, "chain_fork")
    at_peace(twin)
    more = reported(clerk, 1)
    assert clerk.settle().phase is Phase.REFUSED, "one of the two had to become another, and the operator decides again"
    assert [i for i, _, _ in in_order(centre)] == [*first, *here, *there]
    assert centre.asked("SELECT cmd_id FROM quarantine") == [(more[0],)]
    clerk.let_in_again(centre, "device_revoked")
    at_peace(clerk)
    assert [i for i, _, _ in in_order(centre)] == [*first, *here, *there, *more]
    twin.close()


def test_the_centre_lacks_what_is_here_no_more(centre: Centre, clerk: Console) -> None:
    made = reported(clerk, 3)
    with clerk.engine.begin() as connection:
        connection.execute(text("DELETE FROM outbox WHERE dseq = 1"))
    assert clerk.settle().reason == "chain_gap"
    assert unsent(clerk) == 2
    clerk.let_in_again(centre, "chain_gap")
    at_peace(clerk)
    assert in_order(centre) == [(cmd_id, clerk.identity.device, n) for n, cmd_id in enumerate(made[1:], 1)]


def test_a_restored_centre_that_has_never_heard_of_it(centre: Centre, clerk: Console, tmp_path: Path) -> None:
    """It was let in after last night's copy was made: it comes in again, with its whole history."""
    first = reported(clerk, 2)
    clerk.settle()
    put_centre_back = copied(centre, tmp_path)
    late = Console(tmp_path, centre, TOWN, f"{TOWN}-clerk-2")
    late.settle()
    lost = reported(late, 2)
    late.settle()
    was = late.identity.device
    late.let_in_again(centre, "let_in_again")  # it has been two devices by then
    lost += reported(late, 1)
    late.settle()
    put_centre_back()
    waiting = reported(late, 1)
    assert late.settle().reason == "unknown_device"
    late.let_in_again(centre, "let_in_again")
    at_peace(late)
    at_peace(clerk)
    found = in_order(centre)
    assert [i for i, _, _ in found] == [*first, *lost, *waiting]
    assert [n for _, d, n in found if d == late.identity.device] == [1, 2, 3, 4]
    assert was not in {d for _, d, _ in found}


def test_nobody_takes_out_a_device_he_was_not(centre: Centre, clerk: Console, tmp_path: Path) -> None:
    other = Console(tmp_path, centre, TOWN, f"{TOWN}-clerk-2")
    clerk.known = type(clerk.known)(other.known.device, clerk.known.token, clerk.known.key)
    with pytest.raises(Refused, match="not_that_device"):
        clerk.let_in_again(centre, "chain_fork")
    assert revoked(centre) == {}
    other.close()


def test_what_was_declined_is_offered_again_at_once(centre: Centre, clerk: Console) -> None:
    """Found by a world: the centre's head had passed over the declined acts, so they looked handed in, and after the workstation
    was let in again nobody thought of them until somebody acted."""
    device = clerk.desk.device
    revoke(centre, device)
    made = reported(clerk, 3)
    clerk.settle()
    hashes = [row[0] for row in centre.asked("SELECT hash FROM quarantine ORDER BY dseq")]
    assert len(hashes) == 3
    for verdict, chosen in (("--decline", hashes[:2]), ("--admit", hashes[2:])):
        reviewed(centre, device, verdict, *chosen)
    clerk.settle()
    clerk.let_in_again(centre, "device_revoked")
    assert unsent(clerk) == 3
    for _ in range(2):
        clerk.settle()
    assert sorted(act for act, _device, _dseq in in_order(centre)) == sorted(made)
    assert unsent(clerk) == 0


def test_what_is_made_first_and_comes_last_is_folded_in_that_order(centre: Centre, clerk: Console) -> None:
    """Of three acts on a new case the last was admitted alone: it fits nothing now, and the screen does not go on showing it until
    the centre's verdict comes (found by a world, seed 1173 of 2a82616)."""
    device = clerk.desk.device
    revoke(centre, device)
    case_id = clerk.act(REPORT).case_id
    for args in (c.File(), c.LogCall(f"{TOWN}-squad", "no_answer")):
        clerk.act(args, case_id)
    clerk.settle()
    hashes = [row[0] for row in centre.asked("SELECT hash FROM quarantine ORDER BY dseq")]
    for verdict, chosen in (("--decline", hashes[:2]), ("--admit", hashes[2:])):
        reviewed(centre, device, verdict, *chosen)
    clerk.let_in_again(centre, "device_revoked")
    assert [step.kind for step in clerk.case(case_id).history] == ["case.report", "case.file", "case.log_call"]
    clerk.exchange.do(Push(), clerk.line)
    assert [step.kind for step in clerk.case(case_id).history] == ["case.report", "case.file"]
    for _ in range(2):
        clerk.settle()
    assert [step.kind for step in clerk.case(case_id).history] == ["case.report", "case.file"]
    assert len(clerk.database(lambda work: outbox.not_effective(work.connection))) == 1
