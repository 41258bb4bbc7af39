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
from models.store import carried, confirmed, cursors, outbox, past_cases
from models.store.case_table import drop_all, drop_case, get_case, put_cases
from models.store.cursors import Cursor
from models.store.loading import load_cases
from models.store.search import forget, forget_all, index_cases
from models.store.work import Work
from models.wire import Effect, FeedItem, Reason, SnapshotManifest, decode, decode_any, decode_case, scope_link
from services.cases import replay


def apply_items(work: Work, scope: str, epoch: int, asked_after: int, items: Sequence[FeedItem]) -> int:
    """Take in a page of the scope's feed; returns how many items were new.

    A stale or doubled reply is passed over (sync-R10). Refused("feed_broken") when the chain does not fit: nothing is
    taken, and the console asks for a snapshot.
    """
    place = cursors.read(work.connection, scope)
    if place is None or place.epoch != epoch or place.sseq != asked_after:
        return 0
    sseq, chain = place.sseq, place.chain
    bases: dict[str, Case | None] = {}
    foreign = carried.waiting_ids(work.connection) if items else set()
    for item in items:
        if item.sseq != sseq + 1:
            raise Refused("feed_broken", at=item.sseq)
        chain = scope_link(chain, item.sseq, item.mode, item.entry, bytes(item.case))
        if chain != item.scope_chain:
            raise Refused("feed_broken", at=item.sseq)
        sseq = item.sseq
        _take(work, item, bases, foreign)
    _store(work, bases)
    cursors.write(work.connection, Cursor(scope, epoch, sseq, chain))
    return len(items)


def _take(work: Work, item: FeedItem, bases: dict[str, Case | None], foreign: set[str]) -> None:
    """`foreign`: acts carried here for another workstation."""
    head = decode_any(item.entry.body)
    case_id = str(head["subject"]["id"])
    entry = item.entry
    mine = outbox.settle(work.connection, str(head["cmd_id"]), entry.outcome, entry.reason, entry.gseq)
    if head["args"].get("type") == "act.settle":
        mine = _settled_late(work, head["args"], entry.gseq, foreign)
    elif str(head["cmd_id"]) in foreign:
        mine = carried.settle(work.connection, str(head["cmd_id"]), entry.outcome, entry.reason, entry.gseq) or mine
    if item.mode == "own":
        if mine:
            bases.setdefault(case_id, confirmed.confirmed(work.connection, case_id))
        return
    if case_id not in bases:
        bases[case_id] = confirmed.confirmed(work.connection, case_id)
    if item.mode == "leave":
        bases[case_id] = None
    elif item.mode == "enter":
        bases[case_id] = decode_case(bytes(item.case))
    else:
        bases[case_id] = _after(bases[case_id], bytes(entry.effect))


def _settled_late(work: Work, args: dict[str, Any], gseq: int, foreign: set[str]) -> bool:
    """An act the centre had deferred has its verdict now (D12). True when it is an act of this store."""
    code = str(args.get("code", ""))
    reason = Reason(code, args.get("args", {}), str(args.get("by", ""))) if code else None
    if str(args["cmd_id"]) in foreign:
        return carried.settle(work.connection, str(args["cmd_id"]), str(args["outcome"]), reason, gseq)
    return outbox.settle(work.connection, str(args["cmd_id"]), str(args["outcome"]), reason, gseq)


def _after(base: Case | None, raw: bytes) -> Case | None:
    effect: Effect | None = decode(raw, Effect | None)  # type: ignore[arg-type]
    if effect is None:
        return base
    if base is None and effect.version != 1:
        raise Refused("feed_broken", at=effect.version)  # a change of a case that is not here
    return apply_effect(base, effect)


def _store(work: Work, bases: dict[str, Case | None]) -> None:
    """Each case as the centre says, with what is still unsettled on top."""
    on_top = outbox.cases_on_top(work.connection) | carried.cases_on_top(work.connection)
    for case_id in sorted(on_top & bases.keys()):
        replay(work, case_id, bases.pop(case_id), use_base=True)
    confirmed.release(work.connection, *bases)
    known = [base for base in bases.values() if base is not None]
    put_cases(work.connection, known)
    index_cases(work.connection, known, work.rules)
    for case_id in (case_id for case_id, base in bases.items() if base is None):
        drop_case(work.connection, case_id)
        forget(work.connection, case_id)
    work.changed.update(bases)


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
    known_here = {case_id: confirmed.confirmed(work.connection, case_id) for case_id in waiting}
    drop_all(work.connection)
    forget_all(work.connection)
    past_cases.hold_none(work.connection)
    known: set[str] = set()
    for body in parts:
        known |= load_cases(work.connection, body.splitlines(), work.rules)
    for case_id in sorted(waiting):
        base, was = get_case(work.connection, case_id), known_here[case_id]
        ended_before = was is not None and ended_by(was) < manifest.ended_since
        if base is None and ended_before and carried.all_waiting_of_case(work.connection, case_id):
            base = was
        replay(work, case_id, base, use_base=True)
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
