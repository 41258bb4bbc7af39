"""`python -m district init | person | reference | enrol | devices | revoke | quarantine | certificate | backup | verify | restore
| recovery | audit | evidence | serve`: the district centre's command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from district import (
    audit_command,
    commands,
    device_commands,
    evidence_command,
    keys,
    logs,
    recovery_command,
    review_command,
    sheets,
)
from district.nightly import AT_HOUR, Nightly, command_of
from district.opening import refuse_missing
from district.store import DAMAGED, UNAVAILABLE
from models.errors import Refused, Weather
from models.organisation import DISTRICT_CODE
from models.wire import Malformed
from models.workstations import USUAL_MINUTES

_WORDS = {
    "loopback_only": "{host} is an address others can reach: serve it encrypted, with --tls, or use 127.0.0.1",
    "no_such_address": "{host} is no address of this machine",
    "no_certificates": "there are no certificates in {folder}: `python -m district certificate --host-name NAME` makes them",
    "authority_lost": "the authority that workstations know the line by is not whole in {folder}: put authority.pem and authority.key"
    " back from their backup, or let the next one take their place with --next-authority; where there never was one, or neither,"
    " --new-authority makes one, and every workstation must be enrolled anew",
    "next_authority_missing": "next-authority.key and next-authority.pem are not both in {folder}: put back from where they are kept",
    "certificate_without_its_key": "server.key in {folder} is not the key of server.pem, or one of them is not whole:"
    " `python -m district certificate` makes both anew, and no workstation notices",
    "certificate_unreadable": "{file} holds no certificate whose names could be kept: say them with --host-name",
    "host_name_unusable": "{name} is no host name and no address",
    "keys_folder_needed": "say where the centre's keys lie: --keys FOLDER",
    "centre_key_missing": "the centre's key is not in {folder}, and workstations know the centre by it: put the folder back"
    " from its backup, or say where it is with --keys",
    "centre_key_differs": "the key in the folder is another district's: say which folder with --keys",
    "centre_key_unreadable": "{file} holds no key",
    "key_file_open": "{file} can be read by others on this machine: chmod 600",
    "no_such_device": "there is no workstation {device}",
    "minutes_out_of_range": "a code may hold for 1 to {most} minutes",
    "reason_missing": "say why: --reason",
    "not_revoked": "{device} is not revoked",
    "no_such_act": "no act of that workstation lies apart under {act}",
    "act_ambiguous": "several acts begin with {act}: give more of the hash",
    "already_decided": "one of them was decided otherwise, and that stands",
    "signature_wrong": "one of them is not signed with its workstation's key: it can never be admitted",
    "revoker_may_not_admit": "whoever revoked the workstation may not admit its acts: it takes a second person",
    "own_act_not_admitted": "nobody admits an act of his own",
    "does_not_join": "act {dseq} does not join what the centre has of that workstation's chain",
    "earlier_undecided": "act {dseq} stands before them and is not decided yet: acts are admitted in their order",
    "taken_back_later": "act {dseq} takes one of them back: decide on both together, or decline both",
    "its_act_declined": "one of them takes back an act that was declined: decline it as well",
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
    "unit_has_workstations": "the edition lacks {unit}, where workstations work: nothing they do would count. Revoke them first,"
    " or put the unit back",
    "password_too_weak": "the password is too short, or is the name: take at least 8 characters",
    "store_newer": "the database is of version {found}; this program knows {known}. Nothing was touched: use the newer"
    " program",
    "port_taken": "port {port} is in use on this machine",
    "backup_by_its_own_tools": "a PostgreSQL database is backed up and restored by its own tools; the service notices by"
    " itself what a restored one has forgotten",
    "backup_exists": "{file} is there already: nothing is overwritten",
    "database_in_use": "{file} is open in another program: stop the service first",
    "no_such_database": "there is no database {file}: is --database right? `python -m district init` makes a new one",
    "no_such_backup": "there is no copy {file}",
    "copy_is_the_database": "that is the database itself, and no copy of it",
    "copy_of_another_past": "the copy is sound, but does not end at a place of that database's order: nothing was noted",
    "files_are_in_use": "{folder} is where the service itself keeps the files: name the copy of that folder",
    "no_such_case": "there is no case {case}: give its number or its id",
    "case_ambiguous": "several cases have the number {case}: give the id of one of {ids}",
    "store_unreadable": "the file is damaged, or no database: put back a copy that `verify` finds sound",
    "store_forbidden": "{folder} is not there, or may not be written in",
    "store_io": "the disk failed: try again, and look after the disk",
    "store_full": "there is no room left on the disk",
    "file_exists": "{file} is there already: nothing is overwritten",
    "audit_failed": "{count} contradictions found, the first: {first}",
}

_MADE_WITHOUT = (commands.init, commands.restore_from, commands.certificate, commands.verify_copy)
"""What is done where no database need be."""


def main() -> int:
    """Parse, do, and say what went wrong in one line."""
    arguments = _parser().parse_args()
    logs.set_up(getattr(arguments, "log_file", None))
    try:
        if arguments.do not in _MADE_WITHOUT:
            refuse_missing(arguments.database)
        arguments.do(arguments)
    except Refused as error:
        words = _WORDS.get(error.code, error.code)
        print(f"refused ({error.code}): {words.format(**error.args_by_name)}", file=sys.stderr)
        return 2
    except UNAVAILABLE as error:
        print(
            f"the database does not answer ({type(error).__name__}): does it run, and is --database right?",
            file=sys.stderr,
        )
        return 2
    except Weather:
        print("the database is busy: try again", file=sys.stderr)
        return 2
    except DAMAGED as error:
        print(f"refused ({type(error).__name__}): {_WORDS['store_unreadable']}", file=sys.stderr)
        return 2
    except (OSError, Malformed) as error:
        print(f"cannot read: {error}", file=sys.stderr)
        return 2
    return 0


_DATABASES = "sqlite:///path or postgresql+psycopg://…"


def _database(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise argparse.ArgumentTypeError(f"{text!r} names no database: {_DATABASES}")
    return text


def _copy(text: str) -> Path | str:
    return text if text.startswith("postgresql+psycopg://") else Path(text)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def _hour(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 23:
        raise argparse.ArgumentTypeError(f"{text!r} is no hour: 0 to 23")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m district")
    verbs = parser.add_subparsers(required=True)

    def verb(name: str, what: str, do: object) -> argparse.ArgumentParser:
        found = verbs.add_parser(name, help=what)
        found.add_argument("--database", required=True, type=_database, help=_DATABASES)
        found.set_defaults(do=do)
        return found

    init = verb("init", "make a new district and its first administrator", commands.init)
    init.add_argument("--administrator", default=f"{DISTRICT_CODE}-operator-1")
    init.add_argument("--reference", type=Path, default=commands.RESOURCES, help="folder of reference data")
    _add_keys(init)
    _add_host_names(init)
    init.add_argument("--demo", action="store_true", help="open accounts for all made-up people")
    person = verb("person", "accounts: list, add, reset, disable, enable, move", commands.person)
    _add_person(person)
    edition = verb("reference", "put a new edition of the reference data into force", commands.publish)
    edition.add_argument(
        "folder", type=Path, help="people added or moved here stay, unless it says something new of them"
    )
    enrol = verb("enrol", "a one-time code for a new workstation of a unit", device_commands.enrol)
    enrol.add_argument("--unit", required=True, help="its code in the reference data")
    enrol.add_argument("--valid-minutes", type=int, default=USUAL_MINUTES)
    enrol.add_argument("--label", default="", help="which machine it is for")
    enrol.add_argument("--loopback", action="store_true", help="a shorter one, good on this machine without TLS only")
    _add_keys(enrol)
    listing = verb("devices", "list the workstations", device_commands.listed)
    revoke = verb("revoke", "take a workstation out; what it still hands in is kept apart", device_commands.revoke)
    revoke.add_argument("device")
    revoke.add_argument("--reason", required=True)
    reviewing = verb(
        "quarantine", "what a revoked workstation handed in: list it, admit or decline", review_command.review_of
    )
    _add_review(reviewing)
    renewed = verb(
        "certificate", "a new certificate for the service; workstations need not be told", commands.certificate
    )
    _add_keys(renewed)
    _add_host_names(renewed)
    _add_new_authority(renewed)
    taken = verb(
        "evidence", "what proves a case, in one signed file; who took one before", evidence_command.evidence_of
    )
    taken.add_argument("case", help="its number or its id")
    taken.add_argument("file", type=Path, nargs="?", default=None, help="without it: who took one before")
    _add_keys(taken)
    _add_blobs(taken)
    again = verb("recovery", "how far a restored district is with its past", recovery_command.recovery_of)
    again.add_argument("--end", action="store_true", help="wait for no workstation any more")
    again.add_argument("--reason", default="", help="stays on record")
    for timed in (init, person, edition, enrol, listing, revoke, reviewing, taken, again):
        timed.add_argument("--demo-clock", default="", help="start_ms:origin_mono_ms:factor")
    copied = verb(
        "backup", "a whole copy of a SQLite district, read through before it gets its name", commands.backup_to
    )
    copied.add_argument("file", type=Path)
    checked = verbs.add_parser("verify", help="read a copy through: is it sound?")
    _add_verify(checked)
    put_back = verb("restore", "put a copy in the database's place; stop the service first", commands.restore_from)
    put_back.add_argument("file", type=Path)
    _add_keys(put_back)
    _add_audit(
        verb("audit", "recompute everything from the log, compare, and print the sheet", audit_command.audit_all)
    )
    _add_serve(verb("serve", "serve the consoles", _serve))
    return parser


def _add_verify(checked: argparse.ArgumentParser) -> None:
    checked.add_argument(
        "file",
        type=_copy,
        help="the file; of PostgreSQL the address of a database that the copy was put back into for this",
    )
    checked.add_argument(
        "--blobs",
        type=Path,
        default=None,
        help="read the files of its cases through, too, in this copy of their folder",
    )
    checked.add_argument(
        "--database",
        type=_database,
        default=None,
        help="the one it is a copy of: note there how far it reaches; workstations let go of no own photograph before that",
    )
    _add_keys(checked)
    checked.set_defaults(do=commands.verify_copy)


def _add_audit(audited: argparse.ArgumentParser) -> None:
    audited.add_argument("--sheets", type=Path, default=None, help="keep the sheet in this folder, as every night's")
    audited.add_argument("--demo-clock", default="", help="start_ms:origin_mono_ms:factor")


def _add_person(person: argparse.ArgumentParser) -> None:
    person.add_argument("verb", choices=tuple(commands.PERSON_VERBS))
    person.add_argument("person", nargs="?", default="")
    person.add_argument("--name", default="", help="of a new person")
    person.add_argument("--unit", default="", help="of a new person, or where to move")
    person.add_argument("--role", action="append", default=[], help="of a new person, or at the new unit; repeatable")


def _add_review(found: argparse.ArgumentParser) -> None:
    found.add_argument("device")
    which = found.add_mutually_exclusive_group()
    for verdict in ("admit", "decline"):
        told = "all that may be, or acts by the beginning of their hash"
        which.add_argument(f"--{verdict}", nargs="+", default=[], metavar="all|HASH", help=told)
    found.add_argument("--reason", default="", help="stays on record")


def _add_keys(found: argparse.ArgumentParser) -> None:
    found.add_argument(
        "--keys", type=Path, default=None, help="folder of the centre's keys; default: beside a SQLite file"
    )


def _add_blobs(found: argparse.ArgumentParser) -> None:
    found.add_argument(
        "--blobs", type=Path, default=None, help="folder of the attachments; default: beside the database"
    )


def _add_host_names(found: argparse.ArgumentParser) -> None:
    found.add_argument(
        "--host-name", action="append", default=[], help="a name or address workstations will use; repeatable"
    )


def _add_new_authority(found: argparse.ArgumentParser) -> None:
    either = found.add_mutually_exclusive_group()
    either.add_argument(
        "--next-authority",
        action="store_true",
        help="the next one takes the place of the present one, whose key was lost or seen: workstations that have called since it"
        " was made follow by themselves",
    )
    either.add_argument(
        "--new-authority", action="store_true", help="where none is whole, make one: workstations must be enrolled anew"
    )


def _add_serve(server: argparse.ArgumentParser) -> None:
    server.add_argument("--host", default="127.0.0.1", help="an address others can reach needs --tls")
    server.add_argument("--tls", action="store_true", help="encrypted, with the centre's own certificate")
    _add_keys(server)
    _add_blobs(server)
    server.add_argument("--port", type=_port, default=8341, help="0: any free one")
    server.add_argument(
        "--audit-hour", type=_hour, default=AT_HOUR, help="of the nightly audit, 0 to 23, Beijing time; default: 3"
    )
    server.add_argument(
        "--sheets", type=Path, default=None, help="folder of the sheets of audits; default: beside the database"
    )
    server.add_argument("--embedded", action="store_true", help="end when the process that started this one ends")
    server.add_argument("--with-process", type=int, default=0, help="end when the process with this id ends")
    server.add_argument("--demo-clock", default="", help="start_ms:origin_mono_ms:factor")
    server.add_argument(
        "--log-file", type=Path, default=None, help="rotates at 1 MB, five kept; default: standard error"
    )


def _serve(arguments: argparse.Namespace) -> None:
    # Here, as FastAPI and uvicorn take longer to load than most other verbs take to run.
    from district.serving import serve, until_parent_ends, until_process_ends

    is_over: Callable[[], bool] = lambda: False  # noqa: E731
    if arguments.embedded:
        is_over = until_parent_ends()
    elif arguments.with_process:
        is_over = until_process_ends(arguments.with_process)
    here, shown = commands.centre(arguments), commands.certificate_to_show(arguments)
    folder = keys.folder_of(arguments.database, arguments.keys)
    audits = sheets.folder_of(arguments.database, folder, arguments.sheets)
    nightly = Nightly(
        audits, command_of(arguments.database, audits, arguments.demo_clock), here.clock, arguments.audit_hour
    )
    serve(here, arguments.host, arguments.port, commands.say, is_over, shown, folder, nightly)


if __name__ == "__main__":
    sys.exit(main())
