"""The database is put back to a copy while the service goes on running: nobody starts it anew, and it notices by itself. Who was
revoked after the copy was made stays revoked, however it is noticed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlcipher3
from sqlalchemy import update

from district import accounts, backup, devices, restored
from district.past import head_of, restorations
from district.store.devices import every_revocation, find_device
from district.store.people import every_disabled
from district.store.tables import device as device_table
from district.store.tables import lost as lost_table
from district.store.tables import quarantine
from models import commands as c
from models.recovery import LostBody, Recovered, RevokedAgain, Was
from models.wire import decode, encode
from tests.district.parties import DISTRICT, OPERATOR, REPORT, District, Station, open_district
from tests.models.small_town import SQUAD, TOWN


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "district.sqlite"


def copied(source: Path, target: Path) -> None:
    """By SQLite's own copying, over whatever the target holds, while others have it open."""
    here, there = (sqlcipher3.dbapi2.connect(str(place)) for place in (source, target))
    here.backup(there)
    here.close()
    there.close()


def epochs(district: District) -> list[tuple[int, int, int]]:
    with district.centre.reading() as connection:
        return [(one.epoch, one.was_gseq, one.gseq) for one in restorations(connection)]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_who_looked_before_a_new_epoch_was_committed_does_not_bring_the_former_back(database_url: str) -> None:
    """The look of every second saw the view from before, and for a second consoles were answered under the former number."""
    with open_district(database_url) as district:
        centre = district.centre
        clerk = district.station(TOWN)
        clerk.push(clerk.act("clerk", REPORT, clerk.new_id()))
        looking = threading.Thread(target=centre.look_for_news)
        with centre.writing() as connection:
            centre.begin_new_epoch(connection, head_of(connection))
            looking.start()
            looking.join(1)
        looking.join(10)
        assert not looking.is_alive() and centre.epoch == 2


def test_the_next_act_is_judged_in_another_epoch(file: Path, tmp_path: Path) -> None:
    with open_district(f"sqlite:///{file}") as district:
        clerk = district.station(TOWN)
        first, second = (clerk.act("clerk", REPORT, clerk.new_id()) for _ in range(2))
        clerk.push(first)
        copied(file, tmp_path / "copy")
        clerk.push(second)
        district.centre.heard["D-1"] = 1
        copied(tmp_path / "copy", file)
        assert district.centre.epoch == 1, "nobody has asked yet"
        reply = clerk.push(second)
        assert reply.epoch == 2 and epochs(district) == [(2, 3, 2)]
        assert district.centre.heard == {}, "what a workstation had handed in may be forgotten"
        district.audited()


def test_the_watch_notices_it_when_nobody_acts(file: Path, tmp_path: Path) -> None:
    with open_district(f"sqlite:///{file}") as district:
        clerk, keys = district.station(TOWN), tmp_path / "keys"
        act = clerk.act("clerk", REPORT, clerk.new_id())
        copied(file, tmp_path / "copy")
        clerk.push(act)
        restored.watch_head(district.centre, keys)
        copied(tmp_path / "copy", file)
        restored.watch_head(district.centre, keys)
        assert district.centre.epoch == 2 and epochs(district) == [(2, 2, 1)]
        restored.watch_head(district.centre, keys)
        clerk.push(act)
        assert epochs(district) == [(2, 2, 1)], "noticed once"
        district.audited()


@pytest.mark.parametrize("is_in_the_file", [False, True])
def test_a_copy_that_lacks_nothing_but_a_workstation_is_another_past(
    file: Path, tmp_path: Path, is_in_the_file: bool
) -> None:
    """It was let in again after the copy was made, and nobody has acted since (world 12): what it was before stays known."""
    with open_district(f"sqlite:///{file}") as district:
        former, keys = district.station(TOWN), tmp_path / "keys"
        restored.watch_head(district.centre, keys)
        copied(file, tmp_path / "copy")
        forgotten = district.again(former)
        if is_in_the_file:
            restored.watch_head(district.centre, keys)
        copied(tmp_path / "copy", file)
        for _ in range(3):
            restored.watch_head(district.centre, keys)
        assert [epoch for epoch, _was, _is in epochs(district)] == [2], "noticed once"
        now = district.again(forgotten, "let_in_again")
        with district.centre.reading() as connection:
            row = find_device(connection, now.device)
        assert row is not None and row.replaces == forgotten.device


