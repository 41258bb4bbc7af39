"""What is carried for another workstation (交接包), as its document says it: what a restore leaves of its verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from models import commands as c
from models.evidence import ClaimedTime
from models.recovery import Was
from models.store import carried, documents
from models.store.carried import Carried, CarriedAct
from models.store.engine import open_file
from models.store.migrate import migrate
from models.wire import Reason, Sealed, seal

OLD = (
    b'{"device":"D-a","slot":"A","handed":true,"acts":[{"sealed":{"body":"{}","hash":"h","alg":"none"},"cmd_id":"one",'
    b'"case_id":"case","kind":"case.file","actor":"somebody","made_at":7,"outcome":"rejected",'
    b'"reason":{"code":"not_in_this_state"},"closed_at":9}]}'
)
"""As versions wrote it that kept no place."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Connection]:
    engine = open_file(tmp_path / "s.sqlite")
    migrate(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def one(store: Connection) -> CarriedAct:
    ((act,),) = [found.acts for found in carried.every(store)]
    return act


def with_one(store: Connection) -> None:
    sealed = Sealed(body="{}", hash="h", alg="none")
    carried.put(
        store, Carried("D-a", "A", (CarriedAct(sealed, "one", "case", "case.file", "somebody", 7),), handed=True)
    )


def refused(store: Connection, code: str, gseq: int) -> None:
    assert carried.settle(store, "one", "rejected", Reason(code), gseq)


def test_what_it_had_come_to_is_kept_for_the_centre_that_lost_it(store: Connection) -> None:
    with_one(store)
    refused(store, "not_in_this_state", 5)
    carried.offer_again(store, 1)
    told = Was("one", 1, 5, "rejected", "not_in_this_state")
    assert carried.lost(carried.every(store)[0]) == [told]
    assert (one(store).outcome, one(store).gseq, carried.every(store)[0].handed) == ("", 0, False)
    carried.offer_again(store, 2)
    assert one(store).was == told, "lost twice before it came back: its last place is the one it had"
    carried.settle(store, "one", "deferred", Reason("centre_recovering"), 3)
    carried.offer_again(store, 2)
    assert one(store).was == told, "kept undecided is no verdict"
    refused(store, "not_in_this_state", 6)
    assert carried.lost(carried.every(store)[0]) == [], "the feed has spoken of it again"


@pytest.mark.parametrize(
    ("outcome", "code", "shows"),
    [("rejected", "not_in_this_state", False), ("rejected", "already_filed", True), ("merged", "", True)],
)
def test_put_away_with_another_verdict_it_shows_again(store: Connection, outcome: str, code: str, shows: bool) -> None:
    with_one(store)
    refused(store, "not_in_this_state", 5)
    carried.put_away(store, "one", 9)
    carried.offer_again(store, 1)
    carried.settle(store, "one", "deferred", Reason("centre_recovering"), 3)
    assert carried.not_effective(store) == [] and one(store).closed_at == 9, "it has come to nothing yet"
    carried.settle(store, "one", outcome, Reason(code) if code else None, 6)
    assert [act.cmd_id for act in carried.not_effective(store)] == (["one"] if shows else [])


def test_a_document_without_places_is_read_and_tells_of_none(store: Connection) -> None:
    documents.put(store, "carried:D-a", OLD)
    assert (one(store).gseq, one(store).was, one(store).closed_at) == (0, None, 9)
    carried.offer_again(store, 1)
    assert carried.lost(carried.every(store)[0]) == [], "a word without a place is refused whole"
    refused(store, "not_in_this_state", 6)
    assert carried.not_effective(store) == [], "it had been put away with that verdict"


def made_as(device: str, dseq: int, cmd_id: str, args: c.Args) -> CarriedAct:
    time = ClaimedTime(7, "boot", 7)
    subject = c.Subject("case", "case")
    return carried.carried_act(seal(c.Command(1, cmd_id, device, dseq, "", "clerk", "unit", subject, args, time)))


def handed_over_twice(store: Connection) -> None:
    """A workstation wrote a file, was let in again, and wrote another as the device it is now (docs/decisions/0014)."""
    before = tuple(made_as("D-a", n, name, c.Note("好")) for n, name in enumerate(("one", "two"), start=1))
    again = tuple(made_as("D-b", n, name, c.Note("好")) for n, name in enumerate(("one", "two"), start=1))
    carried.put(store, Carried("D-a", "A", before))
    carried.put(store, Carried("D-b", "B", (*again, made_as("D-b", 3, "undo", c.Retract("one")))))


def test_what_came_as_two_devices_shows_once_and_not_when_it_was_taken_back_as_either(store: Connection) -> None:
    handed_over_twice(store)
    assert [command.cmd_id for command in carried.waiting_of_case(store, "case")] == ["two"]


def test_what_came_as_two_devices_is_in_the_tray_once(store: Connection) -> None:
    handed_over_twice(store)
    assert carried.settle(store, "two", "rejected", Reason("not_in_this_state"), 5)
    assert [act.cmd_id for act in carried.not_effective(store)] == ["two"]
