"""Photographs and files over real processes: a bad line, a killed console, a killed centre; each arrives once, whole."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from models import commands as c
from models.attachment import Attachment
from models.blob_folder import BlobFolder
from models.reference_files import EDITION
from models.store import blobs, outbox
from models.wire import encode
from services import attachments, cases
from services.sync import machine
from services.sync.driver import fact_of, settle
from services.sync.line import Line
from services.sync.machine import Sync, step
from services.sync.round import Exchange
from services.sync.uploads import LARGEST
from tests.whole.bad_line import bad_line
from tests.whole.parties import Centre, Console
from tests.whole.uploading_console import Told

ROOT = Path(__file__).parents[2]
TOWN = "341002102"
MARKET = f"{TOWN}-market"
REPORT = c.Report("", "grid", f"{EDITION}/matter/09005", "店外堆放", "龙山路口", TOWN, f"{TOWN}003")
MEGABYTE = 1024 * 1024
TRIES = 60


@pytest.fixture
def desks(centre: Centre, tmp_path: Path) -> Iterator[tuple[Console, Console, str]]:
    """A sub-centre and the office it sent a case to; both have it."""
    clerk = Console(tmp_path, centre, TOWN, f"{TOWN}-clerk-1")
    market = Console(tmp_path, centre, MARKET, f"{MARKET}-officer-1")
    for console in (clerk, market):
        console.settle()
    case_id = clerk.act(REPORT).case_id
    clerk.act(c.File(), case_id)
    clerk.act(c.Dispatch(MARKET), case_id)
    for console in (clerk, market):
        console.settle()
    yield clerk, market, case_id
    for console in (clerk, market):
        console.close()


def a_file(folder: Path, megabytes: float, seed: int = 1) -> tuple[Path, str]:
    body = random.Random(seed).randbytes(int(megabytes * MEGABYTE))
    file = folder / f"{seed}.jpg"
    file.write_bytes(body)
    return file, hashlib.sha256(body).hexdigest()


def only(console: Console, case_id: str) -> Attachment:
    case = console.case(case_id)
    assert case is not None
    (found,) = case.attachments
    return found


def state(console: Console, case_id: str) -> blobs.Held:
    (found,) = console.database(lambda work: blobs.of_case(work.connection, case_id)).values()
    return found


def over(console: Console, line: Line, rounds: int = 400) -> Sync:
    return settle(console.exchange, line, Sync(), lambda: 0.5, rounds)


def at(port: int, console: Console) -> Line:
    return Line(f"http://127.0.0.1:{port}", console.clock, console.line._known)


@pytest.mark.landing
def test_twenty_megabytes_over_a_line_that_is_cut_stalls_and_loses_answers(
    centre: Centre, desks: tuple[Console, Console, str], tmp_path: Path
) -> None:
    clerk, market, case_id = desks
    file, sha256 = a_file(tmp_path, 20)
    market.attach(case_id, file)
    market.settle_acts()
    with bad_line(centre.port, mean_bytes=1_500_000, seed=11, stalls=6) as bad:
        line = at(bad.port, market)
        for number in range(TRIES):
            over(market, line)
            if number == 2:
                centre.end(signal.SIGKILL)
                over(market, line)
                centre.start()
            if state(market, case_id).state == blobs.SENT:
                break
        assert bad.cuts["reset"] > 2 and bad.cuts["answer lost"] > 2 and bad.cuts["stall"] == 1, bad.cuts
        assert bad.sent <= 1.3 * 20 * MEGABYTE, bad.sent / 20 / MEGABYTE
        line.close()
    market.settle()
    clerk.settle()
    assert only(market, case_id).arrived_at is not None and only(clerk, case_id) == only(market, case_id)
    folder = BlobFolder(Path(centre.database_url.removeprefix("sqlite:///")).with_suffix(".blobs"))
    assert list(folder.names()) == [sha256] and folder.is_sound(sha256) and not list(folder.folder.glob("parts/*"))
    arrived = centre.asked("SELECT count(*) FROM log WHERE kind = 'case.attachment_arrived'")
    assert arrived == [(1,)], "said once"
    _fetched_over_a_bad_line(centre, clerk, case_id, sha256)


def _fetched_over_a_bad_line(centre: Centre, clerk: Console, case_id: str, sha256: str) -> None:
    wanted = only(clerk, case_id)
    with bad_line(centre.port, mean_bytes=4_000, seed=12) as bad:
        line = at(bad.port, clerk)
        for _ in range(TRIES):
            fact = fact_of(machine.Upload(), lambda: _fetch(line, clerk, case_id, wanted), lambda: 0.5)
            if isinstance(fact, machine.Uploaded):
                break
        assert bad.connections > 3
        line.close()
    assert clerk.blobs.is_sound(sha256)
    clerk.database(lambda work: attachments.fetched(work, clerk.blobs, case_id, wanted))
    assert state(clerk, case_id).state == blobs.FETCHED


def _fetch(line: Line, clerk: Console, case_id: str, wanted: Attachment) -> machine.Fact:
    attachments.fetch(line, clerk.blobs, case_id, wanted)
    return machine.Uploaded(False)


def test_an_act_is_pushed_while_a_file_is_being_sent(
    centre: Centre, desks: tuple[Console, Console, str], tmp_path: Path
) -> None:
    _, market, case_id = desks
    file, _ = a_file(tmp_path, 4)
    market.attach(case_id, file)
    market.settle_acts()
    sync, effects = step(Sync(), machine.TimerFired())
    queue, pieces, made = list(effects), 0, ""
    while state(market, case_id).state == blobs.WAITING:
        queue.sort(key=lambda effect: isinstance(effect, machine.Pull))
        effect = queue.pop(0)
        pieces += isinstance(effect, machine.Upload)
        sync, more = step(sync, market.exchange.do(effect, market.line))
        queue.extend(more)
        if pieces == 3 and not made:
            made = market.act(c.Note("口头交办"), case_id).cmd_id
            sync, more = step(sync, machine.Acted())
            queue.extend(more)
        elif made and pieces == 5:  # the fourth was on its way when the act was made
            held = state(market, case_id)
            assert market.database(lambda work: outbox.unsent(work.connection)).count == 0, (
                "it went ahead of the rest of the file"
            )
            assert 0 < held.sent < held.size
    assert pieces > 6, "the file did go in pieces"


def test_a_console_killed_while_it_sends_goes_on_where_the_centre_stands(
    centre: Centre, desks: tuple[Console, Console, str], tmp_path: Path
) -> None:
    clerk, market, case_id = desks
    file, sha256 = a_file(tmp_path, 3)
    market.attach(case_id, file)
    market.settle_acts()
    known = market.line._known
    assert known is not None and known.key is not None
    store = market.engine.url.database
    told = Told(
        centre.address, str(store), str(market.blobs.folder.parent), MARKET, known.device, known.token, known.key.secret
    )
    (tmp_path / "told.json").write_bytes(encode(told))
    command = [sys.executable, "-m", "tests.whole.uploading_console", str(tmp_path)]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin is not None and child.stdout is not None
    for _ in range(4):
        child.stdin.write("go on\n")
        child.stdin.flush()
        assert child.stdout.readline() == "True\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait(timeout=20)
    for pipe in (child.stdin, child.stdout):
        pipe.close()
    there, whole = market.line.blob_stands(case_id, sha256)
    assert 4 * 64 * 1024 <= there < 3 * MEGABYTE and not whole
    with bad_line(centre.port, mean_bytes=1 << 40, seed=1) as counting:
        line = at(counting.port, market)
        over(market, line)
        assert counting.sent < 3 * MEGABYTE - there + LARGEST, "nothing is sent twice"
        line.close()
    clerk.settle()
    assert only(clerk, case_id).arrived_at is not None and only(clerk, case_id).sha256 == sha256


def test_what_was_taken_back_is_not_sent(centre: Centre, desks: tuple[Console, Console, str], tmp_path: Path) -> None:
    clerk, market, case_id = desks
    file, sha256 = a_file(tmp_path, 0.1)
    acted = market.attach(case_id, file)
    market.database(lambda work: (cases.undo(work, market.desk, acted.cmd_id), work.commit()))
    for console in (market, market, clerk):
        console.settle()
    assert clerk.case(case_id).attachments == () == market.case(case_id).attachments  # type: ignore[union-attr]
    assert not (Path(centre.database_url.removeprefix("sqlite:///")).with_suffix(".blobs")).exists()
    assert market.blobs.has(sha256)
    market.database(lambda work: attachments.tidy(work, market.blobs, at_most=0))
    assert not market.blobs.has(sha256), "and need not be kept"


def test_a_store_that_lost_its_list_of_files_asks_again(
    centre: Centre, desks: tuple[Console, Console, str], tmp_path: Path
) -> None:
    """As after a salvage: the acts are there, the files too, and nothing says that they belong together."""
    clerk, market, case_id = desks
    file, sha256 = a_file(tmp_path, 0.1)
    market.attach(case_id, file)
    market.database(lambda work: (blobs.let_go(work.connection, sha256), work.commit()))
    told = (market.database, MARKET, market._rules_arrived)
    market.exchange = Exchange(*told, wait_seconds=0, blobs=market.blobs)
    market.settle()
    clerk.settle()
    assert only(clerk, case_id).arrived_at is not None


def test_a_file_that_is_spoilt_here_holds_up_no_other(
    centre: Centre, desks: tuple[Console, Console, str], tmp_path: Path
) -> None:
    clerk, market, case_id = desks
    spoilt, sound = a_file(tmp_path, 0.3, seed=2), a_file(tmp_path, 0.2, seed=3)
    market.attach(case_id, spoilt[0])
    market.attach(case_id, sound[0])
    lies = market.blobs.file_of(spoilt[1])
    lies.write_bytes(bytes([lies.read_bytes()[0] ^ 1]) + lies.read_bytes()[1:])
    market.settle()
    clerk.settle()
    case = clerk.case(case_id)
    assert case is not None
    assert [a.arrived_at is not None for a in case.attachments] == [False, True], "the spoilt one stays awaited (I17)"
    assert [replace(a, arrived_at=None).unit for a in case.attachments] == [MARKET, MARKET], "and says whose it is"