class Stolen:
    """A workstation was revoked after a copy was made; what it handed in was declined; the database is put back to the copy."""

    def __init__(self, district: District, folder: Path) -> None:
        self.district, self.file, self.copy, self.keys = (
            district,
            folder / "district.sqlite",
            folder / "copy",
            folder / "keys",
        )
        self.town, self.device = district.station(TOWN), district.station(TOWN)
        self.desks = [district.station(DISTRICT) for _ in range(2)]
        self.case_id, _, _ = self.town.does("clerk", REPORT)
        self.town.does("clerk", c.File(), self.case_id)
        copied(self.file, self.copy)
        self.sign_in()
        body = {"device": self.device.device, "reason": "被盗"}
        assert self.desks[0].ask("POST", "/v1/revocations", json=body).status_code == 200
        self.revoked_at = district.clock.now_ms
        self.act = self.device.act("clerk", c.Dispatch(SQUAD), self.case_id)
        assert self.device.push(self.act).error == "revoked"
        hashes = {"device": self.device.device, "hashes": [self.act.hash], "admit": False, "reason": "被盗后所做"}
        assert self.desks[1].ask("POST", "/v1/quarantine", json=hashes).json()["decided"] == 1
        self.later = self.town.act("clerk", c.Note("看过"), self.case_id)
        self.town.push(self.later)
        district.clock.now_ms += 60_000

    def sign_in(self) -> None:
        """The sessions of before are forgotten with everything else."""
        for desk, person in zip(self.desks, (OPERATOR, "operator-2"), strict=True):
            assert desk.sign_in(person).status_code == 200

    def is_out(self) -> None:
        """It is revoked as it was, what it hands in lies apart and is undecided, and the operator is told."""
        assert self.device.pull_raw(0, epoch=2).json()["error"] == "device_revoked"
        assert self.device.push(self.act).error == "revoked"
        assert [row[8] for row in self.district.rows(quarantine)] == [""]
        self.sign_in()
        told = decode(self.desks[0].ask("GET", "/v1/recovery").content, Recovered)
        as_it_was = (self.device.device, TOWN, "B", self.revoked_at, OPERATOR, "被盗", 2)
        assert told.revoked_again == [RevokedAgain(*as_it_was)]
        self.district.audited()


@pytest.fixture
def stolen(file: Path, tmp_path: Path) -> Iterator[Stolen]:
    with open_district(f"sqlite:///{file}") as district:
        yield Stolen(district, tmp_path)


def test_it_hands_in_first(stolen: Stolen) -> None:
    copied(stolen.copy, stolen.file)
    assert stolen.device.push(stolen.act).error == "revoked", "noticed by its own act, and not judged"
    stolen.is_out()


def test_the_file_knows_who_was_revoked(stolen: Stolen) -> None:
    restored.watch_head(stolen.district.centre, stolen.keys)
    copied(stolen.copy, stolen.file)
    stolen.district.centre._revoked.clear()  # as in a service that was started on the copy
    restored.watch_head(stolen.district.centre, stolen.keys)
    stolen.is_out()


def test_a_receipt_is_shown_first(stolen: Stolen) -> None:
    shown = stolen.district.a_receipt()
    copied(stolen.copy, stolen.file)
    assert stolen.town.ask("POST", "/v1/witness", json=shown).json()["epoch"] == 2
    stolen.is_out()


@pytest.mark.parametrize("who_knows", ["file", "process"])
def test_nothing_else_was_forgotten(file: Path, tmp_path: Path, who_knows: str) -> None:
    """No entry of the order tells that somebody was revoked: the order alone looks whole."""
    with open_district(f"sqlite:///{file}") as district:
        town, desk = district.station(TOWN), district.station(DISTRICT)
        town.does("clerk", REPORT)
        desk.sign_in(OPERATOR)
        copied(file, tmp_path / "copy")
        restored.watch_head(district.centre, tmp_path)
        assert desk.ask("POST", "/v1/revocations", json={"device": town.device, "reason": "被盗"}).status_code == 200
        if who_knows == "file":
            restored.watch_head(district.centre, tmp_path)
            district.centre._revoked.clear()
        copied(tmp_path / "copy", file)
        for _ in range(2):
            restored.watch_head(district.centre, tmp_path)
            assert epochs(district) == [(2, 2, 2)], "noticed once"
        assert town.pull_raw(0, epoch=2).json()["error"] == "device_revoked"
        district.audited()


def test_another_process_revoked_it(stolen: Stolen) -> None:
    """The command line did, and the service looks for news once a second."""
    centre = stolen.district.centre
    with centre.writing() as connection:
        devices.revoke(connection, stolen.desks[1].device, "command line", "报废", stolen.district.clock.now_ms)
    centre.look_for_news()
    copied(stolen.copy, stolen.file)
    stolen.town.push(stolen.later)
    with centre.reading() as connection:
        found = every_revocation(connection)
    assert (
        set(found) == {stolen.device.device, stolen.desks[1].device} and found[stolen.desks[1].device].reason == "报废"
    )


class Dismissed:
    """Somebody's account was disabled by the command line after a copy was made, and the service has looked for news since."""

    def __init__(self, district: District, folder: Path) -> None:
        self.district, self.file, self.copy = district, folder / "district.sqlite", folder / "copy"
        self.town = district.station(TOWN)
        self.set_disabled("clerk-2", 5)
        self.town.does("clerk", REPORT)
        copied(self.file, self.copy)
        self.set_disabled("clerk", 77)
        self.later = self.town.act("intake", REPORT, self.town.new_id())
        self.town.push(self.later)
        district.centre.look_for_news()

    def set_disabled(self, person: str, at_ms: int | None) -> None:
        with self.district.centre.writing() as connection:
            assert accounts.set_disabled(connection, person, at_ms)

    def disabled(self) -> dict[str, int]:
        with self.district.centre.reading() as connection:
            return every_disabled(connection)


