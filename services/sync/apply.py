"""Taking in what the centre says: feed items in order, or a snapshot; then replaying what is still unsettled (sync-R1, D10, D11).

The base changes only here. A page of items is one transaction: rows, verdicts and the place in the feed together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from models.case import Case
from models.errors import Refused
from models.evolve import apply_effect
from models.retention import ended_by
from models.store import carried, confirmed, cursors, outbox, past_cases, tray_words
from models.store.case_table import drop_all, get_cases
from models.store.cursors import Cursor
from models.store.loading import load_cases
from models.store.search import forget_all
from models.store.work import Work
from models.tray_acts import KINDS
from models.wire import (
    Effect,
    Entry,
    FeedItem,
    Reason,
    SnapshotManifest,
    decode,
    decode_any,
    decode_case,
    decode_command,
    scope_link,
)
from services.cases import replay_on
from services.sync.verdicts import settle, settle_again


def apply_items(work: Work, scope: str, epoch: int, asked_after: int, items: Sequence[FeedItem]) -> int:
    """Take in a page of the scope's feed; returns how many items were new.

    A stale or doubled reply is passed over (sync-R10). Refused("feed_broken") when the chain does not fit: nothing is
    taken, and the console asks for a snapshot.
    """
    place = cursors.read(work.connection, scope)
    if place is None or place.epoch != epoch or place.sseq != asked_after:
        return 0
    sseq, chain = place.sseq, place.chain
    for item in items:
        if item.sseq != sseq + 1:
            raise Refused("feed_broken", at=item.sseq)
        chain = scope_link(chain, item.sseq, item.mode, item.entry, bytes(item.case))
        if chain != item.scope_chain:
            raise Refused("feed_broken", at=item.sseq)
        sseq = item.sseq
    if items:
        _take(work, scope, items)
    cursors.write(work.connection, Cursor(scope, epoch, sseq, chain))
    return len(items)


def _take(work: Work, scope: str, items: Sequence[FeedItem]) -> None:
    """Verdicts on acts of this store, what the unit said of its tray, and each case as the centre says."""
    heads = [decode_any(item.entry.body) for item in items]
    case_of = [str(head["subject"]["id"]) for head in heads]
    own = outbox.those_of_this_store(work.connection, (str(head["cmd_id"]) for head in heads))
    foreign, lying = carried.waiting_ids(work.connection), tray_words.handed_ids(work.connection)
    known = confirmed.confirmed_of(work.connection, case_of)
    bases: dict[str, Case | None] = {}
    for item, head, case_id in zip(items, heads, case_of, strict=True):
        is_mine = _settled(work, item.entry, head, own, foreign)
        if head["unit"] == scope:
            _tell_the_tray(work, item.entry, head, lying)
        if item.mode == "own":
            if is_mine:
                bases.setdefault(case_id, known[case_id])
        elif item.mode == "leave":
            bases[case_id] = None
        elif item.mode == "enter":
            bases[case_id] = decode_case(bytes(item.case))
        else:
            bases[case_id] = _after(bases.get(case_id, known[case_id]), bytes(item.entry.effect))
    replay_on(work, bases)


def _settled(work: Work, entry: Entry, head: dict[str, Any], own: set[str], foreign: set[str]) -> bool:
    """Keep what became of an act. True when it is one of this store (`own`), or carried here for another workstation (`foreign`)."""
    cmd_id = str(head["cmd_id"])
    if head["args"].get("type") == "act.settle":
        return _settled_late(work, head["args"], entry.gseq, foreign)
    mine, theirs = cmd_id in own, cmd_id in foreign
    return (mine or theirs) and settle(work, cmd_id, entry.outcome, entry.reason, entry.gseq, own=mine, foreign=theirs)


def _settled_late(work: Work, args: dict[str, Any], gseq: int, foreign: set[str]) -> bool:
    """An act the centre had deferred has its verdict now (D12). True when it is an act of this store."""
    cmd_id, code = str(args["cmd_id"]), str(args.get("code", ""))
    reason = Reason(code, args.get("args", {}), str(args.get("by", ""))) if code else None
    return settle_again(work, cmd_id, str(args["outcome"]), reason, gseq, foreign=cmd_id in foreign)


def _tell_the_tray(work: Work, entry: Entry, head: dict[str, Any], lying: set[str]) -> None:
    """What any workstation of the unit said of an act that did not take effect; and of one that lies with a colleague (`lying`),
    what it has come to since."""
    if head["args"].get("type") in KINDS:
        tray_words.heard(work.connection, decode_command(entry.body), entry.outcome)
    elif str(head["cmd_id"]) in lying and entry.outcome != "deferred":
        code = entry.reason.code if entry.reason is not None else ""
        tray_words.judged(work.connection, str(head["cmd_id"]), entry.outcome, code)


def _after(base: Case | None, raw: bytes) -> Case | None:
    effect: Effect | None = decode(raw, Effect | None)  # type: ignore[arg-type]
    if effect is None:
        return base
    if base is None and effect.version != 1:
        raise Refused("feed_broken", at=effect.version)  # a change of a case that is not here
    return apply_effect(base, effect)


def apply_snapshot(work: Work, manifest: SnapshotManifest, parts: Sequence[bytes]) -> int:
    """Replace the confirmed base by a snapshot, then replay every unsettled act on it; returns how many cases it holds.

    A case that had ended before what the snapshot covers, and on which an act of this store still waits, stays as it was
    known here: the act's clerk goes on seeing it (I14). It may be out of date: once nothing waits on it, it goes with the
    next that are let go, or comes whole with whatever happens to it.

    Refused("snapshot_broken") when a part or the whole does not have its hash: nothing is taken.
    """
    _verify(manifest, parts)
    waiting = {*confirmed.touched(work.connection), *outbox.waiting_cases(work.connection)}
    waiting |= carried.cases_on_top(work.connection)
    known_here = confirmed.confirmed_of(work.connection, waiting)
    drop_all(work.connection)
    forget_all(work.connection)
    past_cases.hold_none(work.connection)
    known: set[str] = set()
    for body in parts:
        known |= load_cases(work.connection, body.splitlines(), work.rules)
    bases: dict[str, Case | None] = dict(get_cases(work.connection, waiting))
    on_top = carried.all_waiting(work.connection, waiting)
    for case_id in sorted(waiting - bases.keys()):
        was = known_here[case_id]
        outlives = was is not None and ended_by(was) < manifest.ended_since and case_id in on_top
        bases[case_id] = was if outlives else None
    replay_on(work, bases)
    cursors.write(work.connection, Cursor(manifest.scope, manifest.epoch, manifest.sseq, manifest.scope_chain))
    work.changed.update(known)
    return len(known)


def _verify(manifest: SnapshotManifest, parts: Sequence[bytes]) -> None:
    state = hashlib.sha256()
    for described, body in zip(manifest.parts, parts, strict=True):
        if hashlib.sha256(body).hexdigest() != described.sha256:
            raise Refused("snapshot_broken", part=described.sha256[:8])
        for line in body.splitlines():
            state.update(hashlib.sha256(line).digest())
    if state.hexdigest() != manifest.state_hash:
        raise Refused("snapshot_broken", part="state")
