"""A store that this version's program left behind: opened, brought up to date, its unsent acts sent to a real centre."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from district.accounts import token_hash
from district.store.devices import insert_device
from models.clock import SystemClock
from models.errors import Refused
from models.rules import Reference, Rules
from models.store import outbox
from models.store.engine import open_engine, open_file, refuse_network_drive
from models.store.migrate import HEAD, migrate, version_of
from models.store.opening import is_damaged, open_store
from models.wire import decode
from services.desk import Desk
from services.sync.line import Credentials, Line
from services.sync.machine import Phase, Sync
from services.sync.round import Exchange
from tests.store.make_sample import (
    CASES,
    CLERK,
    DEVICE,
    MARKET,
    SAMPLES,
    SLOT,
    TOWN,
    UNSENT,
    VERSIONS,
    sample_file,
    unpacked,
)
from tests.whole.parties import Centre, Console
from ui import words

ROOT = Path(__file__).parents[2]
NEXT_VERSION = f"{int(HEAD) + 1:04d}"
NEXT = f'''"""A version after this one."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{NEXT_VERSION}", "{HEAD}"
def upgrade():
    op.add_column("outbox", sa.Column("seen", sa.Boolean()))
'''


@pytest.fixture(params=list(VERSIONS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sample(tmp_path: Path, name: str) -> Path:
    return unpacked(tmp_path, name)


@pytest.fixture
def centre(demo_url: str) -> Iterator[Centre]:
    found = Centre(demo_url)
    yield found
    found.end(signal.SIGKILL)


class Left(Console):
    """The workstation that left the sample, at a centre that knows it."""

    def __init__(self, file: Path, centre: Centre) -> None:
        self.clock = SystemClock()
        self.engine = open_store(file, self.clock.wall_ms())
        engine = open_engine(centre.database_url)
        with engine.begin() as connection:
            told = {"label": "sample", "token_hash": token_hash("t" * 40), "registered_by": ""}
            insert_device(connection, DEVICE, TOWN, SLOT, self.clock.wall_ms(), **told)
        engine.dispose()
        self.rules, self.unit = self._kept_rules(), TOWN
        self.line = Line(centre.address, self.clock, Credentials(DEVICE, "t" * 40))
        self.desk = Desk(CLERK, TOWN, DEVICE, SLOT)
        self.sync = Sync()
        self.exchange = Exchange(self.database, TOWN, self._rules_arrived, wait_seconds=0)

    def _kept_rules(self) -> Rules:
        with self.engine.connect().execution_options(read_only=True) as connection:
            body = connection.execute(text("SELECT body FROM document WHERE name = 'reference'")).scalar()
        return Rules(decode(body, Reference))


def test_the_sample_is_small_sound_and_of_a_version_we_know(sample: Path, name: str) -> None:
    assert sample_file(name).stat().st_size < 300_000
    assert not is_damaged(sample)
    engine = open_store(sample, 0)
    assert version_of(engine) == HEAD
    with engine.connect().execution_options(read_only=True) as connection:
        assert outbox.unsent(connection).count == UNSENT
        assert connection.execute(text("SELECT count(*) FROM case_row")).scalar() == CASES
    engine.dispose()


def test_every_version_of_the_store_has_its_sample() -> None:
    assert list(VERSIONS.values())[-1] == HEAD, (
        "a new version: name its sample and run python -m tests.store.make_sample"
    )


def test_its_unsent_acts_reach_a_real_centre_once(sample: Path, centre: Centre, tmp_path: Path) -> None:
    left = Left(sample, centre)
    with left.engine.connect().execution_options(read_only=True) as connection:
        made = [str(i) for i in connection.execute(text("SELECT cmd_id FROM outbox ORDER BY dseq")).scalars()]
    assert left.settle().phase is Phase.ONLINE
    left.settle()
    assert left.database(lambda work: outbox.unsent(work.connection)).count == 0
    engine = open_engine(centre.database_url)
    with engine.connect().execution_options(read_only=True) as connection:
        asked = text("SELECT cmd_id, outcome, reason FROM log WHERE device = :d ORDER BY gseq")
        rows = connection.execute(asked, {"d": DEVICE}).all()
    engine.dispose()
    assert [row.cmd_id for row in rows] == made and len(made) == UNSENT
    rejected = [row.cmd_id for row in rows if row.outcome != "accepted"]
    assert len(rejected) == 1 and rejected[0] == made[-2], "only the act that was taken back"
    (tmp_path / "market").mkdir()
    market = Console(tmp_path / "market", centre, MARKET, f"{MARKET}-officer-1")
    market.settle()
    count = text("SELECT count(*) FROM case_row")
    assert market.database(lambda work: work.connection.execute(count).scalar()) == CASES - 1
    for console in (left, market):
        console.close()


def test_an_upgrade_keeps_a_copy_and_every_unsent_act(sample: Path, name: str, tmp_path: Path) -> None:
    """As the next version will do it: with scripts that go one further."""
    scripts = tmp_path / "migrations"
    shutil.copytree(ROOT / "models/store/migrations", scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / f"{NEXT_VERSION}_next.py").write_text(NEXT, encoding="utf-8")
    copy = tmp_path / "store.before-upgrade.sqlite"
    copy.write_bytes(b"a copy from the upgrade before")
    engine = open_file(sample)
    migrate(engine, scripts, NEXT_VERSION, copy)
    assert version_of(engine) == NEXT_VERSION
    assert "seen" in {column["name"] for column in inspect(engine).get_columns("outbox")}
    with engine.connect().execution_options(read_only=True) as connection:
        assert outbox.unsent(connection).count == UNSENT
    engine.dispose()
    kept = open_file(copy)
    assert version_of(kept) == VERSIONS[name]
    kept.dispose()
    before = sample.read_bytes()
    with pytest.raises(Refused) as caught:
        open_store(sample, 0)
    assert sample.read_bytes() == before, "a newer store is not touched"
    told = words.refusal(caught.value.code, caught.value.args_by_name, {})
    assert NEXT_VERSION in told and "请升级" in told and "未改动" in told


def _check(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "main.py", "check-store", str(file)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_the_program_checks_a_store_and_says_what_is_wrong(sample: Path, name: str) -> None:
    sound = _check(sample)
    migrated = "" if VERSIONS[name] == HEAD else f", migrated from {VERSIONS[name]}"
    assert (sound.returncode, sound.stdout.strip()) == (0, f"store version {HEAD}{migrated}")
    engine = open_file(sample)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    newer = _check(sample)
    assert newer.returncode == 2 and newer.stdout.startswith("refused: store_newer")
    raw = sample.read_bytes()
    sample.write_bytes(bytes(4096) + raw[4096:])
    damaged = _check(sample)
    assert damaged.returncode == 3 and damaged.stdout.startswith(
        f"damaged: {UNSENT} unsent acts can be read, missing: 0"
    )
    assert sample.read_bytes() == bytes(4096) + raw[4096:], "checking repairs nothing"


def test_a_network_drive_is_refused_whatever_its_name(tmp_path: Path) -> None:
    share = tmp_path / "shared folder"
    share.mkdir()
    (tmp_path / "link").symlink_to(share)
    mounts = tmp_path / "mounts"
    escaped = str(share).replace(" ", "\\040")
    mounts.write_text(f"none / ext4 rw 0 0\n//office/a {escaped} cifs rw 0 0\n", encoding="utf-8")
    for file in (share / "store.sqlite", tmp_path / "link" / "store.sqlite"):
        with pytest.raises(Refused) as caught:
            refuse_network_drive(file, mounts)
        told = words.refusal(caught.value.code, caught.value.args_by_name, {})
        assert "cifs" in told and "本地磁盘" in told
    refuse_network_drive(tmp_path / "elsewhere" / "store.sqlite", mounts)


@pytest.mark.landing
def test_the_bundle_s_proof_opens_every_sample_and_says_what_it_did_not_prove(tmp_path: Path) -> None:
    """The same script that proves the bundle, over the program as it stands here."""
    samples = sorted(SAMPLES.glob("*.sqlite.xz"))
    program = [sys.executable, str(ROOT / "main.py")]
    done = _prove(ROOT, program)
    assert done.returncode == 0, done.stderr
    for sample in samples:
        name = sample.name.removesuffix(".sqlite.xz")
        assert f"sample {name}: store version {HEAD}" in done.stdout
        assert f"sample {name}, opened again: store version {HEAD}\n" in done.stdout
    assert f"a database without tables: store version {HEAD}, migrated from nothing" in done.stdout
    assert ("samples were of an older version" in done.stdout) or ("no older version exists" in done.stdout)


def test_the_proof_fails_for_a_program_that_leaves_stores_at_another_version(tmp_path: Path) -> None:
    lazy = tmp_path / "lazy"
    lazy.write_text("#!/bin/sh\necho store version 0000\n", encoding="utf-8")
    lazy.chmod(0o755)
    done = _prove(ROOT, [str(lazy)])
    assert done.returncode == 1 and f"not of version {HEAD}" in done.stderr


def _prove(root: Path, program: list[str]) -> subprocess.CompletedProcess[str]:
    command = [str(root / "packaging" / "prove_samples.sh"), *program]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=110, check=False)
