"""What is admitted of a revoked workstation's acts and what is not, found by worlds (district/review.py)."""

from __future__ import annotations

from models import commands as c
from models.wire import seal
from tests.district.parties import REPORT, District, Station
from tests.district.test_review import case_of, decides, desk, revoked
from tests.models.small_town import TOWN

__all__ = ["desk"]


def test_who_declined_the_act_does_not_admit_its_undoing(district: District, desk: Station) -> None:
    """World 6867: admitted, it took back nothing; and the act took effect when the workstation was let in again."""
    town = district.station(TOWN)
    case_id, _, _ = town.does("clerk", REPORT)
    revoked(district, town)
    filed = town.command("clerk", c.File(), case_id)
    act, undo = town.sealed(seal(filed)), town.act("clerk", c.Retract(filed.cmd_id), case_id)
    town.push(act, undo)
    assert decides(desk, town.device, [act], admit=False)[0] == 200
    assert decides(desk, town.device, [undo]) == (409, "its_act_declined")
    assert decides(desk, town.device, [undo], admit=False)[0] == 200
    assert case_of(district, case_id).filed_at is None
    district.audited()
