"""Which entries of the tray are closed follows from acts, on this disk and by what the feed tells (models/store/tray_words.py)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from models import commands as c
from models.store import carried, outbox, tray_words
from models.store.carried import Carried
from models.store.work import Work
from models.tray_acts import SUBJECT
from models.wire import Reason, decode_command, seal
from services import tray
from services.sync.verdicts import settle
from tests.store.make_sample import Workstation
from tests.store.test_outbox_machine import REPORT

SAME, OTHER = ("rejected", "not_allowed"), ("rejected", "unknown_case")


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Workstation]:
    made = Workstation(tmp_path / "store.sqlite")
    yield made
    made.close()


@pytest.fixture
def refused(station: Workstation) -> str:
    """An act of this workstation that came to nothing."""
    cmd_id = station.act(REPORT).cmd_id
    with station.work() as work:
        comes_to(work, cmd_id, *SAME)
        work.commit()
    return cmd_id


@pytest.fixture
def work(station: Workstation, refused: str) -> Iterator[Work]:
    with station.work() as found:
        yield found


def comes_to(work: Work, cmd_id: str, outcome: str, code: str, *, foreign: bool = False) -> None:
    assert settle(work, cmd_id, outcome, Reason(code), 7, own=not foreign, foreign=foreign)


def word_is(work: Work, word: str, outcome: str) -> None:
    """What was said here has its verdict."""
    row = outbox.find(work.connection, word)
    assert row is not None
    outbox.settle(work.connection, word, outcome, None, 8)
    tray_words.heard(work.connection, decode_command(row.body), outcome)


def shows(work: Work) -> list[str]:
    return tray_words.open_ids(work.connection)


@pytest.mark.parametrize(("verdict", "again"), [(SAME, False), (OTHER, True), (("merged", "not_allowed"), True)])
def test_after_a_restore_the_same_verdict_stays_closed_and_another_is_another_entry(
    work: Work, station: Workstation, refused: str, verdict: tuple[str, str], again: bool
) -> None:
    word = tray.close(work, station.desk, refused)
    assert shows(work) == []
    word_is(work, word, "accepted")
    assert outbox.reopen(work.connection, 0, 1) == 2
    comes_to(work, refused, *verdict)
    assert shows(work) == ([refused] if again else [])
    word_is(work, word, "rejected" if again else "accepted")
    assert shows(work) == ([refused] if again else [])


def test_what_was_put_away_before_there_were_such_acts_stays_so(work: Work, refused: str) -> None:
    outbox.put_away(work.connection, refused, 9)
    comes_to(work, refused, *SAME)
    assert shows(work) == []
    comes_to(work, refused, "merged", "already_filed")
    assert shows(work) == [refused]


def said_elsewhere(work: Work, refused: str, args: c.CloseEntry | c.HandOn, cmd_id: str = "w") -> c.Command:
    """A word of the unit's other workstation."""
    row = outbox.find(work.connection, refused)
    assert row is not None
    return replace(
        decode_command(row.body), cmd_id=cmd_id, device="D-other", args=args, subject=c.Subject(SUBJECT, args.cmd_id)
    )


def test_a_word_from_elsewhere_closes_what_it_names_and_nothing_else(work: Work, refused: str) -> None:
    close = c.CloseEntry(refused, *SAME)
    tray_words.heard(work.connection, said_elsewhere(work, refused, replace(close, code="unknown_case")), "accepted")
    tray_words.heard(work.connection, said_elsewhere(work, refused, close), "deferred")
    assert shows(work) == [refused]
    tray_words.heard(work.connection, said_elsewhere(work, refused, close), "merged")
    assert shows(work) == []


def test_an_entry_from_elsewhere_stands_here_until_it_is_closed_or_is_another(
    work: Work, station: Workstation, refused: str
) -> None:
    hand = c.HandOn("far", *SAME[:1], "clerk", "请看", "case.file", "some-case", "maker", 7, SAME[1])
    word = said_elsewhere(work, refused, hand)

    def handed() -> list[str]:
        tray_words.heard(work.connection, word, "accepted")
        return shows(work)

    outbox.put_away(work.connection, refused, 9)
    tray_words.heard(work.connection, word, "rejected")
    assert shows(work) == [], "the centre would not have it"
    assert handed() == ["far"] and tray_words.handed_ids(work.connection) == {"far"}
    closed = tray.close(work, station.desk, "far")
    assert shows(work) == []
    word_is(work, closed, "rejected")
    assert shows(work) == ["far"]
    word_is(work, tray.close(work, station.desk, "far"), "accepted")
    assert shows(work) == [] == handed(), "told once more of what was closed here"
    word = said_elsewhere(work, refused, replace(hand, cmd_id="further"))
    assert handed() == ["further"]
    tray_words.judged(work.connection, "further", *SAME)
    assert shows(work) == ["further"]
    tray_words.judged(work.connection, "further", "accepted", "")
    assert shows(work) == []


def test_what_is_carried_for_another_is_closed_likewise(work: Work, station: Workstation, refused: str) -> None:
    row = outbox.find(work.connection, refused)
    assert row is not None
    foreign = replace(decode_command(row.body), cmd_id="theirs", device="D-a")
    carried.put(work.connection, Carried("D-a", "A", (carried.carried_act(seal(foreign)),)))
    comes_to(work, "theirs", *SAME, foreign=True)
    assert shows(work) == [refused, "theirs"]
    word = tray.close(work, station.desk, "theirs")
    assert shows(work) == [refused]
    word_is(work, word, "rejected")
    assert shows(work) == [refused, "theirs"]
    tray_words.heard(work.connection, said_elsewhere(work, refused, c.CloseEntry("theirs", *SAME)), "accepted")
    assert shows(work) == [refused]
