"""Chinese typed into the shipped program through a real fcitx5 and a real ibus, key by key (desktop.md §3d).

`make test-input-methods` installs both and runs this; nothing here belongs to `make test`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring.core
import msgspec
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from pypinyin import lazy_pinyin

from tests.real.asked_console import Met
from tests.real.display import Display
from tests.real.input_methods import Fcitx5, Ibus, InputMethod
from tests.real.needs import need
from tests.real.workstation import PATIENCE_SECONDS, Workstation

pytestmark = pytest.mark.long

REPORT, PALETTE, CONSOLE = "新上报", "可办操作", "联勤联动工作台"
TITLE, CATEGORY, STATION, SEARCH, ACTS = "事项", "类别", "工作站", "搜索案件", "查找操作"


class Desktop(msgspec.Struct, frozen=True):
    """What a desktop runs and tells its programs; `alone` where the other input method is not installed."""

    method: type[InputMethod]
    told: dict[str, str]
    alone: bool = False


DESKTOPS = {
    "fcitx5": Desktop(Fcitx5, {"QT_IM_MODULE": "fcitx", "XMODIFIERS": "@im=fcitx"}),
    "fcitx5, no ibus-daemon": Desktop(Fcitx5, {"QT_IM_MODULE": "fcitx", "XMODIFIERS": "@im=fcitx"}, alone=True),
    "fcitx5, no ibus-daemon, QT_IM_MODULE=ibus": Desktop(Fcitx5, {"QT_IM_MODULE": "ibus"}, alone=True),
    "fcitx5, QT_IM_MODULE=xim": Desktop(Fcitx5, {"QT_IM_MODULE": "xim"}),
    "fcitx5, Qt 6.7 list": Desktop(Fcitx5, {"QT_IM_MODULES": "wayland;fcitx;ibus"}),
    "fcitx5, nothing told": Desktop(Fcitx5, {}),
    "ibus": Desktop(Ibus, {"QT_IM_MODULE": "ibus", "XMODIFIERS": "@im=ibus"}),
    "ibus, nothing told": Desktop(Ibus, {}),
}
EVERY = pytest.mark.parametrize("desktop", DESKTOPS.values(), ids=DESKTOPS)
BOTH = pytest.mark.parametrize("desktop", [DESKTOPS["fcitx5"], DESKTOPS["ibus"]], ids=["fcitx5", "ibus"])


class Typist:
    """Somebody at the running program, with an input method at hand."""

    def __init__(self, folder: Path, display: Display, desktop: Desktop) -> None:
        self.display = display
        self.workstation = Workstation(folder, display)
        self.method = desktop.method(folder, display)
        self._told = dict(desktop.told)
        if desktop.alone:
            empty = folder / "no programs"
            empty.mkdir()
            self._told["PATH"] = str(empty)

    def sit_down(self) -> None:
        """The input method runs, the program is open, somebody has signed in."""
        self.method.start()
        self.workstation.start("tests.real.asked_console", **(self.method.environment | self._told))

    def get_up(self) -> None:
        """Program and input method go."""
        self.workstation.kill()
        self.method.end()

    def meets(self, true: Callable[[Met], bool]) -> Met:
        """Wait until what the keyboard meets is so."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            met = msgspec.json.decode(self.workstation.ask(), type=Met)
            if true(met):
                return met
            assert time.monotonic() < end, f"still {met}"
            time.sleep(0.02)

    def begin_report(self) -> None:
        """Ctrl+N; the title has the keyboard."""
        self.display.key("ctrl+n")
        self.display.focus(REPORT, PATIENCE_SECONDS)
        self.meets(lambda met: met.field == TITLE)

    def hand_in(self) -> None:
        """Choose what it is and whose place it is, neither of which is guessed, and hand the report in."""
        for keys, field in (("Tab Tab", CATEGORY), ("Tab", STATION)):
            for key in keys.split():
                self.display.key(key)
            self.meets(lambda met, field=field: met.field == field)  # type: ignore[misc]
            self.display.key("Down")
        self.display.key("ctrl+Return")
        self.meets(lambda met: met.window != REPORT)
        self.display.focus(CONSOLE, PATIENCE_SECONDS)

    def compose(self, letters: str) -> None:
        """Type pinyin; return while it is being composed."""
        before = self.meets(lambda met: met.composed == "").text
        self.display.type(letters)
        met = self.meets(lambda met: _is_whole(met.composed, letters))
        assert met.text == before, "what is composed is not yet text"

    def write(self, letters: str) -> str:
        """Type pinyin and take the first candidate; what the field has gained by it."""
        before = self.meets(lambda _met: True).text
        self.compose(letters)
        self.display.key("space")
        text = self.meets(lambda met: met.composed == "" and met.text != before).text
        assert text.startswith(before)
        gained = text.removeprefix(before)
        assert "".join(lazy_pinyin(gained)) == letters, gained
        return gained

    def file_report(self, letters: str) -> str:
        """A new report with a Chinese title, saved; its title."""
        self.begin_report()
        self.method.switch_on()
        title = self.write(letters)
        self.hand_in()
        self.meets(lambda met: met.rows == 1 and met.acts > 0)
        return title

    def picks(self, letters: str, act: str) -> None:
        """The palette has opened; find an act in it by its Chinese name, and do it."""
        self.display.focus(PALETTE, PATIENCE_SECONDS)
        self.meets(lambda met: (met.field, met.composed) == (ACTS, ""))
        assert self.write(letters) == act
        self.display.key("Return")

    def search(self) -> None:
        """Ctrl+F; the search has the keyboard."""
        self.display.key("ctrl+f")
        self.meets(lambda met: met.field == SEARCH)


