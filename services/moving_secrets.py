"""Moving the secrets of a workstation: to another passphrase, from a passphrase into the keyring, from there to a passphrase
(docs/decisions/0012).

In each case the new place has everything, and has given it back, before the old one loses anything: whatever the instant
of a kill, the workstation opens with the old way or with the new. Each takes some seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from models.errors import Refused
from models.files import sync_folder
from models.ids import SYSTEM_RANDOM, RandomBytes
from models.store.identity import known_identity
from models.store.locked import is_locked
from services import sealed_file
from services.enrolment import credentials, key_name
from services.sealed_file import SealedFile, new_sealed_file, open_sealed_file
from services.secrets import Secrets
from services.store_keys import known_key, secret_name
from services.vault import Vault

_LEAVING = "what still lies elsewhere"
_KEYRING, _FILE = "keyring", "file"


class Place(msgspec.Struct, frozen=True):
    """One store of the workstation and its secrets."""

    store: Path
    secrets: Secrets


def change_passphrase(vault: Vault, old: str, new: str, random_bytes: RandomBytes = SYSTEM_RANDOM) -> None:
    """Another passphrase. Refused("passphrase_wrong"), ("passphrase_too_short"), ("store_full"): the old one stays."""
    with vault.alone:
        vault.sealed = sealed_file.change_passphrase(_sealed(vault).file, old, new, random_bytes)


def to_keyring(vault: Vault, passphrase: str) -> None:
    """From the passphrase's file into the keyring. Refused("passphrase_wrong"), ("keyring_keeps_nothing"): all as it was."""
    with vault.alone:
        file = _sealed(vault).file
        found = {
            name: secret for name, secret in open_sealed_file(file, passphrase).content().items() if name != _LEAVING
        }
        kept: list[str] = []
        for name, secret in found.items():
            kept.append(name)
            if not vault.keep_in_keyring(name, secret):
                for left in kept:  # whoever opens the keyring would read past the passphrase what lies there of it
                    vault.forget_in_keyring(left)
                raise Refused("keyring_keeps_nothing")
        file.unlink()
        sync_folder(file.parent)
        vault.sealed = None


def to_passphrase(
    vault: Vault, places: Iterable[Place], passphrase: str, random_bytes: RandomBytes = SYSTEM_RANDOM
) -> bool:
    """From the keyring, or the readable file, into one that the passphrase opens. False when something of it could not be
    removed there: the next start tries again. Refused("passphrase_too_short"), ("token_unreadable"), ("store_locked"): a
    secret cannot be read where it is; ("sealed_exists"), ("store_full"): all as it was."""
    with vault.alone:
        if vault.file is None:
            raise Refused("no_keyring")
        stores = list(places)
        found = {name: secret for place in stores for name, secret in _secrets_of(place).items()}
        left = _FILE if all(place.secrets.plain for place in stores) else _KEYRING
        vault.sealed = new_sealed_file(vault.file, passphrase, random_bytes, {**found, _LEAVING: left})
        return finish_leaving(vault, stores)


def finish_leaving(vault: Vault, places: Iterable[Place]) -> bool:
    """What the passphrase protects lies nowhere else any more; False when the keyring does not answer. At a start this goes
    on with what a kill cut short, and usually has nothing to do."""
    with vault.alone:
        sealed = vault.sealed
        left = sealed.read(_LEAVING) if sealed is not None else ""
        if sealed is None or not left:
            return True
        stores = list(places)
        try:
            for name in sealed.content():
                for place in stores:
                    place.secrets.forget_plain(name)
                if left == _KEYRING and not vault.forget_in_keyring(name):
                    return False
            sealed.forget(_LEAVING)
        except (Refused, OSError):
            return False
        return True


def _sealed(vault: Vault) -> SealedFile:
    if vault.sealed is None:
        raise Refused("no_passphrase")
    return vault.sealed


def _secrets_of(place: Place) -> dict[str, str]:
    """Token, signing key and store key, with the names they lie under."""
    found: dict[str, str] = {}
    device = known_identity(place.store)
    if device.device:
        known = credentials(place.secrets, device.device, device.public_key)
        found[device.device] = known.token
        if known.key is not None:
            found[key_name(device.device)] = known.key.secret
    key = known_key(place.secrets, place.store)
    if key is not None:
        found[secret_name(key.id)] = key.secret
    elif is_locked(place.store):
        raise Refused("store_locked")
    return found
