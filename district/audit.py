"""Does the store say what its log says? Recomputes the chains, the feeds' order and every case (sync.md I2–I4, I6, I8).

Reads everything once, in the order; for the nightly run (district/nightly.py), for copies, and for tests that end the service in the
middle of things.
"""

from __future__ import annotations

from typing import Any

import msgspec

from district import blobs
from district.store import Connection
from district.store import audit as rows
from models.case import Case, ClockState
from models.commands import ReviewQuarantined
from models.evolve import apply_effect
from models.people import CENTRE_DEVICE
from models.row import scopes_of
from models.wire import GENESIS, Effect, Entry, Reason, chain_hash, decode, decode_any, encode, entry_link, scope_link

REVIEW = str(ReviewQuarantined.__struct_config__.tag)


class Audit(msgspec.Struct):
    """What was read, and every contradiction found, in words. `attachments`: size by hash of the files the cases have, whose
    bytes lie beside the database; `awaited`: how many more the cases wait for."""

    entries: int = 0
    items: int = 0
    cases: int = 0
    head: str = GENESIS
    attachments: dict[str, int] = {}
    awaited: int = 0
    contradictions: list[str] = []


class _Replay:
    """The district, folded from its log."""

    def __init__(self) -> None:
        self.found = Audit(contradictions=[])
        self.cases: dict[str, Case] = {}
        self.devices: dict[str, tuple[int, str]] = {}
        self.places: dict[str, list[tuple[int, str]]] = {}
        self.decided: dict[tuple[str, str], tuple[str, str, str]] = {}

    def against(self, fine: bool, words: str) -> None:
        if not fine:
            self.found.contradictions.append(words)

    def entry(self, row: Any) -> None:
        self.found.entries += 1
        self.against(row.gseq == self.found.entries, f"gseq {row.gseq}: not dense")
        link = entry_link(self.found.head, row.gseq, row.hash, row.outcome, row.effect.encode())
        self.against(link == row.chain, f"gseq {row.gseq}: the district's chain does not fit")
        self.found.head = row.chain
        prev = str(decode_any(row.body)["prev"])
        self.against(chain_hash(prev, row.body) == row.hash, f"gseq {row.gseq}: the act is not what was handed in")
        self.against(row.lo <= row.hi <= row.received_at, f"gseq {row.gseq}: evidence after receipt")
        self.places.setdefault(row.device, []).append((row.dseq, row.hash))
        if row.kind == REVIEW and row.device == CENTRE_DEVICE:
            self.review(row)
        if row.effect != "null":
            effect = decode(row.effect, Effect)
            self.cases[effect.case] = apply_effect(self.cases.get(effect.case), effect)
            version = self.cases[effect.case].version
            self.against(version == row.case_version, f"gseq {row.gseq}: version {version}, not {row.case_version}")

    def review(self, row: Any) -> None:
        """A person's decision on an act kept apart: one for each, for good."""
        said = decode_any(row.body)["args"]
        name = (str(said["device"]), str(said["hash"]))
        self.against(name not in self.decided, f"gseq {row.gseq}: decided on twice")
        self.decided[name] = ("admitted" if said["admitted"] else "declined", str(said["by"]), str(said["reason"]))


def audit(connection: Connection) -> Audit:
    """Read everything and compare."""
    replay = _Replay()
    for row in rows.entries(connection):
        replay.entry(row)
    _reviews(connection, replay)
    _device_chains(connection, replay)
    _feeds(connection, replay)
    _cases(connection, replay)
    named = blobs.holdings(replay.cases.values())
    replay.found.attachments, replay.found.awaited = named.kept, len(named.awaited)
    replay.found.contradictions += blobs.contradictions(connection, named)
    return replay.found


def _device_chains(connection: Connection, replay: _Replay) -> None:
    for alias in rows.aliases(connection):
        replay.places.setdefault(alias.device, []).append((alias.dseq, alias.hash))
    for device in rows.devices(connection):
        chain = sorted(replay.places.get(device.id, []))
        numbers = [dseq for dseq, _ in chain]
        replay.against(numbers == list(range(1, len(chain) + 1)), f"{device.id}: dseq not dense")
        end = chain[-1] if chain else (0, GENESIS)
        replay.against(end == (device.head_dseq, device.head_hash), f"{device.id}: its head is not its last act")


