"""A centre put back to last night's copy: it notices, consoles offer again what it has forgotten, nothing is lost and nothing
counts twice (D14, sync-R6). Real processes, real files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from models import commands as c
from models.errors import Refused
from models.recovery import Was
from models.reference_files import EDITION
from models.store import cursors, outbox, personal
from models.store.work import Work
from models.wire import Reason, SnapshotManifest, decode
from services import cases, tray
from services.sync.machine import Phase, SayHello
from tests.whole.parties import ROOT, Centre, Console

TOWN = "341002102"
MARKET, STATION = f"{TOWN}-market", f"{TOWN}006"
CLERK = f"{TOWN}-clerk-1"
REPORT = c.Report("", "volunteer", f"{EDITION}/matter/09005", "店外堆放", "龙山路口", TOWN, STATION)


@pytest.fixture
def desks(centre: Centre, tmp_path: Path) -> Iterator[tuple[Console, Console]]:
    made = Console(tmp_path, centre, TOWN, CLERK), Console(tmp_path, centre, MARKET, f"{MARKET}-officer-1")
    for console in made:
        console.settle()
    yield made
    for console in made:
        console.close()


def district(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "district", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def file_of(centre: Centre) -> Path:
    return Path(centre.database_url.removeprefix("sqlite:///"))


def reported(clerk: Console) -> str:
    def job(work: Work) -> str:
        done = cases.report(work, clerk.desk, REPORT, {"name": "某甲", "phone": "0559-0000997"})
        work.commit()
        return done.case_id

    return clerk.database(job)


def a_day(clerk: Console, market: Console) -> str:
    """A case as far as the office's arrival, everything settled."""
    case_id = reported(clerk)
    clerk.act(c.File(), case_id)
    clerk.act(c.Dispatch(MARKET), case_id)
    clerk.settle()
    market.settle()
    case = market.case(case_id)
    assert case is not None and case.lead is not None
    market.act(c.Arrive(case.lead.id), case_id)
    market.settle()
    clerk.settle()
    return case_id


def all_is_there(centre: Centre, clerk: Console, market: Console, case_ids: list[str]) -> None:
    """Every act of both workstations stands in the order exactly once, is settled at home, and everybody holds the same."""
    made = []
    for console in (clerk, market):
        mine = console.database(
            lambda work: work.connection.execute(text("SELECT cmd_id, state, outcome, kind, reason FROM outbox")).all()
        )
        assert [tuple(row) for row in mine if (row.state, row.outcome) != (outbox.SETTLED, "accepted")] == []
        made += [row.cmd_id for row in mine]
    kept = [str(row[0]) for row in centre.asked("SELECT cmd_id FROM log WHERE device <> 'D-centre'")]
    assert sorted(kept) == sorted(made) and len(set(made)) == len(made)
    for case_id in case_ids:
        at_town, at_market = clerk.case(case_id), market.case(case_id)
        assert at_town is not None and at_town == at_market and at_town.lead is not None
        assert at_town.lead.arrived_at is not None
    assert clerk.database(lambda work: personal.unsent(work.connection)) == []
    assert len(centre.asked("SELECT hash FROM personal")) == len(case_ids)
    done = district("audit", "--database", centre.database_url)
    assert done.returncode == 0, done.stdout + done.stderr


def waiting(console: Console) -> list[str]:
    """Codes of what keeps own acts undecided."""
    query = "SELECT reason FROM outbox WHERE outcome = 'deferred'"
    return [decode(row[0], Reason).code for row in console.database(lambda w: w.connection.execute(text(query)).all())]


def end_recovery(centre: Centre) -> None:
    done = district("recovery", "--database", centre.database_url, "--end", "--reason", "演练")
    assert done.returncode == 0 and "waits for nobody" in done.stdout, done.stderr


