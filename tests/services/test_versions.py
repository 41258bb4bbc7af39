"""A console and a centre of different versions: what is saved is never stranded, and each is told which of them is old."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from district.api import hello
from models import commands as c
from models.clock import SystemClock
from models.errors import Refused
from models.store import outbox
from models.store.case_table import get_case
from models.wire import PROTOCOL
from services.enrolment import enrol
from services.sync.machine import Phase
from tests.district.parties import REPORT, Address, open_district
from tests.models.small_town import TOWN
from tests.whole.parties import Console
from ui import words


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Address]:
    with open_district(f"sqlite:///{tmp_path}/district.sqlite") as district:
        district.clock.now_ms = SystemClock().wall_ms()
        yield Address(district)


@pytest.fixture
def console(here: Address, tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path, here, TOWN, "clerk")  # type: ignore[arg-type]
    made.settle()
    yield made
    made.close()


def test_a_console_too_old_hands_in_what_it_has_and_fetches_nothing(
    here: Address, console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Console(tmp_path / "..", here, TOWN, "clerk-2")  # type: ignore[arg-type]
    other.settle()
    monkeypatch.setattr(hello, "PROTOCOL", PROTOCOL + 2)
    monkeypatch.setattr(hello, "OLDEST_PROTOCOL", PROTOCOL + 1)
    acted = console.act(REPORT)
    console.act(c.File(), acted.case_id)
    sync = console.settle()
    assert (sync.phase, sync.reason) == (Phase.REFUSED, "console_older")
    assert console.database(lambda work: outbox.unsent(work.connection)).count == 0
    with here.district.centre.reading() as connection:
        case = get_case(connection, acted.case_id)
    assert case is not None and case.filed_at is not None, "both acts are in the order"
    later = console.act(REPORT)
    console.settle()
    with here.district.centre.reading() as connection:
        assert get_case(connection, later.case_id) is not None, "so is what is done while it is too old"
    refused = other.settle()
    assert refused.reason == "console_older" and other.case(acted.case_id) is None, "nothing new arrives"
    monkeypatch.undo()
    other.settle()
    assert other.case(acted.case_id) is not None and other.settle().phase is Phase.ONLINE
    other.close()


def test_a_centre_that_is_older_gets_nothing_until_it_is_upgraded(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hello, "PROTOCOL", PROTOCOL - 1)
    monkeypatch.setattr(hello, "OLDEST_PROTOCOL", PROTOCOL - 1)
    console.act(REPORT)
    sync = console.settle()
    assert (sync.phase, sync.reason) == (Phase.REFUSED, "centre_older")
    assert console.database(lambda work: outbox.unsent(work.connection)).count == 1, "it is kept"
    monkeypatch.undo()
    assert console.settle().phase is Phase.ONLINE
    assert console.database(lambda work: outbox.unsent(work.connection)).count == 0


def test_a_console_too_old_is_not_let_in(here: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hello, "OLDEST_PROTOCOL", PROTOCOL + 1)
    monkeypatch.setattr(hello, "PROTOCOL", PROTOCOL + 1)
    with pytest.raises(Refused) as caught:
        enrol(here.address, here.code(TOWN), SystemClock(), TOWN)
    assert caught.value.code == "console_older"
    assert str(PROTOCOL + 1) in words.refusal(caught.value.code, caught.value.args_by_name, {})
