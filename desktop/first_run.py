"""Opening the console of this workstation: first registration, then signing in, with the line or without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desktop.console import Console, Station, keep, people_at
from desktop.files import store_folder
from desktop.workers import within
from models.clock import SystemClock
from models.errors import Refused, Weather
from models.wire import decode_any, encode
from services import session
from services.sync.line import Line
from ui import words
from ui.dialogs.first_run import FirstRunDialog
from ui.dialogs.sign_in import SignInDialog

PATIENCE_SECONDS = 20.0


def open_console(base: Path) -> Console | None:
    """The console of this workstation's unit, with somebody signed in; None when the person gave up."""
    chosen = _chosen(base)
    if chosen is None:
        return None
    address, unit = chosen
    station = Station(store_folder(base, address, unit), address, SystemClock())
    rules = within(station.fetch_reference, PATIENCE_SECONDS)
    dialog = SignInDialog(rules.organisations[unit].name, people_at(rules, unit))
    entered: list[session.Entered] = []

    def enter(person: str, password: str, new: str) -> None:
        try:
            entered.append(within(lambda: _enter(station, person, password, new), PATIENCE_SECONDS))
            dialog.accept()
        except (Refused, Weather, TimeoutError) as error:
            text = _worded(error)
            first = isinstance(error, Refused) and error.code == "change_password_first"
            (dialog.ask_new_password if first else dialog.refuse)(text)

    dialog.entered.connect(enter)
    dialog.exec()
    return Console(station, entered[0]) if entered else None


def _enter(station: Station, person: str, password: str, new: str) -> session.Entered:
    line = station.line()
    try:
        found = session.sign_in_online(line, person, password, new)
        with station.work() as work:
            keep(work, line, person, new or password)
        return found
    except Weather:
        with station.work() as work:
            return session.sign_in_offline(work, person, password)
    finally:
        line.close()


def _chosen(base: Path) -> tuple[str, str] | None:
    kept = base / "workstation.json"
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
            kept.write_bytes(encode({"address": address, "unit": unit}))
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


def _worded(error: Exception, address: str = "") -> str:
    if isinstance(error, Refused):
        return words.refusal(error.code, {"address": address, **error.args_by_name}, {})
    code = error.code if isinstance(error, Weather) else "line_silent"
    return words.REFUSALS.get(code, code)
