"""What worlds have found wrong, each once more by itself, without chance."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models import commands as c
from models.clock import HOUR_MS, MINUTE_MS
from models.store.case_table import get_case
from services.sync import machine
from tests.invariants import check
from tests.models.small_town import STALLS, TOWN, VILLAGE
from tests.world.console import WorldConsole
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
    clerk, centre = calm.consoles[1], calm.centre
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
    clerk, centre = calm.consoles[1], calm.centre
    clerk.switch_on()
    pass_by(calm, 5)
    centre.copy()
    wire_answer = centre.answer

    def only_records(method: str, path: str, headers: dict[str, str], body: bytes) -> object:
        return None if path in ("/v1/status", "/v1/push") else wire_answer(method, path, headers, body)

    centre.answer = only_records  # type: ignore[method-assign, assignment]
    assert clerk.act("clerk", REPORT, None, {"name": "某甲", "phone": "0559-0000997"})
    pass_by(calm, 5)
    with centre.centre.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM personal").scalar() == 1
    centre.put_copy_back()
    centre.answer = wire_answer  # type: ignore[method-assign]
    calm.heal()
    check(calm)


def test_a_record_lost_between_its_coming_and_its_act_s(calm: World) -> None:
    """The centre is put back between the two requests of one push, to a copy whose order is the same: nothing is missed, no new
    history begins, and the workstation counts the record as handed in with its act. The centre asks for it (world 98)."""
    clerk, centre = calm.consoles[1], calm.centre
    clerk.switch_on()
    pass_by(calm, 5)
    centre.copy()
    answer, epoch = centre.answer, centre.epoch()
    pushed: list[str] = []

    def put_back_before_the_push(method: str, path: str, headers: dict[str, str], body: bytes) -> object:
        if path == "/v1/push" and not pushed:
            pushed.append(path)
            calm.hub.after(0, centre.put_copy_back)
            calm.hub.sleep(1_000)  # the request is on its way
        return answer(method, path, headers, body)

    centre.answer = put_back_before_the_push  # type: ignore[method-assign, assignment]
    assert clerk.act("clerk", REPORT, None, {"name": "某甲", "phone": "0559-0000997"})
    pass_by(calm, 30)
    assert pushed and centre.restorations == 0 and centre.epoch() == epoch, "no new history began"
    centre.answer = answer  # type: ignore[method-assign]
    with centre.centre.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM personal").scalar() == 1
        assert connection.exec_driver_sql("SELECT count(*) FROM record_awaited").scalar() == 0
    calm.heal()
    check(calm)


def test_a_record_the_centre_forgot_although_it_knows_every_act(calm: World) -> None:
    """The workstation learns of the new history while it waits for news, and has no act to hand in again."""
    clerk, other, centre = calm.consoles[1], calm.consoles[6], calm.centre
    other.switch_on()
    clerk.switch_on()
    assert clerk.act("clerk", REPORT, None, {"name": "某甲", "phone": "0559-0000997"})
    assert clerk.act("clerk", c.File(), case_of(clerk))
    assert clerk.act("clerk", c.Dispatch(VILLAGE), case_of(clerk))
    pass_by(calm, 5)
    with centre.centre.writing() as connection:
        connection.exec_driver_sql("DELETE FROM personal")
    centre.copy()
    assert other.act("head", c.Note("口头交办"), case_of(other))
    pass_by(calm, 5)
    centre.put_copy_back()
    calm.heal()
    check(calm)


def test_an_older_disk_is_noticed_before_anything_is_made_on_it(calm: World) -> None:
    """The centre's head of the chain is one this workstation does not have: nothing made here would ever fit (R4)."""
    clerk, calm.faults.help_minutes = calm.consoles[1], 6_000
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
    states = clerk.database(
        lambda work: [row[0] for row in work.connection.exec_driver_sql("SELECT state FROM outbox ORDER BY dseq")]
    )
    assert states == ["settled", "pending"], "what the centre has not got is not shown as handed in"
    calm.hub.run(calm.hub.now_ms + HOUR_MS)
    calm.heal()
    check(calm)


