"""An edition of the reference data that comes while acts wait makes something else of their clerk: they stay on his screen as they
were made, until the centre has answered (I14)."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from models import commands as c
from models.case import State
from models.people import Role
from models.rules import Rules
from models.store import outbox
from models.store.people_then import keep, people_then
from services import cases
from tests.ui.every_state import CLERK, SQUAD, EveryState


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


def another_edition(store: EveryState, person: str, **changes: object) -> None:
    """It comes into force here; what lies on top is folded anew, as the next page of the feed does."""
    reference = store.rules.reference
    people = tuple(replace(p, **changes) if p.id == person else p for p in reference.people)
    with store.work() as work:
        keep(work.connection, reference.people, people)
        work.commit()
    store.rules = Rules(replace(reference, people=people))
    with store.work() as work:
        cases.replay(work, *outbox.waiting_cases(work.connection))
        work.commit()


@pytest.mark.parametrize("changes", [{"active": False}, {"roles": (Role.GRID_MEMBER,)}, {"unit": SQUAD}])
def test_what_a_clerk_did_before_stays_on_the_screen(store: EveryState, changes: dict[str, object]) -> None:
    case_id = store.reported()
    store.does(CLERK, c.File(), case_id)
    another_edition(store, CLERK, **changes)
    assert store.case(case_id).state is State.AWAITING_DISPATCH
    another_edition(store, CLERK, phone="0559-0000000")
    assert store.case(case_id).state is State.AWAITING_DISPATCH, "the first edition after the act is what counts"


def test_it_is_let_go_with_the_acts(store: EveryState) -> None:
    case_id = store.reported()
    store.does(CLERK, c.File(), case_id)
    another_edition(store, CLERK, active=False)
    with store.work() as work:
        waiting = outbox.unsettled_of_cases(work.connection, [case_id])[case_id]
        kept = people_then(work.connection)
        assert {person.id for people in kept.values() for person in people} == {CLERK}
        for command in waiting:
            outbox.settle(work.connection, command.cmd_id, "accepted", None, 1)
        keep(work.connection, store.rules.reference.people, store.rules.reference.people)
        assert people_then(work.connection) == {}


def test_what_is_done_after_it_is_by_what_he_is_now(store: EveryState) -> None:
    case_id = store.reported()
    another_edition(store, CLERK, phone="0559-0000000")
    store.does(CLERK, c.File(), case_id)
    with store.work() as work:
        assert people_then(work.connection) == {}
