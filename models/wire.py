"""The only speaker of the wire format: bytes in, values out, and back (D9).

A command travels as `Sealed`; its `body` is an opaque JSON string, hashed as it is and never written again. Decoding is
strict: malformed bytes raise `Malformed`, an act of an unknown kind raises `UnknownKind` so that it can be kept.
"""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

import msgspec

from models.case import Case
from models.commands import Command
from models.evidence import ClaimedTime

PROTOCOL = 1
"""Version of the conversation; the centre speaks this one and the one before."""

OLDEST_PROTOCOL = 1
"""The oldest the centre speaks. A console older than that may still hand in what it has (sync.md §3.9)."""

GENESIS = "0" * 64
"""What the first link of every chain follows."""

UNSIGNED, ED25519 = "none", "ed25519"
"""How an act is signed; SM2 may follow."""

Value = TypeVar("Value")


class Malformed(Exception):
    """The bytes are not what the protocol says; `where` tells the place."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


class UnknownKind(Exception):
    """A well-formed act of a kind this version does not know: keep it, decide it later (sync.md §3.9)."""


READINGS = "X-Readings"
"""The header of a push that says, as a JSON list of Anchor, what the workstation has learnt since of the boots its acts were made in."""


class Sealed(msgspec.Struct, frozen=True):
    """A command as it travels and is kept: its exact text, the chain hash sha256(prev|body), and the device's signature
    over that hash (models/signing.py).

    `alg` "none" is accepted on loopback only, of devices that were registered before there were keys.
    """

    body: str
    hash: str
    alg: str
    sig: str = ""


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why something was not accepted: a code with arguments, worded by ui/words.py; `by` is the act that was first."""

    code: str
    args: dict[str, str | int] = {}
    by: str = ""


class Effect(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an accepted act changed on the case: plain fields set, keyed items put (same key replaces, else at the end).

    Computed by the centre from `evolve`; consoles apply it as it is, so an older console stays right (D11).
    """

    case: str
    version: int
    set: dict[str, Any] = {}
    put: dict[str, list[dict[str, Any]]] = {}


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One verdict of the centre in its one order. `evidence` is [lo, hi, grade] of the act; `rules` the versions used.

    `effect` is the JSON of an Effect (null: none), passed on byte for byte. `chain` is sha256(previous chain | gseq |
    hash | outcome | effect) over the whole district.
    """

    gseq: int
    body: str
    hash: str
    outcome: str
    received_at: int
    evidence: tuple[int, int, str]
    chain: str
    reason: Reason | None = None
    effect: msgspec.Raw = msgspec.Raw(b"null")
    case_version: int = 0
    rules: str = ""


class FeedItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry as one scope receives it, at its dense place `sseq` in that scope.

    `mode`: "effect"; "enter" (the case comes into the scope: `case` is whole); "leave" (it goes: a tombstone); "own"
    (only what became of an act of this unit). `scope_chain` is `scope_link` over the item before.
    """

    sseq: int
    scope_chain: str
    mode: str
    entry: Entry
    case: msgspec.Raw = msgspec.Raw(b"null")


class Receipt(msgspec.Struct, frozen=True):
    """The centre's word that it has a device's acts: `body` is the JSON of a Receipted, `sig` the centre's signature over
    it. Proof of hand-in, for the console to keep."""

    body: str
    sig: str


class Receipted(msgspec.Struct, frozen=True):
    """What a receipt says: this device's acts up to `dseq` (its chain's hash there) are in the district's order, which
    then ended at `gseq` with `chain`, in this epoch, at `at` (ms UTC)."""

    device: str
    dseq: int
    hash: str
    gseq: int
    chain: str
    epoch: int
    at: int


class PushReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the centre did with a batch: its head of the device's chain, what each id came to, its clock, its receipt.

    `error`: "gap", "fork", or "revoked": then the acts lie in quarantine, and the next it has not got is `want`.
    """

    epoch: int
    head_dseq: int
    head_hash: str
    now_ms: int
    error: str = ""
    want: int = 0
    known: list[tuple[str, str, str, int]] = []
    receipt: Receipt | None = None


class HeldHead(msgspec.Struct, frozen=True):
    """Where a workstation's chain of acts ends, and when that was so by its own clocks: an act that comes later was made
    later (sync.md §3.7, unit watermark). `hash` of the act there; "" from a console that does not say."""

    dseq: int
    time: ClaimedTime
    hash: str = ""


class PullRequest(msgspec.Struct, frozen=True):
    """Where the console stands in each scope; wait up to `wait_seconds` when there is nothing new. `up_ms`: for how long it
    has been running, by its own counter (D6)."""

    epoch: int
    cursors: dict[str, int]
    limit: int = 500
    wait_seconds: int = 25
    reference_version: str = ""
    up_ms: int | None = None
    held: HeldHead | None = None


class PullReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """Ordered items of every scope that had some. `after` repeats the cursors asked, so stale replies are known (R10).
    `records_awaited`: hashes of requesters' records that acts of the unit name and the centre has not got."""

    epoch: int
    after: dict[str, int]
    items: dict[str, list[FeedItem]]
    now_ms: int
    more: bool = False
    reference_version: str = ""
    records_awaited: list[str] = []


class SnapshotPart(msgspec.Struct, frozen=True):
    """One content-addressed part: NDJSON lines of cases, fetched by its hash."""

    sha256: str
    size: int
    lines: int


