"""Reading received commands, before and outside the order lock (sync-R9): what is no command never reaches the order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from models.commands import Command, Report, Retract, Subject
from models.evidence import ClaimedTime
from models.origin import Origin
from models.wire import (
    ED25519,
    UNSIGNED,
    Malformed,
    Sealed,
    UnknownKind,
    chain_hash,
    decode_any,
    decode_command,
    from_builtins,
)

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:-]{0,63}")
_HASH = re.compile(r"[0-9a-f]{64}")
_SAFE_INT = 1 << 53
"""Beyond this two JSON readers may see two numbers (RFC 8785)."""

_LONG_NUMBER = re.compile(r"[0-9]{16}")
"""The least integer out of range has so many digits; a hash or a text may have them too."""

_MAX_NESTING = 64
"""Levels of values in values; acts of today have four."""


class Parsed(msgspec.Struct, frozen=True):
    """A command as received: its exact text, and its meaning when this version knows the kind (`command` None: not)."""

    sealed: Sealed
    command: Command | None
    cmd_id: str
    device: str
    dseq: int
    prev: str
    actor: str
    kind: str
    subject: Subject
    time: ClaimedTime
    origin: Origin | None = None

    @property
    def takes_back(self) -> str:
        """The act this one retracts; "" when it is no retraction."""
        args = self.command.args if self.command is not None else None
        return args.cmd_id if isinstance(args, Retract) else ""

    @property
    def record(self) -> str:
        """The hash of the requester's record this act names (D2); "" when it names none."""
        args = self.command.args if self.command is not None else None
        return args.personal if isinstance(args, Report) and _HASH.fullmatch(args.personal) else ""


class _Head(msgspec.Struct, frozen=True):
    """What every command has, whatever its kind."""

    v: int
    cmd_id: str
    device: str
    dseq: int
    prev: str
    actor: str
    unit: str
    subject: Subject
    args: dict[str, Any]
    time: ClaimedTime
    origin: Origin | None = None


def parse(sealed: Sealed) -> Parsed:
    """Read a command. Malformed when it is none, when its hash does not fit its bytes, or when it is signed in a way
    this version cannot check. Whether the signature is right depends on whose it should be: district/api/push.py."""
    try:
        command: Command | None = decode_command(sealed.body)
    except UnknownKind:
        command = None
    plain = decode_any(sealed.body)
    if not _is_plainly_plain(sealed.body):
        _must_be_plain(plain)
    head = from_builtins(plain, _Head)
    if not 0 < head.dseq < _SAFE_INT:
        raise Malformed("dseq")
    if sealed.alg not in (UNSIGNED, ED25519) or (sealed.alg == UNSIGNED and sealed.sig):
        raise Malformed("alg")
    for name, value in (("cmd_id", head.cmd_id), ("device", head.device), ("subject", head.subject.id)):
        if not _ID.fullmatch(value):
            raise Malformed(name)
    if not _HASH.fullmatch(head.prev) or sealed.hash != chain_hash(head.prev, sealed.body):
        raise Malformed("hash")
    return Parsed(
        sealed=sealed,
        command=command,
        cmd_id=head.cmd_id,
        device=head.device,
        dseq=head.dseq,
        prev=head.prev,
        actor=head.actor,
        kind=str(head.args.get("type", "")),
        subject=head.subject,
        time=head.time,
        origin=head.origin,
    )


def known(sealed: Sealed, command: Command) -> Parsed:
    """A command this process wrote itself: nothing is left to check."""
    from models.commands import kind_of

    return Parsed(
        sealed=sealed,
        command=command,
        cmd_id=command.cmd_id,
        device=command.device,
        dseq=command.dseq,
        prev=command.prev,
        actor=command.actor,
        kind=kind_of(command.args),
        subject=command.subject,
        time=command.time,
        origin=command.origin,
    )


def _is_plainly_plain(body: str) -> bool:
    """True for what its letters alone show to be plain, as nearly every act's do: no escape that could be a NUL, no sixteen
    digits in a row, fewer brackets than levels allowed."""
    return "\\u" not in body and not _LONG_NUMBER.search(body) and body.count("{") + body.count("[") < _MAX_NESTING


def _must_be_plain(found: object) -> None:
    """No NUL characters (PostgreSQL keeps none), no integers that JSON readers disagree about, and no nesting that would
    exhaust a reader of the feed: how deep one may go differs from one Python to the next."""
    level = [found]
    for _ in range(_MAX_NESTING):
        for value in level:
            if isinstance(value, str) and "\x00" in value:
                raise Malformed("NUL character")
            if isinstance(value, int) and not -_SAFE_INT < value < _SAFE_INT:
                raise Malformed("integer out of range")
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise Malformed("nested too deep")


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    return value if isinstance(value, list) else ()


def retracted_in(batch: list[Parsed]) -> dict[str, str]:
    """Acts that a later act of the same batch and the same actor takes back (D3): target id → id of the retraction. The
    retraction may stand far behind its target in the chain: then it is sent ahead, at the end of the batch."""
    found: dict[str, str] = {}
    earlier: dict[str, Parsed] = {}
    for parsed in batch:
        target = earlier.get(parsed.takes_back)
        if target is not None and target.actor == parsed.actor and not target.takes_back:
            found.setdefault(target.cmd_id, parsed.cmd_id)
        earlier[parsed.cmd_id] = parsed
    return found
