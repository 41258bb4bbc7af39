"""The console's store on real files: durable through kill -9, upgraded or declined, never on a network drive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from models.clock import SystemClock
from models.errors import Refused
from models.ids import id_source
from models.store import outbox
from models.store.engine import open_file, refuse_network_drive
from models.store.migrate import HEAD, migrate, version_of
from models.store.work import Work
from models.wire import chain_hash

ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from pathlib import Path
from models.clock import SystemClock
from models.commands import Report
from models.ids import id_source
from models.reference_files import EDITION, load_reference
from models.rules import Rules
from models.store.engine import open_file
from models.store.migrate import migrate
from models.store.work import Work
from services import cases
from services.desk import Desk
engine = open_file(Path(sys.argv[1])); migrate(engine)
rules = Rules(load_reference(Path("resources/reference")))
desk = Desk("341002102-clerk-1", "341002102", "D-x", "A")
clock = SystemClock()
for n in range(100000):
    with Work(engine, rules, clock, id_source(clock)) as work:
        done = cases.act(work, desk, Report("", "grid", f"{EDITION}/matter/09005", f"t{n}", "p", "341002102", "341002102006"))
        work.commit()
    print(done.cmd_id, flush=True)
"""


def test_what_was_said_to_be_saved_survives_kill_9(tmp_path: Path) -> None:
    told: list[str] = []
    for wait in (3, 8, 15, 4, 11):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "s.sqlite")], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        told += [process.stdout.readline().strip() for _ in range(wait)]
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read().splitlines()
        told += [line for line in rest if len(line) == 36]
        process.wait(10)
        process.stdout.close()
    engine = open_file(tmp_path / "s.sqlite")
    with Work(engine, None, SystemClock(), id_source(SystemClock())) as work:
        kept = outbox.after(work.connection, 0, 10_000, 100_000_000)
        rows = work.connection.execute(text("SELECT dseq, cmd_id, body, hash, case_id FROM outbox ORDER BY dseq")).all()
        cases = set(work.connection.execute(text("SELECT id FROM case_row")).scalars())
        assert work.connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    ids = [row.cmd_id for row in rows]
    assert set(told) <= set(ids), "acknowledged acts are there"
    assert len(ids) == len(set(ids)) and [row.dseq for row in rows] == list(range(1, len(rows) + 1))
    head = "0" * 64
    for row in rows:
        head = chain_hash(head, row.body)
        assert row.hash == head
    assert {row.case_id for row in rows} == cases, "an act and its row are one transaction"
    assert len(kept) == len(rows)


def test_a_newer_file_is_declined_and_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "s.sqlite"
    engine = open_file(file)
    migrate(engine)
    assert version_of(engine) == HEAD
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused) as caught:
        migrate(engine)
    assert caught.value.code == "store_newer"
    assert version_of(engine) == "9999"
    engine.dispose()


def test_a_network_drive_is_refused(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("none / ext4 rw 0 0\nserver:/home /mnt/office nfs4 rw 0 0\n", encoding="utf-8")
    with pytest.raises(Refused) as caught:
        refuse_network_drive(Path("/mnt/office/console/store.sqlite"), mounts)
    assert caught.value.code == "store_on_network"
    refuse_network_drive(tmp_path / "store.sqlite", mounts)


def test_the_program_opens_and_names_a_store(tmp_path: Path) -> None:
    command = [sys.executable, "main.py", "check-store", str(tmp_path / "sample.sqlite")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.strip() == f"store version {HEAD}, migrated from nothing"
