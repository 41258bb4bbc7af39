"""The three tones of the alarms, played by what the system has: paplay, aplay or Windows itself, else a beep (D27).

The banner is the promise, sound is extra: nothing here ever fails towards the alarm, and the screen never waits for it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from services.alarm_sound import Tone

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "sounds"
PLAYERS = (("paplay",), ("aplay", "-q"))
LONGEST_SECONDS = 5
"""A sound server that does not answer is given up after this."""

_log = logging.getLogger("sound")
Play = Callable[[Path], None]


class Sound(QObject):
    """Plays one tone at a time on a thread of its own. Asked on the screen's thread alone; one tone at most waits."""

    _beep = Signal()

    def __init__(self, folder: Path = FOLDER) -> None:
        super().__init__()
        self._folder = folder
        self._told: set[str] = set()
        self._asked: queue.Queue[Tone | None] = queue.Queue(maxsize=1)
        self._beep.connect(QApplication.beep, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._serve, name="sound", daemon=True)
        self._thread.start()

    def play(self, tone: Tone) -> None:
        """Let it be heard, as soon as the tone before it is over; of two that wait the later one."""
        self._put(tone)

    def _put(self, asked: Tone | None) -> None:
        with contextlib.suppress(queue.Empty):
            self._asked.get_nowait()
        self._asked.put_nowait(asked)

    def _serve(self) -> None:
        while (tone := self._asked.get()) is not None:
            file = self._folder / f"{tone.value}.wav"
            if not any(self._played(name, play, file) for name, play in players()):
                self._tell("none", "no player makes a sound here: alarms beep")
                self._beep.emit()

    def _played(self, name: str, play: Play, file: Path) -> bool:
        try:
            play(file)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            self._tell(name, f"{name} does not play: {type(error).__name__}")
            return False
        return True

    def _tell(self, name: str, text: str) -> None:
        if name not in self._told:
            self._told.add(name)
            _log.warning(text)

    def end(self) -> None:
        """Play nothing more; a tone that plays may end by itself."""
        self._put(None)


def players() -> list[tuple[str, Play]]:
    """What could play here now, by name, the likeliest first."""
    if sys.platform == "win32":
        return [("winsound", _by_windows)]
    found = [(command, shutil.which(command[0])) for command in PLAYERS]
    return [(command[0], _by_program(path, command[1:])) for command, path in found if path]


def _by_program(path: str, options: tuple[str, ...]) -> Play:
    def play(file: Path) -> None:
        subprocess.run(
            [path, *options, str(file)], check=True, timeout=LONGEST_SECONDS, env=_own_libraries_aside(),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    return play


def _own_libraries_aside() -> dict[str, str]:
    """The bundle leads the loader to its own libraries; a program of the system must find the system's."""
    kept = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    before = os.environ.get("LD_LIBRARY_PATH_ORIG", "" if getattr(sys, "frozen", False) else None)
    if before is None:
        return dict(os.environ)
    return {**kept, "LD_LIBRARY_PATH": before} if before else kept


def _by_windows(file: Path) -> None:
    if sys.platform == "win32":
        import winsound

        winsound.PlaySound(str(file), winsound.SND_FILENAME | winsound.SND_NODEFAULT)
