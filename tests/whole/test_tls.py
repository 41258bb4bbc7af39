"""The encrypted line, with real processes: enrolled by a code that carries the pin; every wrong certificate is refused, in
words, before anything is said (issue "Secrets and privacy"; sync.md §3.9)."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from district import certificates
from models import commands as c
from models.clock import DAY_MS, SystemClock
from models.errors import Refused
from models.reference_files import EDITION
from models.store import outbox
from models.store.engine import open_engine
from services.enrolment import enrol
from services.receipts import newest_receipt
from services.sync.line import Line
from services.sync.machine import Phase
from tests.whole.parties import ROOT, Centre, Console, initialise
from ui import words

TOWN = "341002102"
CLERK = f"{TOWN}-clerk-1"
HERE = "127.0.0.1"
REPORT = c.Report("", "grid", f"{EDITION}/matter/09005", "店外堆放", "龙山路口", TOWN, f"{TOWN}006")


@pytest.fixture
def centre(demo_sqlite_url: str, keys: Path) -> Iterator[Centre]:
    found = Centre(demo_sqlite_url, keys, HERE)
    yield found
    found.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Another district, with an authority of its own: its database and its keys."""
    folder = tmp_path_factory.mktemp("stranger")
    url = f"sqlite:///{folder}/district.sqlite"
    initialise(url, folder / "keys")
    return url, folder / "keys"


def refused(code: str) -> str:
    """What a person reads; the code must have words of its own."""
    assert code in words.REFUSALS
    return words.refusal(code, {"address": "https://centre"}, {})


def unsent(console: Console) -> int:
    return console.database(lambda work: outbox.unsent(work.connection)).count


def in_its_place(centre: Centre, url: str, keys: Path, host: str = HERE) -> Centre:
    """The centre goes; something else answers at its address."""
    centre.end(signal.SIGKILL)
    return Centre(url, keys, host, centre.port)


def test_acts_and_receipts_go_over_the_encrypted_line(centre: Centre, tmp_path: Path) -> None:
    console = Console(tmp_path, centre, TOWN, CLERK)
    assert console.settle().phase is Phase.ONLINE
    console.act(REPORT)
    console.settle()
    receipt = console.database(newest_receipt)
    assert unsent(console) == 0
    assert receipt is not None and (receipt.dseq, receipt.device) == (1, console.desk.device)
    trusted = console.line._session.get_adapter("https://")._context.get_ca_certs()
    assert len(trusted) == 2, "no public authority beside the district's own and its next one"
    console.close()


def test_a_second_authority_is_refused_and_nothing_is_lost(
    centre: Centre, tmp_path: Path, stranger: tuple[str, Path]
) -> None:
    console = Console(tmp_path, centre, TOWN, CLERK)
    console.settle()
    other = in_its_place(centre, *stranger)
    try:
        console.act(REPORT)
        state = console.settle()
        assert (state.phase, state.reason) == (Phase.REFUSED, "certificate_refused")
        assert unsent(console) == 1
        assert "不是本区中心" in refused("certificate_refused")
    finally:
        other.end(signal.SIGKILL)
    centre.start()
    assert console.settle().phase is Phase.ONLINE
    assert unsent(console) == 0
    console.close()


