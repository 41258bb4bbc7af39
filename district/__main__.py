"""`python -m district init | person | serve`: the district centre's command line."""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import secrets
import socket
import sys
import threading
import time
from pathlib import Path

import uvicorn

from district import accounts
from district.app import create_app
from district.opening import add_demo_accounts, initialise, open_centre, open_database
from models.clock import Clock, DemoClock, SystemClock
from models.errors import Refused
from models.organisation import DISTRICT_CODE
from models.reference_files import load_reference

RESOURCES = Path(__file__).resolve().parents[1] / "resources" / "reference"
DEMO_PASSWORD = "demo-2026"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def main() -> int:
    """Parse, do, and say what went wrong in one line."""
    arguments = _parser().parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        return int(arguments.do(arguments) or 0)
    except Refused as error:
        print(f"refused: {error.code} {error.args_by_name}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m district")
    verbs = parser.add_subparsers(required=True)
    init = verbs.add_parser("init", help="make a new district and its first administrator")
    init.add_argument("--database", required=True)
    init.add_argument("--administrator", default=f"{DISTRICT_CODE}-operator-1")
    init.add_argument("--demo", action="store_true", help="open accounts for all made-up people (演示数据)")
    init.set_defaults(do=_init)
    person = verbs.add_parser("person", help="accounts: list, add, reset, disable, enable")
    person.add_argument("verb", choices=("list", "add", "reset", "disable", "enable"))
    person.add_argument("person", nargs="?", default="")
    person.add_argument("--database", required=True)
    person.set_defaults(do=_person)
    serve = verbs.add_parser("serve", help="serve the consoles")
    serve.add_argument("--database", required=True)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8341)
    serve.add_argument("--with-process", type=int, default=0, help="end when the process with this id ends")
    serve.add_argument("--demo-clock", default="", help="start_ms:origin_mono_ms:factor")
    serve.set_defaults(do=_serve)
    return parser


def _init(arguments: argparse.Namespace) -> int:
    engine = open_database(arguments.database)
    first = load_reference(RESOURCES)
    password = DEMO_PASSWORD if arguments.demo else secrets.token_urlsafe(12)
    initialise(engine, first, arguments.administrator, password, SystemClock().wall_ms())
    if arguments.demo:
        with engine.begin() as connection:
            add_demo_accounts(connection, first, DEMO_PASSWORD)
    print(f"administrator {arguments.administrator}, first password {password}")
    return 0


def _person(arguments: argparse.Namespace) -> int:
    engine = open_database(arguments.database)
    with engine.begin() as connection:
        if arguments.verb == "list":
            for row in accounts.listed(connection):
                state = "disabled" if row.disabled_at else "must change" if row.must_change else "ok"
                print(f"{row.person}\t{state}")
            return 0
        if arguments.verb in ("add", "reset"):
            typed = getpass.getpass("first password: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
            if len(typed) < accounts.MIN_PASSWORD:
                raise Refused("password_too_weak")
            hashed = accounts.hash_password(typed)
            if arguments.verb == "add":
                accounts.create(connection, arguments.person, hashed)
                return 0
            done = accounts.change_password(connection, arguments.person, hashed, must_change=True)
        else:
            at_ms = SystemClock().wall_ms() if arguments.verb == "disable" else None
            done = accounts.set_disabled(connection, arguments.person, at_ms)
    if not done:
        raise Refused("unknown_person", person=arguments.person)
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    if arguments.host not in LOOPBACK:
        raise Refused("loopback_only", host=arguments.host)
    centre = open_centre(open_database(arguments.database), clock_of(arguments.demo_clock))
    listener = socket.socket(socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((arguments.host, arguments.port))
    listener.listen(128)
    config = uvicorn.Config(create_app(centre), log_level="warning", access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    if arguments.with_process:
        threading.Thread(target=_end_with, args=(server, arguments.with_process), daemon=True).start()
    print(f"serving http://{arguments.host}:{listener.getsockname()[1]}", flush=True)
    server.run(sockets=[listener])
    return 0


def clock_of(demo: str) -> Clock:
    """The machine's clock, or the demo's: "start_ms:origin_mono_ms:factor"."""
    if not demo:
        return SystemClock()
    start, origin, factor = (int(part) for part in demo.split(":"))
    return DemoClock(SystemClock(), start, origin, factor)


def _end_with(server: uvicorn.Server, process: int) -> None:
    while _is_alive(process):
        time.sleep(0.5)
    server.should_exit = True


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
