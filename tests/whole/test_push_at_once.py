"""A push asks where the centre stands only when its last answer does not say so; and what that answer said may be true no more."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pytest import MonkeyPatch

from models.errors import Refused
from models.wire import GENESIS
from services.sync.line import Line
from services.sync.machine import Push, Pushed
from services.sync.replies import StatusReply
from tests.whole.conftest import TOWN
from tests.whole.parties import Centre, Console
from tests.whole.test_let_in_again import at_peace, image, in_order, put_back, reported, unsent


@pytest.fixture
def asked(monkeypatch: MonkeyPatch) -> list[list[str]]:
    """Every question about acts and heads, in order."""
    found: list[list[str]] = []
    ask = Line.status

    def status(line: Line, ids: list[str]) -> StatusReply:
        found.append(ids)
        return ask(line, ids)

    monkeypatch.setattr(Line, "status", status)
    return found


def pushes(console: Console) -> None:
    """One push of a console that has been online all the while."""
    fact = console.exchange.do(Push(), console.line)
    assert fact == Pushed(more=False)


def numbers(centre: Centre) -> list[tuple[str, int]]:
    return [(cmd_id, number) for cmd_id, _device, number in in_order(centre)]


def test_only_the_first_push_asks(centre: Centre, clerk: Console, asked: list[list[str]]) -> None:
    made = []
    for _ in range(4):
        made += reported(clerk, 3)
        pushes(clerk)
    assert asked == [[]], "four pushes, one question"
    assert numbers(centre) == [(cmd_id, n) for n, cmd_id in enumerate(made, 1)]
    pushes(clerk)
    assert asked == [[], []], "with nothing to send it asks whether all is well"


@pytest.mark.parametrize("head", [(0, GENESIS), (1, "f" * 64), (9, "f" * 64)])
def test_a_head_that_is_not_so_loses_and_doubles_nothing(
    centre: Centre, clerk: Console, head: tuple[int, str], asked: list[list[str]]
) -> None:
    made = reported(clerk, 2)
    pushes(clerk)
    made += reported(clerk, 2)
    clerk.line.head = head
    pushes(clerk)
    assert numbers(centre) == [(cmd_id, n) for n, cmd_id in enumerate(made, 1)]
    assert unsent(clerk) == 0
    clerk.settle()
    at_peace(clerk)


def test_the_centre_has_forgotten_meanwhile(centre: Centre, clerk: Console, tmp_path: Path) -> None:
    made = reported(clerk, 1)
    pushes(clerk)
    centre.end()
    file = Path(centre.database_url.removeprefix("sqlite:///"))
    copy = shutil.copy(file, tmp_path / "copy")
    centre.start()
    made += reported(clerk, 2)
    clerk.line.close()
    pushes(clerk)
    centre.end()
    shutil.copy(copy, file)
    centre.start()
    made += reported(clerk, 1)
    clerk.line.close()
    assert clerk.line.head is not None and clerk.line.head[0] == 3, "what the centre said before it forgot"
    pushes(clerk)
    assert sorted(numbers(centre)) == sorted((cmd_id, n) for n, cmd_id in enumerate(made, 1))


def test_a_copy_at_work_is_found_all_the_same(centre: Centre, clerk: Console, tmp_path: Path) -> None:
    first = reported(clerk, 1)
    pushes(clerk)
    twin = Console(tmp_path, centre, TOWN, f"{TOWN}-clerk-2")
    twin.identity, twin.known, twin.desk, twin.rules = clerk.identity, clerk.known, clerk.desk, clerk.rules
    twin.line = Line(centre.address, twin.clock, twin.known)
    put_back(twin, image(clerk, tmp_path / "image"))
    there = reported(twin, 2)
    pushes(twin)
    reported(clerk, 1)
    assert clerk.line.head is not None and clerk.line.head[0] == 1
    with pytest.raises(Refused) as caught:
        clerk.exchange.do(Push(), clerk.line)
    assert caught.value.code == "chain_fork" and clerk.line.head is None
    assert unsent(clerk) == 1, "what the centre has not got is not called sent"
    assert [i for i, _ in numbers(centre)] == [*first, *there]
    twin.close()