def _is_whole(composed: str, letters: str) -> bool:
    """All letters are there: as letters with gaps (fcitx5), or as the characters they would come to (ibus)."""
    return "".join(lazy_pinyin(composed)).replace(" ", "") == letters


@pytest.fixture
def typist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desktop: Desktop) -> Iterator[Typist]:
    need("Xvfb", "xdotool", *desktop.method.programs, group="input")
    monkeypatch.setattr(keyring.core, "_keyring_backend", NoKeyring())
    screen = tmp_path / "screen"
    screen.mkdir()
    display = Display(screen)
    try:
        made = Typist(tmp_path, display, desktop)
        try:
            made.sit_down()
            yield made
        finally:
            made.get_up()
    finally:
        display.end()


@EVERY
def test_a_report_is_entered_and_found_in_chinese(typist: Typist) -> None:
    typist.begin_report()
    typist.display.type("No 3 ")
    typist.meets(lambda met: met.text == "No 3 ")
    typist.method.switch_on()
    title = typist.write("xiaofang")
    assert title == "消防"
    typist.hand_in()
    typist.meets(lambda met: met.rows == 1)
    typist.search()
    assert typist.write("xiaofang") == title
    typist.meets(lambda met: met.rows == 1)
    typist.write("weixian")
    typist.meets(lambda met: met.rows == 0)


@BOTH
def test_f_keys_and_the_palette_answer_while_a_word_is_composed(typist: Typist) -> None:
    typist.file_report("xiaofang")
    typist.search()
    typist.compose("xiaofang")
    typist.display.key("F4")
    typist.meets(lambda met: met.said.startswith("立案:已存本机") and _is_whole(met.composed, "xiaofang"))
    typist.display.key("space")
    typist.meets(lambda met: (met.field, met.text, met.composed) == (SEARCH, "消防", ""))
    typist.compose("xiaofang")
    typist.display.key("F1")
    typist.picks("paifa", "派发")
    typist.meets(lambda met: met.form == "case.dispatch")


@BOTH
def test_control_k_opens_the_palette_while_a_word_is_composed_or_after_it(typist: Typist) -> None:
    typist.file_report("xiaofang")
    typist.search()
    typist.compose("xiaofang")
    typist.display.key("ctrl+k")
    if typist.method.keeps_control:
        typist.display.key("space")
        typist.meets(lambda met: (met.field, met.composed, met.text) == (SEARCH, "", "消防"))
        typist.display.key("ctrl+k")
    typist.picks("shezhi", "设置")
    typist.display.focus("设置", PATIENCE_SECONDS)
    typist.meets(lambda met: met.window == "设置")


@BOTH
def test_enter_and_escape_belong_to_the_composed_word_first(typist: Typist) -> None:
    typist.begin_report()
    typist.method.switch_on()
    typist.compose("xiaofang")
    typist.display.key("Escape")
    typist.meets(lambda met: (met.window, met.composed, met.text) == (REPORT, "", ""))
    typist.compose("xiaofang")
    typist.display.key("Return")
    typist.meets(lambda met: (met.window, met.composed, met.text) == (REPORT, "", "xiaofang"))
    typist.display.key("Escape")
    typist.meets(lambda met: met.window != REPORT)
