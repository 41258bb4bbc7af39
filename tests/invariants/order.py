"""The centre's own books: I2, I3, I4, I6, I8, I12, I15, I16, I20."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from district.audit import audit
from models.breach import BreachState
from models.case import Case, State
from models.commands import Report, SettleBreach, kind_of
from models.decide.breaches import BY_WATERMARK, could_testify
from models.people import DISTRICT_ITSELF
from models.wire import GENESIS, entry_link
from models.workstations import LET_IN_AGAIN
from tests.invariants.at_rest import AtRest, must
from tests.invariants.history import Entry, History


def order_is_whole(rest: AtRest, history: History) -> None:
    """The log, by itself and by the program's own audit."""
    with rest.district.reading() as connection:
        found = audit(connection)
    must(not found.contradictions, "I6", "; ".join(found.contradictions[:3]))
    chain, last = GENESIS, defaultdict[str, int](int)
    for place, entry in enumerate(history.entries, start=1):
        row = entry.row
        must(row.gseq == place, "I3", f"entry {row.gseq} stands at place {place}")
        chain = entry_link(chain, row.gseq, row.hash, row.outcome, row.effect.encode())
        must(chain == row.chain, "I4", f"the district's chain breaks at {row.gseq}")
        must(row.dseq > last[row.device], "I8", f"{row.device} {row.dseq} after {last[row.device]}")
        last[row.device] = row.dseq
        _complete(entry)
        _when_it_was(rest, entry)
    _no_verdict_taken_back(history)
    _only_when_nobody_could_speak(rest, history)
    _counted_once(history)


def _complete(entry: Entry) -> None:
    row = entry.row
    must(bool(row.actor and row.device and row.cmd_id), "I20", f"entry {row.gseq} names nobody")
    told = row.outcome == "accepted" or entry.reason is not None
    must(told, "I20", f"entry {row.gseq} is {row.outcome} without a reason")


def _when_it_was(rest: AtRest, entry: Entry) -> None:
    row = entry.row
    must(
        row.lo <= row.hi <= row.received_at, "I15", f"entry {row.gseq}: {row.lo}..{row.hi}, received {row.received_at}"
    )
    made = rest.witness.made.get(row.cmd_id)
    if made is not None:
        words = f"{kind_of(entry.command.args)} was made in {made.at_ms}..{made.until_ms}, judged {row.lo}..{row.hi}"
        must(row.lo <= made.until_ms and made.at_ms <= row.hi, "I15", f"{words} ({row.grade})")


def _no_verdict_taken_back(history: History) -> None:
    for entry in history.entries:
        if entry.before is None or entry.after is None:
            continue
        for breach in entry.before.breaches:
            now = entry.after.breach(breach.id)
            must(now is not None, "I16", f"{breach.id} vanished at {entry.row.gseq}")
            back = breach.state is not BreachState.PROVISIONAL and now is not None
            must(not back or now.state is not BreachState.PROVISIONAL or breach.state is BreachState.WITHDRAWN, "I16",
                 f"{breach.id} was {breach.state.value} and is provisional again")  # fmt: skip


def _only_when_nobody_could_speak(rest: AtRest, history: History) -> None:
    """A breach that is final by watermark: every act that was made in time on a workstation concerned is in the order
    already, in truth. What a disk put back took away is out of this (R4), and so is a workstation of which a
    centre that was put back has never heard, or one that was revoked."""
    saved = set(rest.witness.told).difference(rest.witness.lost)
    at_place = {entry.row.cmd_id: entry.row.gseq for entry in history.entries}
    for entry in history.entries:
        args, case = entry.command.args, entry.before
        if not isinstance(args, SettleBreach) or args.basis != BY_WATERMARK or case is None:
            continue
        clock = case.clock(args.clock)
        if clock is None or clock.due_at is None or entry.row.outcome != "accepted":
            continue
        units = could_testify(case, clock)
        for cmd_id, made in rest.witness.made.items():
            device = history.devices.get(made.device)
            if (
                device is None
                or device.unit not in units
                or cmd_id not in saved
                or _was_taken_out(device, entry, history)
            ):
                continue
            in_time = made.until_ms <= clock.due_at
            must(not in_time or at_place.get(cmd_id, 1 << 60) < entry.row.gseq, "I16",
                 f"{args.clock} final at {entry.row.gseq} while {cmd_id} of {device.unit} was on its way")  # fmt: skip


def _was_taken_out(device: Any, entry: Entry, history: History) -> bool:
    """Revoked by then, and not because it was let in again as another that the centre knows: of one that was let in while the past
    was that it has lost, a centre that was put back has never heard."""
    is_former = device.revoke_reason in LET_IN_AGAIN and any(d.replaces == device.id for d in history.devices.values())
    return device.revoked_at is not None and not is_former and device.revoked_at <= entry.row.received_at


def _counted_once(history: History) -> None:
    held = {cmd_id for cmd_id, (outcome, *_) in history.outcomes.items() if outcome == "accepted"}
    took_effect = [e for e in history.entries if e.command.cmd_id in held]
    opened = [e for e in took_effect if isinstance(e.command.args, Report)]
    must(len(opened) == len(history.cases), "I12", f"{len(history.cases)} cases of {len(opened)} reports")
    merged = [e for e in took_effect if kind_of(e.command.args) == "case.merge"]
    survive = [case for case in history.cases.values() if _survives(case)]
    must(
        len(survive) == len(opened) - len(merged), "I12", f"{len(survive)} survive of {len(opened)} less {len(merged)}"
    )


def _survives(case: Case) -> bool:
    return case.state is not State.MERGED and not case.duplicate_of


def is_of_the_centre(entry: Entry) -> bool:
    """What the centre saw itself."""
    return entry.row.actor == DISTRICT_ITSELF
