"""A workstation's key, its receipts, and what becomes of it when it is revoked: a real console against a real centre."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from models import commands as c
from models.errors import Refused
from models.reference_files import EDITION
from models.signing import RECEIPT, is_signed, new_key
from models.store.identity import known_identity
from models.store.opening import open_store
from models.wire import PushReply, Receipt, Receipted, Sealed, encode
from services import enrolment
from services.receipts import keep_receipt, newest_receipt
from services.secrets import Secrets
from services.sync import unsent
from services.sync.line import Line
from services.sync.machine import Phase
from services.vault import Vault
from tests.whole.parties import KEYS, ROOT, Centre, Console
from ui import words

TOWN = "341002102"
CLERK = f"{TOWN}-clerk-1"
REPORT = c.Report("", "grid", f"{EDITION}/matter/09005", "店外堆放", "龙山路口", TOWN, f"{TOWN}006")
PERSON = {"name": "某甲", "phone": "0559-0000999"}


@pytest.fixture
def console(centre: Centre, tmp_path: Path) -> Iterator[Console]:
    found = Console(tmp_path, centre, TOWN, CLERK)
    found.settle()
    yield found
    found.close()


def revoke(centre: Centre, device: str) -> None:
    command = [sys.executable, "-m", "district", "revoke", device, "--reason", "lost"]
    done = subprocess.run(
        [*command, "--database", centre.database_url], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "revoked\n", done.stderr


def states(console: Console) -> list[str]:
    return [
        str(row[0]) for row in console.database(lambda w: list(w.connection.execute(text("SELECT state FROM outbox"))))
    ]


def test_what_a_revoked_workstation_still_had_is_kept_on_both_sides(
    centre: Centre, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than one batch of it; and a requester's record, which stays here."""
    monkeypatch.setattr(unsent, "BATCH", 2)
    console.act(REPORT)
    console.settle()
    before = console.database(newest_receipt)
    made = [console.act(REPORT).cmd_id for _ in range(5)]
    console.database(lambda w: (_with_requester(console, w), w.commit()))
    revoke(centre, console.desk.device)
    for _ in range(2):
        state = console.settle()
        assert (state.phase, state.reason) == (Phase.REFUSED, "chain_revoked")
    kept = centre.asked("SELECT cmd_id, body, hash, alg, sig FROM quarantine ORDER BY dseq")
    assert [row[0] for row in kept][:5] == made and len(kept) == 6
    key = centre.asked(f"SELECT public_key FROM device WHERE id = '{console.desk.device}'")[0][0]
    assert all(is_signed(Sealed(*map(str, row[1:])), str(key)) for row in kept)
    assert states(console).count("pending") == 6, "nothing of it is said to have arrived"
    assert console.database(newest_receipt) == before
    assert centre.asked("SELECT count(*) FROM personal") == [(0,)]
    said = words.refusal(state.reason, {}, {})
    assert "停用" in said and "封存" in said and "仍存在本机" in said


def _with_requester(console: Console, work: object) -> None:
    from services import cases

    cases.report(work, console.desk, REPORT, PERSON)  # type: ignore[arg-type]


def test_with_nothing_to_send_it_learns_that_it_is_revoked_as_well(centre: Centre, console: Console) -> None:
    revoke(centre, console.desk.device)
    state = console.settle()
    assert (state.phase, state.reason) == (Phase.REFUSED, "device_revoked")
    assert "停用" in words.refusal(state.reason, {}, {})


def test_a_receipt_that_is_not_the_centres_is_not_believed(centre: Centre, console: Console) -> None:
    console.act(REPORT)
    console.settle()
    newest = console.database(newest_receipt)
    assert newest is not None
    good = PushReply(1, newest.dseq, newest.hash, 0)

    def given(said: Receipted, key: str = "") -> PushReply:
        signing = new_key() if not key else enrolment.SigningKey(key)
        body = encode(said).decode()
        return msgspec.structs.replace(good, receipt=Receipt(body, signing.sign(RECEIPT, body)))

    centre_key = (KEYS / "signing.key").read_text().strip()
    others = [good, given(newest), given(msgspec.structs.replace(newest, device="D-other"), centre_key)]
    others.append(given(msgspec.structs.replace(newest, hash="0" * 64), centre_key))
    for bad in others:
        with pytest.raises(Refused, match="receipt_wrong"):
            console.database(lambda work, bad=bad: keep_receipt(work, bad))
    older = msgspec.structs.replace(newest, gseq=newest.gseq - 1)
    console.database(lambda work: (keep_receipt(work, given(older, centre_key)), work.commit()))
    assert console.database(newest_receipt) == newest, "the newest stays"


def test_a_centre_whose_receipts_do_not_fit_is_told_of_and_nothing_counts_as_sent(
    centre: Centre, console: Console
) -> None:
    console.database(lambda work: (work.write_meta("centre_key", new_key().public), work.commit()))
    console.act(REPORT)
    state = console.settle()
    assert (state.phase, state.reason) == (Phase.REFUSED, "receipt_wrong")
    assert states(console) == ["pending"]


def test_an_act_is_signed_by_the_key_this_workstation_was_enrolled_with(centre: Centre, console: Console) -> None:
    """Another key, even of an enrolled workstation, does not sign for it."""
    console.act(REPORT)
    assert console.line._known is not None
    console.line._known = msgspec.structs.replace(console.line._known, key=new_key())
    state = console.settle()
    assert (state.phase, state.reason) == (Phase.REFUSED, "signature_wrong")
    assert centre.asked("SELECT count(*) FROM log WHERE kind = 'case.report'") == [(0,)]


# Where the key lies


def test_the_private_half_lies_in_the_secrets_and_nowhere_else(centre: Centre, tmp_path: Path) -> None:
    from desktop.station import Station
    from models.clock import SystemClock

    clock = SystemClock()
    folder = tmp_path / "station"
    station = Station(folder, centre.address, clock)
    station.secrets = Secrets(folder, centre.address, Vault(_no_keyring))
    made = enrolment.enrol(centre.address, centre.code(TOWN), clock)
    station.keep_registration(made)
    assert station.secrets.plain and station.secrets.file.stat().st_mode & 0o777 == 0o600
    assert made.key.secret in station.secrets.file.read_text()
    station.engine.dispose()
    for file in folder.iterdir():
        if file != station.secrets.file:
            assert made.key.secret.encode() not in file.read_bytes(), file
    again = Station(folder, centre.address, clock)
    again.secrets = Secrets(folder, centre.address, Vault(_no_keyring))
    assert isinstance(again.line(), Line)
    again.secrets.store(f"{again.device}.key", new_key().secret)
    with pytest.raises(Refused, match="token_unreadable"):
        again.line()
    again.engine.dispose()
    store = folder / "store.sqlite"
    assert known_identity(store) == enrolment.identity_of(made)
    store.write_bytes(b"damaged" * 1000)
    open_store(store, clock.wall_ms()).dispose()
    salvaged = Station(folder, centre.address, clock)
    assert salvaged.identity == enrolment.identity_of(made), "it is still itself, and knows whom it trusts"
    salvaged.engine.dispose()


def test_without_a_keyring_nothing_is_enrolled_at_a_centre_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no_keyring"):
        Secrets(tmp_path, "https://centre.example:8341", Vault(_no_keyring)).store("D-1", "secret")
    assert list(tmp_path.iterdir()) == []


def _no_keyring(_call: object, _seconds: float) -> str:
    raise RuntimeError("no keyring")
