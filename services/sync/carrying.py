"""Handing in acts of another workstation of the unit (交接包, sync.md §3.10), before this one's own.

The centre takes them at their place of their own chain, by their own signatures; whoever comes second is told what it has already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from msgspec.structs import replace

from models.errors import Refused
from models.store import carried, cursors
from models.store.carried import Carried, CarriedAct
from models.store.work import Work
from models.wire import Sealed
from services.cases import replay
from services.sync.database import Database
from services.sync.line import Line
from services.sync.lost import tell_lost

BATCH = 200
BATCH_BYTES = 240_000
"""What one push takes, own or carried."""
OF_THE_ACTS = frozenset(
    {"not_your_device", "signature_wrong", "signature_required", "malformed", "too_large", "quarantine_full"}
)
"""Refusals of what is carried; a person must be told, and trying again changes nothing."""


def hand_in_carried(database: Database, unit: str, line: Line) -> None:
    """Give the centre all that is carried here and not handed in yet. What it will not take is marked with the reason and waits
    no longer; weather passes through, and it is tried again."""
    for found in database(lambda work: carried.to_hand_in(work.connection)):
        ids = [act.cmd_id for act in found.acts if act.waits]
        known = {k[0]: k[1] for start in range(0, len(ids), 500) for k in line.status(ids[start : start + 500]).known}
        # What the centre has still was not lost; what it keeps undecided, or has decided otherwise, came back by another, who may
        # know no place of it.
        tell_lost(line, [was for was in carried.lost(found) if known.get(was.cmd_id) != was.outcome])
        refusal = _handed_in(found, line)
        database(partial(_mark, given=found, refusal=refusal, came_before=bool(known), unit=unit))


def _handed_in(found: Carried, line: Line) -> str:
    """Why the centre would not take it, as a code; "" when it has all of it now."""
    refusal = ""
    try:
        for batch in _batches(found.acts):
            reply = line.carry(batch)
            if reply.error in ("gap", "fork"):
                return carried.GAP if reply.error == "gap" else "carried_fork"
            refusal = "carried_revoked" if reply.error else ""
    except Refused as error:
        if error.code not in OF_THE_ACTS:
            raise  # it is the one that carries, or its line, that is refused: the acts wait
        return error.code
    return refusal


def _batches(acts: Sequence[CarriedAct]) -> Iterator[list[Sealed]]:
    """As many as one push takes, in acts and in bytes; with them whatever further on takes one of them back, since the centre
    must know of both at once (D3). That comes again in its place."""
    taking_back = {target: act for act in acts if (target := carried.target_of(act))}
    start = 0
    while start < len(acts):
        end, size = start, 0
        while end < len(acts) and end - start < BATCH // 2:
            size += len(acts[end].sealed.body.encode()) * 2
            if size > BATCH_BYTES and end > start:
                break
            end += 1
        batch = acts[start:end]
        inside = {act.cmd_id for act in batch}
        ahead = [taking_back[act.cmd_id] for act in batch if act.cmd_id in taking_back]
        yield [act.sealed for act in (*batch, *(act for act in ahead if act.cmd_id not in inside))]
        start = end


def _mark(work: Work, given: Carried, refusal: str, came_before: bool, unit: str) -> None:
    """Verdicts come through the feed. What the centre had before may stand in a part of it that was taken in already: then a
    snapshot tells. A second file taken in meanwhile holds acts that were not given: it is handed in anew (world 5911)."""
    found = carried.find(work.connection, given.device)
    if found is not None and len(found.acts) == len(given.acts):
        carried.put(work.connection, replace(found, handed=not refusal, refusal=refusal))
        if refusal:
            replay(work, *(act.case_id for act in found.acts))
    if came_before:
        cursors.doubt(work.connection, unit)
    work.commit()
