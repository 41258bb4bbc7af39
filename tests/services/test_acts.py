"""What the console checks before an act is kept: the case to merge into, and the version the clerk saw."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from models import commands as c
from models.case import Described, State
from models.errors import Refused
from models.rules import Rules
from models.store import outbox
from services import cases
from services.desk import Desk
from tests.ui.desks import TOWN
from tests.ui.every_state import CLERK, MEMBER, OFFICER, OTHER_MEMBER, SECOND, STALLS, STATION, VICE, EveryState
from ui.forms import form_for

UNKNOWN = "019ab000-0000-7000-8000-000000000002"


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


def test_nothing_is_merged_into_a_case_this_console_does_not_have(store: EveryState) -> None:
    first, second, third = store.reported(), store.reported(), store.reported()
    with pytest.raises(Refused, match="merge_target_unknown"):
        store.does(CLERK, c.Merge(UNKNOWN), first)
    assert store.case(first).state is State.REPORTED
    store.does(CLERK, c.Merge(first), second)
    with pytest.raises(Refused, match="merge_target_merged"):
        store.does(CLERK, c.Merge(second), third)
    store.does(CLERK, c.Merge(first), third)


def test_an_act_names_the_version_the_centre_confirmed_not_one_of_this_consoles_own(store: EveryState) -> None:
    case_id = store.reported()
    base = store.case(case_id)
    with store.work() as work:
        waiting = outbox.unsettled_of_cases(work.connection, (case_id,))[case_id]
        assert [command.expect for command in waiting] == [None], "the centre has never heard of it"
        outbox.settle(work.connection, waiting[0].cmd_id, "accepted", None, 1)
        cases.replay_on(work, {case_id: base})
        work.commit()
    store.does(CLERK, c.Describe(place="East gate"), case_id)
    store.does(SECOND, c.Describe(place="West gate"), case_id)
    with store.work() as work:
        waiting = outbox.unsettled_of_cases(work.connection, (case_id,))[case_id]
    assert [command.expect for command in waiting] == [1, 1]
    assert store.case(case_id).place == "West gate" and store.case(case_id).version == 3


def test_a_correction_names_what_stood_on_the_screen(store: EveryState) -> None:
    case_id = store.reported()
    before = store.case(case_id)
    store.does(CLERK, c.Describe(place="East gate"), case_id)
    store.does(SECOND, c.Describe(title="Two stalls", place="West gate"), case_id)
    with store.work() as work:
        made = [command.args for command in outbox.unsettled_of_cases(work.connection, (case_id,))[case_id]]
    assert [args.seen for args in made if isinstance(args, c.Describe)] == [
        {"place": before.place},
        {"title": before.title, "place": "East gate"},
    ]


def test_what_came_while_the_form_was_open_is_neither_set_back_nor_overwritten(store: EveryState) -> None:
    case_id = store.reported()
    before = store.case(case_id)
    there = (Described("place", before.version + 1, "D-elsewhere"),)
    elsewhere = replace(before, place="East gate", version=before.version + 1, described=there)
    with store.work() as work:
        panel = cases.panel(work, Desk(CLERK, TOWN, "D-test", "A"), case_id)
        assert panel is not None
        form = form_for("case.describe", panel, TOWN)
        outbox.settle(work.connection, before.history[0].cmd_id, "accepted", None, 1)
        cases.replay_on(work, {case_id: elsewhere})
        work.commit()
    assert form.build is not None
    opened = {field.name: field.value for field in form.fields} | {"station": before.station}
    with pytest.raises(Refused, match="field_changed"):
        store.does(CLERK, form.build(opened | {"place": "West gate"}), case_id)
    store.does(CLERK, form.build(opened | {"title": "Two stalls"}), case_id)
    after = store.case(case_id)
    assert (after.title, after.place) == ("Two stalls", "East gate")
    with pytest.raises(Refused, match="nothing_changed"):
        store.does(CLERK, form.build(opened), case_id)


def test_a_case_without_a_station_is_given_none_by_correcting_something_else(store: EveryState) -> None:
    for station in (STATION, ""):
        case_id = store.does(CLERK, c.Report("", "grid", STALLS, "Goods", "Road", TOWN, station))
        with store.work() as work:
            panel = cases.panel(work, Desk(CLERK, TOWN, "D-test", "A"), case_id)
        assert panel is not None
        choice = form_for("case.describe", panel, TOWN).fields[-1]
        assert choice.choices and bool(choice.prompt) is not bool(station), "begins with none, or with the case's own"
        assert not station or choice.choices[0].value == station


@pytest.mark.parametrize("passed", [True, False])
def test_whoever_submits_a_check_says_what_it_says(store: EveryState, passed: bool) -> None:
    case_id = store.checked(passed)
    with store.work() as work:
        panel = cases.panel(work, Desk(VICE, STATION, "D-test", "A"), case_id)
    assert panel is not None
    build = form_for("case.submit_check", panel, STATION).build
    assert build is not None and build({}) == c.SubmitCheck(passed=passed)


def test_whoever_has_checked_is_told_before_he_says_that_he_handled(store: EveryState) -> None:
    """The centre would keep it and count it for nothing: here another of the station can still say it."""
    case_id = store.dispatched(co=(STATION,))
    co = next(a.id for a in store.case(case_id).assignments if a.receiver == STATION)
    store.does(OFFICER, c.Arrive(store.lead(case_id)), case_id)
    store.does(OFFICER, c.Feedback(store.lead(case_id), "Cleared"), case_id)
    store.does(VICE, c.CheckOnSite(MEMBER, True, "Clean"), case_id)
    before = store.case(case_id)
    with pytest.raises(Refused, match="checker_may_not_handle"):
        store.does(MEMBER, c.Arrive(co), case_id)
    assert store.case(case_id) == before
    store.does(OTHER_MEMBER, c.Arrive(co), case_id)
