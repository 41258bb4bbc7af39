"""A workstation without a keyring, at a centre elsewhere: the person chooses, and is asked at every start after that."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit

from desktop import first_run
from desktop.console import Console
from desktop.files import store_folder
from desktop.safe import Safe, set_aside
from desktop.station import Station
from desktop.workers import within
from models.clock import SystemClock
from models.store import outbox
from models.store.engine import open_file
from models.store.locked import is_plain
from models.store.opening import open_store
from models.store.store_key import new_store_key
from models.wire import encode
from services import session
from services.sealed_file import new_sealed_file
from services.secrets import Secrets
from services.vault import Vault
from tests.store.make_sample import unpacked
from tests.ui.conftest import TOWN
from tests.ui.guard import Guard
from tests.ui.test_first_run import Person, says, signed, typed
from tests.whole.parties import KEYS, PASSWORD, Centre
from ui import words
from ui.dialogs.choice import ChoiceDialog
from ui.dialogs.first_run import FirstRunDialog
from ui.dialogs.passphrase import PassphraseDialog
from ui.dialogs.sign_in import SignInDialog

WORD = "old bridge at the river 1984"
Step = tuple[type[QDialog], Callable[[Any], bool], Callable[[Any], object]]


@pytest.fixture
def encrypted(demo_sqlite_url: str) -> Iterator[Centre]:
    found = Centre(demo_sqlite_url, KEYS, "127.0.0.1")
    yield found
    found.end(signal.SIGKILL)


def answers(code: str) -> Callable[[ChoiceDialog], object]:
    return lambda dialog: QTest.mouseClick(dialog.buttons[code], Qt.MouseButton.LeftButton)


def says_word(word: str, again: str | None = None) -> Callable[[PassphraseDialog], object]:
    def type_it(dialog: PassphraseDialog) -> None:
        for field, text in ((dialog.passphrase, word), (dialog.again, again)):
            if text is not None:
                enter(field, text)
        QTest.keyClick(dialog.passphrase, Qt.Key.Key_Return)

    return type_it


def enter(field: QLineEdit, text: str) -> None:
    field.clear()
    QTest.keyClicks(field, text)


def forgets(dialog: PassphraseDialog) -> None:
    """Later: the window that opens then is waited for, and the person must be free to answer it."""
    QTimer.singleShot(0, dialog.forgotten.emit)


def no_problem(dialog: Any) -> bool:
    return not dialog.problem.text()


def opened(base: Path, steps: list[Step]) -> Console | None:
    person = Person(list(steps))
    console = first_run.open_console(base)
    person.timer.stop()
    assert person.steps == [], f"{len(person.steps)} steps were never reached"
    return console


def put_away(console: Console | None) -> None:
    assert console is not None
    console.end()
    console.window.close()
    console.station.engine.dispose()


def test_the_person_chooses_a_passphrase_and_is_asked_for_it_from_then_on(
    application: QApplication, encrypted: Centre, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    base.mkdir()
    code = encrypted.code(TOWN)
    always = lambda _dialog: True  # noqa: E731
    first: list[Step] = [
        (FirstRunDialog, no_problem, lambda d: typed(d, encrypted.address, code)),
        (ChoiceDialog, lambda d: "不会以明文" in d.said.text(), lambda d: d.reject()),
        (FirstRunDialog, says("启动口令"), lambda d: typed(d, encrypted.address, code)),
        (ChoiceDialog, always, answers("again")),
        (ChoiceDialog, always, answers("passphrase")),
        (PassphraseDialog, no_problem, says_word(WORD, WORD + "x")),
        (PassphraseDialog, says("不一样"), says_word("short", "short")),
        (PassphraseDialog, says("至少 10 位"), says_word(WORD, WORD)),
        (SignInDialog, no_problem, lambda d: signed(d, PASSWORD)),
    ]
    console = opened(base, first)
    assert console is not None
    station = console.station
    store = station.folder / "store.sqlite"
    assert not is_plain(store) and station.kept().is_sealed and station.kept().store == "encrypted"
    token = station.secrets.read(station.device)
    put_away(console)
    for file in (f for f in base.rglob("*") if f.is_file()):
        assert token.encode() not in file.read_bytes() and "龙山".encode() not in file.read_bytes(), file
    encrypted.end(signal.SIGKILL)
    later: list[Step] = [
        (PassphraseDialog, no_problem, says_word("not the one at all")),
        (PassphraseDialog, says("不对"), says_word(WORD)),
        (SignInDialog, no_problem, lambda d: signed(d, PASSWORD)),
    ]
    console = opened(base, later)
    assert console is not None and console.desk.session == "", "with the line down"
    assert console.station.device == station.device and console.station.secrets.read(station.device) == token
    put_away(console)
    assert opened(base, [(PassphraseDialog, no_problem, lambda d: d.reject())]) is None
    assert not is_plain(store)


def test_whoever_has_forgotten_it_begins_anew_and_nothing_is_deleted(application: QApplication, tmp_path: Path) -> None:
    made = Safe(tmp_path)
    (tmp_path / "logs").mkdir()
    opened_safe: list[Step] = [
        (ChoiceDialog, lambda d: True, answers("passphrase")),
        (PassphraseDialog, no_problem, says_word(WORD, WORD)),
    ]
    person = Person(opened_safe)
    assert made.choose()
    person.timer.stop()
    (tmp_path / "workstation.json").write_bytes(b"{}")
    before = {f.name: f.read_bytes() for f in tmp_path.iterdir() if f.is_file()}
    steps: list[Step] = [
        (PassphraseDialog, no_problem, forgets),
        (ChoiceDialog, lambda d: "无法找回" in d.said.text(), answers("back")),
        (PassphraseDialog, no_problem, forgets),
        (ChoiceDialog, lambda d: True, answers("anew")),
        (FirstRunDialog, lambda d: True, lambda d: d.reject()),
    ]
    assert opened(tmp_path, steps) is None
    (aside,) = tmp_path.glob("locked-*")
    assert {f.name: f.read_bytes() for f in aside.iterdir()} == before
    assert {f.name for f in tmp_path.iterdir()} == {aside.name, "logs"}
    (tmp_path / "secrets.sealed").write_bytes(b"later")
    set_aside(tmp_path, "another")
    assert len(list(tmp_path.glob("locked-*"))) == 2


@pytest.mark.parametrize("moved", [1, 2, 3])
def test_beginning_anew_that_was_cut_short_is_begun_once_more(
    application: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: int
) -> None:
    """With the sealed secrets gone first, the store was there, nobody was asked for a passphrase, and no start came through."""
    address = "http://127.0.0.1:9"
    new_sealed_file(tmp_path / "secrets.sealed", WORD)
    (tmp_path / "workstation.json").write_bytes(encode({"address": address, "unit": TOWN}))
    folder = store_folder(tmp_path, address, TOWN)
    folder.mkdir()
    open_store(unpacked(folder), 0, new_store_key(random.Random(1).randbytes)).dispose()
    before = {f.name for f in tmp_path.iterdir()}
    rename, done = Path.rename, []

    def cut(file: Path, target: Path) -> Path:
        rename(file, target)
        done.append(target)
        if len(done) == moved:
            raise KeyboardInterrupt
        return target

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "rename", cut)
        set_aside(tmp_path, "cut")
    again: list[Step] = [(PassphraseDialog, no_problem, forgets), (ChoiceDialog, lambda _d: True, answers("anew"))]
    first: Step = (FirstRunDialog, lambda _d: True, lambda d: d.reject())
    assert opened(tmp_path, [*(again if moved < len(before) else []), first]) is None
    assert {f.name for f in tmp_path.glob("locked-*/*")} == before, "and nothing is deleted"


def test_a_store_whose_key_the_keyring_does_not_give_is_asked_about_and_not_touched(
    application: QApplication, tmp_path: Path
) -> None:
    address = "http://127.0.0.1:9"
    folder = store_folder(tmp_path, address, TOWN)
    folder.mkdir()
    file = unpacked(folder)
    open_store(file, 0, new_store_key(random.Random(1).randbytes)).dispose()
    (tmp_path / "workstation.json").write_bytes(encode({"address": address, "unit": TOWN}))
    before = {f.name: f.read_bytes() for f in folder.iterdir()}
    locked = lambda d: "未上报的操作都在" in d.said.text()  # noqa: E731
    lost = lambda d: "无法找回" in d.said.text()  # noqa: E731
    steps: list[Step] = [
        (ChoiceDialog, locked, answers("again")),
        (ChoiceDialog, locked, answers("anew")),
        (ChoiceDialog, lost, answers("back")),
        (ChoiceDialog, locked, answers("")),
    ]
    assert opened(tmp_path, steps) is None
    assert {f.name: f.read_bytes() for f in folder.iterdir()} == before
    anew: list[Step] = [
        (ChoiceDialog, locked, answers("anew")),
        (ChoiceDialog, lost, answers("anew")),
        (FirstRunDialog, lambda d: True, lambda d: d.reject()),
    ]
    assert opened(tmp_path, anew) is None
    (aside,) = tmp_path.glob("locked-*")
    assert {f.name: f.read_bytes() for f in (aside / folder.name).iterdir()} == before


def test_a_store_that_could_not_be_encrypted_is_said_and_work_goes_on(
    application: QApplication, tmp_path: Path
) -> None:
    """Registered before stores were encrypted, with a keyring that is gone now."""
    address = "https://127.0.0.1:9"
    folder = store_folder(tmp_path, address, TOWN)
    folder.mkdir()
    file = unpacked(folder)
    station = Station(folder, address, SystemClock())
    with station.work() as work:
        session.keep_pass(work, f"{TOWN}-clerk-1", PASSWORD, 3_000)
    station.engine.dispose()
    (tmp_path / "workstation.json").write_bytes(encode({"address": address, "unit": TOWN}))
    console = opened(tmp_path, [(SignInDialog, no_problem, lambda d: signed(d, PASSWORD))])
    assert console is not None and console.station.kept().store == "plain" and is_plain(file)
    assert console.window.banner.text.full == words.STORES["plain"]
    put_away(console)


def test_a_store_that_somebody_has_open_waits_and_says_so(tmp_path: Path, guard: Guard) -> None:
    guard.expect("the store stays plain until the next start")
    address = "https://127.0.0.1:9"
    file = unpacked(tmp_path)
    sealed = new_sealed_file(tmp_path / "secrets.sealed", WORD)
    other = open_file(file)
    with other.connect().execution_options(read_only=True) as connection:
        outbox.unsent(connection)
        station = Station(tmp_path, address, SystemClock(), Secrets(tmp_path, address, Vault(within, sealed)))
        assert station.kept().store == "waiting" and is_plain(file)
        station.engine.dispose()
    other.dispose()
    again = Station(tmp_path, address, SystemClock(), Secrets(tmp_path, address, Vault(within, sealed)))
    assert again.kept().store == "encrypted" and again.device == station.device
    again.engine.dispose()