@pytest.fixture
def put_back(centre: Centre, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Put the centre back to before two desks of a sub-centre acted on one case; what is yielded does it."""

    def back() -> None:
        centre.end()  # it writes down whose chains were how long
        for suffix in ("-wal", "-shm"):
            file_of(centre).with_name(f"{file_of(centre).name}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(tmp_path / "copy.sqlite", file_of(centre))
        centre.start()

    yield back


@pytest.fixture
def two_dispatches(
    centre: Centre, desks: tuple[Console, Console], tmp_path: Path
) -> Iterator[tuple[Console, Console, str]]:
    """Two desks of one sub-centre: the first dispatched the case, the second too late and to another."""
    first, _ = desks
    second = Console(tmp_path, centre, TOWN, f"{TOWN}-clerk-2")
    case_id = reported(first)
    first.act(c.File(), case_id)
    for console in (first, second):
        console.settle()
    centre.end()
    shutil.copyfile(file_of(centre), tmp_path / "copy.sqlite")
    centre.start()
    first.act(c.Dispatch(MARKET), case_id)
    second.act(c.Dispatch(STATION), case_id)
    for console in (first, second, first, second):
        console.settle()
    yield first, second, case_id
    second.close()


def lead_of(console: Console, case_id: str) -> str:
    case = console.case(case_id)
    assert case is not None and case.lead is not None
    return case.lead.receiver


def test_the_second_comes_back_first_and_is_still_the_second(
    centre: Centre, two_dispatches: tuple[Console, Console, str], put_back: Callable[[], None]
) -> None:
    first, second, case_id = two_dispatches
    refused = verdicts(second, case_id)
    put_back()
    for _ in range(2):
        second.settle()
    assert waiting(second) == ["centre_recovering"]
    assert lead_of(second, case_id) == STATION, "his own act stays on his screen"
    for console in (first, second, first, second):
        console.settle()
    assert verdicts(second, case_id) == refused and refused[-1][0] == "rejected"
    assert lead_of(first, case_id) == lead_of(second, case_id) == MARKET
    told = district("recovery", "--database", centre.database_url).stdout
    assert "2 acts offered again, 2 decided, 0 differ, 0 wait" in told


def test_what_a_revoked_workstation_had_done_before_lies_apart_after_a_restore(
    centre: Centre, two_dispatches: tuple[Console, Console, str], put_back: Callable[[], None]
) -> None:
    """Its act stood in the order before it was revoked; both were forgotten. It hands the act in, and a person decides."""
    first, _, case_id = two_dispatches
    device = first.desk.device
    done = district("revoke", device, "--database", centre.database_url, "--reason", "stolen")
    assert done.stdout == "revoked\n", done.stderr
    put_back()
    for _ in range(2):
        state = first.settle()
        assert (state.phase, state.reason) == (Phase.REFUSED, "chain_revoked")
    assert centre.asked("SELECT device, dseq, decision FROM quarantine") == [(device, 3, "")]
    assert lead_of(first, case_id) == MARKET, "his own act stays on his screen"
    told = district("recovery", "--database", centre.database_url).stdout
    assert f"({device}), as revoked " in told and "(stolen)" in told and f"({device}): 2 of" not in told


def test_what_lost_its_verdict_only_is_told_of_too(
    centre: Centre,
    two_dispatches: tuple[Console, Console, str],
    put_back: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """World 6268: the copy held the act, kept undecided; how it had been decided since stood nowhere, and it was decided otherwise
    without a word."""
    first, second, case_id = two_dispatches
    put_back()
    second.settle()
    centre.end()
    shutil.copyfile(file_of(centre), tmp_path / "copy.sqlite")
    centre.start()
    for console in (first, second, first, second):
        console.settle()
    assert verdicts(second, case_id)[-1] == ("rejected", "already_dispatched_to")
    told: list[Was] = []
    monkeypatch.setattr(second.line, "tell_lost", told.extend)
    put_back()
    second.settle()
    assert {(was.epoch, was.outcome, was.code) for was in told} == {(2, "rejected", "already_dispatched_to")}
    told.clear()
    second.settle()
    assert not told and waiting(second) == ["centre_recovering"]
    put_back()
    second.settle()
    assert {(was.epoch, was.outcome, was.code) for was in told} == {(2, "rejected", "already_dispatched_to")}, (
        "once more"
    )


def verdicts(console: Console, case_id: str) -> list[tuple[str, str]]:
    query = text("SELECT outcome, reason FROM outbox WHERE case_id = :id ORDER BY dseq")
    rows = console.database(lambda work: work.connection.execute(query, {"id": case_id}).all())
    return [(row.outcome, decode(row.reason, Reason).code if row.reason else "") for row in rows]


def test_what_had_taken_effect_is_not_offered_to_be_undone(
    two_dispatches: tuple[Console, Console, str], put_back: Callable[[], None]
) -> None:
    """It waits to be handed in again, but others have worked on it since."""
    first, second, case_id = two_dispatches
    put_back()
    for console in (first, second):
        console.exchange.do(SayHello(), console.line)

    def newest(console: Console) -> str:
        rows = console.database(lambda w: outbox.states_of_case(w.connection, case_id))
        return str(max(rows, key=lambda row: row.dseq).cmd_id)

    def undoable(console: Console) -> str:
        panel = console.database(lambda w: cases.panel(w, console.desk, case_id))
        assert panel is not None
        return panel.undoable

    assert newest(first) != undoable(first)
    assert undoable(second) == newest(second), "what was refused may be taken back"
    sent = newest(first)
    with pytest.raises(Refused, match="already_sent"):
        first.database(lambda w: cases.undo(w, first.desk, sent))


def test_a_correction_does_not_overwrite_one_of_the_same_version_after_it(
    centre: Centre, desks: tuple[Console, Console], put_back: Callable[[], None], tmp_path: Path
) -> None:
    """Versions of a case come again after a restore: whoever saw version 4 before has not seen version 4 of now."""
    clerk, market = desks
    cut_off = Console(tmp_path, centre, TOWN, f"{TOWN}-clerk-2")
    case_id = reported(clerk)
    clerk.act(c.File(), case_id)
    for console in (clerk, cut_off):
        console.settle()
    centre.end()
    shutil.copyfile(file_of(centre), tmp_path / "copy.sqlite")
    centre.start()
    clerk.act(c.Dispatch(MARKET), case_id)
    for console in (clerk, market, clerk, cut_off):
        console.settle()
    cut_off.act(c.Describe(place="甲处"), case_id)
    saw = cut_off.database(lambda w: outbox.unsettled_of_cases(w.connection, (case_id,))[case_id])[-1].expect
    put_back()
    for _ in range(2):
        clerk.settle()
    end_recovery(centre)
    for _ in range(2):
        clerk.settle()
    clerk.act(c.Describe(place="乙处"), case_id)
    for _ in range(2):
        clerk.settle()
    now = clerk.case(case_id)
    assert now is not None and [(d.field, d.version) for d in now.described] == [("place", saw)], (
        "as the fault needs it"
    )
    for console in (cut_off, cut_off, cut_off, clerk):
        assert console.settle().phase is Phase.ONLINE
    assert verdicts(cut_off, case_id) == [("rejected", "field_changed")]
    assert [item.args["theirs"] for item in cut_off.database(lambda w: tray.items(w, cut_off.desk))] == ["乙处"]
    for console in (clerk, cut_off):
        found = console.case(case_id)
        assert found is not None and found.place == "乙处"
    cut_off.close()


def test_an_act_that_is_decided_while_a_snapshot_is_taken(
    centre: Centre,
    two_dispatches: tuple[Console, Console, str],
    put_back: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Found by a world (seed 5007): asked of before, it was undecided; the snapshot held its effect already; so no feed told of
    its verdict any more, and it stayed undecided at its desk for ever."""
    _, second, case_id = two_dispatches
    put_back()
    second.settle()
    assert waiting(second) == ["centre_recovering"]

    def forget(work: Work) -> None:
        cursors.doubt(work.connection, TOWN)
        work.commit()

    second.database(forget)
    snapshot = second.line.snapshot

    def decided_meanwhile() -> SnapshotManifest:
        monkeypatch.undo()
        end_recovery(centre)
        return snapshot()

    monkeypatch.setattr(second.line, "snapshot", decided_meanwhile)
    for _ in range(2):
        second.settle()
    assert verdicts(second, case_id) == [("accepted", "")]


def test_a_file_added_while_acts_wait_is_sent_as_soon_as_its_act_is_decided(
    centre: Centre, two_dispatches: tuple[Console, Console, str], put_back: Callable[[], None], tmp_path: Path
) -> None:
    """Until then the centre knows of no file of that name, and a refused file is left alone for ten minutes."""
    _, second, case_id = two_dispatches
    put_back()
    second.settle()
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff" + bytes(2_000))
    second.attach(case_id, tmp_path / "photo.jpg")
    second.settle()
    sent = "SELECT sent, state FROM blob"
    assert second.database(lambda work: work.connection.execute(text(sent)).all()) == [(0, "waiting")]
    end_recovery(centre)
    second.settle()
    assert second.database(lambda work: work.connection.execute(text(sent)).all()) == [(2_003, "sent")]
