"""What screens read of the line and of what this workstation holds."""

from __future__ import annotations

import msgspec

SILENT = "silent"
"""The state of a line whose centre has not answered although an answer is due."""


class Kept(msgspec.Struct, frozen=True):
    """How this workstation keeps what must not be read: `secrets_file` names the readable file its token and key lie in,
    "" when they lie in the keyring or, `is_sealed`, in the file a passphrase opens; `store` is "encrypted", "plain"
    (nowhere to keep a key), or "waiting" (its conversion failed and is tried at the next start). `is_movable`: a person
    may have them kept in another way."""

    secrets_file: str = ""
    is_sealed: bool = False
    store: str = "encrypted"
    is_movable: bool = False


class CarriedFor(msgspec.Struct, frozen=True):
    """What this workstation carries for another one of its unit (交接包): of which letter, how many acts, how many of them still
    wait for their verdict; whether the centre has them, or why it would not take them, as a code."""

    slot: str
    acts: int
    waiting: int
    handed: bool
    refusal: str


class LineState(msgspec.Struct, frozen=True):
    """The truth about the line. `state`: "connecting", "online", "silent" (no answer although one is due), "offline",
    "work_offline" (by the person's own switch), "refused".

    `clock_radius_ms` is how well the centre's time is known; None when this boot has no reading (时间待认定). `device` is
    this file's, `has_key` that it signs; `kept` how its secrets and its data lie here; `receipt` is the centre's newest:
    the last act it covers, and when it was given (ms UTC); `centre_key` the fingerprint of the key the centre signs with,
    "" when none is known; `carried` what it carries for other workstations; `files_unsent` how many photographs and files the
    centre has not got, own or carried; `unplaced` how many of the unsent acts no 交接包 can hold yet (outbox.Unsent);
    `files_held`: they wait because the line is metered;
    `wall_behind_ms` by how much at least the machine's wall clock is behind what has surely come, 0 when it is not;
    `held_back` how many own files, of how many bytes, stay here only because no verified copy of the centre's holds them (sync-R7).
    """

    state: str
    since_at: int | None
    last_contact_at: int | None
    unsent: int
    oldest_unsent_at: int | None
    not_effective: int
    clock_radius_ms: int | None
    reason: str = ""
    device: str = ""
    has_key: bool = False
    is_encrypted: bool = False
    kept: Kept = Kept()
    receipt: tuple[int, int] | None = None
    centre_key: str = ""
    carried: tuple[CarriedFor, ...] = ()
    files_unsent: int = 0
    unplaced: int = 0
    wall_behind_ms: int = 0
    files_held: bool = False
    held_back: tuple[int, int] = (0, 0)
