"""Opening the console of this workstation: first registration, then signing in, with the line or without it."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QGuiApplication

from desktop.change_user import ChangeUser
from desktop.console import Console
from desktop.dress import dress
from desktop.files import store_folder
from desktop.open_file import OpenFile
from desktop.station import Station
from desktop.workers import within
from desktop.workplace import Workplace
from models.clock import SystemClock
from models.errors import Refused, Weather
from models.files import write_whole
from models.rules import Rules
from models.store.fresh import Salvage
from models.wire import decode_any, encode
from services import session, settings
from services.sync.line import Line
from ui import words
from ui.dialogs.first_run import FirstRunDialog
from ui.dialogs.notice import tell

PATIENCE_SECONDS = 20.0
WORKSTATION = "workstation.json"


def open_console(base: Path) -> Console | None:
    """The console of this workstation's unit, with somebody signed in; None when the person gave up."""
    station = _station(base)
    if station is None:
        return None
    if station.salvage is not None:
        tell(salvage_words(station.salvage))
        station.salvage_was_told()
    rules = within(station.fetch_reference, PATIENCE_SECONDS)
    with station.work() as work:
        dress(settings.read(work, settings.WORKSTATION))
    entered = _seated(station, rules)
    return Console(station, entered, workplace=_workplace(base, station)) if entered else None


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


def _station(base: Path) -> Station | None:
    chosen = _chosen(base)
    if chosen is None:
        return None
    address, unit = chosen
    station = Station(store_folder(base, address, unit), address, SystemClock())
    if station.device:
        return station
    # The store was lost with everything that said who it was: it is registered once more.
    station.engine.dispose()
    (base / WORKSTATION).unlink()
    return _station(base)


def _workplace(base: Path, station: Station) -> Workplace:
    address = station.address
    mark = store_folder(base, address, "").name

    def known() -> list[str]:
        return [f.name.removesuffix(mark) for f in base.glob(f"*{mark}") if (f / "store.sqlite").exists()]

    return Workplace(address, station.clock, lambda unit: store_folder(base, address, unit), known)


def _chosen(base: Path) -> tuple[str, str] | None:
    kept = base / WORKSTATION
    if kept.exists():
        found: Any = decode_any(kept.read_bytes())
        return str(found["address"]), str(found["unit"])
    made: list[tuple[str, str]] = []
    dialog = FirstRunDialog("http://127.0.0.1:8341")

    def look(address: str) -> None:
        line = Line(address, SystemClock())
        try:
            dialog.show_units(within(line.hello, PATIENCE_SECONDS).units)
        except (Refused, Weather, TimeoutError) as error:
            dialog.refuse(_worded(error, address))
        finally:
            line.close()

    def register(address: str, unit: str, operator: str, password: str) -> None:
        line = Line(address, SystemClock())
        try:
            registered = within(lambda: line.register(operator, password, unit, "console"), PATIENCE_SECONDS)
            station = Station(store_folder(base, address, unit), address, SystemClock())
            station.keep_registration(registered)
            station.engine.dispose()
            write_whole(kept, encode({"address": address, "unit": unit}))
            made.append((address, unit))
            dialog.accept()
        except (Refused, Weather, TimeoutError) as error:
            dialog.refuse(_worded(error, address))
        finally:
            line.close()

    dialog.looked_up.connect(look)
    dialog.registered.connect(register)
    dialog.exec()
    return made[0] if made else None


def salvage_words(salvage: Salvage) -> str:
    """What a person is told after a damaged store was set aside."""
    if not salvage.file:
        code = "store_gone"
    elif salvage.missing is None:
        code = "store_lost"
    else:
        code = "store_damaged" if salvage.missing else "store_salvaged"
    return words.refusal(code, {"file": salvage.file, "acts": salvage.acts, "missing": salvage.missing or 0}, {})


def start_words(error: Exception) -> str:
    """Why the console cannot be opened."""
    if isinstance(error, OSError) and not isinstance(error, TimeoutError):
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        folder = str(Path(error.filename).parent) if error.filename else ""
        return words.refusal("store_full" if full else "store_forbidden", {"folder": folder}, {})
    return _worded(error)


def _worded(error: Exception, address: str = "") -> str:
    if isinstance(error, Refused):
        return words.refusal(error.code, {"address": address, **error.args_by_name}, {})
    code = error.code if isinstance(error, Weather) else "line_silent"
    return words.REFUSALS.get(code, code)