def _reviews(connection: Connection, replay: _Replay) -> None:
    """What the order says was decided on acts kept apart is what stands beside them; an admitted one has its place, a declined
    one that was passed over takes one up."""
    placed = {(alias.device, alias.dseq, alias.hash) for alias in rows.aliases(connection)}
    kept: dict[tuple[str, str], tuple[str, str, str]] = {}
    for row in rows.reviewed(connection):
        kept[(row.device, row.hash)] = (row.decision, row.decided_by, row.reason)
        found = (row.dseq, row.hash) in replay.places.get(row.device, []) or (row.device, row.dseq, row.hash) in placed
        replay.against(
            found is (row.decision == "admitted"),
            f"{row.device} {row.dseq}: {row.decision}, yet the order says otherwise",
        )
    for row in rows.reviewed(connection):
        if row.passed_over:
            replay.places.setdefault(row.device, []).append((row.dseq, row.hash))
    replay.against(kept == replay.decided, "other acts kept apart are decided on than the order says")


def _feeds(connection: Connection, replay: _Replay) -> None:
    ends: dict[str, tuple[int, str]] = {}
    last_gseq: dict[str, int] = {}
    for row in rows.feed_items(connection):
        replay.found.items += 1
        sseq, chain = ends.get(row.scope, (0, GENESIS))
        replay.against(row.sseq == sseq + 1, f"{row.scope} {row.sseq}: sseq not dense")
        replay.against(row.gseq > last_gseq.get(row.scope, 0), f"{row.scope} {row.sseq}: out of the order")
        link = scope_link(chain, row.sseq, row.mode, _entry(row), bytes(row.document or b"null"))
        replay.against(link == row.scope_chain, f"{row.scope} {row.sseq}: the feed's chain does not fit")
        ends[row.scope] = (row.sseq, row.scope_chain)
        last_gseq[row.scope] = row.gseq
    heads = {row.scope: (row.sseq, row.chain) for row in rows.scope_heads(connection)}
    replay.against(heads == ends, "the feeds' heads are not their last items")


def _entry(row: Any) -> Entry:
    effect = row.effect.encode() if row.mode == "effect" else b"null"
    evidence = (row.lo, row.hi, row.grade)
    reason = decode(row.reason, Reason | None)  # type: ignore[arg-type]
    return Entry(
        row.gseq, row.body, row.hash, row.outcome, row.received_at, evidence, row.chain, reason, msgspec.Raw(effect)
    )


def _cases(connection: Connection, replay: _Replay) -> None:
    stored = dict(rows.case_documents(connection))
    replay.found.cases = len(stored)
    replay.against(stored.keys() == replay.cases.keys(), "there are other cases than the log made")
    scopes = rows.case_scopes(connection)
    waiting = rows.undelivered_of_cases(connection)
    replay.against(waiting.keys() <= replay.cases.keys(), "deliveries are due of cases that are not there")
    for case_id, case in replay.cases.items():
        replay.against(stored.get(case_id) == encode(case), f"case {case_id}: not the fold of its acts")
        replay.against(
            scopes.get(case_id, set()) == set(scopes_of(case)), f"case {case_id}: in other feeds than it should"
        )
        _deliveries(replay, case, waiting.get(case_id, set()))


def _deliveries(replay: _Replay, case: Case, waiting: set[tuple[str, str]]) -> None:
    """Every assignment not delivered waits for it. Of duties that hang on none some do: that a desk has one is not in the log."""
    owed = {(a.id, a.receiver) for a in case.assignments if not a.ended and a.delivered_at is None}
    may_be = {
        (k.id, k.owner)
        for k in case.clocks
        if not k.assignment and k.state is ClockState.RUNNING and k.handed_on is None
    }
    is_so = owed <= waiting <= owed | may_be
    replay.against(is_so, f"case {case.id}: other deliveries are due than recorded")
