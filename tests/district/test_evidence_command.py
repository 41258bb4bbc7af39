"""`python -m district evidence CASE [FILE]`: the file made where the key lies, and who took one before (R78)."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from district import __main__
from district.keys import PRIVATE, remember
from models.clock import SystemClock
from models.evidence_file import read_evidence, sha256
from models.files import write_whole
from models.signing import key_fingerprint, new_key
from tests.district.evidence_parties import evidence_of
from tests.district.parties import CENTRE_KEY, REPORT, District
from tests.models.small_town import TOWN


class CommandLine:
    """The command line over a district's database and a folder of keys."""

    def __init__(self, district: District, keys: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
        self._district, self._keys, self._patch, self._capsys = district, keys, patch, capsys

    def __call__(self, *words: str, refused: str = "") -> str:
        clock = f"{self._district.clock.now_ms}:{SystemClock().mono_ms()}:1"
        told = ("--database", self._district.url, "--keys", str(self._keys), "--demo-clock", clock)
        self._patch.setattr("sys.argv", ["district", "evidence", *words, *told])
        code = __main__.main()
        printed = self._capsys.readouterr()
        assert code == (2 if refused else 0), printed.err
        assert not refused or f"refused ({refused})" in printed.err, printed.err
        return printed.out


@pytest.fixture
def line(
    district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    monkeypatch.setattr(__main__.logs, "set_up", lambda _file: None)
    keys = tmp_path / "keys"
    keys.mkdir()
    with district.centre.writing() as connection:
        remember(connection, CENTRE_KEY)
    write_whole(keys / "signing.key", CENTRE_KEY.secret.encode(), PRIVATE)
    return CommandLine(district, keys, monkeypatch, capsys)


def test_by_number_or_by_id_and_nothing_is_overwritten(district: District, line: CommandLine, tmp_path: Path) -> None:
    town = district.station(TOWN)
    case_id, _, _ = town.does("clerk", replace(REPORT, number="黎阳-1"))
    file = tmp_path / "evidence.zip"
    said = line(case_id, str(file))
    assert key_fingerprint(CENTRE_KEY.public) in said
    found = read_evidence(file.read_bytes(), CENTRE_KEY.public)
    assert (found.manifest.made_by, found.manifest.device, found.manifest.whole) == ("command line", "", True)
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_bytes()
    line(case_id, str(file), refused="file_exists")
    assert file.read_bytes() == before
    line("黎阳-1", str(tmp_path / "again.zip"))
    line("nothing", str(tmp_path / "none.zip"), refused="no_such_case")
    assert not (tmp_path / "none.zip").exists()


def test_who_took_one_before_is_told(district: District, line: CommandLine, tmp_path: Path) -> None:
    town = district.station(TOWN)
    case_id, _, _ = town.does("clerk", REPORT)
    town.sign_in("clerk")
    first = evidence_of(town, case_id)
    district.clock.now_ms += 60_000
    line(case_id, str(tmp_path / "second.zip"))
    rows = [row.split("\t") for row in line(case_id).splitlines()]
    assert [(row[1], row[2], row[3], row[5]) for row in rows] == [
        ("clerk", TOWN, town.device, sha256(first)),
        ("command line", "341002", "-", sha256((tmp_path / "second.zip").read_bytes())),
    ]


def test_a_number_of_several_cases_names_none(district: District, line: CommandLine, tmp_path: Path) -> None:
    town = district.station(TOWN)
    both = [town.does("clerk", replace(REPORT, number="黎阳-1"))[0] for _ in range(2)]
    line("黎阳-1", str(tmp_path / "x.zip"), refused="case_ambiguous")
    line(both[0], str(tmp_path / "x.zip"))


def test_another_key_makes_no_evidence(district: District, line: CommandLine, tmp_path: Path) -> None:
    case_id, _, _ = district.station(TOWN).does("clerk", REPORT)
    write_whole(tmp_path / "keys" / "signing.key", new_key().secret.encode(), PRIVATE)
    line(case_id, str(tmp_path / "x.zip"), refused="centre_key_differs")
    assert not (tmp_path / "x.zip").exists()
