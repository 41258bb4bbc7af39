"""Everything that proves a case, in one file: who may have it, what is in it, that it verifies on both databases (R78, R79)."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from district import devices, evidence, past
from district.store.tables import evidence_export
from models import commands as c
from models.evidence_file import (
    CHECKPOINTS,
    DEVICES,
    ENTRIES,
    MANIFEST,
    RECEIPTS,
    EvidenceDevice,
    EvidenceEntry,
    Manifest,
    read_evidence,
    sha256,
)
from models.signing import key_fingerprint
from models.stored_zip import unpack
from models.wire import Receipt, Receipted, decode, decode_any, encode, personal_hash
from tests.district.evidence_parties import VERIFIER, closed_case, evidence_of, operator
from tests.district.parties import CENTRE_KEY, OPERATOR, REPORT, District, Station, open_district
from tests.models.small_town import MARKET, OTHER_TOWN, SQUAD, TOWN, VILLAGE
from tests.real import postgres

INTACT, NOT_INTACT, NO_EVIDENCE = 0, 1, 2
KEY = ("--centre-key", CENTRE_KEY.public)


class Walked(msgspec.Struct):
    """A case walked to its end, who did it, and its evidence as the district gets it."""

    district: District
    case_id: str
    stations: list[Station]
    raw: bytes


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def walked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("walked") / "district.sqlite"
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('made_file'), file)}"
    else:
        server: postgres.Server = request.getfixturevalue("postgres_server")
        url = server.url("evidence", request.getfixturevalue("made_database"))
    with open_district(url, made=True) as district:
        case_id, stations = closed_case(district)
        yield Walked(district, case_id, stations, evidence_of(operator(district), case_id))


def verified(folder: Path, *raws: bytes, words: tuple[str, ...] = KEY) -> tuple[int, str]:
    """The verifier alone in a folder of its own, with the files: its exit code and what it said."""
    folder.mkdir(exist_ok=True)
    alone = shutil.copy(VERIFIER, folder)
    files = []
    for number, raw in enumerate(raws):
        files.append(folder / f"{number}.zip")
        files[-1].write_bytes(raw)
    # Isolated: neither the folder it is started in nor PYTHONPATH leads to anything of ours.
    command = [sys.executable, "-I", alone, *map(str, files), *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert done.stderr == "", done.stderr
    return done.returncode, done.stdout


def test_the_verifier_imports_nothing_of_ours() -> None:
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"))
    named = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    named |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in named} <= {*sys.stdlib_module_names, "cryptography"}


def test_a_case_walked_to_its_end_by_several_workstations_verifies(walked: Walked, tmp_path: Path) -> None:
    raw = walked.raw
    code, said = verified(tmp_path / "alone", raw)
    assert code == INTACT, said
    found = read_evidence(raw, CENTRE_KEY.public)
    assert found.manifest.case == walked.case_id and found.manifest.whole
    assert {d.unit for d in found.devices} == {TOWN, SQUAD, VILLAGE, "341002"}
    assert f"操作 / acts: {len(found.entries)}" in said and key_fingerprint(CENTRE_KEY.public) in said
    assert "没有给出公钥" not in said
    kinds = [decode_any(e.body)["args"]["type"] for e in found.entries]
    assert kinds[0] == "case.report" and kinds[-1] == "case.confirm" and "case.deliver" in kinds
    code, said = verified(tmp_path / "alone", raw, words=("--centre-key", key_fingerprint(CENTRE_KEY.public)))
    assert code == INTACT, said
    assert said.endswith("完好 / INTACT\n")
    code, said = verified(tmp_path / "alone", raw, words=())
    assert (
        code == INTACT
        and "没有给出公钥" in said
        and "INTACT" not in said
        and key_fingerprint(CENTRE_KEY.public) in said
    )


def test_it_is_an_ordinary_zip_and_the_same_bytes_at_the_same_instant(walked: Walked, tmp_path: Path) -> None:
    desk, case_id = operator(walked.district), walked.case_id
    raw = evidence_of(desk, case_id)
    assert evidence_of(desk, case_id) == raw
    file = tmp_path / "evidence.zip"
    file.write_bytes(raw)
    with zipfile.ZipFile(file) as opened:
        assert opened.testzip() is None
        assert [(i.filename, opened.read(i)) for i in opened.infolist()] == unpack(raw)
    walked.district.clock.now_ms += 1
    assert evidence_of(desk, case_id) != raw


def test_the_receipts_are_those_the_workstations_got(walked: Walked) -> None:
    lines = dict(unpack(walked.raw))[RECEIPTS].splitlines()
    said = {decode(decode(line, Receipt).body, Receipted) for line in lines}
    assert {s.receipt for s in walked.stations} <= said, "the last of each push, letter for letter"


def test_heads_of_the_order_stand_in_it_also_the_one_a_receipt_names(district: District) -> None:
    town = district.station(TOWN)
    early, _, _ = town.does("clerk", REPORT)
    for _ in range(11):
        town.does("clerk", REPORT)
    wanted = town.receipt
    assert wanted is not None
    later, _, _ = town.does("clerk", REPORT)
    town.does("clerk", REPORT)
    town.sign_in("clerk")
    for case_id, places in ((early, {10, 13, 15}), (later, {13, 15})):
        raw = evidence_of(town, case_id, f"?seen={wanted.gseq}")
        heads = dict(decode(dict(unpack(raw))[CHECKPOINTS], list[tuple[int, str]]))
        assert set(heads) == places and heads[wanted.gseq] == wanted.chain
    beyond = dict(unpack(evidence_of(town, early, "?seen=99")))[CHECKPOINTS]
    assert [gseq for gseq, _ in decode(beyond, list[tuple[int, str]])] == [10, 15]
    assert town.ask("GET", f"/v1/evidence/{early}?seen=x").status_code == 400


def test_files_of_one_order_hold_together(walked: Walked, tmp_path: Path) -> None:
    town = walked.district.station(TOWN)
    town.sign_in("clerk")
    other, _, _ = town.does("clerk", REPORT)
    raws = (evidence_of(town, walked.case_id), evidence_of(town, other))
    code, said = verified(tmp_path / "alone", *raws)
    assert code == INTACT and "one order, compared at" in said, said


def test_nothing_personal_is_in_it(walked: Walked) -> None:
    town = walked.district.station(TOWN)
    record = encode({"salt": "pepper", "name": "某乙", "phone": "0559-0000998"})
    digest = personal_hash("pepper", record)
    assert town.ask("PUT", f"/v1/personal/{digest}", data=record).status_code == 200
    case_id, _, _ = town.does("clerk", msgspec.structs.replace(REPORT, personal=digest))
    town.sign_in("clerk")
    raw = evidence_of(town, case_id)
    assert digest.encode() in raw
    for told in ("某乙", "0559-0000998", "pepper"):
        assert told.encode() not in raw and told.encode("unicode_escape") not in raw


def test_a_receipt_tells_the_history_its_act_was_made_in(district: District, tmp_path: Path) -> None:
    town = district.station(TOWN)
    town.sign_in("clerk")
    case_id, _, _ = town.does("clerk", REPORT)
    before = evidence_of(town, case_id)
    with district.centre.writing() as connection:
        past.begin_new_epoch(connection, None, district.clock.now_ms)
    town.does("clerk", c.File(), case_id)
    after = evidence_of(town, case_id)
    lines = dict(unpack(after))[RECEIPTS].splitlines()
    assert [decode(decode(line, Receipt).body, Receipted).epoch for line in lines] == [1, 2]
    assert read_evidence(after, CENTRE_KEY.public).manifest.epoch == 2
    code, said = verified(tmp_path / "alone", before, after)
    assert code == INTACT, said


# Who may have it, and what of it


def test_a_unit_gets_what_it_may_see_and_the_district_everything(walked: Walked, tmp_path: Path) -> None:
    district, case_id = walked.district, walked.case_id
    stranger, town = district.station(OTHER_TOWN), district.station(TOWN)
    assert stranger.does("other-clerk", c.Note("不相干的话"), case_id)[1] == "rejected"
    assert stranger.push(stranger.act("clerk", c.Note("冒充"), case_id, unit=TOWN)).known[0][1] == "rejected"
    assert town.does("clerk", c.Redispatch(SQUAD, "更近"), case_id)[1] == "rejected"
    town.sign_in("clerk")
    part, whole = evidence_of(town, case_id), evidence_of(operator(district), case_id)
    for told in ("不相干的话", "冒充", stranger.device):
        assert told.encode() in whole and told.encode() not in part
    mine, all_ = read_evidence(part, CENTRE_KEY.public), read_evidence(whole, CENTRE_KEY.public)
    assert not mine.manifest.whole and all_.manifest.whole
    assert {e.gseq for e in all_.entries} - {e.gseq for e in mine.entries} == {e.gseq for e in all_.entries[-3:-1]}
    assert mine.entries[-1].outcome == "rejected", "what the unit itself tried in vain is its own"
    assert verified(tmp_path / "a", part)[0] == verified(tmp_path / "b", whole)[0] == INTACT


def test_a_foreign_case_is_no_case(walked: Walked) -> None:
    district, case_id = walked.district, walked.case_id
    before = district.rows(evidence_export)
    market = district.station(MARKET)
    assert market.ask("GET", f"/v1/evidence/{case_id}").status_code == 401, "nobody is signed in"
    market.sign_in("market-officer")
    for wanted in (case_id, market.new_id(), "%00", "%E5%85%AC"):
        answer = market.ask("GET", f"/v1/evidence/{wanted}")
        assert (answer.status_code, answer.json()["error"]) == (404, "no_such_case")
    assert district.rows(evidence_export) == before


def test_one_file_is_made_at_a_time(walked: Walked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each lies in memory whole, with its photographs."""
    under_way, most, shipped = [], [], evidence.make

    def slow(*asked: Any) -> evidence.Made:
        under_way.append(1)
        most.append(len(under_way))
        time.sleep(0.1)
        under_way.pop()
        return shipped(*asked)

    monkeypatch.setattr(evidence, "make", slow)
    stations = [walked.district.station(TOWN) for _ in range(3)]
    for station in stations:
        station.sign_in("clerk")
    asking = [threading.Thread(target=evidence_of, args=(station, walked.case_id)) for station in stations]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(20)
    assert most == [1, 1, 1]


