"""Where the key of a store comes from: it lies among the workstation's secrets, under a name that the note beside the store
and the file itself say (docs/decisions/0012)."""

from __future__ import annotations

import contextlib
from pathlib import Path

from models.errors import Refused
from models.ids import SYSTEM_RANDOM, RandomBytes
from models.store.locked import is_locked
from models.store.store_key import StoreKey, known_key_id, new_store_key, possible_key_ids
from models.wire import Malformed
from services.secrets import Secrets


def key_of(secrets: Secrets, store: Path, random_bytes: RandomBytes = SYSTEM_RANDOM) -> StoreKey | None:
    """The key of the store, a new one for a store that is plain or not there yet. May take seconds.

    None when the store is locked and its key cannot be read (opening it then says so), and when there is nowhere to keep a
    new one: it stays plain. Refused("no_keyring") when a new store would be plain and its centre is not on loopback.
    """
    known = known_key(secrets, store)
    if known is not None or is_locked(store):
        return known
    made = new_store_key(random_bytes)
    if secrets.keep_safely(secret_name(made.id), made.secret):
        return made
    if not secrets.may_be_plain and not store.exists():
        raise Refused("no_keyring")
    return None


def known_key(secrets: Secrets, store: Path) -> StoreKey | None:
    """The key the store has, or had; None when it never had one, or the key cannot be read. May take seconds."""
    for known in possible_key_ids(store) if is_locked(store) or known_key_id(store) else ():
        found = secrets.read(secret_name(known))
        if found:
            with contextlib.suppress(Malformed):
                return StoreKey(found)
    return None


def secret_name(key_id: str) -> str:
    """The name the key lies under."""
    return f"store.{key_id}"