def test_an_expired_certificate_is_refused_and_a_new_one_needs_no_new_enrolment(
    centre: Centre, keys: Path, tmp_path: Path
) -> None:
    console = Console(tmp_path, centre, TOWN, CLERK)
    console.settle()
    centre.end()
    certificates.issue(keys, (), SystemClock().wall_ms() - 40 * DAY_MS, days=30)
    centre.start()
    state = console.settle()
    assert (state.phase, state.reason) == (Phase.REFUSED, "certificate_expired")
    assert "过期" in refused("certificate_expired") and "时钟" in refused("certificate_expired")
    centre.end()
    command = [sys.executable, "-m", "district", "certificate", "--database", centre.database_url, "--keys", str(keys)]
    made = subprocess.run(
        [*command, "--host-name", "centre.example"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert made.returncode == 0, made.stderr
    centre.start()
    assert console.settle().phase is Phase.ONLINE
    console.close()


def _renewed(keys: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "district", "certificate", "--database", "sqlite:///none", "--keys", str(keys)]
    return subprocess.run([*command, *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_new_certificate_is_for_the_names_of_the_one_before(demo_sqlite_url: str, keys: Path) -> None:
    """Renewed as the warning at the start says, it forgot them, and every console refused the line."""
    certificates.issue(keys, ("127.0.0.2", "centre.example"), SystemClock().wall_ms())
    said = _renewed(keys).stdout.splitlines()
    assert said[0].startswith("authority ") and len(said) == 2
    assert said[1].startswith("made for 127.0.0.2, centre.example, localhost, 127.0.0.1; ") and "next start" in said[1]
    found = Centre(demo_sqlite_url, keys, "127.0.0.2")
    try:
        line = Line(found.address, SystemClock(), None, certificates.authority_of(keys))
        assert line.hello().units
        line.close()
    finally:
        found.end(signal.SIGKILL)
    assert "made for other.example, localhost, 127.0.0.1; " in _renewed(keys, "--host-name", "other.example").stdout
    (keys / "server.pem").write_bytes(b"no certificate")
    assert "refused (certificate_unreadable): " in _renewed(keys).stderr
    assert _renewed(keys, "--host-name", "other.example").returncode == 0


@pytest.mark.parametrize(
    "lost", [("authority.pem",), ("authority.pem", "authority.key"), ("authority.pem", "signing.key")]
)
def test_a_lost_authority_is_not_replaced_unseen(keys: Path, lost: tuple[str, ...]) -> None:
    """Every workstation has pinned it: another one is a stranger to all of them."""
    for name in lost:
        (keys / name).unlink()
    before = {file.name: file.read_bytes() for file in keys.iterdir() if file.is_file()}
    refusal = _renewed(keys)
    assert refusal.returncode == 2 and "refused (authority_lost): the authority " in refusal.stderr
    assert {file.name: file.read_bytes() for file in keys.iterdir() if file.is_file()} == before
    assert _renewed(keys, "--new-authority").returncode == 0, (
        "a district from before TLS, or an init that was cut short"
    )
    assert certificates.authority_of(keys)


def test_an_authority_is_made_where_there_are_no_keys_at_all(tmp_path: Path) -> None:
    assert _renewed(tmp_path / "new").returncode == 0
    assert certificates.authority_of(tmp_path / "new")


def test_a_certificate_of_another_time_or_another_name(centre: Centre, keys: Path, tmp_path: Path) -> None:
    console = Console(tmp_path, centre, TOWN, CLERK)
    centre.end()
    certificates.issue(keys, (), SystemClock().wall_ms() + 40 * DAY_MS)
    centre.start()
    assert console.settle().reason == "certificate_not_yet_valid"
    certificates.issue(keys, (), SystemClock().wall_ms())
    other = in_its_place(centre, centre.database_url, keys, "127.0.0.2")
    try:
        line = Line(other.address, SystemClock(), None, certificates.authority_of(keys))
        with pytest.raises(Refused, match="certificate_of_other_name"):
            line.hello()
        line.close()
    finally:
        other.end(signal.SIGKILL)
    console.close()


def test_the_code_is_not_said_to_anybody_else(centre: Centre, stranger: tuple[str, Path]) -> None:
    """Whoever stands in the centre's place at enrolment is found out by the pin, before the secret leaves the workstation."""
    code = centre.code(TOWN)
    other = in_its_place(centre, *stranger)
    try:
        with pytest.raises(Refused, match="other_authority"):
            enrol(other.address, code, SystemClock())
    finally:
        other.end(signal.SIGKILL)
    engine = open_engine(stranger[0])
    with engine.connect().execution_options(read_only=True) as connection:
        assert connection.execute(text("SELECT count(*) FROM enrolment_try")).scalar() == 0, "nothing was tried there"
    engine.dispose()
    centre.start()
    assert enrol(centre.address, code, SystemClock()).registered.unit == TOWN, "and the code is as good as before"


def test_what_is_not_safe_is_refused_on_the_workstation(centre: Centre) -> None:
    short = "7K3M9QWD4T"
    from models.enrolment_code import EnrolmentCode

    with pytest.raises(Refused, match="code_without_pin"):
        enrol(centre.address, EnrolmentCode(short).shown(), SystemClock())
    with pytest.raises(Refused, match="plain_line"):
        enrol("http://192.0.2.1:8341", EnrolmentCode(short).shown(), SystemClock())
    with pytest.raises(Refused, match="plain_line"):
        Line("http://192.0.2.1:8341", SystemClock()).hello()


def _serve(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "district", "serve", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_without_tls_or_without_keys_others_are_not_served(demo_sqlite_url: str, keys: Path, tmp_path: Path) -> None:
    database = ("--database", demo_sqlite_url, "--port", "0")
    assert "loopback_only" in _serve(*database, "--keys", str(keys), "--host", "0.0.0.0").stderr
    assert "no_certificates" in _serve(*database, "--keys", str(tmp_path / "none"), "--tls").stderr
    (keys / "server.key").chmod(0o644)
    assert "key_file_open" in _serve(*database, "--keys", str(keys), "--tls").stderr
    (keys / "server.key").chmod(0o600)
    shown = (keys / "server.pem").read_bytes()
    certificates.issue(keys, ["localhost"], SystemClock().wall_ms())
    made = (keys / "server.pem").read_bytes()
    for broken_off in (shown, made[:200]):
        (keys / "server.pem").write_bytes(broken_off)
        assert "certificate_without_its_key" in _serve(*database, "--keys", str(keys), "--tls").stderr
    (keys / "server.pem").write_bytes(made)
    found = Centre(demo_sqlite_url, keys, "0.0.0.0")
    assert found.port
    found.end()
    shutil.rmtree(keys)
    assert "centre_key_missing" in _serve(*database, "--keys", str(keys)).stderr, "it is known by its key by now"
