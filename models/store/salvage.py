"""What can still be read of a damaged store: acts whose own hash proves them, and what the console needs to go on.

The base of cases is not salvaged: the centre has it. An act counts as read when sha256(prev|body) is the hash kept
beside it, so no damaged act is ever sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from models.commands import Command, Report, Retract
from models.store import outbox
from models.store.carve import Carver, Kinds, Wanted, is_blob, is_integer, is_text, text_kind
from models.store.encrypting import plain_left
from models.store.page_cipher import PageCipher
from models.store.store_key import StoreKey
from models.wire import UNSIGNED, Malformed, Sealed, UnknownKind, chain_hash, decode_command, is_record

UNKNOWN_COUNTER = 500
"""Case numbers go on from here when it cannot be read how many were given: no console makes so many a day (D20)."""

_MOST_ACTS = 100_000_000
_ORDER = {"": 0, outbox.PENDING: 1, outbox.SENT: 2, outbox.SETTLED: 3}
_ID, _HASH = text_kind(36), text_kind(64)
_NUMBER = re.compile(r"-(\d{4})(\d{2})(\d{2})-([A-Z]{1,2})(\d{3,})$")
_FACTS = re.compile(
    r"device|unit|slot|public_key|centre_key|authority|next_authority|receipt|address|reference|number:\d{4}-\d{2}-\d{2}"
    r"|present_mark|guesses:.+|wall_steps"
)


class KeptAct(msgspec.Struct, frozen=True):
    """An act that was read, and what its store knew of it."""

    command: Command
    sealed: Sealed
    made_at: int
    state: str
    outcome: str = ""
    reason: str = ""
    gseq: int | None = None
    retracted: bool = False
    closed_at: int | None = None


class Readable(msgspec.Struct):
    """Everything that was found. `traces` are places of this device's chain that were in use, each with the furthest
    state seen ("" when only the number is known)."""

    acts: dict[str, KeptAct] = {}
    traces: dict[int, str] = {}
    facts: dict[str, str] = {}
    personal: dict[str, tuple[str, bytes, bool]] = {}
    passes: dict[str, tuple[str, int]] = {}
    settings: dict[tuple[str, str], str] = {}
    references: list[bytes] = []

    def in_order(self) -> list[KeptAct]:
        """The acts as they were made."""
        return sorted(self.acts.values(), key=lambda a: (a.command.dseq, a.command.cmd_id))

    def unsent(self) -> int:
        """Acts the centre had not received, as far as this store knew."""
        return sum(act.state == outbox.PENDING for act in self.acts.values())

    def missing(self) -> int | None:
        """Places of the chain whose act was never known to have arrived and cannot be read; None when not even the
        chain's length can be told."""
        if not self.traces:
            return None
        arrived = max((n for n, state in self.traces.items() if _ORDER[state] >= _ORDER[outbox.SENT]), default=0)
        kept = {act.command.dseq for act in self.acts.values()}
        return sum(n not in kept for n in range(arrived + 1, max(self.traces) + 1))

    def counters(self, today: str) -> dict[str, int]:
        """How many case numbers were given each day, rather too many than too few: gaps are legal (D20)."""
        found = {name: int(v) for name, v in self.facts.items() if name.startswith("number:") and v.isdecimal()}
        for act in self.acts.values():
            args = act.command.args
            given = _NUMBER.search(args.number) if isinstance(args, Report) else None
            if given is not None:
                name = f"number:{given[1]}-{given[2]}-{given[3]}"
                found[name] = max(found.get(name, 0), int(given[5]))
        floor = UNKNOWN_COUNTER if self.missing() is None or "device" not in self.facts else self.missing() or 0
        name = f"number:{today}"
        if floor:
            found[name] = found.get(name, 0) + floor
        return found

    def slot(self) -> str:
        """The letter of this console's case numbers, from the last report made here; "" when there is none."""
        numbers = [act.command.args.number for act in self.in_order() if isinstance(act.command.args, Report)]
        given = next((g for number in reversed(numbers) if (g := _NUMBER.search(number))), None)
        return given[4] if given is not None else ""


def read_damaged(file: Path, key: StoreKey | None = None) -> Readable:
    """Everything of use in a store and its log, also in one that was being encrypted with this key. The files are not
    changed."""
    found = Readable()
    for carver in _carvers(file, key):
        for record in carver.records(lambda kinds: any(wanted(kinds) for wanted, _ in _SHAPES)):
            for wanted, take in _SHAPES:
                if wanted(record.kinds):
                    take(found, *record.values)
    for act in found.in_order():
        taken_back = found.acts.get(act.command.args.cmd_id) if isinstance(act.command.args, Retract) else None
        if taken_back is not None:
            found.acts[taken_back.command.cmd_id] = msgspec.structs.replace(taken_back, retracted=True)
    return found