class SnapshotManifest(msgspec.Struct, frozen=True):
    """A scope's state at `sseq`: parts, the scope chain there, and the hash over the sorted case rows. Cases that had ended
    by `ended_since` (ms UTC) are not in it; 0: it has every case (sync.md §3.11)."""

    epoch: int
    scope: str
    sseq: int
    scope_chain: str
    state_hash: str
    parts: list[SnapshotPart]
    now_ms: int
    ended_since: int = 0


class PastCases(msgspec.Struct, frozen=True):
    """Cases whose end is long past, the last ended first, as they stood at the place `sseq` of the scope's feed; `more`:
    there are others like them (models/retention.py)."""

    epoch: int
    sseq: int
    cases: list[Case]
    more: bool
    now_ms: int


_encode = msgspec.json.Encoder()
_command_decoder = msgspec.json.Decoder(Command)
_case_decoder = msgspec.json.Decoder(Case)
_sealed_decoder = msgspec.json.Decoder(Sealed)


def encode(value: object) -> bytes:
    """The JSON of any of our values, compact, fields in declaration order."""
    return _encode.encode(value)


def decode(raw: bytes | str, kind: type[Value]) -> Value:
    """The value of type `kind` written in `raw`; Malformed when it is not one."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Malformed(str(error)) from error


def decode_any(raw: bytes | str) -> Any:
    """Plain JSON as dicts and lists; Malformed when it is none."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Malformed(str(error)) from error


def builtins(value: object) -> Any:
    """The value as plain dicts, lists and strings, as JSON would carry it."""
    return msgspec.to_builtins(value)


def from_builtins(value: object, kind: type[Value]) -> Value:
    """A typed value from plain dicts and lists; Malformed when they do not fit."""
    try:
        return msgspec.convert(value, type=kind)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from error


def without_nul(value: Value) -> Value:
    """The value without NUL characters, which come with text copied from some PDF files and are seen by nobody: PostgreSQL keeps
    none, so the centre takes no act with one."""
    if b"\\u0000" not in encode(value):
        return value
    return from_builtins(_without_nul(builtins(value)), type(value))


def _without_nul(found: Any) -> Any:
    if isinstance(found, str):
        return found.replace("\x00", "")
    if isinstance(found, dict):
        return {name: _without_nul(inner) for name, inner in found.items()}
    return [_without_nul(inner) for inner in found] if isinstance(found, list) else found


def decode_command(body: str) -> Command:
    """The command written in a body; UnknownKind for a kind of a newer version, Malformed for anything else."""
    try:
        return _command_decoder.decode(body)
    except msgspec.ValidationError as error:
        if "Invalid value" in str(error) and "$.args.type" in str(error):
            raise UnknownKind(str(error)) from error
        raise Malformed(str(error)) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Malformed(str(error)) from error


def decode_case(raw: bytes | str) -> Case:
    """A case row's document."""
    try:
        return _case_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Malformed(str(error)) from error


def chain_hash(previous: str, *links: str) -> str:
    """sha256 over the previous hash and the links, joined by "|", in hexadecimal."""
    return hashlib.sha256("|".join((previous, *links)).encode()).hexdigest()


def entry_link(previous: str, gseq: int, command_hash: str, outcome: str, effect: bytes) -> str:
    """The district chain at an entry."""
    return chain_hash(previous, str(gseq), command_hash, outcome, effect.decode())


def scope_link(previous: str, item_sseq: int, mode: str, entry: Entry, case: bytes) -> str:
    """A scope's chain at an item: covers everything a console acts on, so it can recompute the link itself."""
    return scope_link_of(previous, item_sseq, mode, scope_tail(entry, bytes(entry.effect), case))


def scope_tail(entry: Entry, effect: bytes, case: bytes) -> bytes:
    """What every scope that carries an entry in the same way hashes after its own place (see scope_link)."""
    return b"|".join((f"{entry.gseq}|{entry.hash}|{entry.outcome}".encode(), effect, case))


def scope_link_of(previous: str, item_sseq: int, mode: str, tail: bytes) -> str:
    """scope_link, from a tail made once for many scopes."""
    return hashlib.sha256(f"{previous}|{item_sseq}|{mode}|".encode() + tail).hexdigest()


def seal(command: Command) -> Sealed:
    """Write a command once and for all: its body and its place in the device's chain. Unsigned: a device signs what it
    sends (models/signing.py)."""
    body = _encode.encode(command).decode()
    return Sealed(body=body, hash=chain_hash(command.prev, body), alg=UNSIGNED)


def split_lines(raw: bytes) -> list[Sealed]:
    """The sealed commands of an NDJSON push body; Malformed names the line."""
    sealed = []
    for number, line in enumerate(raw.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            sealed.append(_sealed_decoder.decode(line))
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise Malformed(f"line {number}: {error}") from error
    return sealed


def join_lines(values: list[Sealed] | list[Case]) -> bytes:
    """NDJSON: one value a line."""
    return b"".join(_encode.encode(value) + b"\n" for value in values)


def personal_hash(salt: str, record: bytes) -> str:
    """The address of a personal record: sha256(salt | record). The salt lies in the record's envelope (D2)."""
    return hashlib.sha256(salt.encode() + b"|" + record).hexdigest()


def is_record(digest: str, record: bytes) -> bool:
    """True when a requester's record has that address. Malformed when it is none."""
    value = decode_any(record)
    salt = value.get("salt") if isinstance(value, dict) else None
    return isinstance(salt, str) and personal_hash(salt, record) == digest
