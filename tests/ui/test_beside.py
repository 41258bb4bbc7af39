"""The other files of a workstation: opened without holding up the screen, told of, never heard while nobody can see why."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from sqlalchemy import text

from desktop.change_unit import choices
from desktop.console import Console
from desktop.station import Station
from models.clock import SystemClock
from models.rules import Rules
from models.store.opening import is_damaged
from services.alarm_sound import Tone
from services.alarms import Alarm, Kind
from services.secrets import Secrets
from services.vault import Vault
from tests.store.make_sample import CLERK, MARKET, TOWN, Workstation
from tests.ui.alone import NOBODY, alone, begun, stored
from tests.ui.conftest import until
from tests.ui.guard import Guard
from tests.ui.test_changing import choose, opened
from tests.ui.test_sent_once import case_in_sight, reason_typed
from ui.dialogs.settings import SettingsDialog
from ui.dialogs.sign_in import SignInDialog

SLOW_SECONDS = 2.0


def market_file(folder: Path, damaged: bool = False) -> None:
    """The market office's file beside the town's, with acts in it that the centre has not got."""
    file = folder.parent / "units" / MARKET / "store.sqlite"
    file.parent.mkdir(parents=True)
    made = Workstation(file, "D-market")
    made.case(1)
    with made.work() as work:
        work.write_meta("unit", MARKET)
        work.commit()
    made.close()
    Station(file.parent, NOBODY, SystemClock(), Secrets(file.parent, NOBODY, Vault(None))).engine.dispose()
    if damaged:
        raw = file.read_bytes()
        file.write_bytes(bytes(4096) + raw[4096:])
        assert is_damaged(file)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "console"


@pytest.fixture
def console(application: QApplication, folder: Path) -> Iterator[Console]:
    with begun(alone(folder)) as made:
        yield made


def test_a_file_that_takes_long_to_open_holds_up_no_window(application: QApplication, folder: Path) -> None:
    """A keyring is given five seconds for each of them, and a store that was damaged takes longer."""
    market_file(folder)
    console = alone(folder)
    open_, threads = console.workplace.station, []

    def slowly(unit: str) -> Station:
        threads.append(threading.current_thread())
        time.sleep(SLOW_SECONDS)
        return open_(unit)

    console.workplace.station = slowly  # type: ignore[method-assign]
    with begun(console):
        until(lambda: MARKET in console.files)
        assert threading.main_thread() not in threads


def test_a_file_that_cannot_be_opened_keeps_no_other_from_its_work(
    application: QApplication, folder: Path, guard: Guard
) -> None:
    guard.expect("console: the file of .* cannot be opened: LookupError")
    guard.expect("asking: a question failed")
    market_file(folder)
    console = alone(folder)
    asked: list[str] = []

    def broken(unit: str) -> Station:
        asked.append(unit)
        raise LookupError(unit)

    console.workplace.station = broken  # type: ignore[method-assign]
    with begun(console):
        until(lambda: asked and not any(thread.name == "asking" for thread in threading.enumerate()))
        QApplication.processEvents()
        assert list(console.files) == [TOWN]


def test_damage_to_a_file_beside_is_told_and_what_was_saved_shows(application: QApplication, folder: Path) -> None:
    market_file(folder, damaged=True)
    with begun(alone(folder)) as console:
        until(lambda: MARKET in console.files)
        said = console.window.banner.text.full
        assert said.startswith(console.file.rules.organisations[MARKET].name) and "已全部救回" in said
        market = console.files[MARKET]
        shown = text("SELECT count(*) FROM case_row")
        assert stored(market, lambda work: work.connection.execute(shown).scalar()) == 1
    station = Station(folder.parent / "units" / MARKET, NOBODY, SystemClock())
    assert station.salvage is None, "said once"
    station.engine.dispose()


def test_a_unit_that_was_abolished_is_no_choice_and_spoils_none(rules: Rules) -> None:
    found = choices(rules, CLERK, ["341002999", MARKET])
    assert MARKET in [choice.unit for choice in found] and "341002999" not in [choice.unit for choice in found]


def test_an_alarm_of_a_file_out_of_sight_makes_no_sound(console: Console) -> None:
    """Nobody could see what it is about, say 知道了 or silence it."""
    heard: list[Tone] = []
    watch = console.alarms
    watch._play = heard.append
    until(lambda: console.file.line is not None)
    line = console.file.line
    assert line is not None
    urgent = Alarm("clock k", Kind.RED, 0, case_id="x", urgent=True)
    watch._state = type(watch._state)(standing=(urgent,), began_ms=0)
    watch.rest()
    watch.line_told(line)
    assert heard == []
    watch.wear(console.window.banner)
    watch.line_told(line)
    assert heard == [Tone.RED], "in sight again, it is"


def test_what_nobody_has_read_stands_in_the_next_window_too(console: Console) -> None:
    console.window.show_banner("本机数据没有加密")
    before = console.window
    choose(console, "size_percent", "115")
    assert console.window is not before
    assert console.window.banner.text.full == "本机数据没有加密"
    choose(console, "size_percent", "100")


def test_a_window_that_fails_each_second_keeps_no_alarm_and_no_lock_from_its_turn(
    console: Console, monkeypatch: pytest.MonkeyPatch, guard: Guard
) -> None:
    guard.expect("console: what is done each second fails: window")

    def broken() -> None:
        raise KeyError("a word nobody knows")

    turns: list[bool] = []
    monkeypatch.setattr(console.window, "tick", broken)
    monkeypatch.setattr(console.alarms, "tick", lambda: turns.append(True))
    monkeypatch.setattr(console.last_input, "idle_ms", lambda: 24 * 3_600_000)
    console._seconds.turn()
    console._seconds.turn()
    assert len(turns) >= 2 and console._locked


def test_new_reference_data_tears_nothing_out_of_anybodys_hands(console: Console) -> None:
    """It comes at any second: a passphrase half typed, a code, the files chosen for a case were gone with their window."""
    before = console.window
    console.window.settings_asked.emit()
    dialog = opened(SettingsDialog)
    console.file.ruled.emit(console.file)
    console._seconds.turn()
    assert console.window is before and dialog.isVisible()
    dialog.reject()
    until(lambda: console.window is not before)


def test_nor_a_password_out_of_the_hands_of_whoever_takes_over_at_a_locked_window(console: Console) -> None:
    before = console.window
    console.lock()
    console.change_user()
    dialog = opened(SignInDialog)
    console.file.ruled.emit(console.file)
    console._seconds.turn()
    assert console.window is before and dialog.isVisible()
    dialog.reject()
    until(lambda: console.window is not before)


def test_a_form_half_filled_in_keeps_its_window_until_it_is_put_away_or_locked(console: Console) -> None:
    case_in_sight(console)
    reason_typed(console, "Not ours because")
    before = console.window
    console.file.ruled.emit(console.file)
    console._seconds.turn()
    assert console.window is before and before.panel.form is not None
    console.lock()
    until(lambda: console.window is not before)
    assert console._locked
