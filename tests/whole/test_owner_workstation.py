"""Two workstations of a unit over one centre: each knows which cases are with the other, by what it last heard (sync.md §3.10)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from models import commands as c
from models.store.console_tables import outbox
from services import cases
from tests.whole.conftest import TOWN
from tests.whole.parties import Centre, Console
from tests.whole.test_let_in_again import REPORT

OTHER = f"{TOWN}-clerk-2"
MARKET = f"{TOWN}-market"


@pytest.fixture
def other(centre: Centre, tmp_path: Path) -> Iterator[Console]:
    """The town's second workstation."""
    made = Console(tmp_path, centre, TOWN, OTHER)
    made.settle()
    yield made
    made.close()


def elsewhere(console: Console, case_id: str) -> tuple[str, str] | None:
    """Who did what to the case at another workstation of the unit, as this one's panel is told."""
    panel = console.database(lambda work: cases.panel(work, console.desk, case_id))
    assert panel is not None
    return (panel.at_another.name, panel.at_another.kind) if panel.at_another is not None else None


def test_the_case_is_with_the_workstation_whose_act_was_last_heard_of(
    centre: Centre, clerk: Console, other: Console, tmp_path: Path
) -> None:
    assert clerk.rules is not None
    name, others_name = (clerk.rules.people[person].name for person in (clerk.desk.person, OTHER))
    first = clerk.act(REPORT)
    case_id = first.case_id
    clerk.act(c.File(), case_id)
    assert elsewhere(clerk, case_id) is None, "what waits here is known to nobody else"
    clerk.settle()
    other.settle()
    assert elsewhere(clerk, case_id) is None
    assert elsewhere(other, case_id) == (name, "case.file")

    other.act(c.Dispatch(MARKET), case_id)
    assert elsewhere(other, case_id) == (name, "case.file"), "the other workstation has not heard of that"
    other.settle()
    assert elsewhere(other, case_id) is None
    clerk.settle()
    assert elsewhere(clerk, case_id) == (others_name, "case.dispatch")

    other.as_person(clerk.desk.person)
    other.act(c.Note("我在跟"), case_id)
    other.settle()
    clerk.settle()
    assert elsewhere(clerk, case_id) == (name, "case.note"), "a workstation, whoever sits there"

    other.let_in_again(centre, "let_in_again")
    other.settle()
    assert elsewhere(other, case_id) is None, "it was this workstation, as another device"
    third = Console(tmp_path, centre, TOWN, f"{TOWN}-clerk-3")
    third.settle()
    assert elsewhere(third, case_id) == (name, "case.note"), "also where the case came with a snapshot"
    third.act(c.Note("我在跟"), case_id)
    third.settle()
    third.database(lambda work: (work.connection.execute(delete(outbox)), work.commit()))
    assert elsewhere(third, case_id) is None, "also where a damaged store lost what it had made"
    third.close()
