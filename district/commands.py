"""What the command line does, one function a verb. Refused says what the administrator must do."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from district import accounts, backed_up, backup, blobs, certificates, demo, keys, reference, restored
from district.addresses import Certificate, refuse_other_addresses
from district.audit import Audit
from district.centre import Centre
from district.opening import initialise, open_centre, open_database, refuse_missing
from models.blob_folder import BlobFolder
from models.clock import Clock, DemoClock, SystemClock
from models.enrolment_code import fingerprint
from models.errors import Refused
from models.ids import new_token
from models.people import Person, Role
from models.reference_files import load_reference
from models.store.engine import open_engine

RESOURCES = Path(__file__).resolve().parents[1] / "resources" / "reference"
_GENERATED_LETTERS = 16
WARN_DAYS = 60
"""So long before its end a certificate is spoken of at every start."""


def say(line: str) -> None:
    """One line on standard output, at once: somebody may be waiting to read it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def clock_of(words: str) -> Clock:
    """The machine's clock, or the demo's: "start_ms:origin_mono_ms:factor"."""
    if not words:
        return SystemClock()
    parts = words.split(":")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        raise Refused("demo_clock_unreadable")
    start, origin, factor = (int(part) for part in parts)
    return DemoClock(SystemClock(), start, origin, factor)


def centre(arguments: argparse.Namespace) -> Centre:
    """The centre over an initialised database; refuses an address others can reach before touching anything."""
    refuse_other_addresses(arguments.host, arguments.tls)
    folder = keys.folder_of(arguments.database, arguments.keys)
    authorities = (certificates.authority_of(folder), certificates.next_authority_of(folder)) if arguments.tls else ()
    engine = open_database(arguments.database)
    with engine.begin() as connection:
        signing = keys.key_for(connection, folder)
    lie = BlobFolder(blobs.folder_of(arguments.database, folder, arguments.blobs))
    made = open_centre(engine, clock_of(arguments.demo_clock), keys=keys.CentreKeys(signing, *authorities), blobs=lie)
    found = restored.look_for_restore(made, folder)
    if found is not None:
        lost = f"entries {found.gseq + 1} to {found.was_gseq}" if found.gseq < found.was_gseq else "what no entry tells"
        sys.stderr.write(
            f"this database has forgotten {lost}: epoch {found.epoch} begins, and workstations offer again what they hold\n"
        )
        for device in found.revoked_again:
            sys.stderr.write(f"{device} was revoked after that copy was made, and is revoked again\n")
    if year := made.rules.calendar.year_without_notice(made.clock.wall_ms()):
        sys.stderr.write(
            f"the holiday notice of {year} is not in the calendar in force: until `python -m district reference` puts one into force"
            " that has it, due times of that year's working hours are provisional, and turn no light red\n"
        )
    return made


def certificate_to_show(arguments: argparse.Namespace) -> Certificate | None:
    """What to serve TLS with; None without TLS. Says so in time when it runs out."""
    if not arguments.tls:
        return None
    folder = keys.folder_of(arguments.database, arguments.keys)
    left = certificates.days_left(folder, SystemClock().wall_ms())
    if left < WARN_DAYS:
        sys.stderr.write(
            f"the certificate holds for {left} days more: `python -m district certificate` makes a new one\n"
        )
    return Certificate(*certificates.server_files(folder))


def certificate(arguments: argparse.Namespace) -> None:
    """A new certificate for the service, by the authority that workstations know, for the names of the one before unless others
    are given. An authority is made in a folder without any keys, or when the administrator says so; the next one takes over when
    he says that."""
    folder = keys.folder_of(arguments.database, arguments.keys)
    if not arguments.new_authority and not arguments.next_authority:
        certificates.refuse_lost_authority(folder)
    make = certificates.hand_on if arguments.next_authority else certificates.make
    make(folder, arguments.host_name or certificates.names_shown(folder), SystemClock().wall_ms())
    say(f"authority {_fingerprint(folder)}")
    say(f"made for {', '.join(certificates.names_shown(folder))}; a running service shows it after its next start")


