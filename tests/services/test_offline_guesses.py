"""Signing in without the line: guessing is slow, and no moved clock makes it faster or an old sign-in good again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from models.errors import Refused
from models.evidence import Anchor
from models.store import present_mark
from models.store.work import Work
from services import session
from services.sync.kept_anchor import keep_anchor
from tests.store.make_sample import CLERK, Workstation

NOW = 1_795_399_200_000
PASSWORD, SECOND = "demo-2026", "a colleague"


class MovedClock:
    """A machine whose wall clock anybody may move, and which may be switched off."""

    def __init__(self) -> None:
        self.true_ms, self.off_by_ms, self._boot, self._booted_ms = NOW, 0, 1, NOW - HOUR_MS

    def wall_ms(self) -> int:
        return self.true_ms + self.off_by_ms

    def mono_ms(self) -> int:
        return self.true_ms - self._booted_ms

    def boot_id(self) -> str:
        return f"boot {self._boot}"

    def reboot(self) -> None:
        self._boot += 1
        self._booted_ms = self.true_ms


class Machine:
    def __init__(self, file: Path) -> None:
        self.clock, self._file = MovedClock(), file
        self._open()
        with self.work() as work:
            self.hear(work)
            for person in (CLERK, SECOND):
                session.keep_pass(work, person, PASSWORD, 7)

    def _open(self) -> None:
        self._store = Workstation(self._file)
        self._store.clock = self.clock  # type: ignore[assignment]

    def work(self) -> Work:
        return self._store.work()

    def hear(self, work: Work, off_ms: int = 0) -> None:
        keep_anchor(work, Anchor(self.clock.true_ms + off_ms, self.clock.mono_ms(), 0, self.clock.boot_id()))

    def restart(self, reboot: bool) -> None:
        self.close()
        if reboot:
            self.clock.reboot()
        self._open()

    def a_minute(self) -> None:
        """As the console does (desktop/open_file.py)."""
        self.clock.true_ms += MINUTE_MS
        with self.work() as work:
            present_mark.raise_mark(work)
            work.commit()

    def tries(self, password: str, person: str = CLERK) -> str | tuple[str | int, ...]:
        with self.work() as work:
            try:
                session.sign_in_offline(work, person, password)
            except Refused as error:
                return (error.code, *error.args_by_name.values()) if error.args_by_name else error.code
        return ""

    def close(self) -> None:
        self._store.close()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path / "store.sqlite")
    yield made
    made.close()


def five_wrong(machine: Machine) -> None:
    assert [machine.tries("nonsense") for _ in range(5)] == ["wrong_password"] * 4 + [("offline_guesses", 5, 0, 30)]


def test_after_five_wrong_ones_the_next_waits_and_the_wait_doubles(machine: Machine) -> None:
    five_wrong(machine)
    assert machine.tries(PASSWORD) == ("offline_guesses", 5, 0, 30), "the right one waits too: it is not looked at"
    assert machine.tries(PASSWORD, SECOND) == "", "nobody else waits"
    machine.clock.true_ms += 20 * SECOND_MS
    assert machine.tries("nonsense") == ("offline_guesses", 5, 0, 11), "and costs nothing more"
    machine.clock.true_ms += 11 * SECOND_MS
    assert machine.tries("nonsense") == ("offline_guesses", 6, 1, 0)
    machine.clock.true_ms += 61 * SECOND_MS
    assert machine.tries(PASSWORD) == ""
    five_wrong(machine)


@pytest.mark.parametrize("reboot", [False, True])
def test_neither_a_restart_nor_the_wall_clock_shortens_a_wait(machine: Machine, reboot: bool) -> None:
    five_wrong(machine)
    machine.restart(reboot)
    for off_by_ms in (DAY_MS, -DAY_MS, 0):
        machine.clock.off_by_ms = off_by_ms
        assert machine.tries(PASSWORD) == ("offline_guesses", 5, 0, 30)
    machine.clock.true_ms += 31 * SECOND_MS
    assert machine.tries(PASSWORD) == "", "and none keeps anybody out for good"


def test_a_sign_in_that_the_centre_accepted_ends_a_wait(machine: Machine) -> None:
    five_wrong(machine)
    with machine.work() as work:
        session.keep_pass(work, CLERK, PASSWORD, 7)
    assert machine.tries(PASSWORD) == ""


def test_a_centre_whose_clock_was_set_back_keeps_nobody_out(machine: Machine) -> None:
    with machine.work() as work:
        machine.hear(work, 300 * DAY_MS)
        session.keep_pass(work, CLERK, PASSWORD, 7)
    five_wrong(machine)
    with machine.work() as work:
        machine.hear(work)
    assert machine.tries(PASSWORD) == ("offline_guesses", 5, 0, 30)
    machine.clock.true_ms += 31 * SECOND_MS
    assert machine.tries(PASSWORD) == ""


def test_an_expired_sign_in_does_not_open_again_with_the_wall_clock_put_back(machine: Machine) -> None:
    machine.clock.true_ms += 7 * DAY_MS + HOUR_MS
    machine.a_minute()
    assert machine.tries(PASSWORD) == "offline_pass_expired"
    machine.restart(reboot=True)
    machine.clock.off_by_ms = -30 * DAY_MS
    assert machine.tries(PASSWORD) == "offline_pass_expired"


def test_days_without_a_line_are_days_in_a_boot_that_never_heard_of_the_centre(machine: Machine) -> None:
    machine.restart(reboot=True)
    machine.clock.off_by_ms = -30 * DAY_MS
    assert machine.tries(PASSWORD) == ""
    machine.clock.true_ms += 7 * DAY_MS + HOUR_MS
    assert machine.tries(PASSWORD) == "offline_pass_expired"
