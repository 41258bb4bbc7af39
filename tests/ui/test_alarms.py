"""Alarms on a real console: what stands, what is heard, and that neither is lost when the window changes."""

from __future__ import annotations

import signal
import sys
import wave
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from desktop import alarm_watch
from desktop.console import Console
from desktop.sound import Sound
from models import commands as c
from models.organisation import DISTRICT_CODE
from models.reference_files import EDITION
from services import alarm_sound
from services.alarm_sound import Tone, is_night
from tests.ui.conftest import TOWN, until
from tests.ui.guard import Guard
from tests.ui.test_changing import choose, opened
from tests.whole import parties
from tests.whole.parties import Centre
from ui.dialogs.settings import SettingsDialog

STATION = f"{TOWN}006"
SHIFT = Qt.KeyboardModifier.ShiftModifier
SEEN, OPEN, SILENCE = Qt.Key.Key_F12, Qt.Key.Key_F11, Qt.Key.Key_F9


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm_watch, "SETTLE_MS", 0)


@pytest.fixture
def heard(console: Console) -> list[Tone]:
    """What would have been played since the first look."""
    found: list[Tone] = []
    until(lambda: console.alarms._state.began_ms is not None)
    console.alarms._play = found.append
    return found


def handed_down(centre: Centre, folder: Path) -> str:
    """The district's intake desk enters what a resident told, its operator sends it to the town."""
    intake = parties.Console(folder, centre, DISTRICT_CODE, f"{DISTRICT_CODE}-intake-1")
    intake.settle()
    report = c.Report("", "hotline", f"{EDITION}/matter/09005", "占道经营", "龙山路口", TOWN, STATION)
    case_id = intake.act(report).case_id
    intake.act(c.File(), case_id)
    intake.as_person(parties.OPERATOR)
    intake.act(c.Dispatch(TOWN), case_id)
    intake.settle()
    intake.close()
    return case_id


def shown(console: Console) -> str:
    return console.window.banner.text.full


def press(console: Console, key: Qt.Key) -> None:
    QTest.keyClick(console.window, key, SHIFT)


def test_a_line_lost_stands_in_the_next_window_too_until_somebody_says_so(
    console: Console, centre: Centre, heard: list[Tone]
) -> None:
    table = console.window.queue.table
    table.setFocus()
    centre.end(signal.SIGKILL)
    until(lambda: "线路已断" in shown(console), 60)
    assert heard == ([] if is_night(console.present.now().shown_at) else [Tone.LINE_LOST])
    assert QApplication.activeModalWidget() is None and not console.window.findChildren(QMessageBox)
    assert table.hasFocus(), "an alarm takes nobody's focus"
    choose(console, "theme", "dark")
    until(lambda: console.window.queue.table is not table)
    until(lambda: "线路已断" in shown(console))
    press(console, SEEN)
    until(lambda: "线路已断" not in shown(console))
    centre.start()
    until(lambda: "线路已恢复" in shown(console), 60)
    press(console, SEEN)
    until(lambda: "线路已恢复" not in shown(console))


@pytest.mark.parametrize("night", [False, True])
def test_a_new_case_is_told_and_heard_and_opened_by_key(
    console: Console, centre: Centre, heard: list[Tone], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, night: bool
) -> None:
    monkeypatch.setattr(alarm_sound, "is_night", lambda _at_ms: night)
    case_id = handed_down(centre, tmp_path)
    until(lambda: "新案件" in shown(console), 30)
    assert "龙山路口" in shown(console)
    assert heard == [Tone.YELLOW], "the own ten minutes run: heard at night too"
    press(console, OPEN)
    until(lambda: console.window.panel.case_id == case_id and console.window.page() == "cases")
    until(lambda: "新案件" not in shown(console))


def test_silence_is_silent_and_the_banner_still_speaks(
    console: Console, centre: Centre, heard: list[Tone], tmp_path: Path
) -> None:
    press(console, SILENCE)
    until(lambda: console.window.banner.silence.isChecked())
    handed_down(centre, tmp_path)
    until(lambda: "新案件" in shown(console), 30)
    assert heard == []


def test_whoever_wants_no_sound_hears_none(console: Console, centre: Centre, heard: list[Tone], tmp_path: Path) -> None:
    console.open_settings()
    dialog = opened(SettingsDialog)
    dialog.sound.click()
    dialog.accept()
    until(lambda: not console.window.banner.silence.isEnabled())
    handed_down(centre, tmp_path)
    until(lambda: "新案件" in shown(console), 30)
    assert heard == []


def test_what_is_banner_text_stays_one_line_wherever_it_comes_from(console: Console, heard: list[Tone]) -> None:
    height = console.window.banner.height()
    console.window.show_banner("x" * 4_000)
    QApplication.processEvents()
    assert console.window.banner.height() == height, "nothing below it moves"
    assert console.window.banner.text.toolTip() == "x" * 4_000
    press(console, SEEN)
    assert "x" not in shown(console)


# What is heard


@pytest.fixture
def player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A player of the system that writes down what it was given."""
    played = tmp_path / "played"
    program = tmp_path / "bin" / "paplay"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$1" >> {played}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    return played


@pytest.mark.skipif(sys.platform == "win32", reason="the system's own player is called by name")
def test_each_tone_is_a_file_that_the_systems_player_is_given(application: QApplication, player: Path) -> None:
    sound = Sound()
    for number, tone in enumerate(Tone, 1):
        sound.play(tone)
        until(lambda n=number: player.exists() and len(player.read_text().splitlines()) == n)  # type: ignore[misc]
    sound.end()
    files = [Path(line) for line in player.read_text().splitlines()]
    assert [f.stem for f in files] == [tone.value for tone in Tone]
    for file in files:
        with wave.open(str(file)) as wav:
            assert 0.05 < wav.getnframes() / wav.getframerate() < 3


def test_without_a_player_it_beeps(
    application: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guard: Guard
) -> None:
    guard.expect("^sound: no player makes a sound here")
    monkeypatch.setenv("PATH", str(tmp_path))
    beeps: list[bool] = []
    sound = Sound()
    sound._beep.connect(lambda: beeps.append(True))
    sound.play(Tone.RED)
    until(lambda: beeps)
    sound.end()