def init(arguments: argparse.Namespace) -> None:
    """A new district."""
    folder = keys.folder_of(arguments.database, arguments.keys)
    certificates.refuse_unusable(arguments.host_name)
    first = load_reference(arguments.reference)
    engine = open_database(arguments.database)
    password = demo.PASSWORD if arguments.demo else new_token()[:_GENERATED_LETTERS]
    initialise(engine, first, arguments.administrator, password, clock_of(arguments.demo_clock).wall_ms())
    if arguments.demo:
        with engine.begin() as connection:
            demo.open_accounts(connection, first)
    engine.dispose()
    # Said as soon as it holds: nobody can ask for it again, whatever becomes of the keys.
    say(f"administrator {arguments.administrator}, first password {password}")
    keys.make_signing_key(folder)
    certificates.make(folder, arguments.host_name, SystemClock().wall_ms())
    say(f"keys in {folder}: back them up with the database; authority {_fingerprint(folder)}")


def person(arguments: argparse.Namespace) -> None:
    """The verbs over one person, and the list of all."""
    if arguments.verb != "list" and not arguments.person:
        raise Refused("unknown_person", person="")
    here = open_centre(open_database(arguments.database), clock_of(arguments.demo_clock))
    PERSON_VERBS[arguments.verb](here, arguments)
    here.engine.dispose()


def _list(here: Centre, _arguments: argparse.Namespace) -> None:
    with here.reading() as connection:
        for row in accounts.listed(connection):
            found = here.rules.people.get(row.person)
            unit = found.unit if found else "-"
            say(f"{row.person}\t{unit}\t{_state(row, here.clock.wall_ms())}")


def _state(row: accounts.Account, now_ms: int) -> str:
    if row.disabled_at is not None:
        return "disabled"
    if row.locked_until > now_ms:
        return "locked"
    if row.must_change:
        return "must change"
    return "demo password" if row.demo else "ok"


def _add(here: Centre, arguments: argparse.Namespace) -> None:
    known = here.rules.people.get(arguments.person)
    if known is None and not (arguments.name and arguments.unit and arguments.role):
        raise Refused("unknown_person", person=arguments.person)
    hashed = accounts.hash_password(_typed(arguments.person))
    with here.in_order() as journal:
        connection = journal.source.connection
        if not accounts.create(connection, arguments.person, hashed):
            raise Refused("account_exists", person=arguments.person)
        if known is None:
            new = Person(arguments.person, arguments.name, arguments.unit, _roles(arguments.role))
            reference.publish(connection, journal, reference.with_person(here.rules.reference, new))


def _reset(here: Centre, arguments: argparse.Namespace) -> None:
    hashed = accounts.hash_password(_typed(arguments.person))
    with here.writing() as connection:
        done = accounts.change_password(connection, arguments.person, hashed, must_change=True)
    if not done:
        raise Refused("no_account", person=arguments.person)


def _disable(here: Centre, arguments: argparse.Namespace) -> None:
    _set_disabled(here, arguments.person, here.clock.wall_ms())


def _enable(here: Centre, arguments: argparse.Namespace) -> None:
    _set_disabled(here, arguments.person, None)


def _set_disabled(here: Centre, name: str, at_ms: int | None) -> None:
    with here.writing() as connection:
        if not accounts.set_disabled(connection, name, at_ms):
            raise Refused("no_account", person=name)


def _move(here: Centre, arguments: argparse.Namespace) -> None:
    """To another unit, or to other roles in the same: a new edition of the reference data says so. Acts made at the old
    desk before now still count."""
    if not arguments.unit:
        raise Refused("move_needs_unit", person=arguments.person)
    with here.in_order() as journal:
        connection = journal.source.connection
        known = here.rules.people.get(arguments.person)
        if known is None:
            raise Refused("unknown_person", person=arguments.person)
        roles = _roles(arguments.role) or known.roles
        moved = replace(known, unit=arguments.unit, roles=roles, seconded_to=())
        edition = reference.with_person(here.rules.reference, moved)
        reference.publish(connection, journal, edition)