def test_whoever_is_revoked_while_it_waits_for_its_turn_gets_none(
    walked: Walked, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, shipped = threading.Event(), threading.Event(), evidence.make

    def slow(*asked: Any) -> evidence.Made:
        begun.set()
        assert go_on.wait(20)
        return shipped(*asked)

    monkeypatch.setattr(evidence, "make", slow)
    stations = [walked.district.station(TOWN) for _ in range(2)]
    answers: dict[str, int] = {}

    def ask(station: Station) -> None:
        answers[station.device] = station.ask("GET", f"/v1/evidence/{walked.case_id}").status_code

    asking = [threading.Thread(target=ask, args=(station,)) for station in stations]
    for station in stations:
        station.sign_in("clerk")
    asking[0].start()
    assert begun.wait(20)
    asking[1].start()
    time.sleep(0.5)  # it has been let in, and waits
    with walked.district.centre.writing() as connection:
        devices.revoke(connection, stations[1].device, OPERATOR, "遗失", walked.district.clock.now_ms)
    go_on.set()
    for thread in asking:
        thread.join(20)
    assert [answers[station.device] for station in stations] == [200, 403]


def test_every_file_given_out_is_on_record(walked: Walked) -> None:
    district, town = walked.district, walked.district.station(TOWN)
    town.sign_in("clerk")
    raw = evidence_of(town, walked.case_id)
    head = read_evidence(raw, CENTRE_KEY.public).manifest.head_gseq
    row = (walked.case_id, "clerk", TOWN, town.device, district.clock.now_ms, head, sha256(raw))
    assert district.rows(evidence_export).count(row) == 1
    district.audited()


def test_acts_of_before_there_were_keys_are_said_to_be_unsigned(walked: Walked, tmp_path: Path) -> None:
    old, desk = walked.district.old_station(TOWN), operator(walked.district)
    case_id, _, _ = old.does("clerk", REPORT)
    code, said = verified(tmp_path / "alone", evidence_of(desk, case_id))
    assert code == INTACT and "unsigned, only the centre vouches for them: 1" in said and "case.report clerk" in said


@pytest.mark.parametrize("raw", [b"", b"PK\x05\x06" + bytes(18), "案件".encode()])
def test_another_file_is_no_evidence(tmp_path: Path, raw: bytes) -> None:
    assert verified(tmp_path / "alone", raw)[0] == NO_EVIDENCE


def test_the_members_are_what_the_documents_say(walked: Walked) -> None:
    found = dict(unpack(walked.raw))
    manifest = decode(found[MANIFEST], Manifest)
    assert [m.name for m in manifest.members] == list(found)[2:]
    assert len(decode(found[DEVICES], list[EvidenceDevice])) == 5
    entries = [decode(line, EvidenceEntry) for line in found[ENTRIES].splitlines()]
    assert [(e.gseq, d) for e, (_, d) in zip(entries, manifest.entries, strict=True)] == list(manifest.entries)
