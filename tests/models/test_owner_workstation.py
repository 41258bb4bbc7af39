"""With which workstation of a unit an open case is: that of its last act there, and nobody's where that was not noted
(sync.md §3.10)."""

from __future__ import annotations

from msgspec.structs import replace

from models import commands as c
from models.case import Case, State
from models.organisation import DISTRICT_CODE
from models.owner_workstation import owners_step
from models.people import DISTRICT_ITSELF
from tests.models.small_town import SQUAD, STALLS, TOWN, VILLAGE, Walk


def dispatched() -> Walk:
    """A case of the town that the squad has."""
    walk = Walk()
    walk.act("clerk", c.Report("n1", "grid", STALLS, "店外堆放", "龙山路口", TOWN, VILLAGE))
    walk.act("clerk", c.File())
    walk.act("clerk", c.Dispatch(SQUAD))
    return walk


def kind(case: Case, unit: str = TOWN) -> str:
    step = owners_step(case, unit)
    return step.kind if step is not None else ""


def test_it_is_with_whoever_acted_last_there_and_a_remark_is_an_act() -> None:
    walk = dispatched()
    case = walk.case
    assert case is not None
    assert kind(case) == "case.dispatch" and kind(case, SQUAD) == ""
    assert case.lead is not None
    walk.act("clerk-2", c.Note("我在跟"))
    step = owners_step(walk.act("squad-officer", c.Acknowledge(case.lead.id)), TOWN)
    assert step is not None and (step.kind, step.actor, step.device) == ("case.note", "clerk-2", "D-test")


def test_what_the_centre_itself_observes_is_no_desks_act() -> None:
    walk = dispatched()
    assert walk.case is not None and walk.case.lead is not None
    case = walk.act(DISTRICT_ITSELF, c.Deliver(walk.case.lead.id))
    assert case.history[-1].unit == DISTRICT_CODE and kind(case, DISTRICT_CODE) == ""


def test_nothing_is_claimed_where_an_older_version_noted_no_workstation_nor_of_what_has_ended() -> None:
    case = dispatched().case
    assert case is not None
    *earlier, last = case.history
    assert owners_step(replace(case, history=(*earlier, replace(last, device=""))), TOWN) is None
    assert owners_step(replace(case, state=State.CLOSED), TOWN) is None
    assert owners_step(None, TOWN) is None
