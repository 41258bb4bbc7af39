"""What of an alarm is heard: by night the urgent alone, urgent again each minute, the most serious of several, once."""

from __future__ import annotations

from models.clock import DAY_MS, HOUR_MS, MINUTE_MS
from models.evidence import exactly
from services.alarm_sound import Tone, is_night, sound
from services.alarms import SILENCE_MS, Alarm, Alarms, Kind, acknowledge, silence
from tests.services.watched import NOON_MS, at, case, clock, looked, watching


def test_night_is_from_six_in_the_evening_to_half_past_seven() -> None:
    midnight = NOON_MS - (11 * HOUR_MS + 30 * MINUTE_MS)
    night = [is_night(midnight + minute * MINUTE_MS) for minute in range(24 * 60)]
    assert night == [minute < 450 or minute >= 1080 for minute in range(24 * 60)]
    assert is_night(midnight + DAY_MS - 1) and is_night(midnight + DAY_MS)


def test_at_night_emergencies_and_the_own_ten_minutes_alone_are_heard() -> None:
    night = exactly(NOON_MS + 12 * HOUR_MS)
    kinds = {
        "ordinary": Alarm("a", Kind.RED, 0),
        "emergency": Alarm("b", Kind.RED, 0, emergency=True, urgent=True),
        "own ten minutes": Alarm("c", Kind.YELLOW, 0, stage="dispatch", urgent=True),
        "line": Alarm("line", Kind.LINE_LOST, 0),
    }
    heard = {}
    for name, alarm in kinds.items():
        state = Alarms(standing=(alarm,), raised=(0,))
        heard[name] = (sound(state, (alarm,), at(0), 0)[1], sound(state, (alarm,), night, 0)[1])
    assert heard == {
        "ordinary": (Tone.RED, None),
        "emergency": (Tone.RED, Tone.RED),
        "own ten minutes": (Tone.YELLOW, Tone.YELLOW),
        "line": (Tone.LINE_LOST, None),
    }


def test_the_own_ten_minutes_are_the_desks_own_dispatch_and_nothing_else() -> None:
    cases = [
        case("own", clock("k1", own=True, stage="dispatch")),
        case("another's", clock("k2", stage="dispatch")),
        case("own hour", clock("k3", own=True, stage="arrival")),
    ]
    _state, raised = looked(watching(*cases), 11, *cases)
    assert {a.case_id: a.urgent for a in raised} == {"own": True, "another's": False, "own hour": False}


def test_urgent_is_heard_each_minute_until_somebody_says_so_and_ordinary_once() -> None:
    def heard(urgent: bool, silenced: bool = False) -> list[int]:
        alarm = Alarm("a", Kind.RED, 0, urgent=urgent)
        state, raised, found = Alarms(standing=(alarm,), raised=(0,)), (alarm,), []
        for second in range(2_000):
            if second == 200:
                state = silence(state, silenced, second * 1_000)
            if second == 2_000 - 100:
                state = acknowledge(state)
            state, tone = sound(state, raised, at(0), second * 1_000)
            raised = ()
            if tone is not None:
                found.append(second)
        return found

    assert heard(False) == [0]
    assert heard(True) == list(range(0, 1_900, 60))
    assert heard(True, silenced=True) == [0, 60, 120, 180] and SILENCE_MS == 1_800_000


def test_the_most_serious_of_several_is_the_one_heard() -> None:
    raised = (Alarm("a", Kind.YELLOW, 0), Alarm("b", Kind.RED, 0), Alarm("line", Kind.LINE_LOST, 0))
    assert sound(Alarms(standing=raised, raised=(0, 0, 0)), raised, at(0), 0)[1] is Tone.RED
