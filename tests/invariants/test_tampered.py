"""Each check misses what it is there for: one sound world at rest, and each time one thing in it changed by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from models.case import State, Verdict
from tests.invariants import order
from tests.invariants.at_rest import Made, Violation
from tests.invariants.attachments import files_are_there
from tests.invariants.devices import chains_and_signatures
from tests.invariants.history import read
from tests.invariants.order import order_is_whole
from tests.invariants.owed_photographs import photographs_are_owed_or_there
from tests.invariants.rejudged import judged_again
from tests.invariants.scopes import feeds_as_they_should_be
from tests.invariants.workstations import workstations_agree
from tests.world.world import World, world

pytestmark = pytest.mark.landing
SEEDS = range(3, 40)
ANOTHER_VERSION = r"""replace(CAST(document AS TEXT), '"version"\:', '"version"\:9')"""
IN_THE_TRAY = "outcome = 'rejected' AND retracted = 0 AND closed_at IS NULL"
A_REPORT = "(SELECT min(gseq) FROM log WHERE kind = 'case.report')"
ANOTHER_SIGNATURE = "CASE WHEN sig LIKE 'A%' THEN 'B' ELSE 'A' END || substr(sig, 2)"


@pytest.fixture(scope="module")
def resting() -> Iterator[World]:
    """The first that has something for every change below: which that is, differs from one Python to the next."""
    for seed in SEEDS:
        with world(seed) as found:
            found.play()
            found.heal()
            wanted = ("personal", f"outbox WHERE {IN_THE_TRAY}", "blob WHERE state = 'sent'")
            if all(_somebody_has(found, where) for where in wanted):
                yield found
                return
    raise AssertionError("no world has all that is to be changed")


def _somebody_has(found: World, where: str) -> bool:
    for console in (c for c in found.consoles if not c.is_stopped):
        with console.engine.connect().execution_options(read_only=True) as connection:
            if connection.execute(text(f"SELECT count(*) FROM {where}")).scalar():
                return True
    return False


@pytest.fixture
def rest(resting: World) -> Iterator[World]:
    """The sound world; what a test does to its files is undone afterwards."""
    files = [resting.centre.file, *(console.file for console in resting.consoles)]
    witness = (dict(resting.witness.made), set(resting.witness.told))
    for file in files:
        _emptied(resting, file)
        shutil.copyfile(file, file.with_suffix(".sound"))
    yield resting
    resting.centre.centre.engine.dispose()
    for console in resting.consoles:
        console.engine.dispose()
    for file in files:
        for suffix in ("-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(file.with_suffix(".sound"), file)
    resting.witness.made, resting.witness.told = witness


def _emptied(resting: World, file: Path) -> None:
    engines = {resting.centre.file: resting.centre.centre.engine, **{c.file: c.engine for c in resting.consoles}}
    connection = engines[file].raw_connection()
    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def at_centre(rest: World, statement: str) -> None:
    with rest.centre.centre.engine.begin() as connection:
        assert connection.execute(text(statement)).rowcount > 0, "something is changed"


def at_console(rest: World, statement: str) -> None:
    """At the first workstation where it changes anything."""
    for console in rest.consoles:
        if console.is_stopped:
            continue
        with console.engine.begin() as connection:
            if connection.execute(text(statement)).rowcount > 0:
                return
    raise AssertionError("nothing is changed anywhere")


LOOKS: dict[str, Callable[[World], object]] = {
    "order": lambda rest: order_is_whole(rest, read(rest)),
    "complete": lambda rest: [order._complete(entry) for entry in read(rest).entries],
    "counted": lambda rest: order._counted_once(read(rest)),
    "devices": lambda rest: chains_and_signatures(rest, read(rest)),
    "rejudged": lambda rest: judged_again(rest, read(rest)),
    "scopes": lambda rest: feeds_as_they_should_be(rest, read(rest)),
    "workstations": lambda rest: workstations_agree(rest, read(rest)),
}
AT_CENTRE = [
    ("I2", "devices", f"UPDATE log SET dseq = dseq + 900 WHERE gseq = {A_REPORT}"),
    ("I3", "scopes", "UPDATE feed SET sseq = sseq + 900 WHERE sseq = 2"),
    ("I4", "devices", f"UPDATE log SET body = body || ' ' WHERE gseq = {A_REPORT}"),
    ("I5", "devices", f"UPDATE log SET sig = {ANOTHER_SIGNATURE} WHERE gseq = {A_REPORT}"),
    ("I6", "order", "UPDATE case_row SET document = CAST('{}' AS BLOB)"),
    ("I6", "order", "UPDATE log SET gseq = gseq + 900 WHERE gseq = (SELECT max(gseq) FROM log)"),
    ("I6", "order", "UPDATE device SET head_dseq = head_dseq + 1 WHERE head_dseq > 0"),
    ("I7", "rejudged", f"UPDATE log SET outcome = 'merged' WHERE gseq = {A_REPORT}"),
    ("I12", "counted", f"UPDATE log SET outcome = 'merged' WHERE gseq = {A_REPORT}"),
    ("I18", "scopes", "UPDATE feed SET mode = 'own' WHERE mode = 'enter'"),
    ("I20", "complete", f"UPDATE log SET actor = '' WHERE gseq = {A_REPORT}"),
]
"""The district's own audit, asked first of the order, calls whatever contradicts itself there I6."""

