"""What a revoked workstation hands in a second time, and the order has (sync.md §3.2)."""

from __future__ import annotations

from models import commands as c
from models.wire import Sealed, decode_command
from tests.district.parties import REPORT, District, Station
from tests.district.test_review import decides, desk, listed, revoked
from tests.models.small_town import MARKET, TOWN

__all__ = ["desk"]


def place_of(sealed: Sealed) -> int:
    return decode_command(sealed.body).dseq


def test_what_comes_again_of_before_it_was_revoked_is_decided_already(district: District, desk: Station) -> None:
    """Its answer was lost; declined, it stood in the order and beside it with two verdicts. Met by a world."""
    town = district.station(TOWN)
    case_id, _, _ = town.does("clerk", REPORT)
    filed = town.act("clerk", c.File(), case_id)
    assert town.push(filed).known[0][1] == "accepted"
    revoked(district, town)
    late = town.act("clerk", c.Dispatch(MARKET), case_id)
    assert town.push(filed, late).want == place_of(late) + 1
    assert [act["kind"] for act in listed(desk, town.device)["acts"]] == ["case.dispatch"]
    assert decides(desk, town.device, [late], admit=False)[0] == 200
    assert town.push(filed).want == place_of(late) + 1
    district.audited()
