"""Starting on a damaged store, on a full disk, with a newer store: the person reads why, and what became of the acts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from sqlalchemy import text

from desktop import commands, files, first_run, logs
from desktop.files import store_folder
from desktop.opening import Opening
from desktop.safe import Safe
from desktop.station import Station
from desktop.worded import salvage_words
from models.errors import Refused
from models.store.fresh import Salvage
from models.store.identity import Identity, known_identity
from models.store.opening import is_damaged
from models.wire import encode
from tests.store.make_sample import CASES, DEVICE, SLOT, TOWN, UNSENT, SteadyClock, unpacked
from tests.ui.guard import Guard
from ui.dialogs import notice
from ui.dialogs.notice import tell

ADDRESS = "http://127.0.0.1:8341"


@pytest.fixture(scope="module")
def application() -> QApplication:
    found = QApplication.instance() or QApplication([])
    assert isinstance(found, QApplication)
    return found


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A workstation that has worked: its store with unsent acts."""
    folder = store_folder(tmp_path, ADDRESS, TOWN)
    folder.mkdir()
    unpacked(folder)
    (tmp_path / "workstation.json").write_bytes(encode({"address": ADDRESS, "unit": TOWN}))
    Station(folder, ADDRESS, SteadyClock()).engine.dispose()
    return tmp_path


def damage(base: Path, count: int = 4096) -> Path:
    file = store_folder(base, ADDRESS, TOWN) / "store.sqlite"
    raw = file.read_bytes()
    file.write_bytes(bytes(min(count, len(raw))) + raw[count:])
    assert is_damaged(file)
    return file


def test_the_station_keeps_who_it_is_beside_its_store(base: Path) -> None:
    file = store_folder(base, ADDRESS, TOWN) / "store.sqlite"
    assert known_identity(file) == Identity(DEVICE, TOWN, SLOT)


def test_a_damaged_store_is_told_and_its_acts_show_before_the_line_is_back(base: Path) -> None:
    damage(base)
    station = first_run._station(base, Safe(base))
    assert station is not None and station.salvage is not None and station.rules is not None
    told = salvage_words(station.salvage)
    assert f"未上报的操作 {UNSENT} 项已全部救回" in told and "store.damaged-" in told
    station.salvage_was_told()
    with station.work() as work:
        assert work.connection.execute(text("SELECT count(*) FROM case_row")).scalar() == CASES
    station.engine.dispose()
    again = first_run._station(base, Safe(base))
    assert again is not None and again.salvage is None, "it is said once"
    again.engine.dispose()


@pytest.mark.parametrize(
    "acts, missing, file, said",
    [
        (3, 2, "x", "救回未上报的操作 3 项,将按原顺序上报;可能有 2 项"),
        (3, 0, "x", "3 项已全部救回"),
        (0, None, "x", "还有多少未能救回无法确定"),
        (0, None, "", "数据文件不见了"),
    ],
)
def test_what_is_said(acts: int, missing: int | None, file: str, said: str) -> None:
    assert said in salvage_words(Salvage(file, acts, missing))


def test_unreadable_reference_data_is_fetched_again(base: Path) -> None:
    """A damage that neither SQLite nor the acts' hashes notice."""
    file = store_folder(base, ADDRESS, TOWN) / "store.sqlite"
    raw = file.read_bytes()
    at = raw.index(b'{"edition"') if b'{"edition"' in raw else raw.index(b"organisations")
    file.write_bytes(raw[:at] + b"\x00" * 40 + raw[at + 40 :])
    assert not is_damaged(file)
    station = Station(file.parent, ADDRESS, SteadyClock())
    assert station.rules is None
    with station.work() as work:
        assert work.read_meta("reference") == ""
    station.engine.dispose()


def test_why_it_cannot_start_is_said_in_a_window(
    application: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guard: Guard
) -> None:
    guard.expect("start: the console cannot be opened")
    shown: list[str] = []

    def full(_base: Path) -> None:
        raise Refused("store_full")

    monkeypatch.setattr(commands, "_application", lambda: application)
    monkeypatch.setattr(files, "data_folder", lambda: tmp_path)
    monkeypatch.setattr(first_run, "open_console", full)
    monkeypatch.setattr(logs, "begin", lambda _folder: None)
    monkeypatch.setattr(notice, "tell", shown.append)
    assert commands._run() == 1
    assert shown == ["磁盘已满,未能保存。请清理磁盘后重做这一步。"]


def test_the_opening_window_goes_when_another_comes(application: QApplication) -> None:
    opening = Opening(application)
    assert opening.isVisible() and opening.said.text()
    window = QWidget()
    child = QWidget(window)
    child.show()
    assert opening.isVisible()
    window.show()
    assert not opening.isVisible()
    window.close()


def test_nothing_heavy_is_read_before_the_opening_window_stands() -> None:
    heavy = [
        "sqlalchemy",
        "alembic",
        "pyqtgraph",
        "numpy",
        "requests",
        "keyring",
        "fastapi",
        "district",
        "services",
        "models.store",
    ]
    code = f"import sys, desktop.commands; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_the_notice_is_closed_with_one_key(application: QApplication) -> None:
    def press() -> None:
        box = application.activeModalWidget()
        assert isinstance(box, QMessageBox) and box.text() == "请核对" and len(box.buttons()) == 1
        box.buttons()[0].click()

    QTimer.singleShot(50, press)
    tell("请核对")