AT_A_WORKSTATION = [
    ("I1", "UPDATE personal SET sent = 0"),
    ("I9", f"UPDATE case_row SET document = CAST({ANOTHER_VERSION} AS BLOB)"),
    ("I9", "DELETE FROM case_row"),
    ("I10", "UPDATE outbox SET outcome = 'merged' WHERE outcome = 'accepted'"),
    ("I11", "DELETE FROM outbox"),
    ("I11", f"UPDATE outbox SET retracted = 1 WHERE {IN_THE_TRAY}"),
    ("I19", "UPDATE cursor SET sseq = sseq - 1 WHERE sseq > 1"),
    ("I19", "UPDATE outbox SET outcome = 'deferred' WHERE state = 'settled'"),
    ("R4", "UPDATE outbox SET state = 'sent', outcome = '' WHERE state = 'settled'"),
]


def test_nothing_is_missed_where_nothing_is_wrong(rest: World) -> None:
    for look in LOOKS.values():
        look(rest)


@pytest.mark.parametrize(("rule", "look", "statement"), AT_CENTRE)
def test_a_changed_book_of_the_centre_is_missed(rest: World, rule: str, look: str, statement: str) -> None:
    at_centre(rest, statement)
    with pytest.raises(Violation) as missed:
        LOOKS[look](rest)
    assert missed.value.rule == rule, missed.value


@pytest.mark.parametrize(("rule", "statement"), AT_A_WORKSTATION)
def test_a_changed_store_is_missed(rest: World, rule: str, statement: str) -> None:
    at_console(rest, statement)
    with pytest.raises(Violation) as missed:
        LOOKS["workstations"](rest)
    assert missed.value.rule == rule, missed.value


def test_a_file_that_is_not_what_its_name_says_is_missed(rest: World) -> None:
    folder = rest.centre.centre.blobs
    file = folder.file_of(next(folder.names()))
    sound = file.read_bytes()
    file.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    try:
        with pytest.raises(Violation, match=r"I17: 1 files are named and not there"):
            files_are_there(rest, read(rest))
        file.unlink()
        with pytest.raises(Violation, match=r"I17: 1 files are named and not there"):
            files_are_there(rest, read(rest))
    finally:
        file.write_bytes(sound)


def test_a_file_that_was_never_sent_is_missed(rest: World) -> None:
    files_are_there(rest, read(rest))
    at_console(rest, "UPDATE blob SET state = 'waiting', sent = 0 WHERE state = 'sent'")
    with pytest.raises(Violation, match=r"I19: .* a file waits to be sent"):
        files_are_there(rest, read(rest))


def test_a_file_that_is_awaited_although_it_is_there_is_missed(rest: World) -> None:
    history = read(rest)
    case = next(case for case in history.cases.values() if any(a.arrived_at for a in case.attachments))
    history.cases[case.id] = replace(case, attachments=tuple(replace(a, arrived_at=None) for a in case.attachments))
    with pytest.raises(Violation, match=r"I17: .* never came from"):
        files_are_there(rest, history)


@pytest.mark.parametrize("at", [at_centre, at_console])
def test_a_row_that_says_otherwise_of_a_photograph_is_missed(rest: World, at: Callable[[World, str], None]) -> None:
    photographs_are_owed_or_there(rest, read(rest))
    at(rest, "UPDATE case_row SET evidence_owed = NOT evidence_owed")
    with pytest.raises(Violation, match=r"I17: .* says otherwise"):
        photographs_are_owed_or_there(rest, read(rest))


def test_a_photograph_that_is_owed_or_not_by_another_rule_is_missed(
    rest: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = read(rest)
    case = next(case for case in history.cases.values() if case.clocks)
    asks = tuple(replace(clock, verdict=Verdict.ON_TIME, photo_required=True) for clock in case.clocks)
    history.cases[case.id] = replace(case, attachments=(), clocks=asks, state=State.HANDLING)
    for owes, words in ((False, "none has come"), (True, "nobody asks for")):
        monkeypatch.setattr("models.owed_evidence.owes_photo", lambda *_, owes=owes: owes)
        with pytest.raises(Violation, match=rf"I17: .*{words}"):
            photographs_are_owed_or_there(rest, history)


def test_an_act_that_was_told_and_is_nowhere_is_missed(rest: World) -> None:
    rest.witness.told.add("019ab000-0000-7000-8000-00000000dead")
    with pytest.raises(Violation, match=r"I1: .* is nowhere"):
        LOOKS["workstations"](rest)


def test_an_act_judged_at_an_hour_it_was_not_made_is_missed(rest: World) -> None:
    for cmd_id, made in list(rest.witness.made.items()):
        rest.witness.made[cmd_id] = Made(made.device, made.at_ms + 7_200_000, made.until_ms + 7_200_000)
    with pytest.raises(Violation, match="I15"):
        LOOKS["order"](rest)
