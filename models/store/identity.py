"""Who a store is to the centre; kept in the store, and beside it so that it outlives the store's loss."""

from __future__ import annotations

from pathlib import Path

import msgspec

from models.files import write_whole
from models.store.work import Work
from models.wire import Malformed, decode, encode


class Identity(msgspec.Struct, frozen=True):
    """A registered device (D21): its id, the unit whose feed it reads, the letter of its case numbers; the public half of
    the key it signs with ("": registered before there were keys), the centre's key, and the certificate authority (PEM)
    it trusts ("" on a line within this machine), with the one that may take its place ("" until it has heard of it). Nothing of this
    is secret."""

    device: str = ""
    unit: str = ""
    slot: str = ""
    public_key: str = ""
    centre_key: str = ""
    authority: str = ""
    next_authority: str = ""


def read_identity(work: Work) -> Identity:
    """Who the store is, and whom it trusts."""
    return Identity(**{name: work.read_meta(name) for name in Identity.__struct_fields__})


def keep_identity(store: Path, identity: Identity) -> None:
    """Write beside the store who it is."""
    if known_identity(store) != identity:
        write_whole(_note(store), encode(identity))


def known_identity(store: Path) -> Identity:
    """Who the store in this place is; nobody when it was never registered, or the note cannot be read."""
    try:
        return decode(_note(store).read_bytes(), Identity)
    except (OSError, Malformed):
        return Identity()


def _note(store: Path) -> Path:
    return store.with_name("device.json")
