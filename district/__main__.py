"""`python -m district init | person | reference | audit | serve`: the district centre's command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from district import commands, logs
from district.serving import serve, until_parent_ends, until_process_ends
from models.errors import Refused
from models.organisation import DISTRICT_CODE
from models.wire import Malformed

_WORDS = {
    "loopback_only": "{host} is an address others can reach. Commands are not signed and the line is not encrypted yet, so"
    " the centre serves this machine only: use 127.0.0.1.",
    "already_initialised": "this database holds a district already",
    "not_initialised": "this database holds no district yet: run `python -m district init` first",
    "demo_clock_unreadable": "--demo-clock is start_ms:origin_mono_ms:factor, three whole numbers",
    "not_an_operator": "{person} is no district operator in the reference data",
    "unknown_person": "the reference data knows no {person}; to add a new one give --name, --unit and --role",
    "no_account": "{person} has no account: run `person add {person}`",
    "account_exists": "{person} has an account already: use `person reset`",
    "unknown_unit": "the reference data knows no unit {unit}",
    "unknown_role": "there is no role {role}",
    "move_needs_unit": "say where to move {person}: --unit CODE",
    "person_without_unit": "{person}, added or moved on the command line, sits at {unit}, which the folder no longer has:"
    " `person move` first",
    "password_too_weak": "the password is too short, or is the name: take at least 8 characters",
    "store_newer": "the database is of version {found}; this program knows {known}. Nothing was touched: use the newer"
    " program",
    "port_taken": "port {port} is in use on this machine",
    "audit_failed": "{count} contradictions found",
}


def main() -> int:
    """Parse, do, and say what went wrong in one line."""
    arguments = _parser().parse_args()
    logs.set_up(getattr(arguments, "log_file", None))
    try:
        arguments.do(arguments)
    except Refused as error:
        words = _WORDS.get(error.code, error.code)
        print(f"refused ({error.code}): {words.format(**error.args_by_name)}", file=sys.stderr)
        return 2
    except (OSError, Malformed) as error:
        print(f"cannot read: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m district")
    verbs = parser.add_subparsers(required=True)

    def verb(name: str, what: str, do: object) -> argparse.ArgumentParser:
        found = verbs.add_parser(name, help=what)
        found.add_argument("--database", required=True, help="sqlite:///path or postgresql+psycopg://…")
        found.set_defaults(do=do)
        return found

    init = verb("init", "make a new district and its first administrator", commands.init)
    init.add_argument("--administrator", default=f"{DISTRICT_CODE}-operator-1")
    init.add_argument("--reference", type=Path, default=commands.RESOURCES, help="folder of reference data")
    init.add_argument("--demo", action="store_true", help="open accounts for all made-up people")
    person = verb("person", "accounts: list, add, reset, disable, enable, move", commands.person)
    _add_person(person)
    edition = verb("reference", "put a new edition of the reference data into force", commands.publish)
    edition.add_argument(
        "folder", type=Path, help="people added or moved here stay, unless it says something new of them"
    )
    for timed in (init, person, edition):
        timed.add_argument("--demo-clock", default="", help="start_ms:origin_mono_ms:factor")
    verb("audit", "recompute every chain and every case from the log, and compare", commands.audit_all)
    _add_serve(verb("serve", "serve the consoles", _serve))
    return parser


def _add_person(person: argparse.ArgumentParser) -> None:
    person.add_argument("verb", choices=tuple(commands.PERSON_VERBS))
    person.add_argument("person", nargs="?", default="")
    person.add_argument("--name", default="", help="of a new person")
    person.add_argument("--unit", default="", help="of a new person, or where to move")
    person.add_argument("--role", action="append", default=[], help="of a new person, or at the new unit; repeatable")


def _add_serve(server: argparse.ArgumentParser) -> None:
    server.add_argument("--host", default="127.0.0.1")
    server.add_argument("--port", type=int, default=8341, help="0: any free one")
    server.add_argument("--embedded", action="store_true", help="end when the process that started this one ends")
    server.add_argument("--with-process", type=int, default=0, help="end when the process with this id ends")
    server.add_argument("--demo-clock", default="", help="start_ms:origin_mono_ms:factor")
    server.add_argument(
        "--log-file", type=Path, default=None, help="rotates at 1 MB, five kept; default: standard error"
    )


def _serve(arguments: argparse.Namespace) -> None:
    is_over: Callable[[], bool] = lambda: False  # noqa: E731
    if arguments.embedded:
        is_over = until_parent_ends()
    elif arguments.with_process:
        is_over = until_process_ends(arguments.with_process)
    serve(commands.centre(arguments), arguments.host, arguments.port, commands.say, is_over)


if __name__ == "__main__":
    sys.exit(main())
