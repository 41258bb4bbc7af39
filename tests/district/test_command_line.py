"""`python -m district person | reference`: what an administrator does, while the service runs (issue "The district centre")."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from district import __main__, accounts, commands, demo, reference
from district.opening import initialise, open_database
from district.store.feeds import published_versions
from models import commands as c
from models.clock import SystemClock
from models.errors import Refused
from models.ids import SYSTEM_RANDOM
from models.people import Role
from models.reference_files import EDITION, load_reference
from models.rules import Reference
from models.store.case_table import get_case
from models.wire import PullReply, decode
from tests.district.parties import DISTRICT, OPERATOR, PASSWORD, REPORT, District, Station, kinds, open_district
from tests.models import small_town
from tests.models.small_town import MARKET, TOWN, VILLAGE

FIRST, OWN = "first-secret", "own-secret-1"


class CommandLine:
    """The command line over a district's database; its clock stands where the district's does."""

    def __init__(self, district: District, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._district = district
        self._patch = patch
        self._capsys = capsys

    def __call__(self, *words: str, typed: str = "", refused: str = "", unreadable: str = "") -> list[str]:
        """Run it; what it printed, line by line. It must end with the code `refused`, or name the file `unreadable`."""
        clock = f"{self._district.clock.now_ms}:{SystemClock().mono_ms()}:1"
        argv = ["district", *words, "--database", self._district.url, "--demo-clock", clock]
        self._patch.setattr("sys.argv", argv)
        self._patch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        code = __main__.main()
        printed = self._capsys.readouterr()
        assert code == (2 if refused or unreadable else 0), printed.err
        assert not refused or f"refused ({refused})" in printed.err, printed.err
        assert unreadable in printed.err
        return printed.out.splitlines()


@pytest.fixture
def line(district: District, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    monkeypatch.setattr(__main__.logs, "set_up", lambda _file: None)
    return CommandLine(district, monkeypatch, capsys)


def _state(line: CommandLine, person: str) -> list[str]:
    return next(row.split("\t") for row in line("person", "list") if row.startswith(f"{person}\t"))


def test_a_new_person_signs_in_at_once_and_must_change_the_first_password(
    district: District, line: CommandLine
) -> None:
    town = district.station(TOWN)
    line("person", "add", "newman", typed=FIRST, refused="unknown_person")
    new = ("person", "add", "newman", "--name", "新人", "--unit", TOWN, "--role", "duty_clerk")
    line(*new, typed="short", refused="password_too_weak")
    line(*new[:-1], "chef", typed=FIRST, refused="unknown_role")
    line(*new[:-3], "nowhere", *new[-2:], typed=FIRST, refused="unknown_unit")
    line(*new, typed=FIRST)
    line(*new, typed=FIRST, refused="account_exists")
    assert _state(line, "newman") == ["newman", TOWN, "must change"]
    assert town.sign_in("newman", FIRST).json()["must_change"] is True, "nothing was pushed since"
    change = {"name": "newman", "old": FIRST, "new": OWN}
    assert town.ask("POST", "/v1/password", json=change).status_code == 200
    assert _state(line, "newman")[2] == "ok"
    assert town.sign_in("newman", OWN).json()["session"]
    assert town.does("newman", REPORT)[1] == "accepted"


def test_a_locked_person_is_listed_so_and_a_reset_opens_the_account(district: District, line: CommandLine) -> None:
    town = district.station(TOWN)
    for _ in range(accounts.MAX_FAILURES):
        town.sign_in("clerk", "wrong")
    assert _state(line, "clerk")[2] == "locked"
    assert town.sign_in("clerk").json()["error"] == "account_locked"
    line("person", "reset", "clerk", typed=FIRST)
    assert _state(line, "clerk")[2] == "must change"
    assert town.sign_in("clerk", FIRST).json()["must_change"] is True
    line("person", "reset", "nobody", typed=FIRST, refused="no_account")


def test_a_disabled_person_is_out_until_enabled(district: District, line: CommandLine) -> None:
    town = district.station(TOWN)
    early = town.act("clerk", REPORT, town.new_id())
    district.clock.now_ms += 60_000
    line("person", "disable", "clerk")
    assert _state(line, "clerk")[2] == "disabled"
    assert town.sign_in("clerk").json()["error"] == "account_disabled"
    district.clock.now_ms += 60_000
    late = town.act("clerk", REPORT, town.new_id())
    assert [k[1:3] for k in town.push(early, late).known] == [("accepted", ""), ("rejected", "actor_disabled")]
    line("person", "enable", "clerk")
    assert town.sign_in("clerk").status_code == 200
    for verb in ("disable", "enable"):
        line("person", verb, "nobody", refused="no_account")
    line("person", "disable", refused="unknown_person")


def test_a_moved_person_sits_at_the_new_desk_and_only_old_acts_count_at_the_old_one(
    district: District, line: CommandLine
) -> None:
    town, market = district.station(TOWN), district.station(MARKET)
    town.sign_in("clerk")
    early = town.act("clerk", REPORT, town.new_id())
    district.clock.now_ms += 60_000
    line("person", "move", "clerk", "--unit", "nowhere", refused="unknown_unit")
    line("person", "move", "clerk", refused="move_needs_unit")
    line("person", "move", "nobody", "--unit", MARKET, refused="unknown_person")
    line("person", "move", "clerk", "--unit", MARKET, "--role", "unit_officer")
    assert _state(line, "clerk")[1] == MARKET
    assert town.ask("GET", f"/v1/personal/{'0' * 64}").status_code == 401, "the session at the old desk is over"
    assert town.sign_in("clerk").json()["error"] == "not_at_this_desk"
    assert market.sign_in("clerk").status_code == 200
    district.clock.now_ms += 60_000
    late = town.act("clerk", REPORT, town.new_id())
    verdicts = [k[1:3] for k in town.push(early, late).known]
    assert verdicts == [("accepted", ""), ("rejected", "not_at_this_desk")]
    district.audited()


def test_other_roles_at_the_same_desk_end_no_session_and_what_was_done_before_still_counts(
    district: District, line: CommandLine
) -> None:
    town = district.station(TOWN)
    town.sign_in("clerk")
    one, other = (town.does("clerk", REPORT)[0] for _ in range(2))
    early = town.act("clerk", c.File(), one)
    district.clock.now_ms += 60_000
    line("person", "move", "clerk", "--unit", TOWN, "--role", "grid_member")
    assert town.ask("GET", f"/v1/personal/{'0' * 64}").status_code == 404, "still signed in"
    district.clock.now_ms += 60_000
    late = town.act("clerk", c.File(), other)
    verdicts = [k[1:3] for k in town.push(early, late).known]
    assert verdicts == [("accepted", ""), ("rejected", "not_your_level")]
    district.audited()


def test_a_workstation_that_waits_hears_of_an_edition_another_process_published(
    district: District, line: CommandLine
) -> None:
    market = district.station(MARKET)
    known = decode(market.pull_raw(0).content, PullReply).reference_version
    got: list[PullReply] = []

    def wait() -> None:
        options = {"cursors": {MARKET: 0, "reference": 1}, "wait_seconds": 25, "reference_version": known}
        got.append(decode(market.pull_raw(0, **options).content, PullReply))

    waiting = threading.Thread(target=wait)
    waiting.start()
    line("person", "move", "clerk", "--unit", MARKET, "--role", "unit_officer")
    waiting.join(15)
    assert got and got[0].reference_version != known
    assert kinds(got[0].items["reference"]) == [("own", "reference.publish")]
    moved = [p["unit"] for p in market.ask("GET", "/v1/reference").json()["people"] if p["id"] == "clerk"]
    assert moved == [MARKET]


# Editions


@pytest.fixture
def shipped(database_url: str) -> Iterator[District]:
    """The shipped reference data on an empty database."""
    engine = open_database(database_url)
    first = load_reference(commands.RESOURCES)
    initialise(engine, first, f"{DISTRICT}-operator-1", PASSWORD, small_town.START_MS, SYSTEM_RANDOM)
    engine.dispose()
    with open_district(database_url, made=True) as found:
        yield found


def _publish(district: District, edition: Reference) -> Reference:
    with district.centre.in_order() as journal:
        reference.publish_folder(journal.source.connection, journal, edition)  # type: ignore[attr-defined]
    with district.centre.reading() as connection:
        return reference.load(connection)


def test_the_folder_again_keeps_the_people_of_the_command_line_and_every_edition_has_its_own_name(
    shipped: District, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(__main__.logs, "set_up", lambda _file: None)
    line = CommandLine(shipped, monkeypatch, capsys)
    first = shipped.centre.rules.reference.version
    clerk = f"{TOWN}-clerk-1"
    line("person", "add", "newman", "--name", "新人", "--unit", TOWN, "--role", "duty_clerk", typed=FIRST)
    line("person", "move", clerk, "--unit", "341002100")
    (said,) = line("reference", str(commands.RESOURCES))
    assert said.startswith(f"in force: {first}+2 "), "it says nothing new: the last edition stays in force"
    folder = tmp_path / "folder"
    folder.mkdir()
    for file in commands.RESOURCES.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    district_file = folder / "district.toml"
    district_file.write_text(district_file.read_text("utf-8").replace("区园林所", "区园林中心"), "utf-8")
    assert line("reference", str(folder))[0].startswith(f"in force: {first}+3 ")
    with shipped.centre.reading() as connection:
        now = reference.load(connection)
        published = published_versions(connection)
    people = {p.id: p for p in now.people}
    assert people["newman"].unit == TOWN and people[clerk].unit == "341002100"
    assert any(o.name == "区园林中心" for o in now.organisations)
    assert published == [first, f"{first}+1", f"{first}+2", f"{first}+3"]


def test_the_folder_makes_ten_minutes_twelve_for_what_begins_from_now_on(
    shipped: District, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(__main__.logs, "set_up", lambda _file: None)
    line = CommandLine(shipped, monkeypatch, capsys)
    with shipped.centre.engine.begin() as connection:
        demo.open_accounts(connection, shipped.centre.rules.reference)
    town, report = _station(shipped, TOWN), replace(REPORT, category=f"{EDITION}/matter/09005", station="")
    for file in commands.RESOURCES.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    settings = (tmp_path / "policy.toml").read_text("utf-8")
    old, outcome, code = town.does(f"{TOWN}-clerk-1", report)
    assert outcome == "accepted", code
    (tmp_path / "policy.toml").write_text(settings.replace("amount = 10,", "amount = ten,"), "utf-8")
    line("reference", str(tmp_path), unreadable="policy.toml")
    (tmp_path / "policy.toml").write_text(settings.replace("amount = 10,", "amount = 12,"), "utf-8")
    line("reference", str(tmp_path))
    new, _, _ = town.does(f"{TOWN}-clerk-1", report)
    town.does(f"{TOWN}-clerk-1", c.File(), old)
    with shipped.centre.reading() as connection:
        clocks = [found.clocks[0] for i in (old, new) if (found := get_case(connection, i)) is not None]
    minutes = [(k.due_at - k.started_at) // 60_000 for k in clocks if k.due_at and k.started_at]
    assert minutes == [10, 12] and clocks[0].policy != clocks[1].policy


def _station(district: District, unit: str) -> Station:
    return district.station(unit)


def test_a_folder_that_says_something_new_of_a_person_is_the_newer_word(district: District) -> None:
    folder = small_town.reference()
    vice = next(p for p in folder.people if p.id == "vice")
    with district.centre.in_order() as journal:
        moved = reference.with_person(district.centre.rules.reference, replace(vice, unit=MARKET))
        reference.publish(journal.source.connection, journal, moved)  # type: ignore[attr-defined]
    again = _publish(district, replace(folder, district_name="新名"))
    assert next(p for p in again.people if p.id == "vice").unit == MARKET
    said = tuple(replace(p, unit=TOWN, roles=(Role.DUTY_CLERK,)) if p.id == "vice" else p for p in folder.people)
    newer = _publish(district, replace(folder, people=said))
    assert next(p for p in newer.people if p.id == "vice").unit == TOWN
    gone = _publish(district, replace(folder, people=tuple(p for p in said if p.id != "vice")))
    assert all(p.id != "vice" for p in gone.people)
    assert district.station(VILLAGE).sign_in("vice").json()["error"] == "not_at_this_desk"
    district.audited()


def test_a_person_of_the_command_line_is_not_left_in_a_unit_the_folder_lost(district: District) -> None:
    folder = small_town.reference()
    officer = next(p for p in folder.people if p.id == "water-officer")
    with district.centre.in_order() as journal:
        new = reference.with_person(district.centre.rules.reference, replace(officer, id="newman"))
        reference.publish(journal.source.connection, journal, new)  # type: ignore[attr-defined]
    without = tuple(o for o in folder.organisations if o.code != officer.unit)
    people = tuple(p for p in folder.people if p.unit != officer.unit)
    with pytest.raises(Refused, match="person_without_unit"):
        _publish(district, replace(folder, organisations=without, people=people))
    assert district.station(TOWN).sign_in(OPERATOR).status_code == 403


def test_a_database_that_is_not_there_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    monkeypatch.setattr("sys.argv", ["district", "audit", "--database", nowhere])
    assert __main__.main() == 2
    told = capsys.readouterr().err
    assert told.startswith("the database does not answer") and len(told.splitlines()) == 1


@pytest.mark.parametrize("verb", [["audit"], ["backup", "copy"], ["person", "list"], ["serve"]])
def test_a_wrong_path_is_no_empty_district(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: list[str]
) -> None:
    """An audit of nothing found nothing wrong, and an empty file lay there."""
    monkeypatch.setattr(__main__.logs, "set_up", lambda _file: None)
    monkeypatch.setattr("sys.argv", ["district", *verb, "--database", f"sqlite:///{tmp_path}/wrong/district.sqlite"])
    assert __main__.main() == 2
    assert "refused (no_such_database)" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_is_not_audited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__.logs, "set_up", lambda _file: None)
    url = f"sqlite:///{tmp_path}/district.sqlite"
    open_database(url).dispose()
    monkeypatch.setattr("sys.argv", ["district", "audit", "--database", url])
    assert __main__.main() == 2
    assert "refused (not_initialised)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("serve", "--database", "sqlite:///x", "--port", "99999"),
        ("serve", "--database", "sqlite:///x", "--port", "-1"),
        ("devices", "--database", "nonsense"),
        ("devices", "--database", "mysql://x"),
    ],
)
def test_what_is_no_port_or_no_database_is_refused_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    monkeypatch.setattr("sys.argv", ["district", *words])
    with pytest.raises(SystemExit, match="2"):
        __main__.main()
    assert f"{words[-1]!r} " in capsys.readouterr().err.splitlines()[-1]


def test_a_host_name_that_is_none_is_refused_before_there_is_a_district(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The district was there, its only password had been told to nobody, and `init` would not do it again."""
    monkeypatch.setattr(__main__.logs, "set_up", lambda _file: None)
    init = ["district", "init", "--database", f"sqlite:///{tmp_path}/district.sqlite", "--host-name"]
    for none in ("区中心.例", "two words", "-centre.example", "centre..example"):
        monkeypatch.setattr("sys.argv", [*init, none])
        if none.startswith("-"):
            monkeypatch.setattr("sys.argv", [*init[:-1], f"--host-name={none}"])
        assert __main__.main() == 2
        assert "refused (host_name_unusable)" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", [*init, "centre.example"])
    assert __main__.main() == 0
    assert ", first password " in capsys.readouterr().out


def test_the_first_password_is_told_whatever_becomes_of_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__.logs, "set_up", lambda _file: None)
    (tmp_path / "district.keys").touch()
    monkeypatch.setattr("sys.argv", ["district", "init", "--database", f"sqlite:///{tmp_path}/district.sqlite"])
    assert __main__.main() == 2
    assert ", first password " in capsys.readouterr().out
