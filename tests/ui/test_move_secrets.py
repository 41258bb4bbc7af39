"""更换启动口令, 改存系统密钥环, 改用启动口令: at the sync page and from the palette, with the keyboard alone."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import keyring.core
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from desktop.console import Console
from desktop.safe import Safe
from models.store.locked import is_plain
from services.sealed_file import open_sealed_file
from tests.ui.conftest import TOWN, at_work, seated, until
from tests.ui.test_changing import gone, opened
from tests.ui.test_first_run import signed
from tests.ui.test_safe import WORD, Step, answers, encrypted, no_problem, put_away, says, says_word, typed
from tests.ui.test_safe import opened as opened_console
from tests.whole.parties import PASSWORD, Centre
from ui.dialogs.choice import ChoiceDialog
from ui.dialogs.first_run import FirstRunDialog
from ui.dialogs.move_secrets import CHANGE, TO_KEYRING, TO_PASSPHRASE, MoveSecretsDialog
from ui.dialogs.palette import Palette
from ui.dialogs.passphrase import PassphraseDialog
from ui.dialogs.sign_in import SignInDialog

__all__ = ["encrypted"]

LATER = "tea house by the new bridge"


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", NoKeyring())


@pytest.fixture
def plain(application: QApplication, centre: Centre, tmp_path: Path) -> Iterator[Console]:
    """A workstation of a centre on this machine, without a keyring: its token lies in a readable file."""
    folder = tmp_path / "console"
    folder.mkdir()
    secrets = Safe(tmp_path).secrets(folder, centre.address)
    with at_work(seated(folder, centre, TOWN, f"{TOWN}-clerk-1", secrets)) as made:
        yield made


def by_page(console: Console, way: str) -> MoveSecretsDialog:
    """Its button, pressed."""
    page = console.window.sync
    console.window.show_page("sync")
    until(lambda: page.moving[way].isVisible())
    page.moving[way].setFocus()
    QTest.keyClick(page.moving[way], Qt.Key.Key_Space)
    return opened(MoveSecretsDialog)


def by_palette(console: Console, words: str) -> MoveSecretsDialog:
    console.window.activateWindow()
    until(console.window.isActiveWindow)
    QTest.keyClick(console.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = opened(Palette)
    palette.line.setText(words)
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    return opened(MoveSecretsDialog)


def enters(dialog: MoveSecretsDialog, *texts: str) -> None:
    """Field after field with Tab, then Enter."""
    dialog.activateWindow()
    dialog.fields[0].setFocus()
    until(lambda: dialog.fields[0].hasFocus())
    for number, text in enumerate(texts):
        field = QApplication.focusWidget()
        assert isinstance(field, QLineEdit) and field is dialog.fields[number]
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Tab)
    QTest.keyClick(dialog.fields[-1], Qt.Key.Key_Return)


def refuses(dialog: MoveSecretsDialog, part: str) -> None:
    until(lambda: part in dialog.problem.text())
    assert dialog.go.isEnabled() and not dialog.waiting.text()


def done(dialog: MoveSecretsDialog, part: str) -> None:
    until(lambda: part in dialog.said.text())
    until(lambda: dialog.close_.hasFocus())
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert gone(dialog)


def test_another_passphrase_is_asked_for_at_the_next_start(
    application: QApplication, encrypted: Centre, tmp_path: Path
) -> None:
    first: list[Step] = [
        (FirstRunDialog, no_problem, lambda d: typed(d, encrypted.address, encrypted.code(TOWN))),
        (ChoiceDialog, lambda d: True, answers("passphrase")),
        (PassphraseDialog, no_problem, says_word(WORD, WORD)),
        (SignInDialog, no_problem, lambda d: signed(d, PASSWORD)),
    ]
    console = opened_console(tmp_path, first)
    assert console is not None
    console.start()
    dialog = by_page(console, CHANGE)
    enters(dialog, "not the one at all", LATER, LATER)
    refuses(dialog, "启动口令不对")
    assert dialog.fields[0].hasFocus(), "the field to be mended"
    enters(dialog, WORD, "short", "short")
    refuses(dialog, "至少 10 位")
    enters(dialog, WORD, LATER, LATER + "x")
    refuses(dialog, "不一样")
    enters(dialog, WORD, LATER, LATER)
    done(dialog, "启动口令已更换")
    token = console.station.secrets.read(console.station.device)
    assert token, "the running program reads on"
    dialog = by_palette(console, "改存系统密钥环")
    enters(dialog, LATER)
    refuses(dialog, "启动口令照旧")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    put_away(console)
    encrypted.end(signal.SIGKILL)
    later: list[Step] = [
        (PassphraseDialog, no_problem, says_word(WORD)),
        (PassphraseDialog, says("不对"), says_word(LATER)),
        (SignInDialog, no_problem, lambda d: signed(d, PASSWORD)),
    ]
    console = opened_console(tmp_path, later)
    assert console is not None and console.station.secrets.read(console.station.device) == token
    put_away(console)


def test_what_lay_in_a_readable_file_is_sealed_by_a_passphrase(plain: Console, tmp_path: Path) -> None:
    token = plain.station.secrets.read(plain.station.device)
    assert token and plain.station.secrets.plain and is_plain(plain.station.folder / "store.sqlite")
    until(lambda: plain.file.line is not None and plain.file.line.kept.is_movable)
    page = plain.window.sync
    plain.window.show_page("sync")
    assert [way for way, button in page.moving.items() if button.isVisible()] == [TO_PASSPHRASE]
    dialog = by_palette(plain, "启动口令")
    enters(dialog, LATER, LATER)
    until(lambda: "下次启动时加密" in dialog.said.text())
    done(dialog, "已改由启动口令保护")
    assert plain.station.secrets.read(plain.station.device) == token and not plain.station.secrets.plain
    until(lambda: page.moving[CHANGE].isVisible() and page.moving[TO_KEYRING].isVisible())
    assert not page.moving[TO_PASSPHRASE].isVisible() and "启动口令保护的文件" in page._lines.text()
    assert open_sealed_file(tmp_path / "secrets.sealed", LATER).read(plain.station.device) == token
    for file in (f for f in tmp_path.rglob("*") if f.is_file()):
        assert token.encode() not in file.read_bytes(), file


def test_the_demo_and_whoever_has_no_vault_is_offered_nothing(console: Console) -> None:
    until(lambda: console.file.line is not None)
    console.window.show_page("sync")
    assert not any(button.isVisible() for button in console.window.sync.moving.values())
    assert not [code for code in console.window.sync.verbs() if code.startswith("secrets:")]
