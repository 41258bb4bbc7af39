"""The input methods people type Chinese with, for real: fcitx5 and ibus with their pinyin, on a private D-Bus and display."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.real.display import Display
from tests.real.session_bus import START_SECONDS, SessionBus

FCITX_PROFILE = """\
[Groups/0]
Name=Default
Default Layout=us
DefaultIM=pinyin
[Groups/0/Items/0]
Name=keyboard-us
[Groups/0/Items/1]
Name=pinyin
[GroupOrder]
0=Default
"""
IBUS_SETTINGS = """\
[desktop/ibus/general]
preload-engines=['xkb:us::eng', 'libpinyin']
"""


class InputMethod(SessionBus):
    """A desktop session whose input method has a plain keyboard, in force at first, and pinyin."""

    programs: tuple[str, ...] = ()
    switch = ""
    pinyin = ""
    keeps_control = False
    """While a word is composed, Control with a letter never reaches the program."""
    _asking: tuple[str, ...] = ()

    def __init__(self, folder: Path, display: Display) -> None:
        super().__init__(folder)
        self._folder = folder
        self._display = display
        self.environment["DISPLAY"] = display.name

    def start(self) -> None:
        """The daemon runs and takes programs on when this returns."""
        raise NotImplementedError

    def switch_on(self) -> None:
        """Turn to pinyin with the keys a person presses; the daemon itself says that it did."""
        assert self.in_force() != self.pinyin
        self._display.key(self.switch)
        self.until(lambda: self.in_force() == self.pinyin)

    def in_force(self) -> str:
        """The daemon's own word for what letters go through now."""
        asked = subprocess.run(
            self._asking, env=self.environment, capture_output=True, text=True, timeout=START_SECONDS
        )
        return asked.stdout.strip()


class Fcitx5(InputMethod):
    """fcitx5, which answers programs without a plugin of its own as if it were ibus."""

    programs = ("dbus-daemon", "fcitx5", "fcitx5-remote")
    switch = "ctrl+space"
    pinyin = "pinyin"
    _asking = ("fcitx5-remote", "-n")

    def start(self) -> None:
        settings = self._folder / ".config" / "fcitx5"
        settings.mkdir(parents=True)
        (settings / "profile").write_text(FCITX_PROFILE, encoding="utf-8")
        self.begin_bus()
        self.begin("fcitx5")
        self.until_owned("org.fcitx.Fcitx5")
        self.until_owned("org.freedesktop.portal.IBus")


class Ibus(InputMethod):
    """ibus-daemon with its panel, which listens for the keys that switch."""

    programs = ("dbus-daemon", "ibus-daemon", "ibus")
    switch = "super+space"
    pinyin = "libpinyin"
    keeps_control = True  # its engine takes every letter for the word, whatever is held with it
    _asking = ("ibus", "engine")

    def start(self) -> None:
        settings = self._folder / ".config" / "glib-2.0" / "settings"
        settings.mkdir(parents=True)
        (settings / "keyfile").write_text(IBUS_SETTINGS, encoding="utf-8")
        self.environment["GSETTINGS_BACKEND"] = "keyfile"
        self.begin_bus()
        self.begin("ibus-daemon")
        self.until_owned("org.freedesktop.portal.IBus")
        self.until(lambda: self.in_force() != "")
