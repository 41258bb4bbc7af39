"""Photographs and files at the centre: received in pieces, verified, given out by case only (sync.md §3.4, §3.9, I17)."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from district import backup, blobs
from district.audit import audit
from district.store.tables import blob
from models import commands as c
from models.attachment import AttachmentKind
from models.blob_folder import BlobFolder
from models.case import Case
from models.errors import Refused
from tests.district.parties import REPORT, District, Station, dispatched_case, kinds
from tests.models.small_town import MARKET, OTHER_TOWN, SQUAD, TOWN

BODY = random.Random(5).randbytes(700_000)
SHA = hashlib.sha256(BODY).hexdigest()
PHOTO = c.Attach(SHA, len(BODY), "image/jpeg", AttachmentKind.AFTER)
PIECE = 256 * 1024


def case_of(district: District, case_id: str) -> Case:
    with district.centre.in_order() as journal:
        found = journal.source.case(case_id)
    assert found is not None
    return found


def stands(station: Station, case_id: str, sha256: str = SHA) -> tuple[int, str, str]:
    answer = station.ask("HEAD", f"/v1/cases/{case_id}/blobs/{sha256}")
    told = answer.headers
    return answer.status_code, told.get("upload-offset", ""), told.get("upload-complete", "")


def read(station: Station, case_id: str, sha256: str = SHA, span: str = "") -> tuple[int, bytes]:
    headers = {"Range": span} if span else {}
    answer = station.ask("GET", f"/v1/cases/{case_id}/blobs/{sha256}", headers=headers)
    return answer.status_code, answer.content


def test_in_pieces_once_and_for_whoever_has_the_case(district: District) -> None:
    town, market = district.station(TOWN), district.station(MARKET)
    case_id = dispatched_case(town)
    market.pull()
    assert stands(market, case_id)[0] == 404, "no act names it yet"
    assert market.does("market-officer", PHOTO, case_id)[1] == "accepted"
    assert stands(market, case_id) == (200, "0", "?0")
    assert read(town, case_id)[0] == 404, "named, and still with the office"
    assert market.hands_in(case_id, SHA, BODY[:PIECE]).status_code == 204
    assert stands(market, case_id) == (200, str(PIECE), "?0")
    assert market.hands_in(case_id, SHA, BODY[:PIECE]).json()["error"] == "offset_differs", (
        "sent again: not taken twice"
    )
    assert market.hands_in(case_id, SHA, BODY[PIECE + 9 : 2 * PIECE], PIECE + 9).status_code == 409
    assert market.hands_in(case_id, SHA, BODY[PIECE : 2 * PIECE], PIECE).status_code == 204
    done = market.hands_in(case_id, SHA, BODY[2 * PIECE :], 2 * PIECE)
    assert (done.status_code, done.headers["upload-complete"]) == (204, "?1")
    again = market.hands_in(case_id, SHA, BODY[2 * PIECE :], 2 * PIECE)
    assert (again.status_code, again.headers["upload-complete"]) == (204, "?1"), "the answer was lost: asked once more"
    assert kinds(town.pull())[-1] == ("effect", "case.attachment_arrived")
    assert [a.arrived_at is not None for a in case_of(district, case_id).attachments] == [True]
    assert read(town, case_id) == (200, BODY)
    assert read(town, case_id, span="bytes=699990-") == (206, BODY[-10:])
    assert read(town, case_id, span="bytes=700000-")[0] == 416
    assert [row[:2] for row in district.rows(blob)] == [(SHA, len(BODY))]
    assert list(district.blobs.names()) == [SHA] and not list(district.blobs.folder.glob("parts/*"))
    found = district.audited()
    assert found.attachments == {SHA: len(BODY)} and found.awaited == 0


def test_what_is_not_what_the_act_named_is_never_kept(district: District) -> None:
    town = district.station(TOWN)
    case_id = dispatched_case(town)
    town.does("clerk", PHOTO, case_id)
    wrong = BODY[:-1] + bytes([BODY[-1] ^ 1])
    for at in range(0, len(BODY), PIECE):
        answer = town.hands_in(case_id, SHA, wrong[at : at + PIECE], at)
    assert (answer.status_code, answer.json()["error"]) == (400, "wrong_hash")
    assert stands(town, case_id) == (200, "0", "?0") and list(district.blobs.names()) == []
    assert town.hands_in(case_id, SHA, BODY[:PIECE]).status_code == 204
    assert town.hands_in(case_id, SHA, bytes(PIECE), PIECE).status_code == 204
    assert town.hands_in(case_id, SHA, bytes(PIECE), 2 * PIECE).status_code == 413, "more than the act named"
    assert town.hands_in(case_id, SHA, bytes(PIECE + 1), 0).status_code == 413
    found = district.audited()
    assert found.attachments == {} and found.awaited == 1


def test_each_workstation_has_its_own_part_and_the_first_whole_one_counts(district: District) -> None:
    town, other = district.station(TOWN), district.station(TOWN, seed=9)
    case_id = dispatched_case(town)
    town.does("clerk", PHOTO, case_id)
    assert town.hands_in(case_id, SHA, BODY[:PIECE]).status_code == 204
    assert stands(other, case_id) == (200, "0", "?0")
    for at in range(0, len(BODY), PIECE):
        assert other.hands_in(case_id, SHA, BODY[at : at + PIECE], at).status_code == 204
    assert stands(town, case_id) == (200, str(len(BODY)), "?1")
    assert not list(district.blobs.folder.glob("parts/*")), "what was begun is of no use any more"


def test_whoever_lost_the_case_still_hands_in_what_it_added(district: District) -> None:
    town, squad = district.station(TOWN), district.station(SQUAD)
    case_id = dispatched_case(town, SQUAD)
    squad.pull()
    squad.does("squad-officer", PHOTO, case_id)
    town.does("clerk", c.Redispatch(MARKET, "更近"), case_id)
    assert squad.pull()[-1].mode == "leave"
    assert squad.hands_in(case_id, SHA, BODY[:PIECE]).status_code == 204
    for at in range(PIECE, len(BODY), PIECE):
        squad.hands_in(case_id, SHA, BODY[at : at + PIECE], at)
    assert read(squad, case_id)[0] == 404, "handing in is not reading"
    assert read(town, case_id) == (200, BODY)
    district.audited()


def test_a_hash_alone_opens_nothing_and_is_handed_in_for_each_case(district: District) -> None:
    town, other = district.station(TOWN), district.station(OTHER_TOWN)
    case_id = dispatched_case(town)
    town.does("clerk", PHOTO, case_id)
    for at in range(0, len(BODY), PIECE):
        town.hands_in(case_id, SHA, BODY[at : at + PIECE], at)
    own, outcome, _ = other.does("other-clerk", msgspec.structs.replace(REPORT, town=OTHER_TOWN, station=""))
    assert outcome == "accepted" and other.does("other-clerk", PHOTO, own)[1] == "accepted"
    assert read(other, own)[0] == 404 and read(other, case_id)[0] == 404
    assert stands(other, own) == (200, "0", "?0"), "that the centre has the bytes is nothing it is told"
    for at in range(0, len(BODY), PIECE):
        other.hands_in(own, SHA, BODY[at : at + PIECE], at)
    assert read(other, own) == (200, BODY)
    assert len(district.rows(blob)) == 1, "kept once"
    district.audited()


def test_cut_off_between_the_file_and_the_order_it_ends_the_next_time(district: District) -> None:
    """The file has its name, and then the power goes before the order says so: the part is still there, and is enough."""
    town = district.station(TOWN)
    case_id = dispatched_case(town)
    town.does("clerk", PHOTO, case_id)
    for at in range(0, len(BODY), PIECE):
        district.blobs.append(SHA, BODY[at : at + PIECE], town.device)
    assert district.blobs.finish(SHA, town.device)
    assert stands(town, case_id) == (200, str(len(BODY)), "?0")
    assert town.hands_in(case_id, SHA, b"", len(BODY)).headers["upload-complete"] == "?1"
    assert read(town, case_id) == (200, BODY)
    district.audited()


def test_a_disk_nearly_full_is_weather_and_acts_keep_their_room(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = district.station(TOWN)
    case_id = dispatched_case(town)
    town.does("clerk", PHOTO, case_id)
    with monkeypatch.context() as patch:
        patch.setattr(blobs, "RESERVE_BYTES", 1 << 60)
        answer = town.hands_in(case_id, SHA, BODY[:PIECE])
    assert (answer.status_code, answer.json()["error"], answer.headers["retry-after"]) == (503, "centre_full", "60")
    assert stands(town, case_id) == (200, "0", "?0")
    assert town.does("clerk", c.Note("照常"), case_id)[1] == "accepted"


def test_a_part_nobody_goes_on_with_is_dropped_in_time(tmp_path: Path) -> None:
    folder = BlobFolder(tmp_path / "blobs")
    folder.append(SHA, b"begun", "D-1")
    os.utime(folder.part_of(SHA, "D-1"), (1_000_000, 1_000_000))
    assert blobs.drop_old_parts(folder, 1_000_000_000 + 29 * 86_400_000) == 0
    assert blobs.drop_old_parts(folder, 1_000_000_000 + 31 * 86_400_000) == 1


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
def test_a_backup_says_that_the_files_are_not_in_it_and_verify_reads_them(district: District, tmp_path: Path) -> None:
    town = district.station(TOWN)
    case_id = dispatched_case(town)
    sha256 = town.attaches("clerk", BODY[:PIECE], case_id)
    town.does("clerk", PHOTO, case_id)
    copy = tmp_path / "copy.sqlite"
    told = _command("backup", "--database", district.url, str(copy))
    assert "1 attachments, 262144 bytes: listed only" in told.stdout and "1 attachments have not arrived" in told.stdout
    sound = _command("verify", str(copy), "--blobs", str(district.blobs.folder))
    assert (sound.returncode, "read through, all sound" in sound.stdout) == (0, True), sound.stderr
    file = district.blobs.file_of(sha256)
    file.write_bytes(BODY[: PIECE - 1] + b"x")
    with pytest.raises(Refused, match="audit_failed"):
        backup.verify(copy, district.blobs)
    file.unlink()
    with pytest.raises(Refused, match="audit_failed"):
        backup.verify(copy, district.blobs)
    assert backup.verify(copy).attachments == {sha256: PIECE}


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
def test_a_list_that_says_something_else_than_the_cases_is_found(district: District) -> None:
    town = district.station(TOWN)
    town.attaches("clerk", BODY[:9], dispatched_case(town))
    with district.centre.writing() as connection:
        connection.execute(blob.delete())
    with district.centre.reading() as connection:
        (found,) = audit(connection).contradictions
    assert "the cases and the list differ" in found


def _command(*words: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "district", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