def test_an_act_the_centre_must_defer_stays_on_the_screen(calm: World) -> None:
    """An older centre keeps what it does not know for later (D12): that is no verdict, and the clerk did it (I14)."""
    clerk, centre = calm.consoles[1], calm.centre
    clerk.switch_on()
    assert clerk.act("clerk", REPORT)
    pass_by(calm, 5)
    centre.run_old_program(True)
    assert clerk.act("clerk", c.FirstResponse("已围护"), case_of(clerk))
    pass_by(calm, 5)
    assert outcomes(clerk) == ["accepted", "deferred"]
    assert kinds_shown(clerk) == ["case.report", "case.first_response"]
    calm.heal()
    assert outcomes(clerk) == ["accepted", "accepted"]
    assert kinds_shown(clerk)[:2] == ["case.report", "case.first_response"]
    check(calm)


def test_what_is_handed_in_again_stays_on_the_screen_meanwhile(calm: World) -> None:
    """The snapshot of a centre that was put back does not know the act, and the line is lost before it is handed in."""
    clerk, centre = calm.consoles[1], calm.centre
    clerk.switch_on()
    pass_by(calm, 5)
    centre.copy()
    assert clerk.act("clerk", REPORT)
    pass_by(calm, 5)
    assert outcomes(clerk) == ["accepted"]
    wire_answer, done = centre.answer, list[machine.Fact]()

    def no_push(method: str, path: str, headers: dict[str, str], body: bytes) -> object:
        return None if path == "/v1/push" else wire_answer(method, path, headers, body)

    centre.answer = no_push  # type: ignore[method-assign, assignment]
    centre.put_copy_back()
    clerk.work_offline(True)
    clerk.exchange.cut = False
    calm.hub.start(lambda: done.append(clerk.exchange.do(machine.TakeSnapshot(), clerk.lines[1])))
    pass_by(calm, 5)
    assert done == [machine.SnapshotTaken(unsent=True)]
    assert outcomes(clerk) == [""] and kinds_shown(clerk) == ["case.report"]
    centre.answer = wire_answer  # type: ignore[method-assign]
    calm.heal()
    check(calm)


def test_a_push_that_reaches_the_centre_again_after_it_was_put_back(calm: World) -> None:
    """The act stands in the new past, at another place and with another verdict, and its workstation was never asked to
    hand it in again: what it believes is of the former past."""
    clerk, other, centre = calm.consoles[1], calm.consoles[2], calm.centre
    for console in (clerk, other):
        console.switch_on()
    assert clerk.act("clerk", REPORT)
    pass_by(calm, 5)
    case_id = case_of(clerk)
    centre.copy()
    wire_answer, pushed = centre.answer, list[tuple[str, str, dict[str, str], bytes]]()

    def kept(method: str, path: str, headers: dict[str, str], body: bytes) -> object:
        if path == "/v1/push":
            pushed.append((method, path, headers, body))
        return wire_answer(method, path, headers, body)

    centre.answer = kept  # type: ignore[method-assign, assignment]
    assert clerk.act("clerk", c.File(), case_id)
    pass_by(calm, 5)
    assert outcomes(clerk) == ["accepted", "accepted"]
    centre.answer = wire_answer  # type: ignore[method-assign]
    for console in (clerk, other):
        console.stop()
    centre.put_copy_back()
    other.switch_on()
    pass_by(calm, 5)
    assert other.act("clerk", c.Decline("重复"), case_id)
    pass_by(calm, 5)
    calm.hub.start(lambda: wire_answer(*pushed[-1]))
    calm.heal()
    assert outcomes(clerk) == ["accepted", "rejected"]
    check(calm)


def outcomes(console: WorldConsole) -> list[str]:
    asked = "SELECT outcome FROM outbox ORDER BY dseq"
    return console.database(lambda work: [str(row[0]) for row in work.connection.exec_driver_sql(asked)])