PERSON_VERBS: dict[str, Callable[[Centre, argparse.Namespace], None]] = {
    "list": _list,
    "add": _add,
    "reset": _reset,
    "disable": _disable,
    "enable": _enable,
    "move": _move,
}


def publish(arguments: argparse.Namespace) -> None:
    """A new edition, from a folder of reference data."""
    edition = load_reference(arguments.folder)
    here = open_centre(open_database(arguments.database), clock_of(arguments.demo_clock))
    with here.in_order() as journal:
        name = reference.publish_folder(journal.source.connection, journal, edition)
    with here.reading() as connection:
        version = reference.load(connection).version
    here.engine.dispose()
    say(f"in force: {version} {name}")


def backup_to(arguments: argparse.Namespace) -> None:
    """A whole, verified copy; noted."""
    found = backup.backup(arguments.database, arguments.file)
    _say_audit("backed up", found)
    _note(arguments.database, found, with_files=False)


def verify_copy(arguments: argparse.Namespace) -> None:
    """Is a copy sound? Noted in the database that it is said to be a copy of."""
    folder = None if arguments.blobs is None else BlobFolder(arguments.blobs)
    if arguments.database is not None:
        refuse_missing(arguments.database)
        backup.refuse_itself(arguments.file, arguments.database)
        if folder is not None:
            _refuse_files_in_use(arguments)
    is_file = isinstance(arguments.file, Path)
    read = backup.verify if is_file else backup.verify_restored
    found = read(arguments.file, folder)
    _say_audit("sound", found, folder)
    if arguments.database is not None:
        _note(arguments.database, found, with_files=folder is not None)


def _refuse_files_in_use(arguments: argparse.Namespace) -> None:
    in_use = blobs.folder_of(arguments.database, keys.folder_of(arguments.database, arguments.keys), None)
    if in_use.exists() and arguments.blobs.exists() and in_use.samefile(arguments.blobs):
        raise Refused("files_are_in_use", folder=str(arguments.blobs))


def _note(database: str, found: Audit, *, with_files: bool) -> None:
    engine = open_engine(database)
    try:
        noted = backed_up.note(engine, found, SystemClock().wall_ms(), with_files=with_files)
    finally:
        engine.dispose()
    say(f"noted: verified copies reach entry {noted.gseq}, the files with them entry {noted.files_gseq}")


def restore_from(arguments: argparse.Namespace) -> None:
    """Put a copy into the database's place; consoles offer again what it has forgotten."""
    folder = keys.folder_of(arguments.database, arguments.keys)
    backup.refuse_in_use(arguments.database)
    found, aside = backup.restore(arguments.file, arguments.database, folder, SystemClock().wall_ms())
    _say_audit("restored", found)
    if aside is not None:
        say(f"the database that stood there is now {aside}")
    say("`python -m district recovery` tells who is waited for, and who was revoked again")


def _say_audit(word: str, found: Audit, read: BlobFolder | None = None) -> None:
    say(f"{word}: {found.entries} entries, {found.cases} cases; head {found.head}")
    _say_attachments(found, read)


def _say_attachments(found: Audit, read: BlobFolder | None) -> None:
    """Whoever relies on a copy must know that the files are not in it."""
    where = "read through, all sound" if read else "listed only: their bytes lie in the folder of attachments, not here"
    if found.attachments:
        say(f"{len(found.attachments)} attachments, {sum(found.attachments.values())} bytes: {where}")
    if found.awaited:
        say(f"{found.awaited} attachments have not arrived from their workstations yet")


def _fingerprint(folder: Path) -> str:
    return fingerprint(certificates.authority_bytes(certificates.authority_of(folder)))


def _typed(name: str) -> str:
    typed = getpass.getpass("first password: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    if accounts.is_weak(typed, name):
        raise Refused("password_too_weak")
    return typed


def _roles(words: list[str]) -> tuple[Role, ...]:
    known = {role.value for role in Role}
    for word in words:
        if word not in known:
            raise Refused("unknown_role", role=word)
    return tuple(Role(word) for word in words)
