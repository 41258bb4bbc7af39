"""What was done to a workstation's wall clock comes to the centre with its checkpoint, each step once (sync.md §3.7)."""

from __future__ import annotations

import pytest
from requests import Response

from district import devices
from district.store import wall_steps as rows
from district.store.tables import wall_step
from models.clock import HOUR_MS, MINUTE_MS
from models.store import wall_steps
from models.store.health import look
from models.store.work import Work
from services.sync.line import Line
from services.sync.replies import Checkpointed
from tests.district.parties import REPORT, District
from tests.models.small_town import TOWN
from tests.whole.parties import Console


def moved(desk: Console, by_ms: int) -> None:
    def job(work: Work) -> None:
        wall_steps.note(work, by_ms)
        work.commit()

    desk.database(job)


def hour(district: District, desk: Console) -> None:
    district.clock.now_ms += HOUR_MS
    desk.settle()


def told(district: District) -> list[int]:
    return [row[2] for row in district.rows(wall_step)]


def test_each_step_is_told_once_and_the_operator_sees_the_last(district: District, desk: Console) -> None:
    desk.act(REPORT)
    desk.settle()
    moved(desk, -2 * HOUR_MS)
    hour(district, desk)
    assert told(district) == [-2 * HOUR_MS]
    moved(desk, HOUR_MS)
    district.clock.now_ms += MINUTE_MS
    moved(desk, 7_000)
    hour(district, desk)
    hour(district, desk)
    assert told(district) == [-2 * HOUR_MS, HOUR_MS, 7_000]
    assert desk.database(lambda work: wall_steps.noticed(work.connection).untold) == 0
    with district.centre.reading() as connection:
        found = next(row for row in devices.listed(connection) if row.id == desk.known.device)
    assert (found.wall_steps, found.stepped_ms) == (3, 7_000)
    assert found.stepped_at is not None and 0 <= district.clock.now_ms - found.stepped_at - 2 * HOUR_MS < MINUTE_MS
    health = look(desk.engine)
    assert (health.wall_steps, [s.by_ms for s in health.last_wall_steps]) == (3, told(district))


def test_a_centre_that_is_older_or_was_put_back_is_told_again(
    district: District, desk: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.act(REPORT)
    desk.settle()
    moved(desk, HOUR_MS)
    with monkeypatch.context() as older:
        older.setattr(Line, "checkpoint", lambda *_told: Checkpointed(True, 0))
        hour(district, desk)
        assert desk.database(lambda work: len(wall_steps.to_tell(work, 1))) == 1
    hour(district, desk)
    assert told(district) == [HOUR_MS]
    assert desk.database(lambda work: len(wall_steps.to_tell(work, 1))) == 0
    assert desk.database(lambda work: len(wall_steps.to_tell(work, 2))) == 1, "another history knows none"


def test_what_a_workstation_says_of_itself_is_bounded(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    town = district.station(TOWN)

    def say(*steps: tuple[int, int]) -> Response:
        return town.ask("POST", "/v1/checkpoint", json={"epoch": 1, "heads": {}, "wall_steps": steps})

    assert say((1, 5_000), (1, 6_000), (2, -5_000)).json()["steps_kept"]
    assert say((1, 9_000)).status_code == 200 and told(district) == [6_000, -5_000], "each instant once"
    for wrong in [(-1, 1)], [(1 << 60, 1)], [(1, 1 << 60)], [(n, 1) for n in range(51)]:
        assert say(*wrong).status_code == 400
    monkeypatch.setattr(rows, "MOST_KEPT", 3)
    assert say((3, 1), (4, 1), (5, 1)).status_code == 200 and len(told(district)) == 3
