"""What the centre keeps outside its database, readable by nobody else: its signing key and its certificates.

A copy of the database alone can sign nothing. The folder is made by `init`, stands beside a SQLite file or where `--keys`
says, and must be backed up with the database: workstations know the centre by it.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from district.store import Connection
from district.store.documents import read_meta, write_meta
from models.errors import Refused
from models.files import write_whole
from models.ids import SYSTEM_RANDOM, RandomBytes
from models.signing import SigningKey, new_key
from models.wire import Malformed

_FILE = "signing.key"
_META = "centre_key"
PRIVATE = 0o600


class CentreKeys(msgspec.Struct, frozen=True):
    """What a serving centre proves itself with. `authority` is the certificate (PEM) of its own authority, `next_authority` of the one
    that will take its place; "" when it serves without TLS."""

    signing: SigningKey
    authority: str = ""
    next_authority: str = ""


def folder_of(database_url: str, named: Path | None) -> Path:
    """Where the keys lie: where they were said to, else beside the SQLite file. Refused("keys_folder_needed")."""
    if named is not None:
        return named
    if not database_url.startswith("sqlite:///"):
        raise Refused("keys_folder_needed")
    return Path(database_url.removeprefix("sqlite:///")).with_suffix(".keys")


def make_folder(folder: Path) -> None:
    """A folder only its owner may look into."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def make_signing_key(folder: Path, random_bytes: RandomBytes = SYSTEM_RANDOM) -> SigningKey:
    """The centre's signing key, made when there is none."""
    make_folder(folder)
    if not has_key(folder):
        write_whole(folder / _FILE, new_key(random_bytes).secret.encode(), PRIVATE)
    return read_signing_key(folder)


def has_key(folder: Path) -> bool:
    """True when a key lies in the folder."""
    return (folder / _FILE).exists()


def read_signing_key(folder: Path) -> SigningKey:
    """The key in the folder. Refused("centre_key_missing"), ("key_file_open"), ("centre_key_unreadable")."""
    file = folder / _FILE
    try:
        refuse_open(file)
        return SigningKey(file.read_text(encoding="utf-8").strip())
    except FileNotFoundError as error:
        raise Refused("centre_key_missing", folder=str(folder)) from error
    except (Malformed, UnicodeDecodeError) as error:
        raise Refused("centre_key_unreadable", file=str(file)) from error


def refuse_open(file: Path) -> None:
    """Refused("key_file_open") for a private key that others on this machine can read."""
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise Refused("key_file_open", file=str(file))


def key_for(connection: Connection, folder: Path) -> SigningKey:
    """The key this district is known by. A district of the time before keys gets one; one that has lost its folder does
    not get another unseen: every workstation would take the centre for a stranger. Refused("centre_key_missing")."""
    return read_signing_key(folder) if known_key(connection) else make_signing_key(folder)


def known_key(connection: Connection) -> str:
    """The public half of the key this district is known by; "" for one of the time before keys."""
    return read_meta(connection, _META)


def remember(connection: Connection, key: SigningKey) -> None:
    """The district is known by this key from now on. Refused("centre_key_differs") when it is known by another."""
    known = known_key(connection)
    if not known:
        write_meta(connection, _META, key.public)
    elif known != key.public:
        raise Refused("centre_key_differs")
