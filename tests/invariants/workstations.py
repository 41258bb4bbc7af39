"""What the workstations hold when all is quiet: I1, I9, I10, I11, I14, I19."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from district.store.audit import scope_heads
from district.store.tables import checkpoint
from models.commands import CloseEntry, HandOn, Retract
from models.organisation import DISTRICT_CODE
from models.retention import ended_by, horizon
from models.row import scopes_of
from models.store import carried, confirmed, cursors, outbox
from models.store.case_table import case_row
from models.store.console_tables import outbox as outbox_table
from models.store.console_tables import personal
from models.store.work import Work
from models.tray_acts import KINDS
from models.wire import Reason, decode, encode
from services import tray
from services.desk import Desk
from tests.invariants.at_rest import AtRest, Workstation, must
from tests.invariants.history import History


def workstations_agree(rest: AtRest, history: History) -> None:
    """Every workstation, one by one; then every act that was told to be saved."""
    kept: dict[str, str] = {}
    with rest.district.reading() as connection:
        ends = {head.scope: (head.sseq, head.chain) for head in scope_heads(connection)}
        stored = {str(r[0]) for r in connection.exec_driver_sql("SELECT hash FROM personal")}
        # Of a workstation that died revoked, whose acts a colleague carried: kept apart, for a person to decide.
        differ = {str(d) for d in connection.execute(select(checkpoint.c.device).where(~checkpoint.c.agrees)).scalars()}
        apart = {str(r[0]) for r in connection.exec_driver_sql("SELECT cmd_id FROM quarantine")}
    for console in rest.consoles:
        must(console.place.device not in differ, "I4", f"{console.name} holds another past than the centre")
        rows = console.database(lambda work: list(work.connection.execute(select(outbox_table)).all()))
        kept.update({row.cmd_id: row.state for row in rows})
        _follows(console, rows, history)
        _drained(console, rows, ends.get(console.place.unit))
        _believes(console, rows, history)
        _tray(rest, console, rows, history)
        _base(console, history, horizon(rest.now_ms))
        _carries(rest, console, history)
        _records(console, stored)
    for cmd_id in sorted(set(rest.witness.told).difference(rest.witness.lost)):
        there = cmd_id in history.outcomes or cmd_id in apart
        must(there or kept.get(cmd_id, "") in (outbox.PENDING, outbox.SENT), "I1", f"{cmd_id} is nowhere")


def _follows(console: Workstation, rows: list[Any], history: History) -> None:
    """A workstation whose disk was put back stops when it hands in what does not follow its chain, until it is let in again."""
    device = console.place.device
    at_centre = {e.row.dseq: e.row.hash for e in history.entries if e.row.device == device}
    here = {row.dseq: row.hash for row in rows}
    parted = [n for n, found in here.items() if n in at_centre and at_centre[n] != found]
    made_since = [row for row in rows if row.state != outbox.SETTLED and row.dseq <= max(at_centre, default=0)]
    must(not parted and not made_since, "R4", f"{console.name}: an older disk was put back and nobody noticed")


def _drained(console: Workstation, rows: list[Any], end: tuple[int, str] | None) -> None:
    name = console.name
    must(console.sync.phase.value == "online", "I19", f"{name} is {console.sync.phase.value} {console.sync.reason}")
    open_ = [row.cmd_id for row in rows if row.state != outbox.SETTLED or row.outcome == "deferred"]
    must(not open_, "I19", f"{name}: {len(open_)} acts without a verdict: {open_[:2]}")
    place = console.database(lambda work: cursors.read(work.connection, console.place.unit))
    here = (place.sseq, place.chain) if place is not None else None
    must(here == (end or here), "I19", f"{name} stands at {here}, the feed at {end}")


def _believes(console: Workstation, rows: list[Any], history: History) -> None:
    for row in rows:
        reason = decode(row.reason, Reason | None) if row.reason else None  # type: ignore[arg-type]
        belief = (row.outcome, reason.code if reason else "", row.gseq)
        said = history.outcomes.get(row.cmd_id)
        must(said is not None, "I1", f"{row.cmd_id} of {console.name} is settled and not in the order")
        same = said == belief or (said is not None and said[0] == "accepted" == belief[0] and said[2] == belief[2])
        must(same, "I10", f"{console.name} believes {belief} of {row.kind} {row.cmd_id}, the order says {said}")


def _tray(rest: AtRest, console: Workstation, rows: list[Any], history: History) -> None:
    shown = _shown(console)
    here = {row.cmd_id for row in rows}
    taken_back, closed = _taken_back(history), _closed(history)
    for entry in history.entries:
        gone = entry.row.device in console.devices and entry.row.cmd_id not in here.union(rest.witness.lost)
        must(not gone, "I11", f"{console.name}: {entry.row.kind} {entry.row.outcome} is no longer on record there")
    for row in rows:
        outcome, code, _gseq = history.outcomes.get(row.cmd_id, ("", "", 0))
        wanted_so = outcome == "rejected" and row.retracted and row.cmd_id in taken_back
        lost = outcome in ("rejected", "merged") and not wanted_so and row.kind not in KINDS
        waits = lost and (row.cmd_id, outcome, code) not in closed
        words = f"{console.name}: {row.kind} {row.cmd_id} {outcome} {code}, in the tray: {row.cmd_id in shown}"
        must(waits == (row.cmd_id in shown), "I11", words)
    carries = {a.cmd_id for found in console.database(lambda w: carried.every(w.connection)) for a in found.acts}
    for cmd_id in shown - here - carries:
        outcome, code, _gseq = history.outcomes.get(cmd_id, ("", "", 0))
        lies = (cmd_id, outcome, code) in _handed_on(history) - closed
        must(lies, "I11", f"{console.name}: {cmd_id} {outcome} {code} of another workstation is in the tray")


def _shown(console: Workstation) -> set[str]:
    """The acts whose entries stand in the tray."""
    place, rules = console.place, console.rules
    assert rules is not None
    desk = Desk(rules.people_at(place.unit)[0].id, place.unit, place.device, place.slot)
    return {item.cmd_id for item in console.database(lambda work: tray.items(work, desk))}


def _closed(history: History) -> set[tuple[str, str, str]]:
    """The entries that an act of the order closes: which act, with which verdict."""
    stand = (e.command for e in history.entries if history.outcomes[e.command.cmd_id][0] in ("accepted", "merged"))
    return {(c.args.cmd_id, c.args.outcome, c.args.code) for c in stand if isinstance(c.args, CloseEntry)}


def _handed_on(history: History) -> set[tuple[str, str, str]]:
    """The entries that an act of the order hands to a colleague."""
    stand = (e.command for e in history.entries if history.outcomes[e.command.cmd_id][0] == "accepted")
    return {(c.args.cmd_id, c.args.outcome, c.args.code) for c in stand if isinstance(c.args, HandOn)}


def _carries(rest: AtRest, console: Workstation, history: History) -> None:
    """What is carried here for another workstation has the verdict of the order; what the centre would not take says why."""
    shown, closed, taken_back = _shown(console), _closed(history), _taken_back(history)
    for found in console.database(lambda work: carried.every(work.connection)):
        for act in found.acts:
            said = history.outcomes.get(act.cmd_id)
            words = f"{console.name} carries {act.kind} {act.cmd_id} for {found.slot}: {act.outcome} {found.refusal}"
            must(said is not None or bool(found.refusal), "I1", f"{words}, and the centre has not got it")
            must(said is None or said[0] == act.outcome, "I10", f"{words}, the order says {said}")
            undone = act.cmd_id in taken_back or (said is not None and said[1] == "retracted")
            lost = said is not None and said[0] in ("rejected", "merged") and act.kind not in KINDS and not undone
            waits = lost and said is not None and (act.cmd_id, *said[:2]) not in closed
            must(not waits or act.cmd_id in shown, "I11", f"{words}, and is not in the tray")


def _taken_back(history: History) -> set[str]:
    """Acts whose clerk has said that they are to have no effect, and was told so: whatever the centre refused them for, before
    it heard of that or because of it, nothing is lost."""
    accepted = (e.command.args for e in history.entries if e.row.outcome == "accepted")
    return {args.cmd_id for args in accepted if isinstance(args, Retract)}


def _base(console: Workstation, history: History, since: int) -> None:
    """`since`: what had ended before may have been let go (sync.md §3.11)."""
    unit = console.place.unit

    def read(work: Work) -> tuple[dict[str, bytes], list[str]]:
        rows = work.connection.execute(select(case_row.c.id, case_row.c.document))
        return {r.id: bytes(r.document) for r in rows}, confirmed.touched(work.connection)

    here, touched = console.database(read)
    must(not touched, "I9", f"{console.name}: something still lies on top of {touched[:2]}")
    wanted = {i: c for i, c in history.cases.items() if unit == DISTRICT_CODE or unit in scopes_of(c)}
    foreign = here.keys() - wanted.keys()
    must(not foreign, "I18", f"{console.name} holds cases of others: {sorted(foreign)[:2]}")
    lacks = {case_id for case_id in wanted.keys() - here.keys() if ended_by(wanted[case_id]) >= since}
    must(not lacks, "I9", f"{console.name} lacks {sorted(lacks)[:2]}")
    for case_id, raw in here.items():
        must(raw == encode(wanted[case_id]), "I9", f"{console.name} has another {case_id}")


def _records(console: Workstation, stored: set[str]) -> None:
    rows = console.database(lambda work: work.connection.execute(select(personal)).all())
    waiting = [row.hash for row in rows if not row.sent or row.hash not in stored]
    must(not waiting, "I1", f"{console.name}: {len(waiting)} requesters' records never came to the centre")
