"""What worlds have found wrong, each once more by itself, without chance."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from models import commands as c
from models.clock import HOUR_MS, MINUTE_MS
from models.store.console_tables import personal
from models.store.work import Work
from tests.models.small_town import STALLS, TOWN, VILLAGE
from tests.world.console import WorldConsole
from tests.world.invariants import check
from tests.world.world import World, world

REPORT = c.Report("", "grid", STALLS, "店外堆放", "龙山路口", TOWN, VILLAGE)


@pytest.fixture
def calm() -> Iterator[World]:
    """A world in which nothing fails and everybody has gone home; workstations are started one by one."""
    with world(1) as found:
        found.faults.heal()
        for console in found.consoles:
            console.stop()
        yield found


def pass_by(of: World, minutes: float) -> None:
    of.hub.run(of.hub.now_ms + int(minutes * MINUTE_MS))


def test_a_centre_put_back_between_a_status_and_a_snapshot(calm: World) -> None:
    """The answer about the chain's head is of one history, the snapshot of the next: what was only in the first is lost
    when the two are taken for one."""
    clerk, centre = calm.consoles[0], calm.centre
    centre.copy()
    answer = centre.answer
    asked: list[str] = []

    def put_back_before_the_snapshot(method: str, path: str, headers: dict[str, str], body: bytes) -> object:
        if path == "/v1/snapshot" and not asked:
            asked.append(path)
            centre.put_copy_back()
        return answer(method, path, headers, body)

    centre.answer = put_back_before_the_snapshot  # type: ignore[method-assign, assignment]
    clerk.switch_on()
    assert clerk.act("clerk", REPORT)
    pass_by(calm, 30)
    assert asked and centre.restorations == 1
    centre.answer = answer  # type: ignore[method-assign]
    calm.heal()
    check(calm)


def test_a_record_that_came_before_its_act(calm: World) -> None:
    """The requester's record was handed in, the act was not yet, and then the centre forgot the record."""
    clerk, centre = calm.consoles[0], calm.centre
    clerk.switch_on()
    pass_by(calm, 5)
    centre.copy()
    wire_answer = centre.answer

    def only_records(method: str, path: str, headers: dict[str, str], body: bytes) -> object:
        return None if path in ("/v1/status", "/v1/push") else wire_answer(method, path, headers, body)

    centre.answer = only_records  # type: ignore[method-assign, assignment]
    assert clerk.act("clerk", REPORT, None, {"name": "某甲", "phone": "0559-0000997"})
    pass_by(calm, 5)
    assert sent_records(clerk) == [True]
    centre.put_copy_back()
    centre.answer = wire_answer  # type: ignore[method-assign]
    calm.heal()
    check(calm)


def test_a_record_the_centre_forgot_although_it_knows_every_act(calm: World) -> None:
    """The console learns of the new history while it waits for news, and has no act to hand in again."""
    clerk, centre = calm.consoles[0], calm.centre
    clerk.switch_on()
    pass_by(calm, 5)
    assert clerk.act("clerk", REPORT, None, {"name": "某甲", "phone": "0559-0000997"})
    pass_by(calm, 5)
    with centre.centre.writing() as connection:
        connection.exec_driver_sql("DELETE FROM personal")
    centre.copy()
    clerk.act("clerk", c.Note("口头交办"), case_of(clerk))
    pass_by(calm, 5)
    centre.put_copy_back()
    calm.heal()
    check(calm)


def test_an_older_disk_is_noticed_before_anything_is_made_on_it(calm: World) -> None:
    """The centre's head of the chain is one this workstation does not have: nothing made here would ever fit (R4)."""
    clerk = calm.consoles[0]
    clerk.switch_on()
    assert clerk.act("clerk", REPORT)
    pass_by(calm, 5)
    clerk.take_image()
    for _ in range(3):
        assert clerk.act("clerk", c.Note("口头交办"), case_of(clerk))
    pass_by(calm, 5)
    clerk.put_image_back()
    pass_by(calm, 5)
    clerk.act("clerk", c.Note("在旧盘上记的"), case_of(clerk))
    pass_by(calm, 5)
    assert clerk.is_stopped and clerk.sync.reason == "chain_fork"
    states = clerk.database(lambda work: [row[0] for row in work.connection.exec_driver_sql("SELECT state FROM outbox")])
    assert states == ["settled", "pending"], "what the centre has not got is not shown as handed in"
    calm.hub.run(calm.hub.now_ms + HOUR_MS)
    calm.heal()
    check(calm)


def sent_records(console: WorldConsole) -> list[bool]:
    def job(work: Work) -> list[bool]:
        return [bool(row.sent) for row in work.connection.execute(select(personal))]

    return console.database(job)


def case_of(console: WorldConsole) -> str:
    found = console.database(lambda work: work.connection.exec_driver_sql("SELECT id FROM case_row").scalar())
    return str(found)
