"""知道了 and 转交 are acts: they work without a line, reach the unit's other workstations, and hold on another disk (docs/sync.md)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from models import commands as c
from models.errors import Refused
from models.reference_files import EDITION
from models.store import outbox, tray_words
from models.store.console_tables import cursor
from models.store.engine import open_file
from models.views import TrayItem
from services import tray
from tests.whole.parties import Centre, Console

TOWN = "341002102"
STATION, MARKET = f"{TOWN}003", f"{TOWN}-market"
CLERK, SECOND = f"{TOWN}-clerk-1", f"{TOWN}-clerk-2"
REPORT = c.Report("", "grid", f"{EDITION}/matter/09005", "两机同派", "路口", TOWN, STATION)


@pytest.fixture
def other(centre: Centre, tmp_path: Path) -> Iterator[Console]:
    """The second workstation of the town."""
    made = Console(tmp_path, centre, TOWN, SECOND)
    made.settle()
    yield made
    made.close()


def second_to_dispatch(clerk: Console, other: Console) -> str:
    """Both dispatched one case; what `other` did came to nothing. The id of that act."""
    case_id = clerk.act(REPORT).case_id
    clerk.act(c.File(), case_id)
    clerk.settle()
    other.settle()
    clerk.act(c.Dispatch(MARKET), case_id)
    cmd_id = other.act(c.Dispatch(STATION), case_id).cmd_id
    for console in (clerk, other, other, clerk):
        console.settle()
    return cmd_id


def shown(console: Console, person: str = "") -> tuple[TrayItem, ...]:
    if person:
        console.as_person(person)
    found = console.database(lambda work: tray.items(work, console.desk))
    assert {item.cmd_id for item in found} == set(console.database(lambda work: tray_words.open_ids(work.connection)))
    return found


def closes(console: Console, cmd_id: str) -> str:
    def job(work):  # type: ignore[no-untyped-def]
        said = tray.close(work, console.desk, cmd_id)
        work.commit()
        return said

    return str(console.database(job))


def hands_on(console: Console, cmd_id: str, to: str, note: str) -> str:
    def job(work):  # type: ignore[no-untyped-def]
        said = tray.hand_on(work, console.desk, cmd_id, to, note)
        work.commit()
        return said

    return str(console.database(job))


def outcome(console: Console, cmd_id: str) -> tuple[str, str]:
    row = console.database(lambda work: outbox.find(work.connection, cmd_id))
    return row.state, row.outcome


def test_an_entry_handed_on_is_with_the_colleague_at_both_workstations_until_he_closes_it(
    clerk: Console, other: Console
) -> None:
    cmd_id = second_to_dispatch(clerk, other)
    assert [item.cmd_id for item in shown(other)] == [cmd_id] and shown(clerk) == ()
    for to, note in ((SECOND, "请看"), (f"{MARKET}-officer-1", "请看"), (CLERK, " ")):
        with pytest.raises(Refused):
            hands_on(other, cmd_id, to, note)
    said = hands_on(other, cmd_id, CLERK, "请告知工作站不必前往")
    (item,) = shown(other)
    assert (item.handed_by, item.handed_to, item.note) == (SECOND, CLERK, "请告知工作站不必前往"), (
        "at once, before any answer"
    )
    other.settle()
    other.settle()
    assert outcome(other, said) == ("settled", "accepted")
    clerk.settle()
    (here,) = shown(clerk)
    assert here.is_elsewhere and here.by == SECOND and here.names[SECOND], "of another workstation"
    for name in (
        "cmd_id",
        "case_id",
        "case_number",
        "kind",
        "code",
        "args",
        "made_at",
        "handed_by",
        "handed_to",
        "note",
    ):
        assert getattr(here, name) == getattr(item, name), name
    assert here.first is not None and here.first.kind == "case.dispatch", "who was first is on record here"
    closed = closes(clerk, cmd_id)
    assert shown(clerk) == (), "in the same transaction"
    assert len(shown(other)) == 1
    clerk.settle()
    clerk.settle()
    other.settle()
    assert outcome(clerk, closed) == ("settled", "accepted")
    assert shown(other) == () == shown(clerk)
    with pytest.raises(Refused):
        closes(clerk, cmd_id)


@pytest.mark.landing
def test_what_was_handed_to_whoever_sits_here_stands_first(clerk: Console, other: Console) -> None:
    first, second = (second_to_dispatch(clerk, other) for _ in range(2))
    assert [item.cmd_id for item in shown(other)] == [second, first]
    hands_on(other, first, CLERK, "请看")
    assert [item.cmd_id for item in shown(other)] == [second, first]
    assert [item.cmd_id for item in shown(other, CLERK)] == [first, second]
    hands_on(other, first, SECOND, "已看,请您办")
    assert next((item.cmd_id, item.handed_by) for item in shown(other, SECOND)) == (first, CLERK), (
        "the last word counts"
    )
    for _ in range(2):
        other.settle()
    assert next((item.cmd_id, item.handed_by) for item in shown(other, SECOND)) == (first, CLERK), "and once confirmed"


def test_a_refused_close_brings_its_entry_back_and_is_none_itself(clerk: Console, other: Console) -> None:
    """It names another verdict than the centre's: the new one is seen by nobody yet."""
    cmd_id = second_to_dispatch(clerk, other)

    def spoilt(work):  # type: ignore[no-untyped-def]
        said = tray._say(work, other.desk, c.CloseEntry(cmd_id, "rejected", "some_other_reason"))
        work.commit()
        return said

    said = other.database(spoilt)
    assert shown(other) == ()
    other.settle()
    other.settle()
    assert outcome(other, said) == ("settled", "rejected")
    assert [item.cmd_id for item in shown(other)] == [cmd_id]
    closes(other, cmd_id)
    with pytest.raises(Refused):
        closes(other, cmd_id)
    with pytest.raises(Refused):
        hands_on(other, cmd_id, CLERK, "请看")
    other.settle()
    other.settle()
    assert shown(other) == ()


@pytest.mark.landing
def test_an_older_disk_hears_that_the_entry_was_closed(
    clerk: Console, other: Console, centre: Centre, tmp_path: Path
) -> None:
    cmd_id = second_to_dispatch(clerk, other)
    other.engine.dispose()
    file = tmp_path / f"{TOWN}-{SECOND}.sqlite"
    image = Path(shutil.copytree(tmp_path, tmp_path.parent / "image"))
    other.engine = open_file(file)
    closes(other, cmd_id)
    other.settle()
    other.settle()
    other.engine.dispose()
    for found in image.glob(f"{file.name}*"):
        shutil.copy(found, tmp_path / found.name)
    other.engine = open_file(file)
    assert [item.cmd_id for item in shown(other)] == [cmd_id], "the disk of before"
    other.settle()
    other.let_in_again(centre, "chain_fork")
    for _ in range(3):
        other.settle()
    assert shown(other) == ()


@pytest.mark.landing
def test_a_snapshot_does_not_bring_back_what_was_closed_meanwhile(clerk: Console, other: Console) -> None:
    """The close stands in a part of the feed that is never read there: asked by its id, the centre tells of it."""
    cmd_id = second_to_dispatch(clerk, other)
    hands_on(other, cmd_id, CLERK, "请看")
    for console in (other, other, clerk):
        console.settle()
    closes(clerk, cmd_id)
    clerk.settle()
    other.database(lambda work: (work.connection.execute(delete(cursor)), work.commit()))
    assert [item.cmd_id for item in shown(other)] == [cmd_id]
    other.settle()
    assert shown(other) == ()
