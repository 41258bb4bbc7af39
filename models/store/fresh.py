"""A fresh store made of what was read of a damaged one: its acts in order, and what the console needs to go on offline.

It has no place in the feed, so the base comes from the centre's snapshot; and it says that its chain may not follow the
centre's head (models/store/rechain.py), because nobody knows which acts the damage took.
"""

from __future__ import annotations

import hashlib

import msgspec
from msgspec.structs import asdict
from sqlalchemy import Connection, delete, insert, select, update

from models.store import confirmed, outbox
from models.store.console_tables import document, meta, pass_, personal, setting
from models.store.console_tables import outbox as outbox_table
from models.store.identity import Identity
from models.store.present_mark import GUESSES, MARK
from models.store.rechain import CHAIN_UNSURE, place_again
from models.store.salvage import Readable
from models.store.wall_steps import STEPS
from models.wire import GENESIS, decode, encode

_TO_TELL = "salvage_to_tell"


class Salvage(msgspec.Struct, frozen=True):
    """What a person must be told: the damaged file's new name ("" when it was gone), how many unsent acts were read, and
    how many may be missing (None: nobody can tell)."""

    file: str
    acts: int
    missing: int | None


def fill(connection: Connection, found: Readable, known: Identity, told: Salvage, today: str) -> None:
    """Put everything into an empty store of this version. `known` is what stood beside the damaged one; `today` the local
    date, for the next case number."""
    _put_acts(connection, found)
    for digest, (case_id, record, sent) in found.personal.items():
        values = {"hash": digest, "case_id": case_id, "record": record, "sent": sent}
        connection.execute(insert(personal).values(**values))
    for person, (verifier, expires_at) in found.passes.items():
        connection.execute(insert(pass_).values(person=person, verifier=verifier, expires_at=expires_at))
    for (person, name), value in found.settings.items():
        connection.execute(insert(setting).values(person=person, name=name, value=value))
    identity = _identity(found, known)
    facts = {name: str(value) for name, value in found.counters(today).items()}
    facts |= asdict(identity)
    facts |= {
        CHAIN_UNSURE: "yes",
        _TO_TELL: encode(told).decode(),
        "address": found.facts.get("address", ""),
        "receipt": found.facts.get("receipt", ""),
    }
    facts |= {n: value for n, value in found.facts.items() if n in (MARK, STEPS) or n.startswith(GUESSES)}
    name = found.facts.get("reference", "")
    reference = next((body for body in found.references if hashlib.sha256(body).hexdigest() == name), None)
    if reference is not None:
        facts["reference"] = name
        connection.execute(insert(document).values(name="reference", body=reference))
    connection.execute(insert(meta), [{"name": n, "value": value} for n, value in facts.items() if value])


def _put_acts(connection: Connection, found: Readable) -> None:
    last, head = 0, GENESIS
    for act in found.in_order():
        command, sealed = act.command, act.sealed
        if command.dseq <= last:  # two acts at one place: a page the damaged store had given up held an older chain
            command, sealed = place_again(command, last + 1, head)
        outbox.append(connection, command, sealed, act.made_at)
        known = {"state": act.state, "outcome": act.outcome, "reason": act.reason, "gseq": act.gseq}
        known |= {"retracted": act.retracted, "closed_at": act.closed_at}
        connection.execute(update(outbox_table).where(outbox_table.c.cmd_id == command.cmd_id).values(**known))
        last, head = command.dseq, sealed.hash
    for case_id in {act.command.subject.id for act in found.acts.values() if act.state != outbox.SETTLED}:
        confirmed.set_aside(connection, {case_id: None})


def _identity(found: Readable, known: Identity) -> Identity:
    if known.device:
        return known
    if "device" in found.facts:
        return Identity(**{name: found.facts.get(name, "") for name in Identity.__struct_fields__})
    acts = found.in_order()
    return Identity(acts[-1].command.device, acts[-1].command.unit, found.slot()) if acts else Identity()


def salvage_to_tell(connection: Connection) -> Salvage | None:
    """What was salvaged and nobody was told of yet."""
    kept = connection.execute(select(meta.c.value).where(meta.c.name == _TO_TELL)).scalar()
    return None if kept is None else decode(str(kept), Salvage)


def salvage_was_told(connection: Connection) -> None:
    """The person has read it."""
    connection.execute(delete(meta).where(meta.c.name == _TO_TELL))