@pytest.fixture
def dismissed(file: Path, tmp_path: Path) -> Iterator[Dismissed]:
    with open_district(f"sqlite:///{file}") as district:
        yield Dismissed(district, tmp_path)


@pytest.mark.parametrize("noticed_by", ["act", "receipt"])
def test_whoever_was_disabled_stays_out_however_it_is_noticed(dismissed: Dismissed, noticed_by: str) -> None:
    district, town = dismissed.district, dismissed.town
    shown = district.a_receipt()
    copied(dismissed.copy, dismissed.file)
    district.centre.look_for_news()  # the copy says that nobody was
    if noticed_by == "act":
        town.push(dismissed.later)
    else:
        assert town.ask("POST", "/v1/witness", json=shown).status_code == 200
    assert district.centre.epoch == 2 and dismissed.disabled() == {"clerk": 77, "clerk-2": 5}
    assert town.sign_in("clerk").json()["error"] == "account_disabled"
    district.audited()


def test_whoever_was_let_in_again_before_it_is_not_disabled_once_more(dismissed: Dismissed) -> None:
    """Unlike a revocation, a disabling can be taken back."""
    dismissed.set_disabled("clerk", None)
    dismissed.district.centre.look_for_news()
    copied(dismissed.copy, dismissed.file)
    dismissed.town.push(dismissed.later)
    assert dismissed.district.centre.epoch == 2 and dismissed.disabled() == {"clerk-2": 5}


def test_the_command_that_puts_a_copy_back_revokes_again_and_says_so(stolen: Stolen) -> None:
    restored.watch_head(stolen.district.centre, stolen.keys)
    url = stolen.district.url
    backup.restore(stolen.copy, url, stolen.keys, stolen.district.clock.now_ms)
    command = [sys.executable, "-m", "district", "recovery", "--database", url]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert f"revoked again in epoch 2: {TOWN} B ({stolen.device.device})" in said and "by operator (被盗)" in said


def test_a_workstation_that_the_first_copy_does_not_know_stays_out_of_the_second(stolen: Stolen) -> None:
    """The wrong copy was put back, and then a newer one."""
    district, empty = stolen.district, stolen.copy
    new = district.station(TOWN)
    copied(stolen.file, newer := stolen.copy.with_name("newer"))
    body = {"device": new.device, "reason": "遗失"}
    assert stolen.desks[0].ask("POST", "/v1/revocations", json=body).status_code == 200
    restored.watch_head(district.centre, stolen.keys)
    for copy in (empty, newer):
        backup.restore(copy, district.url, stolen.keys, district.clock.now_ms)
    known = restored.kept_head(stolen.keys)
    assert known is not None and known.epoch == 3 and set(known.revoked) == {stolen.device.device, new.device}
    district.engine.dispose()
    assert new.push_raw([new.act("clerk", REPORT, new.new_id())]).json()["error"] == "revoked"


def test_a_file_of_an_older_program_is_read(tmp_path: Path) -> None:
    (tmp_path / "head.json").write_text(json.dumps({"epoch": 1, "gseq": 3, "chain": "a", "devices": {"D-1": 2}}))
    known = restored.kept_head(tmp_path)
    assert known is not None and (known.devices, known.revoked) == ({"D-1": 2}, {})


def test_nothing_is_noted_of_what_a_revoked_one_says_its_acts_had_come_to(stolen: Stolen) -> None:
    """It is answered: a workstation that is refused here would not hand in what it has."""
    said = LostBody([Was("c", 1, 4, "accepted")])
    assert stolen.device.ask("POST", "/v1/lost", data=encode(said)).status_code == 200
    assert stolen.district.rows(lost_table) == []
    assert stolen.town.ask("POST", "/v1/lost", data=encode(said)).status_code == 200
    assert len(stolen.district.rows(lost_table)) == 1


def test_either_kind_of_database_revokes_again(district: District, tmp_path: Path) -> None:
    """What a restore would have undone is undone here by hand: nobody else can put a PostgreSQL back in a test."""
    town: Station = district.station(TOWN)
    with district.centre.writing() as connection:
        devices.revoke(connection, town.device, OPERATOR, "遗失", 77)
        known = head_of(connection)
        nothing = {"revoked_at": None, "revoked_by": "", "revoke_reason": ""}
        connection.execute(update(device_table).values(**nothing))
    unknown = {**known.revoked, "D-unknown": known.revoked[town.device]}
    beyond = type(known)(known.epoch, known.gseq + 1, "0" * 64, known.devices, unknown)
    restored.keep_head(tmp_path, beyond)
    found = restored.look_for_restore(district.centre, tmp_path)
    assert found is not None and found.revoked_again == [town.device]
    with district.centre.reading() as connection:
        assert every_revocation(connection) == known.revoked
    kept = restored.kept_head(tmp_path)
    assert kept is not None and kept.revoked == unknown
    assert town.push_raw([town.act("clerk", REPORT, town.new_id())]).json()["error"] == "revoked"
