"""An edition of the reference data that comes while acts wait makes something else of their clerk: they stay on his screen as they
were made, until the centre has answered (I14)."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import insert, select

from models import commands as c
from models.case import State
from models.people import Role
from models.rules import Rules
from models.store import outbox
from models.store.console_tables import outbox as acts
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


def test_it_stays_when_a_centre_that_was_put_back_has_to_decide_it_again(store: EveryState) -> None:
    """Worlds 6873 and 6908: decided when the edition came, and undecided since."""
    case_id = store.reported()
    store.does(CLERK, c.File(), case_id)
    with store.work() as work:
        for command in outbox.unsettled_of_cases(work.connection, [case_id])[case_id]:
            outbox.settle(work.connection, command.cmd_id, "accepted", None, 1)
        work.commit()
    another_edition(store, CLERK, active=False)
    with store.work() as work:
        assert outbox.reopen(work.connection, 0, 1) == 2
        cases.replay(work, case_id)
        work.commit()
    assert store.case(case_id).state is State.AWAITING_DISPATCH


def test_what_is_done_after_it_is_by_what_he_is_now(store: EveryState) -> None:
    case_id = store.reported()
    another_edition(store, CLERK, phone="0559-0000000")
    store.does(CLERK, c.File(), case_id)
    with store.work() as work:
        assert people_then(work.connection) == {}


def test_an_act_of_a_kind_that_is_not_known_stops_no_edition(store: EveryState) -> None:
    """A newer version made it, and an older one runs since."""
    store.does(CLERK, c.File(), store.reported())
    with store.work() as work:
        last = work.connection.execute(select(acts).order_by(acts.c.dseq.desc())).mappings().first()
        assert last is not None
        body = last["body"].replace('"case.file"', '"case.dream"')
        settled = {"state": outbox.SETTLED, "outcome": "accepted", "kind": "case.dream", "body": body}
        other = {**last, **settled, "dseq": last["dseq"] + 1, "cmd_id": "x", "hash": "x"}
        work.connection.execute(insert(acts).values(**other))
        work.commit()
    another_edition(store, CLERK, active=False)
    with store.work() as work:
        assert people_then(work.connection)
