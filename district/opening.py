"""Making and opening a district's database: migrate, first reference data, first administrator, the centre's device."""

from __future__ import annotations

from pathlib import Path

from district import accounts, personal_records, reference
from district.blobs import drop_old_parts
from district.centre import HEAD, SCRIPTS, Centre
from district.deferred import settle_deferred
from district.devices import register_centre
from district.journal import Journal
from district.keys import CentreKeys, remember
from district.store import Engine
from district.store.documents import write_meta
from district.store.reader import Reader
from district.store.rows import write
from models.blob_folder import BlobFolder
from models.clock import Clock
from models.errors import Refused
from models.files import FOR_ITS_OWNER
from models.ids import SYSTEM_RANDOM, RandomBytes, uuid7
from models.people import Role
from models.rules import Reference, Rules
from models.store.engine import open_engine, take_order_lock
from models.store.migrate import migrate

_SQLITE = "sqlite:///"


def refuse_missing(url: str) -> None:
    """Refused("no_such_database"): SQLite makes an empty one where nothing is, and everything is in order there."""
    if url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).is_file():
        raise Refused("no_such_database", file=url.removeprefix(_SQLITE))


def open_database(url: str) -> Engine:
    """Open and bring up to date, or make one; Refused("store_newer") for a newer database."""
    if url.startswith(_SQLITE):
        _make_for_owner(Path(url.removeprefix(_SQLITE)))
    engine = open_engine(url)
    migrate(engine, SCRIPTS, HEAD, _beside(url))
    return engine


def _make_for_owner(file: Path) -> None:
    """It will hold requesters' names and the hashes of passwords; what SQLite puts beside it gets the same mode."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.touch(FOR_ITS_OWNER)


def _beside(url: str) -> Path | None:
    """Where the database is copied before an upgrade; a served PostgreSQL is backed up by its own administrators."""
    if not url.startswith(_SQLITE):
        return None
    copy = Path(f"{url.removeprefix(_SQLITE)}.before-{HEAD}")
    return None if copy.exists() else copy


def initialise(
    engine: Engine,
    first: Reference,
    administrator: str,
    password: str,
    now_ms: int,
    random_bytes: RandomBytes = SYSTEM_RANDOM,
) -> None:
    """A new district at `now_ms` (ms UTC): its reference data, its own device, and one administrator who must change
    the password. Publishing the reference data is the first entry of its order.

    Refused("already_initialised") when it is one already, Refused("not_an_operator") for a person who is none.
    """
    person = next((p for p in first.people if p.id == administrator), None)
    if person is None or Role.DISTRICT_OPERATOR not in person.roles:
        raise Refused("not_an_operator", person=administrator)
    hashed = accounts.hash_password(password, random_bytes)
    with engine.begin() as connection:
        take_order_lock(connection)
        if not register_centre(connection, now_ms):
            raise Refused("already_initialised")
        write_meta(connection, "epoch", "1")
        source = Reader(connection)
        journal = Journal(source, Rules(first), 1, now_ms, lambda: uuid7(now_ms, random_bytes(10)))
        reference.publish_folder(connection, journal, first)
        write(connection, journal.rows)
        accounts.create(connection, administrator, hashed)


def open_centre(
    engine: Engine,
    clock: Clock,
    random_bytes: RandomBytes = SYSTEM_RANDOM,
    keys: CentreKeys | None = None,
    blobs: BlobFolder | None = None,
) -> Centre:
    """The centre over an initialised database: what an older program deferred is decided, what has had its time is
    erased. Refused("not_initialised") when the database has no reference data yet, ("centre_key_differs") when the
    district is known by another key."""
    centre = Centre(engine, clock, random_bytes, keys, blobs)
    settle_deferred(centre)
    with centre.writing() as connection:
        if keys is not None:
            remember(connection, keys.signing)
        personal_records.erase_expired(connection, clock.wall_ms(), centre.rules.policy.personal_kept_days)
    if blobs is not None:
        drop_old_parts(blobs, clock.wall_ms())
    return centre
