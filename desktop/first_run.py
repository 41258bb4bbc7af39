"""Opening the console of this workstation: first registration, then signing in, with the line or without it."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QGuiApplication

from desktop.asking import Asking
from desktop.change_user import ChangeUser
from desktop.console import Console
from desktop.dress import dress
from desktop.files import store_folder
from desktop.open_file import OpenFile
from desktop.safe import Safe, set_aside
from desktop.station import STORE_FILE, Station
from desktop.worded import salvage_words
from desktop.workplace import Workplace
from models.clock import SystemClock
from models.errors import Refused, Weather
from models.files import is_full, write_whole
from models.organisation import DISTRICT_CODE
from models.rules import Rules
from models.wire import decode_any, encode
from services import enrolment, self_check, session, settings
from services.self_check import Level
from ui import findings, words
from ui.dialogs import choice
from ui.dialogs.first_run import FirstRunDialog
from ui.dialogs.notice import tell
from ui.dialogs.waiting import WaitingDialog
from ui.language import tr

WORKSTATION = "workstation.json"


def open_console(base: Path) -> Console | None:
    """The console of this workstation's unit, with somebody signed in; None when the person gave up."""
    safe = Safe(base)
    if not safe.open(_stamp()):
        return None
    station = _station(base, safe)
    if station is None:
        return None
    if station.salvage is not None:
        tell(salvage_words(station.salvage))
        station.salvage_was_told()
    rules = station.rules or _fetched(station)
    if rules is None:
        station.engine.dispose()
        return None
    with station.work() as work:
        dress(settings.read(work, settings.WORKSTATION))
    entered = _seated(station, rules)
    if entered is None:
        return None
    console = Console(station, entered, workplace=_workplace(base, station, safe))
    kept = station.kept()
    if kept.store == "waiting" or (kept.store == "plain" and not station.secrets.may_be_plain):
        console.window.show_banner(words.STORES[kept.store])
    calendar = self_check.of_calendar(console.file.rules.calendar, console.present.now())
    if station.unit == DISTRICT_CODE and calendar.level is not Level.GOOD:
        console.window.show_banner(findings.in_words(calendar))  # this desk puts calendars into force
    return console


def _fetched(station: Station) -> Rules | None:
    """The reference data from the centre, while a window says so; None when the person gives up. Refused, Weather."""
    dialog = WaitingDialog(tr("正在从区中心取基础数据…"))
    asking = Asking()
    failures: list[Exception] = []

    def failed(error: Exception) -> None:
        failures.append(error)
        dialog.reject()

    asking.ask(station.fetch_reference, lambda _rules: dialog.accept(), failed)
    dialog.exec()
    asking.give_up()
    if failures:
        raise failures[0]
    return station.rules


def _seated(station: Station, rules: Rules) -> session.Entered | None:
    """Somebody signs in; the screen answers while the centre is asked."""
    file = OpenFile(station, rules)
    found: list[session.Entered] = []
    asking = ChangeUser(file, None, lambda _file, entered: found.append(entered))
    dialog = asking.ask("")
    waiting = QEventLoop()
    dialog.finished.connect(waiting.quit)
    QGuiApplication.setQuitOnLastWindowClosed(False)  # this window is the only one, and the program goes on after it
    waiting.exec()
    QGuiApplication.setQuitOnLastWindowClosed(True)
    file.end()
    return found[0] if found else None


def _station(base: Path, safe: Safe) -> Station | None:
    chosen = _chosen(base, safe)
    if chosen is None:
        return None
    address, unit = chosen
    try:
        folder = store_folder(base, address, unit)
        station = Station(folder, address, SystemClock(), safe.secrets(folder, address))
    except Refused as error:
        if error.code != "store_locked":
            raise
        return _station(base, safe) if _goes_on(base) else None
    if station.device:
        return station
    # The store was lost with everything that said who it was: it is registered once more.
    station.engine.dispose()
    (base / WORKSTATION).unlink()
    return _station(base, safe)


def _goes_on(base: Path) -> bool:
    """The keyring does not give the key: True to look again, after everything was set aside if the key is gone for good."""
    while (answer := choice.store_locked()) == "anew":
        if choice.begin_anew():
            set_aside(base, _stamp())
            return True
    return answer == "again"


def _stamp() -> str:
    return datetime.fromtimestamp(SystemClock().wall_ms() / 1_000, UTC).strftime("%Y%m%d-%H%M%S")


def _workplace(base: Path, station: Station, safe: Safe) -> Workplace:
    address = station.address
    mark = store_folder(base, address, "").name

    def known() -> list[str]:
        return [f.name.removesuffix(mark) for f in base.glob(f"*{mark}") if (f / STORE_FILE).exists()]

    return Workplace(address, station.clock, lambda unit: store_folder(base, address, unit), known, safe.secrets)


def _chosen(base: Path, safe: Safe) -> tuple[str, str] | None:
    kept = base / WORKSTATION
    if kept.exists():
        found: Any = decode_any(kept.read_bytes())
        return str(found["address"]), str(found["unit"])
    made: list[tuple[str, str]] = []
    dialog = FirstRunDialog("http://127.0.0.1:8341")
    asking = Asking()

    def enrol(address: str, code: str) -> None:
        def done(unit: str) -> None:
            try:
                write_whole(kept, encode({"address": address, "unit": unit}))
            except (Refused, OSError) as error:
                dialog.refuse(start_words(error))
                return
            made.append((address, unit))
            dialog.accept()

        def failed(error: Exception) -> None:
            if isinstance(error, Refused) and error.code == "no_keyring" and safe.choose():
                enrol(address, code)
            else:
                dialog.refuse(start_words(error, address))

        dialog.wait_for(tr("正在联系区中心 {0},登记本机…").format(address))
        asking.ask(lambda: _enrolled(base, address, code, safe), done, failed)

    dialog.asked.connect(enrol)
    dialog.exec()
    asking.give_up()
    return made[0] if made else None


def _enrolled(base: Path, address: str, code: str, safe: Safe) -> str:
    """Make this workstation one of the unit's that the code is for, with everything it needs to open; returns the unit.
    May take seconds. Whether its secrets can be kept is asked before the code is used up."""
    clock = SystemClock()
    made = enrolment.enrol(address, code, clock, before=safe.secrets(base, address).refuse_unless_kept)
    unit = made.registered.unit
    folder = store_folder(base, address, unit)
    station = Station(folder, address, clock, safe.secrets(folder, address))
    try:
        station.keep_registration(made)
        with contextlib.suppress(Weather):  # it is asked for again when the console opens
            station.fetch_reference()
    finally:
        station.engine.dispose()
    return unit


def start_words(error: Exception, address: str = "") -> str:
    """Why the console cannot be opened, or not with the centre at that address."""
    if isinstance(error, OSError) and not isinstance(error, TimeoutError):
        folder = str(Path(error.filename).parent) if error.filename else ""
        return words.refusal("store_full" if is_full(error) else "store_forbidden", {"folder": folder}, {})
    if isinstance(error, Refused):
        return words.refusal(error.code, {"address": address, **error.args_by_name}, {})
    code = error.code if isinstance(error, Weather) else "line_silent" if isinstance(error, TimeoutError) else "bug"
    return words.REFUSALS.get(code, code)
