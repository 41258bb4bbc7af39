"""Bringing a store up to this program's version: look, back up, upgrade, or politely decline a newer file (D21).

Alembic runs only when the version differs, so an ordinary start never pays for importing it.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError

from models.errors import Refused
from models.files import FOR_ITS_OWNER

HEAD = "0007"
"""The version of console stores that this program writes."""

_SCRIPTS = Path(__file__).parent / "migrations"


def version_of(engine: Engine) -> str:
    """The version a store has; "" when it is empty."""
    with engine.connect().execution_options(read_only=True) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def migrate(engine: Engine, scripts: Path = _SCRIPTS, head: str = HEAD, backup: Path | None = None) -> None:
    """Upgrade to `head`. A non-empty older store is copied to `backup` first. Refused("store_newer") for a version
    this program does not know: nothing is touched."""
    found = version_of(engine)
    if found == head:
        return
    if found > head:
        raise Refused("store_newer", found=found, known=head)
    if found and backup is not None:
        copy_whole(engine, backup)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, head)
        connection.commit()


def copy_before_upgrade(file: Path) -> Path:
    """Where the copy of a store lies that is made before it is upgraded."""
    return file.with_name("store.before-upgrade.sqlite")


def drop_old_copy(file: Path, made_before_ms: int) -> None:
    """Remove the copy of this store made before an upgrade, if it is older than that instant (ms UTC). It is whole, so it
    holds what has since been erased from the store; nobody needs it once the upgraded one has opened. OSError."""
    copy = copy_before_upgrade(file)
    for name in (copy.name, f"{copy.name}.making"):
        left = copy.with_name(name)
        if left.exists() and left.stat().st_mtime * 1_000 < made_before_ms:
            for part in ("-wal", "-shm", "-journal", ""):
                left.with_name(name + part).unlink(missing_ok=True)


def copy_whole(engine: Engine, backup: Path) -> None:
    """A whole copy for its owner only, in place of an earlier one: it holds requesters' names and the hashes of passwords.
    Straight through the driver: our transactions begin by themselves, and SQLite copies in none. DBAPIError, OSError."""
    making = backup.with_name(f"{backup.name}.making")
    making.unlink(missing_ok=True)
    connection = engine.raw_connection()
    try:
        making.touch(FOR_ITS_OWNER)
        connection.cursor().execute("VACUUM INTO ?", (str(making),))
        making.replace(backup)
    except engine.dialect.loaded_dbapi.Error as error:
        raise OperationalError("copying the store", None, error) from error
    finally:
        connection.close()
        making.unlink(missing_ok=True)
