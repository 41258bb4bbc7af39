"""A reading of the centre's clock that a workstation took after it had acted, in the same boot, proves when that was (sync.md §3.7): after a
power cut without a line nobody's acts are in doubt for that."""

from __future__ import annotations

import pytest

from models import commands as c
from models.case import StageClock, Verdict
from models.clock import HOUR_MS, MINUTE_MS
from models.evidence import Anchor, ClaimedTime, Grade
from models.store.case_table import get_case
from models.wire import READINGS, Sealed, encode, join_lines
from tests.district.parties import REPORT, District, Station
from tests.models.small_town import SQUAD, TOWN

BOOT = "after the power cut"
UP_MS = 5 * MINUTE_MS


@pytest.fixture
def town(district: District) -> Station:
    return district.station(TOWN)


def dispatched(district: District, town: Station) -> tuple[str, Sealed, int]:
    """A case, and its dispatch three minutes later in a boot without a reading; the line comes back three hours after that. The case,
    the act, when it was made."""
    case_id, _, _ = town.does("clerk", REPORT)
    town.does("clerk", c.File(), case_id)
    district.clock.now_ms += 3 * MINUTE_MS
    made = district.clock.now_ms
    act = town.act("clerk", c.Dispatch(SQUAD), case_id, time=ClaimedTime(made - 9 * HOUR_MS, BOOT, UP_MS))
    district.clock.now_ms += 3 * HOUR_MS
    return case_id, act, made


def reading(district: District, boot: str = BOOT) -> Anchor:
    """Taken now, three hours further on by the counter."""
    return Anchor(district.clock.now_ms, UP_MS + 3 * HOUR_MS, 0, boot)


def pushed(town: Station, act: Sealed, told: str) -> int:
    body = join_lines([town.signed(act)])
    return int(town.ask("POST", "/v1/push", data=body, headers={READINGS: told} if told else {}).status_code)


def ten_minutes(district: District, case_id: str) -> StageClock:
    with district.centre.reading() as connection:
        case = get_case(connection, case_id)
    assert case is not None
    return case.clocks[0]


def test_a_later_reading_proves_it(district: District, town: Station) -> None:
    case_id, act, made = dispatched(district, town)
    assert pushed(town, act, encode([reading(district)]).decode()) == 200
    clock = ten_minutes(district, case_id)
    assert clock.verdict is Verdict.ON_TIME and clock.stopped is not None
    assert clock.stopped.grade is Grade.ANCHORED and clock.stopped.lo <= made <= clock.stopped.hi
    assert clock.stopped.hi - clock.stopped.lo < MINUTE_MS
    assert district.audited().entries > 0


@pytest.mark.parametrize("told", ["", "another boot", "before what was proved"])
def test_without_one_it_is_in_doubt(district: District, town: Station, told: str) -> None:
    case_id, act, _ = dispatched(district, town)
    known = reading(district, "another boot" if told == "another boot" else BOOT)
    if told == "before what was proved":
        known = Anchor(known.server_ms - 30 * HOUR_MS, known.sent_mono_ms, 0, BOOT)
    assert pushed(town, act, encode([known]).decode() if told else "") == 200
    clock = ten_minutes(district, case_id)
    assert clock.verdict is Verdict.DOUBTFUL and clock.stopped is not None and clock.stopped.grade is Grade.DOUBTFUL


def test_what_was_read_before_the_act_stands(district: District, town: Station) -> None:
    """It is sealed with the act: what is said beside it changes nothing."""
    case_id, _, _ = town.does("clerk", REPORT)
    town.does("clerk", c.File(), case_id)
    district.clock.now_ms += HOUR_MS
    made = district.clock.now_ms
    own = Anchor(made, UP_MS, 0, BOOT)
    act = town.act("clerk", c.Dispatch(SQUAD), case_id, time=ClaimedTime(made, BOOT, UP_MS, own))
    earlier = Anchor(made - HOUR_MS, UP_MS, 0, BOOT)
    assert pushed(town, act, encode([earlier]).decode()) == 200
    assert ten_minutes(district, case_id).verdict is Verdict.LATE


@pytest.mark.parametrize(
    "told",
    ["x", "{}", "[1]", "[[1,1,1]]", '[[-1,1,0,"b"]]', f'[[{1 << 53},1,0,"b"]]', "[" + '[1,1,0,"b"],' * 500 + "]"],
)
def test_what_is_no_reading_is_refused_and_the_act_is_not_lost(district: District, town: Station, told: str) -> None:
    case_id, act, _ = dispatched(district, town)
    assert pushed(town, act, told) == 400
    assert pushed(town, act, "") == 200
    assert ten_minutes(district, case_id).stopped is not None
