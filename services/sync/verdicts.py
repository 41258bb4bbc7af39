"""What the centre says became of an act: kept with the act, and what follows from it in the tray (docs/sync.md)."""

from __future__ import annotations

from models.store import carried, outbox, tray_words
from models.store.work import Work
from models.tray_acts import KINDS
from models.wire import Reason, decode_command
from services.sync.answered import Answered


def settle(
    work: Work, cmd_id: str, outcome: str, reason: Reason | None, gseq: int, *, own: bool, foreign: bool
) -> bool:
    """A verdict on an act of this store (`own`), or carried here for another workstation (`foreign`). True when it is one."""
    mine = own and outbox.settle(work.connection, cmd_id, outcome, reason, gseq)
    theirs = foreign and carried.settle(work.connection, cmd_id, outcome, reason, gseq)
    if (mine or theirs) and outcome in ("rejected", "merged"):
        tray_words.judged(work.connection, cmd_id, outcome, reason.code if reason is not None else "")
    return mine or theirs


def settle_again(work: Work, cmd_id: str, outcome: str, reason: Reason | None, gseq: int, *, foreign: bool) -> bool:
    """The same, not by the entry of the act itself: what it says of the tray is read from where it is kept."""
    found = settle(work, cmd_id, outcome, reason, gseq, own=True, foreign=foreign)
    if not found and outcome != "deferred":
        tray_words.judged(work.connection, cmd_id, outcome, reason.code if reason is not None else "")
    row = outbox.find(work.connection, cmd_id)
    if row is not None and row.kind in KINDS:
        tray_words.heard(work.connection, decode_command(row.body), outcome)
    return found


def settle_all(work: Work, told: Answered) -> None:
    """What the centre says around a snapshot, which may have come to pass in a part of the feed that is never read here."""
    foreign = carried.waiting_ids(work.connection)
    for cmd_id, outcome, reason, gseq in told.known:
        settle_again(work, cmd_id, outcome, reason, gseq, foreign=cmd_id in foreign)
    for body in told.said:
        tray_words.heard(work.connection, decode_command(body), "accepted")
