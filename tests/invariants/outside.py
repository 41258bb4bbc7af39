"""What the world remembers outside the centre, held against what the centre says in the end: D3, D14, F7; and against the truth: D8.

The other checks take the centre's word and look whether it is of a piece. A centre that was put back may be consistent and unjust.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from district.past import restorations
from district.recovered import recovered
from models.breach import BLAMELESS
from models.case import NO_RESULT, AssignmentRole, Case, StageClock, State, Verdict
from models.commands import Retract, Settle, kind_of
from models.policy import Stage
from models.recovery import EFFECTIVE
from tests.invariants.at_rest import AtRest, must
from tests.invariants.history import Entry, History
from tests.invariants.recovered import decided_in_old_order

SURE = (Verdict.ON_TIME, Verdict.LATE)
GIVES_TIME = ("case.answer_extension", "case.answer_suspension", "case.end_suspension")


class Told(NamedTuple):
    """How a clock was judged, as the workstation (`console`) was told that had stopped it (ms UTC)."""

    console: str
    verdict: str
    started_at: int | None
    due_at: int | None


@dataclass
class Outside:
    """`clocks`, by case, clock and the act that stopped it, as they were when they were first told before the centre was put back;
    `revoked`: who was taken out, when, by whom, why; `declined`: acts of workstations that never come back; `left_before`:
    when anything had last left a workstation before it made an act; `disks`: workstations put back to an image;
    `places`: where each act had stood that whoever holds it had a verdict on, made or carried."""

    clocks: dict[tuple[str, str, str], Told] = field(default_factory=dict)
    revoked: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    declined: set[str] = field(default_factory=set)
    left_before: dict[str, int] = field(default_factory=dict)
    disks: set[str] = field(default_factory=set)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)


def still_so(rest: AtRest, history: History, outside: Outside) -> None:
    """All of it."""
    _what_was_taken_back(rest, history, outside)
    _who_was_revoked(history, outside)
    _whoever_was_on_time(rest, history, outside)
    _by_the_true_time(rest, history)
    _where_they_stood(rest, history, outside)


def _what_was_taken_back(rest: AtRest, history: History, outside: Outside) -> None:
    """An act that nobody had heard of when its clerk took it back never took effect, whichever way both came."""
    told = set(rest.witness.told).difference(rest.witness.lost)
    for undo in (
        e.command for e in history.entries if isinstance(e.command.args, Retract) and e.command.cmd_id in told
    ):
        assert isinstance(undo.args, Retract)
        made = rest.witness.made.get(undo.args.cmd_id)
        if made is None or outside.left_before[undo.cmd_id] >= made.at_ms:
            continue
        outcome, _code, gseq = history.outcomes.get(undo.args.cmd_id, ("", "", 0))
        words = (
            f"{undo.args.cmd_id} was taken back by {undo.cmd_id} before anybody knew of it, and is {outcome} at {gseq}"
        )
        must(outcome not in EFFECTIVE, "D3", words)


def _who_was_revoked(history: History, outside: Outside) -> None:
    """Whoever the centre knows stays revoked as he was; what was declined of somebody who never came back has no effect."""
    for name, was in outside.revoked.items():
        row = history.devices.get(name)
        if row is not None:
            now = (row.revoked_at, row.revoked_by, row.revoke_reason)
            must(now == was, "D14", f"{name} was revoked {was}, and is now {now}")
    for cmd_id in outside.declined:
        outcome = history.outcomes.get(cmd_id, ("",))[0]
        must(outcome not in EFFECTIVE, "D14", f"{cmd_id} was declined, and is {outcome}")


def _whoever_was_on_time(rest: AtRest, history: History, outside: Outside) -> None:
    """Every clock that its workstation had been told of is as it was, or stands on the list of the recovery: with the act that had
    stopped it, or with the answer that had given it more time."""
    changed = [(key, was, now) for key, was in outside.clocks.items()
               if (now := _otherwise(rest, history, outside, key, was)) is not None]  # fmt: skip
    if not changed:
        return
    with rest.district.reading() as connection:
        listed = {difference.cmd_id for difference in recovered(connection, rest.now_ms).differences}
    for (case_id, clock, act), was, now in changed:
        gave = {
            e.command.cmd_id
            for e in history.entries
            if e.row.case_id == case_id and kind_of(e.command.args) in GIVES_TIME
        }
        must(
            bool(listed & {act, *gave}),
            "F7",
            f"{clock} of {case_id}, stopped by {act}, was {was}, is {now}, and nobody is told",
        )


def _otherwise(
    rest: AtRest, history: History, outside: Outside, key: tuple[str, str, str], was: Told
) -> Told | str | None:
    """How the clock is now; None when it is as it was, the duty has been given back or the case voided since, or nobody can say: its act
    is gone, or the disk that knew of it."""
    case_id, name, act = key
    outcome = history.outcomes.get(act, ("",))[0]
    if not outcome or act in rest.witness.lost or was.console in outside.disks:
        return None
    case = history.cases.get(case_id)
    clock = case.clock(name) if case is not None else None
    if case is None or clock is None or outcome not in EFFECTIVE:
        return outcome
    given = case.assignment(clock.assignment)
    nobodys = given is not None and (given.ended in BLAMELESS or case.close_kind in NO_RESULT)
    nobodys = nobodys or (clock.stage is Stage.DISPATCH and _was_never_its(case, clock.owner))
    if clock.verdict is Verdict.NOT_COUNTED and (nobodys or case.state is State.VOID):
        return None
    now = told(was.console, clock)
    return None if now == was else now


def _was_never_its(case: Case, town: str) -> bool:
    """True where a town that had been given the case has given it back: none of its ten minutes counts (practice.md §3)."""
    own = (a for a in case.assignments if a.receiver == town and a.role is AssignmentRole.TOWN)
    return any(a.ended == "returned" for a in own)


def told(console: str, clock: StageClock) -> Told:
    """The clock, as it is told."""
    return Told(console, clock.verdict.value if clock.verdict else "", clock.started_at, clock.due_at)


def _where_they_stood(rest: AtRest, history: History, outside: Outside) -> None:
    """Whoever hands in what was lost tells where it had stood, its maker or a colleague (R6)."""
    if outside.disks:
        return  # whose disk was put back may hand in what he remembers no place of
    with rest.district.reading() as connection:
        apart = {str(row[0]) for row in connection.exec_driver_sql("SELECT cmd_id FROM quarantine")}
        past = restorations(connection)
    known = {}
    for entry in history.entries:
        cmd_id = entry.command.cmd_id
        epoch, gseq = outside.places.get(cmd_id, (1 << 30, 0))
        kept = next((found.gseq for found in past if found.epoch > epoch), 1 << 60)  # so much of it the copy held
        if entry.row.gseq > kept and cmd_id not in apart:
            known[cmd_id] = (epoch, gseq)
    decided_in_old_order(rest, history, known)


def _by_the_true_time(rest: AtRest, history: History) -> None:
    """What was truly done in time is never surely late, and what was truly late never surely in time."""
    for entry in history.entries:
        args = entry.command.args
        act = args.cmd_id if isinstance(args, Settle) else entry.command.cmd_id
        made = rest.witness.made.get(act)
        if made is None or entry.after is None:
            continue
        for clock in entry.after.clocks:
            if clock.stopped_by == act and clock.verdict in SURE and not clock.ruled_by and clock.due_at is not None:
                is_late = clock.verdict is Verdict.LATE
                unjust = made.until_ms <= clock.due_at if is_late else made.at_ms > clock.due_at
                must(not unjust, "D8", f"{_named(entry, clock)}, done in truth {made.at_ms}..{made.until_ms}")


def _named(entry: Entry, clock: StageClock) -> str:
    words = f"{kind_of(entry.command.args)} at {entry.row.gseq}: {clock.id}, due {clock.due_at}"
    return f"{words}, is {clock.verdict} by {clock.stopped}"
