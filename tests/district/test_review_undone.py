"""What is admitted of a revoked workstation's acts and what is not, found by worlds (district/review.py)."""

from __future__ import annotations

from models import commands as c
from tests.district.parties import District, Station
from tests.district.test_review import act_and_undo, case_of, decides, desk

__all__ = ["desk"]


def test_who_declined_the_act_does_not_admit_its_undoing(district: District, desk: Station) -> None:
    """World 6867: admitted, it took back nothing; and the act took effect when the workstation was let in again."""
    town, case_id, act, undo = act_and_undo(district)
    town.push(act, undo)
    assert decides(desk, town.device, [act], admit=False)[0] == 200
    assert decides(desk, town.device, [undo]) == (409, "its_act_declined")
    assert decides(desk, town.device, [undo], admit=False)[0] == 200
    assert case_of(district, case_id).filed_at is None
    district.audited()


def test_who_declined_the_undoing_does_not_admit_the_act(district: District, desk: Station) -> None:
    """Nor in two steps is brought to life what its maker had taken back; what stands after both may still join."""
    town, case_id, act, undo = act_and_undo(district)
    note = town.act("clerk", c.Note("其后"), case_id)
    town.push(act, undo, note)
    assert decides(desk, town.device, [undo], admit=False)[0] == 200
    for wanted in ([act], [act, note]):
        assert decides(desk, town.device, wanted) == (409, "taken_back_later")
    assert case_of(district, case_id).filed_at is None
    assert decides(desk, town.device, [act], admit=False)[0] == 200
    assert [k[1] for k in decides(desk, town.device, [note])[1]["known"]] == ["accepted"]
    district.audited()
