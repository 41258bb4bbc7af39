"""The photographs and files of a case are in its evidence as they were handed in, and no byte of them can be changed (R78)."""

from __future__ import annotations

from pathlib import Path

import pytest

from district import evidence
from models import commands as c
from models.attachment import AttachmentKind
from models.evidence_file import ATTACHMENTS, MANIFEST, read_evidence, sha256
from models.stored_zip import pack, unpack
from models.wire import Malformed
from tests.district.evidence_parties import evidence_of, operator
from tests.district.parties import CENTRE_KEY, REPORT, District, Station
from tests.district.test_evidence import INTACT, NOT_INTACT, verified
from tests.district.test_evidence_command import CommandLine, line
from tests.models.small_town import TOWN

__all__ = ["line"]

PHOTO, PAPER, AWAY = b"a photograph" * 900, b"%PDF a paper" * 700, b"not handed in yet" * 50


@pytest.fixture
def town(district: District) -> Station:
    return district.station(TOWN)


@pytest.fixture
def case_id(town: Station) -> str:
    """A case with a photograph twice, a paper, and one file that is still with its workstation."""
    found = town.does("clerk", REPORT)[0]
    town.does("clerk", c.File(), found)
    for body in (PHOTO, PAPER):
        town.attaches("clerk", body, found)
    town.does("clerk", c.Attach(sha256(PHOTO), len(PHOTO), "image/jpeg", AttachmentKind.AFTER), found)
    town.does("clerk", c.Attach(sha256(AWAY), len(AWAY), "image/jpeg", AttachmentKind.AFTER), found)
    return found


def test_they_are_in_it_and_what_is_not_is_named(district: District, case_id: str, tmp_path: Path) -> None:
    raw = evidence_of(operator(district), case_id)
    found = read_evidence(raw, CENTRE_KEY.public)
    members = dict(found.members)
    attached = [name for name in members if name.startswith(ATTACHMENTS)]
    assert attached == [ATTACHMENTS + sha256(PHOTO), ATTACHMENTS + sha256(PAPER)], "each once, oldest first"
    assert [members[name] for name in attached] == [PHOTO, PAPER]
    assert found.manifest.left_out == (sha256(AWAY),)
    code, said = verified(tmp_path / "alone", raw)
    assert code == INTACT, said
    assert "2 个在内" in said and f"not inside, to compare: {sha256(AWAY)}" in said


def test_another_photograph_under_its_name_is_noticed(district: District, case_id: str, tmp_path: Path) -> None:
    members = unpack(evidence_of(operator(district), case_id))
    place = next(n for n, (name, _) in enumerate(members) if name == ATTACHMENTS + sha256(PHOTO))
    changed = bytearray(members[place][1])
    changed[5000] ^= 1
    for other in (
        [*members[:place], (members[place][0], bytes(changed)), *members[place + 1 :]],
        [*members[:place], *members[place + 1 :]],
        [*members, (ATTACHMENTS + sha256(AWAY), AWAY)],
    ):
        forged = pack(other)
        code, said = verified(tmp_path / "alone", forged)
        assert code == NOT_INTACT and ATTACHMENTS in said, said
        with pytest.raises(Malformed):
            read_evidence(forged, CENTRE_KEY.public)


def test_what_is_too_large_or_spoiled_is_left_out_and_said(
    district: District, case_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "MOST_ATTACHED_BYTES", len(PHOTO) + len(PAPER) - 1)
    found = read_evidence(evidence_of(operator(district), case_id), CENTRE_KEY.public)
    assert found.manifest.left_out == (sha256(PAPER), sha256(AWAY)), "the others still have room"
    monkeypatch.undo()
    kept = district.blobs.file_of(sha256(PHOTO))
    kept.write_bytes(b"spoiled")
    raw = evidence_of(operator(district), case_id)
    found = read_evidence(raw, CENTRE_KEY.public)
    assert sha256(PHOTO) in found.manifest.left_out and b"spoiled" not in raw
    assert verified(tmp_path / "alone", raw)[0] == INTACT
    kept.write_bytes(PHOTO)


def test_a_manifest_of_before_has_none(district: District, town: Station) -> None:
    case_id = town.does("clerk", REPORT)[0]
    raw = evidence_of(operator(district), case_id)
    assert read_evidence(raw, CENTRE_KEY.public).manifest.left_out == ()
    assert not any(name.startswith(ATTACHMENTS) for name, _ in unpack(raw)) and MANIFEST in dict(unpack(raw))


def test_on_the_command_line_too(district: District, case_id: str, line: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "evidence.zip"
    line(case_id, str(file), "--blobs", str(district.blobs.folder))
    assert dict(unpack(file.read_bytes()))[ATTACHMENTS + sha256(PAPER)] == PAPER
