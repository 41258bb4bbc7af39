"""A private X display for one test: what is painted there is read from the framebuffer, what is typed goes in by XTest."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import numpy as np

WIDTH, HEIGHT = 1366, 768
START_SECONDS = 20


class Display:
    """An Xvfb on a free display number, without TCP; it dies with `end`."""

    def __init__(self, folder: Path) -> None:
        self._buffer = folder / "Xvfb_screen0"
        read, write = os.pipe()
        screen = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-dpi", "96", "-fbdir", str(folder)]
        # -r: a key that a stalled machine holds down for two thirds of a second is still pressed once.
        command = ["Xvfb", "-displayfd", str(write), "-nolisten", "tcp", "-noreset", "-r", *screen]
        self._process = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read, encoding="ascii") as told:
            number = told.readline().strip()
        if not number:
            raise AssertionError(f"Xvfb ended with {self._process.wait(START_SECONDS)}")
        self.name = f":{number}"

    def picture(self) -> np.ndarray:
        """What the screen shows now: brightness 0–255, one number a pixel."""
        raw = np.fromfile(self._buffer, dtype=np.uint8)
        head = raw[:100].view(">u4")  # XWD: header bytes, …, width, height, …, bits a pixel, bytes a line, …, colours
        size, width, height, bits, stride, colours = (int(head[n]) for n in (0, 4, 5, 11, 12, 19))
        assert (width, height, bits) == (WIDTH, HEIGHT, 32)
        start = size + colours * 12
        pixels = raw[start : start + stride * height].reshape(height, stride // 4, 4)
        return pixels[:, :width, :3].mean(axis=2)

    def key(self, *keys: str) -> None:
        """Press keys, as a keyboard would (names of X: Return, F4, ctrl+n)."""
        self._xdotool("key", "--delay", "20", *keys)

    def type(self, text: str) -> None:
        """Type plain text."""
        self._xdotool("type", "--delay", "20", text)

    def focus(self, title: str, seconds: float, *, whole: bool = False) -> None:
        """Wait for a window whose title holds these words, and give it the keyboard; and the `whole` screen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self._xdotool("search", "--onlyvisible", "--name", title, check=False).split()
            if found:
                if whole:
                    self._xdotool("windowmove", found[-1], "0", "0", "windowsize", found[-1], str(WIDTH), str(HEIGHT))
                self._xdotool("windowfocus", "--sync", found[-1])
                return
            time.sleep(0.1)
        raise AssertionError(f"no window {title!r} within {seconds} s")

    def _xdotool(self, *arguments: str, check: bool = True) -> str:
        environment = os.environ | {"DISPLAY": self.name, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            ["xdotool", *arguments], env=environment, capture_output=True, text=True, timeout=START_SECONDS
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def end(self) -> None:
        """The display goes, by its own process id."""
        self._process.terminate()
        self._process.wait(START_SECONDS)
