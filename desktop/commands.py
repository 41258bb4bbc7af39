"""What the program can be asked on the command line: run, demo, demo-line, town, screenshot, check-store.

A window is seen before the rest of the program is read: what a verb needs is imported where it begins.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from desktop import input_method
from desktop.collecting import CollectsCycles, pass_over_what_was_read
from desktop.opening import Opening
from ui import theme
from ui.language import tr

if TYPE_CHECKING:
    from desktop.console import Console

DEMO_SECONDS_WITHOUT_DISPLAY = 25
PAGE_MS = 3_000
_log = logging.getLogger("start")
_log.addHandler(logging.NullHandler())  # before the log is open, a person is told in words, not in a traceback


def main(arguments: list[str]) -> int:
    """Do what is asked; a refusal is one line that says what to do."""
    parser = argparse.ArgumentParser(prog="main.py")
    verbs = parser.add_subparsers(dest="verb")
    verbs.add_parser("run", help="open the console")
    verbs.add_parser("demo", help="a district centre, a town at work and a console, on this machine")
    of_line = verbs.add_parser("demo-line", help="cut the demo's line, or mend it")
    of_line.add_argument("way", choices=("down", "up"))
    of_town = verbs.add_parser("town", help="the other desks of the demo (started by it)")
    for name in ("address", "clock", "pid"):
        of_town.add_argument(name)
    of_picture = verbs.add_parser("screenshot", help="take the README's pictures")
    of_picture.add_argument("folder")
    of_store = verbs.add_parser("check-store", help="open and upgrade a store file, print its version")
    of_store.add_argument("file")
    asked = parser.parse_args(arguments)
    if asked.verb in ("demo-line", "town"):
        from desktop import demo
    match asked.verb:
        case "demo":
            return _demo(None)
        case "demo-line":
            return _or_say_why(lambda: demo.line(asked.way))
        case "town":
            return demo.run_town(asked.address, asked.clock, int(asked.pid))
        case "screenshot":
            return _demo(Path(asked.folder))
        case "check-store":
            return _check_store(Path(asked.file))
    return _run()


def _application() -> QApplication:
    input_method.mend()
    application = QApplication(sys.argv[:1])
    CollectsCycles(application)
    theme.apply(application, theme.LIGHT)
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: application.quit())
    return application


def _has_display() -> bool:
    named = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("QT_QPA_PLATFORM")
    return bool(named) or not sys.platform.startswith("linux")


def _demo(pictures: Path | None) -> int:
    """The demo: its district, its town at work, its console."""
    shown = _has_display()
    if not shown or pictures is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if not shown:
        print("No display: the console runs offscreen and writes a picture of itself.", flush=True)
    application = _application()
    opening = Opening(application)
    opening.say(tr("正在准备演示数据…"))
    from desktop import demo, logs

    def run() -> int:
        logs.begin(demo.folder() / "logs")
        return _open_demo(application, pictures, shown)

    try:
        return _or_say_why(run)
    finally:
        opening.end()


def _or_say_why(call: Callable[[], int]) -> int:
    """Do it; what the demo cannot do is told in one line that says what to do."""
    from desktop import demo
    from desktop.first_run import start_words
    from models.errors import Refused, Weather

    try:
        return call()
    except (Refused, Weather, OSError) as error:
        if isinstance(error, Refused) and error.code == "store_newer":
            error = Refused("demo_newer")
        _log.exception("the demo cannot go on")
        again = tr("演示数据在 {0},退出演示并删除此文件夹即可重新开始。").format(demo.folder())
        print(f"{start_words(error)} {again}", file=sys.stderr, flush=True)
        return 1


def _open_demo(application: QApplication, pictures: Path | None, shown: bool) -> int:
    from desktop import demo
    from desktop.console import Console
    from desktop.worded import salvage_words

    pass_over_what_was_read()
    print(f"{tr('演示数据')} · preparing the demo district …", flush=True)
    parts = demo.Demo()
    console = None
    try:
        station = parts.station()
        if station.salvage is not None:
            print(salvage_words(station.salvage), flush=True)
            station.salvage_was_told()
        console = Console(station, parts.sign_in(station), demo.pace())
        console.window.resize(1366, 768)
        parts.start_town()
        console.start()
        print(f"The console of {station.unit} is open; the district centre answers at {parts.address}.", flush=True)
        _end_after(application, console, pictures, shown)
        return application.exec()
    finally:
        if console is not None:
            console.end()
        parts.end()


def _end_after(application: QApplication, console: Console, pictures: Path | None, shown: bool) -> None:
    seconds = float(os.environ.get("DEMO_SECONDS", "0" if shown and pictures is None else DEMO_SECONDS_WITHOUT_DISPLAY))
    if seconds <= 0:
        return
    from desktop import demo

    folder = pictures or demo.folder()
    folder.mkdir(parents=True, exist_ok=True)
    names = ["console", "roster", "alerts"] if pictures else ["console"]

    def take(number: int) -> None:
        target = folder / f"{names[number]}.png"
        console.window.grab().save(str(target))
        print(f"A picture of the console: {target}", flush=True)
        if number + 1 == len(names):
            application.quit()
            return
        console.window.show_page(names[number + 1])
        QTimer.singleShot(PAGE_MS, lambda: take(number + 1))

    QTimer.singleShot(int(seconds * 1000), lambda: take(0))


def _check_store(file: Path) -> int:
    from models.errors import Refused
    from models.store.engine import open_to_look
    from models.store.migrate import version_of
    from models.store.opening import is_damaged, open_store
    from models.store.salvage import read_damaged

    try:
        if is_damaged(file):
            found = read_damaged(file)
            print(f"damaged: {found.unsent()} unsent acts can be read, missing: {found.missing()}")
            return 3
        before = ""
        if file.exists():
            looked = open_to_look(file)
            before = version_of(looked)
            looked.dispose()
        engine = open_store(file, 0)
    except Refused as error:
        print(f"refused: {error.code} {error.args_by_name}")
        return 2
    after = version_of(engine)
    engine.dispose()
    print(f"store version {after}" + ("" if before == after else f", migrated from {before or 'nothing'}"))
    return 0


def _run() -> int:
    application = _application()
    opening = Opening(application)
    from desktop import logs
    from desktop.files import data_folder
    from desktop.first_run import open_console, start_words
    from desktop.metered import ask_the_system
    from desktop.only_one import only_one
    from ui.dialogs.notice import tell

    pass_over_what_was_read()
    try:
        lock = only_one(data_folder())
        if lock is None:
            tell(tr("本程序已经打开,请在任务栏找到它的窗口。"))
            return 1
        logs.begin(data_folder() / "logs")
        console = open_console(data_folder())
    except Exception as error:
        _log.exception("the console cannot be opened")
        tell(start_words(error))
        return 1
    finally:
        opening.end()
    if console is None:
        return 0
    logs.MISHAPS.came.connect(partial(_tell_mishap, console), Qt.ConnectionType.QueuedConnection)
    console.window.showMaximized()
    console.start()
    QTimer.singleShot(0, ask_the_system)  # with the window in sight: it may ask other programs
    try:
        return application.exec()
    finally:
        console.end()


def _tell_mishap(console: Console) -> None:
    """A line in the window, once, until it is read: whatever somebody did came to nothing, and it is not he."""
    from ui import words

    if words.REFUSALS["bug"] not in console.window.banner.notices:
        console.window.show_banner(words.REFUSALS["bug"])
