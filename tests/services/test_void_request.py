"""A request to void is seen by whoever may answer it: in the queue, in the act bar, and as a notice of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import commands as c
from models.organisation import DISTRICT_CODE
from models.rules import Rules
from models.views import QueueQuery
from services import cases, queue, watched_cases
from services.desk import Desk
from tests.ui.every_state import CLERK, DEPUTY, OPERATOR, SECOND, TOWN, EveryState
from ui.panels.case_acts import first_act


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


def desk(person: str, unit: str = TOWN) -> Desk:
    return Desk(person, unit, "D-test", "A")


def test_the_queue_says_whose_move_it_is_and_the_bar_begins_with_it(store: EveryState) -> None:
    case_id = store.handling()
    with store.work() as work:
        assert queue.counts(work, desk(DEPUTY)).chips["mine"] == 0, "the squad's move"
    store.does(CLERK, c.AskVoid("Entered twice"), case_id)
    with store.work() as work:
        mine = queue.page(work, desk(DEPUTY), QueueQuery(chip="mine"), 0, 10)
        assert [(r.row.id, r.row.next_code, r.next_unit_name) for r in mine.rows] == [
            (case_id, "case.answer_void", store.rules.organisations[TOWN].short_name)
        ]
        panel = cases.panel(work, desk(DEPUTY), case_id)
        assert panel is not None and first_act(panel, TOWN) == "case.answer_void"


def test_the_notice_is_for_the_person_who_may_answer_and_nobody_else(store: EveryState) -> None:
    case_id = store.handling()
    store.does(CLERK, c.AskVoid("Entered twice"), case_id)
    one = frozenset({case_id})

    def asked(person: str, unit: str = TOWN) -> tuple[bool, bool]:
        with store.work() as work:
            (found,) = watched_cases.these(work, desk(person, unit), one).cases
        return bool(found.asked), found.arrived

    assert asked(DEPUTY) == (True, False)
    assert asked(CLERK) == asked(SECOND) == (False, False)
    assert asked(OPERATOR, DISTRICT_CODE) == (False, False), "the district may, but the town's deputy is the one asked"
    store.does(DEPUTY, c.AnswerVoid(store.case(case_id).requests[-1].id, False), case_id)
    assert asked(DEPUTY) == (False, False)
    store.does(DEPUTY, c.AskVoid("Entered twice"), case_id)
    assert asked(DEPUTY) == (False, False)
    assert asked(OPERATOR, DISTRICT_CODE) == (True, False), (
        "his own request is the district's to answer; no new case to it"
    )