def _carvers(file: Path, key: StoreKey | None) -> list[Carver]:
    """Older before newer. Without its first bytes a file does not say whether it is encrypted: it is read both ways, and
    hashes tell what is an act."""
    plain = [Carver(f) for f in (plain_left(file), file)]
    return plain if key is None else [*plain, Carver(file, PageCipher(key))]


# What a record of each table looks like, and what is taken of it


def _is_act(kinds: Kinds) -> bool:
    return len(kinds) >= 15 and is_integer(kinds[0]) and kinds[1] == _ID and is_text(kinds[6]) and kinds[7] == _HASH


def _take_act(found: Readable, *row: Any) -> None:
    body, stored = str(row[6]), str(row[7])
    try:
        command = decode_command(body)
    except (Malformed, UnknownKind):
        return
    if chain_hash(command.prev, body) != stored:
        return
    if isinstance(row[0], int) and row[0] < 0 and row[9] in (outbox.SENT, outbox.SETTLED):
        return  # of a former device, and the centre has it
    made_at = row[8] if isinstance(row[8], int) else command.time.wall_ms
    state = row[9] if row[9] in _ORDER else outbox.PENDING
    outcome, reason = (str(v) if isinstance(v, str) else "" for v in row[10:12])
    gseq, closed_at = (v if isinstance(v, int) else None for v in (row[12], row[14]))
    act = KeptAct(
        command, Sealed(body, stored, UNSIGNED), made_at, state, outcome, reason, gseq, bool(row[13]), closed_at
    )
    known = found.acts.get(command.cmd_id)
    if known is None or _ORDER[act.state] >= _ORDER[known.state]:
        found.acts[command.cmd_id] = act
    _trace(found, command.dseq, state)


def _is_trace(kinds: Kinds) -> bool:
    by_state = len(kinds) == 3 and is_text(kinds[0]) and is_integer(kinds[1]) and is_integer(kinds[2])
    return by_state or (len(kinds) == 2 and is_integer(kinds[0]) and is_integer(kinds[1]))


def _take_trace(found: Readable, *entry: Any) -> None:
    state, dseq = entry[:2] if len(entry) == 3 else ("", entry[0])
    if state in _ORDER:
        _trace(found, dseq, state)


def _trace(found: Readable, dseq: int, state: str) -> None:
    if 0 < dseq < _MOST_ACTS and _ORDER[state] >= _ORDER[found.traces.get(dseq, "")]:
        found.traces[dseq] = state


def _is_personal(kinds: Kinds) -> bool:
    return len(kinds) == 4 and kinds[0] == _HASH and kinds[1] == _ID and is_blob(kinds[2]) and is_integer(kinds[3])


def _take_personal(found: Readable, digest: str, case_id: str, record: bytes, sent: int) -> None:
    try:
        whole = is_record(digest, record)
    except Malformed:
        return
    if whole:
        known_sent = digest in found.personal and found.personal[digest][2]
        found.personal[digest] = (case_id, record, bool(sent) or known_sent)


def _is_document(kinds: Kinds) -> bool:
    return len(kinds) == 2 and kinds[0] == text_kind(len("reference")) and is_blob(kinds[1])


def _take_document(found: Readable, name: str, body: bytes) -> None:
    if name == "reference":
        found.references.append(body)


def _is_fact(kinds: Kinds) -> bool:
    return len(kinds) == 2 and is_text(kinds[0]) and is_text(kinds[1])


def _take_fact(found: Readable, name: str, value: str) -> None:
    if _FACTS.fullmatch(name):
        found.facts[name] = value


def _is_pass(kinds: Kinds) -> bool:
    return len(kinds) == 3 and is_text(kinds[0]) and is_text(kinds[1]) and is_integer(kinds[2])


def _take_pass(found: Readable, person: str, verifier: str, expires_at: int) -> None:
    if verifier.startswith("$argon2"):
        found.passes[person] = (verifier, expires_at)
    elif not verifier and not expires_at:  # a row of an index has its number here, never 0
        found.passes.pop(person, None)


def _is_setting(kinds: Kinds) -> bool:
    return len(kinds) == 3 and all(is_text(kind) for kind in kinds)


def _take_setting(found: Readable, person: str, name: str, value: str) -> None:
    found.settings[person, name] = value


_SHAPES: tuple[tuple[Wanted, Callable[..., None]], ...] = (
    (_is_act, _take_act),
    (_is_trace, _take_trace),
    (_is_personal, _take_personal),
    (_is_document, _take_document),
    (_is_fact, _take_fact),
    (_is_pass, _take_pass),
    (_is_setting, _take_setting),
)
