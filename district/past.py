"""Which past a database tells: where its order ends, whether it still contains what is known of it, and the number of its
history, which rises when it does not (D14, sync-R6)."""

from __future__ import annotations

import msgspec

from district import recovery
from district.accounts import set_disabled
from district.devices import revoke_again, trusted_again
from district.store import Connection
from district.store.devices import count_devices, every_head, every_revocation
from district.store.documents import read_meta, write_meta
from district.store.people import every_disabled
from district.store.reader import Reader, chain_of_order
from district.store.records import Revocation
from models.wire import decode, encode

EPOCH, FIRST_EPOCH = "epoch", "1"
"""The named fact that holds the number of the history, and what it is before anything was restored."""

_META = "restorations"


class Head(msgspec.Struct, frozen=True):
    """Where the order ended: the history's number, the last place, the district's chain there, and how long the chain of each
    workstation was (none: nobody wrote that down); while it recovers, how long it had been. Until `unsure_until_ms` (ms UTC) it
    is not certain that those are all. `revoked`: the workstations that were taken out; `disabled`: whose account was, since when;
    `let_in`: how many workstations had been let in."""

    epoch: int
    gseq: int
    chain: str
    devices: dict[str, int] = {}
    revoked: dict[str, Revocation] = {}
    unsure_until_ms: int = 0
    disabled: dict[str, int] = {}
    let_in: int = 0


class Restoration(msgspec.Struct, frozen=True):
    """One time the past was found to be another: noticed when (ms UTC), where the order ended before, and now;
    which workstations it trusted again, and were revoked as before."""

    at_ms: int
    epoch: int
    was_gseq: int
    gseq: int
    revoked_again: list[str] = []


def head_of(connection: Connection) -> Head:
    """Where the order of this database ends. What a restore has lost is known as long as it is waited for: the database may be
    put back once more."""
    gseq, chain = Reader(connection).log_head()
    chains, waits = every_head(connection), recovery.under_way(connection)
    unsure_until_ms = 0
    if waits is not None:
        chains, unsure_until_ms = recovery.longest(chains, waits.expected), waits.not_before_ms
    revoked, disabled = every_revocation(connection), every_disabled(connection)
    let_in = count_devices(connection)
    return Head(epoch_of(connection), gseq, chain, chains, revoked, unsure_until_ms, disabled, let_in)


def remembering(head: Head, known: Head | None) -> Head:
    """That place, and every revocation that was known before as well: nobody takes one back, and a workstation that this
    database has never heard of may stand in the next copy that is put back."""
    if known is None:
        return head
    return msgspec.structs.replace(head, revoked={**known.revoked, **head.revoked})


def epoch_of(connection: Connection) -> int:
    """The district's history number; raised when a restored backup rewrote the past."""
    return int(read_meta(connection, EPOCH, FIRST_EPOCH))


def has_forgotten(connection: Connection, known: Head) -> bool:
    """True when the database does not contain that history, or trusts a workstation that was revoked in it, or does not know one that
    was let in: no entry of the order tells of that."""
    epoch = epoch_of(connection)
    if epoch != known.epoch:
        return epoch < known.epoch
    is_another = chain_of_order(connection, known.gseq) != known.chain
    return is_another or count_devices(connection) < known.let_in or bool(trusted_again(connection, known.revoked))


def begin_new_epoch(connection: Connection, was: Head | None, now_ms: int) -> Restoration:
    """The history gets a number no console has heard of; that it did stays on record. Who was revoked stays revoked, and whose account
    was disabled stays out. Until what
    was lost has come back, acts on it wait (district/recovery.py)."""
    gseq, _chain = Reader(connection).log_head()
    known = was or Head(0, gseq, "")
    epoch = max(epoch_of(connection), known.epoch) + 1
    write_meta(connection, EPOCH, str(epoch))
    again = revoke_again(connection, known.revoked)
    for person, since_ms in known.disabled.items():
        set_disabled(connection, person, since_ms)
    found = Restoration(now_ms, epoch, known.gseq, gseq, again)
    write_meta(connection, _META, encode([*restorations(connection), found]).decode())
    recovery.begin(connection, epoch, gseq, known.devices, known.unsure_until_ms, now_ms)
    return found


def restorations(connection: Connection) -> list[Restoration]:
    """Every time it happened, oldest first."""
    return decode(read_meta(connection, _META, "[]"), list[Restoration])