def kinds_shown(console: WorldConsole) -> list[str]:
    case_id = case_of(console)
    case = console.database(lambda work: get_case(work.connection, case_id))
    return [step.kind for step in case.history] if case is not None else []


def case_of(console: WorldConsole) -> str:
    found = console.database(lambda work: work.connection.exec_driver_sql("SELECT id FROM case_row").scalar())
    return str(found)


def put_back_and_let_in_again(calm: World) -> WorldConsole:
    """A clerk's workstation is put back to an older disk, and makes as many acts on it as the centre knew before."""
    clerk = calm.consoles[1]
    clerk.switch_on()
    assert clerk.act("clerk", REPORT)
    pass_by(calm, 5)
    clerk.take_image()
    assert clerk.act("clerk", c.Note("口头交办"), case_of(clerk))
    pass_by(calm, 5)
    clerk.put_image_back()
    pass_by(calm, 5)
    clerk.cable.cut_until_ms = calm.hub.now_ms + HOUR_MS
    assert clerk.act("clerk", c.Note("在旧盘上记的"), case_of(clerk))
    pass_by(calm, 30)
    return clerk


def test_an_older_disk_as_long_as_the_chain_is_no_word_on_what_was_made(calm: World) -> None:
    """As many acts as the centre has, but others: what this workstation says of the present proves nothing (I16)."""
    clerk = put_back_and_let_in_again(calm)
    centre = calm.centre.centre
    device = clerk.place.device
    before, calm.faults.help_minutes = centre.heard.get(device, 0), 600
    clerk.cable.cut_until_ms = 0
    held: list[object] = []
    calm.hub.start(lambda: held.append(clerk.exchange.do(machine.Pull(), clerk.lines[0])))
    pass_by(calm, 5)
    assert held and centre.heard.get(device, 0) == before
    calm.heal()
    check(calm)


def test_a_device_just_let_in_says_nothing_before_its_acts_have_their_place(calm: World) -> None:
    """Its own chain is as long as the centre's head of it: empty. What it made as another device is still to come (I16)."""
    clerk = put_back_and_let_in_again(calm)
    answer, was = calm.centre.answer, clerk.place.device

    def no_acts_of_the_new(method: str, path: str, headers: dict[str, str], body: bytes) -> object:
        held_up = clerk.place.device != was and path in ("/v1/status", "/v1/push")
        return None if held_up else answer(method, path, headers, body)

    calm.centre.answer = no_acts_of_the_new  # type: ignore[method-assign, assignment]
    clerk.cable.cut_until_ms = 0
    pass_by(calm, 60)
    assert clerk.place.device != was and outcomes(clerk)[-1] == ""
    calm.hub.start(lambda: clerk.exchange.do(machine.Pull(), clerk.lines[0]))
    pass_by(calm, 5)
    assert clerk.place.device not in calm.centre.centre.heard
    calm.centre.answer = answer  # type: ignore[method-assign]
    calm.heal()
    assert outcomes(clerk)[-1] == "accepted"
    check(calm)


def test_what_was_made_before_it_was_let_in_again_happened_then(calm: World) -> None:
    """Its device is younger than the act: that proves nothing of when it was made (I15)."""
    clerk = put_back_and_let_in_again(calm)
    made_at = next(m.at_ms for i, m in calm.witness.made.items() if i in ids(clerk)[-1:])
    calm.heal()
    found = next(e for e in check(calm).entries if e.row.cmd_id == ids(clerk)[-1])
    assert found.command.origin is not None
    assert found.row.lo <= made_at <= found.row.hi < found.row.received_at, "as surely as if nothing had happened"


def ids(console: WorldConsole) -> list[str]:
    asked = "SELECT cmd_id FROM outbox ORDER BY dseq"
    return console.database(lambda work: [str(row[0]) for row in work.connection.exec_driver_sql(asked)])
