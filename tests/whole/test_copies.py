"""How a centre is put back to a copy, and notices: by the command, by hand, by a receipt (D14). Real processes, real files."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from sqlalchemy import text

from models import commands as c
from models.store.engine import open_engine
from services.sync.machine import Phase
from tests.whole.parties import Centre, Console, keys_of
from tests.whole.test_devices import revoke
from tests.whole.test_restore import (
    MARKET,
    a_day,
    all_is_there,
    desks,
    district,
    end_recovery,
    file_of,
    reported,
    waiting,
)

__all__ = ["desks"]


def test_a_copy_put_back_by_the_command(centre: Centre, desks: tuple[Console, Console], tmp_path: Path) -> None:
    clerk, market = desks
    before = a_day(clerk, market)
    copy = tmp_path / "last-night.sqlite"
    done = district("backup", "--database", centre.database_url, str(copy))
    assert done.returncode == 0 and done.stdout.startswith("backed up: "), done.stderr
    assert district("backup", "--database", centre.database_url, str(copy)).returncode == 2, "nothing is overwritten"
    after = a_day(clerk, market)
    centre.end(signal.SIGKILL)
    made_offline = reported(clerk)
    keys = keys_of(centre.database_url)
    done = district("restore", "--database", centre.database_url, "--keys", str(keys), str(copy))
    assert done.returncode == 0 and "is now" in done.stdout, done.stderr
    assert list(file_of(centre).parent.glob("*.before-restore-*")), "what stood there is set aside, not deleted"
    centre.start()
    assert centre.asked("SELECT count(*) FROM case_row") == [(1,)], "the centre has forgotten the second day"
    for console in (clerk, market, clerk, market):
        assert console.settle().phase is Phase.ONLINE
    end_recovery(centre)
    clerk.settle()
    assert clerk.case(made_offline) is not None
    clerk.act(c.File(), made_offline)
    clerk.act(c.Dispatch(MARKET), made_offline)
    clerk.settle()
    market.settle()
    lead = market.case(made_offline).lead  # type: ignore[union-attr]
    assert lead is not None
    market.act(c.Arrive(lead.id), made_offline)
    for console in (market, clerk):
        console.settle()
    all_is_there(centre, clerk, market, [before, after, made_offline])
    assert "restored: epoch 2" in district("audit", "--database", centre.database_url).stdout


@pytest.mark.landing
def test_a_file_put_back_by_hand_is_noticed(centre: Centre, desks: tuple[Console, Console], tmp_path: Path) -> None:
    clerk, market = desks
    before = a_day(clerk, market)
    centre.end()
    shutil.copyfile(file_of(centre), tmp_path / "copy.sqlite")
    centre.start()
    after = a_day(clerk, market)
    clerk.act(c.Note("口头交办"), after)
    seen = clerk.case(after)
    centre.end()  # in order: it writes down how far it came
    for suffix in ("", "-wal", "-shm"):
        file_of(centre).with_name(f"{file_of(centre).name}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "copy.sqlite", file_of(centre))
    centre.start()
    assert centre.asked("SELECT value FROM meta WHERE name = 'epoch'") == [("2",)]
    found = clerk.settle()
    assert found.phase is Phase.ONLINE, found.reason
    assert clerk.case(after) is not None and seen is not None, "a clerk's own act never disappears from view (I14)"
    for console in (market, clerk, market, clerk):
        found = console.settle()
        assert found.phase is Phase.ONLINE, found.reason
    all_is_there(centre, clerk, market, [before, after])
    centre.end()
    centre.start()
    assert centre.asked("SELECT value FROM meta WHERE name = 'epoch'") == [("2",)], "noticed once"


@pytest.mark.landing
def test_a_copy_younger_than_the_file_of_the_head_is_noticed_by_a_receipt(
    centre: Centre, desks: tuple[Console, Console], tmp_path: Path
) -> None:
    """What stands beside the keys is some seconds old: a service killed at once may have said less there than it had signed."""
    clerk, market = desks
    before = a_day(clerk, market)
    centre.end()
    head = keys_of(centre.database_url) / "head.json"
    known = head.read_bytes()
    shutil.copyfile(file_of(centre), tmp_path / "copy.sqlite")
    centre.start()
    after = a_day(clerk, market)
    centre.end(signal.SIGKILL)
    head.write_bytes(known)
    for suffix in ("-wal", "-shm"):
        file_of(centre).with_name(f"{file_of(centre).name}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "copy.sqlite", file_of(centre))
    centre.start()
    asked = "SELECT value FROM meta WHERE name = 'epoch'"
    assert centre.asked(asked) in ([], [("1",)]), "the file says nothing"
    for console in (clerk, market, clerk, market):
        found = console.settle()
        assert found.phase is Phase.ONLINE, found.reason
    assert centre.asked(asked) == [("2",)]
    for console in (clerk, market):
        assert waiting(console), "nobody wrote down who has lost something: for a minute whoever calls is waited for"
    end_recovery(centre)
    for console in (clerk, market, clerk):
        console.settle()
    all_is_there(centre, clerk, market, [before, after])


@pytest.mark.landing
def test_a_copy_of_before_an_upgrade_is_put_back(
    centre: Centre, desks: tuple[Console, Console], tmp_path: Path
) -> None:
    """The copies of the nights before are all there is in the first hours of a new version."""
    clerk, market = desks
    before = a_day(clerk, market)
    copy = tmp_path / "last-night.sqlite"
    assert district("backup", "--database", centre.database_url, str(copy)).returncode == 0
    engine = open_engine(f"sqlite:///{copy}")
    with engine.begin() as connection:  # as version 0011 wrote it
        for newer in ("TABLE wall_step", "INDEX log_refused_check", "INDEX personal_read_at"):
            connection.execute(text(f"DROP {newer}"))
        connection.execute(text("ALTER TABLE case_row DROP COLUMN evidence_owed"))
        connection.execute(text("ALTER TABLE device DROP COLUMN replaces"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0011'"))
    engine.dispose()
    older = copy.read_bytes()
    checked = district("verify", str(copy))
    assert checked.stdout.startswith("sound: "), checked.stderr
    after = a_day(clerk, market)
    revoke(centre, market.known.device)
    centre.end()
    keys = keys_of(centre.database_url)
    done = district("restore", "--database", centre.database_url, "--keys", str(keys), str(copy))
    assert done.returncode == 0 and "is now" in done.stdout, done.stderr
    assert copy.read_bytes() == older and list(tmp_path.glob("last-night.sqlite*")) == [copy], "it stays as it is"
    centre.start()
    revoked = centre.asked("SELECT id FROM device WHERE revoked_at IS NOT NULL")
    assert revoked == [(market.known.device,)], "and the command knew who had been revoked"
    assert clerk.settle().phase is Phase.ONLINE
    assert centre.asked("SELECT value FROM meta WHERE name = 'epoch'") == [("2",)]
    assert {before, after} <= {row[0] for row in centre.asked("SELECT id FROM case_row")}


def test_what_is_no_sound_copy_is_not_put_back(centre: Centre, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    assert district("backup", "--database", centre.database_url, str(copy)).returncode == 0
    assert district("verify", str(copy)).stdout.startswith("sound: ")
    engine = open_engine(f"sqlite:///{copy}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE log SET body = replace(body, 'reference', 'reverence')"))
    engine.dispose()
    refused = district("verify", str(copy))
    assert refused.returncode == 2 and "contradictions found, the first: " in refused.stderr, refused.stderr
    centre.end()
    before = file_of(centre).read_bytes()
    done = district(
        "restore", "--database", centre.database_url, "--keys", str(keys_of(centre.database_url)), str(copy)
    )
    assert done.returncode == 2 and "audit_failed" in done.stderr
    assert file_of(centre).read_bytes() == before, "nothing was touched"
    assert district("verify", str(tmp_path / "nowhere")).returncode == 2
