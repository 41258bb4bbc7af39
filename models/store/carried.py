"""Acts of another workstation of the unit that this one carries to the centre (交接包, sync.md §3.10): a tentative foreign chain.

Kept one document a workstation, beside the outbox and never in it: they are not this device's, hold no place in its chain, and
the file they came in stays their record until the centre has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from models.attachment import Attach
from models.commands import Command, Retract, kind_of
from models.recovery import DECIDED, Was, lost_again
from models.store import documents, outbox
from models.store.clocks_told import clocks_of
from models.tray_acts import KINDS
from models.wire import Reason, Sealed, UnknownKind, decode, decode_any, decode_command, encode

_NAMED = "carried:"
GAP = "carried_gap"
"""A refusal that may pass: what comes before these is not at the centre, and another may yet bring it."""


class CarriedAct(Struct, frozen=True):
    """One of them. `outcome` "" (or "deferred") while its verdict is still to come; `gseq`: its place in the order, 0 when it has
    none yet, or stood in a document of a version that kept none; `closed_at` (ms UTC) once put away; `was`: what the centre had
    said of it in a past that it has lost."""

    sealed: Sealed
    cmd_id: str
    case_id: str
    kind: str
    actor: str
    made_at: int
    outcome: str = ""
    reason: Reason | None = None
    closed_at: int | None = None
    gseq: int = 0
    was: Was | None = None

    @property
    def waits(self) -> bool:
        """True while its verdict is still to come."""
        return self.outcome in ("", "deferred")

    @property
    def is_told_of(self) -> bool:
        """True when the feed has spoken of it: the centre has it, however it came there."""
        return self.outcome != ""

    @property
    def verdict(self) -> tuple[str, str]:
        """The newest final one, with the code of its reason: also one that the centre has lost. ("", "") before there is one."""
        if self.outcome in DECIDED:
            return self.outcome, self.reason.code if self.reason is not None else ""
        return (self.was.outcome, self.was.code) if self.was is not None else ("", "")


class Carried(Struct, frozen=True):
    """What is carried for one workstation (`device`, of that letter). `handed`: the centre has all of it; `refusal`: why it would
    not take it, as a code: then it waits no longer."""

    device: str
    slot: str
    acts: tuple[CarriedAct, ...]
    handed: bool = False
    refusal: str = ""

    @property
    def is_to_hand_in(self) -> bool:
        """True while the centre has yet to be given it."""
        return not self.handed and not self.refusal


def every(connection: Connection) -> list[Carried]:
    """All that is carried here."""
    return [decode(body, Carried) for body in documents.beginning(connection, _NAMED)]


def to_hand_in(connection: Connection) -> list[Carried]:
    """What is carried here that the centre has yet to be given."""
    return [found for found in every(connection) if found.is_to_hand_in]


def find(connection: Connection, device: str) -> Carried | None:
    """What is carried for that workstation."""
    body = documents.read(connection, _NAMED + device)
    return None if body is None else decode(body, Carried)


def put(connection: Connection, carried: Carried) -> None:
    """Keep it, in place of what was carried for that workstation before."""
    documents.put(connection, _NAMED + carried.device, encode(carried))


def carried_act(sealed: Sealed) -> CarriedAct:
    """An act as it is carried. UnknownKind for one of a newer version."""
    found = decode_command(sealed.body)
    made = found.time.wall_ms
    return CarriedAct(sealed, found.cmd_id, found.subject.id, kind_of(found.args), found.actor, made)


def in_order(acts: Iterable[CarriedAct]) -> tuple[CarriedAct, ...]:
    """As they stand in their workstation's chain, whichever file brought them first: otherwise each waits for another."""
    return tuple(sorted(acts, key=lambda act: int(decode_any(act.sealed.body)["dseq"])))


def waiting_ids(connection: Connection) -> set[str]:
    """Ids of those whose verdict is still to come."""
    return {act.cmd_id for carried in every(connection) for act in carried.acts if act.waits}


def cases_on_top(connection: Connection) -> set[str]:
    """The cases that show acts of these whose verdict is still to come."""
    shown = (carried for carried in every(connection) if not carried.refusal)
    return {act.case_id for carried in shown for act in carried.acts if act.waits}


def waiting_of_case(connection: Connection, case_id: str) -> list[Command]:
    """Those on a case that still wait, in order, each once, without those taken back further on and those the centre would not
    take."""
    return [command for command in _waiting(connection) if command.subject.id == case_id]


def _waiting(connection: Connection) -> list[Command]:
    shown = (carried for carried in every(connection) if not carried.refusal)
    return [c for _act, c in _not_undone(_each_once(act for carried in shown for act in carried.acts if act.waits))]


def all_waiting(connection: Connection, case_ids: Iterable[str]) -> dict[str, list[Command]]:
    """Acts whose verdict is still to come, by case, of these: those carried for another workstation, then this one's own."""
    own = outbox.unsettled_of_cases(connection, wanted := set(case_ids))
    found: dict[str, list[Command]] = {}
    for command in _waiting(connection):
        if command.subject.id in wanted:
            found.setdefault(command.subject.id, []).append(command)
    for case_id, commands in own.items():
        found.setdefault(case_id, []).extend(commands)
    return found


def _each_once(acts: Iterable[CarriedAct]) -> list[CarriedAct]:
    """A workstation let in again may have handed an act over as either device."""
    return list({act.cmd_id: act for act in acts}.values())


def _not_undone(acts: Iterable[CarriedAct]) -> list[tuple[CarriedAct, Command]]:
    """Those this version knows, without retractions and what these take back."""
    known = [(act, command) for act in acts if (command := _command(act)) is not None]
    undone = {command.args.cmd_id for _act, command in known if isinstance(command.args, Retract)}
    return [(act, c) for act, c in known if act.cmd_id not in undone and not isinstance(c.args, Retract)]


def target_of(act: CarriedAct) -> str:
    """The act this one takes back; "" when it is no retraction."""
    command = _command(act)
    return command.args.cmd_id if command is not None and isinstance(command.args, Retract) else ""


def every_command(connection: Connection) -> list[Command]:
    """All acts carried here, of kinds this version knows."""
    acts = (act for found in every(connection) for act in found.acts)
    return [command for act in acts if (command := _command(act)) is not None]


def _command(act: CarriedAct) -> Command | None:
    try:
        return decode_command(act.sealed.body)
    except UnknownKind:
        return None


def of_case(connection: Connection, case_id: str) -> list[CarriedAct]:
    """All on a case, whatever became of them."""
    return [act for carried in every(connection) for act in carried.acts if act.case_id == case_id]


def naming(connection: Connection, case_id: str, sha256: str) -> str | None:
    """One of those that add this file to the case and may stand; None when there is none."""
    for carried in every(connection):
        may_stand = (act for act in carried.acts if act.outcome != "rejected")
        for act, command in _not_undone(act for act in may_stand if act.is_told_of or not carried.refusal):
            adds = command.args
            if command.subject.id == case_id and isinstance(adds, Attach) and adds.sha256 == sha256:
                return act.cmd_id
    return None


def not_at_centre(connection: Connection) -> set[str]:
    """Ids of those the centre has not got, would not take, or did not let take effect: nothing can be sent for them. One of a
    revoked workstation, which lay apart and was admitted since, it has."""
    acts = ((carried, act) for carried in every(connection) for act in carried.acts)
    return {act.cmd_id for carried, act in acts if not (carried.handed or act.is_told_of)} | rejected(connection)


def rejected(connection: Connection) -> set[str]:
    """Ids of those that did not take effect."""
    return {act.cmd_id for carried in every(connection) for act in carried.acts if act.outcome == "rejected"}


def settle(connection: Connection, cmd_id: str, outcome: str, reason: Reason | None, gseq: int) -> bool:
    """The verdict came through the feed or a snapshot. True when the act is carried here. One that was put away with another
    verdict shows again."""

    def settled(act: CarriedAct) -> CarriedAct:
        now = replace(act, outcome=outcome, reason=reason, gseq=gseq)
        return now if now.verdict == act.verdict else replace(now, closed_at=None)

    return _change(connection, cmd_id, settled)


def not_effective(connection: Connection) -> list[CarriedAct]:
    """Those that did not take effect and whose entry nobody has closed; without those about the tray itself."""
    acts = _each_once(act for carried in every(connection) for act in carried.acts if act.kind not in KINDS)
    return [a for a in acts if a.outcome in ("rejected", "merged") and a.closed_at is None and not _was_undone(a)]


def _was_undone(act: CarriedAct) -> bool:
    return act.reason is not None and act.reason.code == "retracted"


def put_away(connection: Connection, cmd_id: str, at_ms: int | None) -> None:
    """Somebody has seen it; None: that does not hold any more (models/store/tray_words.py)."""
    _change(connection, cmd_id, lambda act: replace(act, closed_at=at_ms))


def offer_again(connection: Connection, epoch: int) -> None:
    """The centre's past is another one: all of it is handed in again, its old verdicts worth nothing but to tell the order the
    acts had in history `epoch` (sync-R6)."""
    for carried in every(connection):
        acts = tuple(_offered_again(connection, act, epoch) for act in carried.acts)
        put(connection, replace(carried, acts=acts, handed=False, refusal=""))


def _offered_again(connection: Connection, act: CarriedAct, epoch: int) -> CarriedAct:
    outcome, code = act.verdict
    was = act.was
    if act.outcome in DECIDED:
        clocks = clocks_of(connection, act.case_id, act.cmd_id)  # its maker may never come to tell
        was = lost_again(was, Was(act.cmd_id, epoch, act.gseq, outcome, code, clocks))
    return replace(act, outcome="", reason=None, gseq=0, was=was)


def lost(carried: Carried) -> list[Was]:
    """What those that are offered again had come to in a past that the centre has lost, as far as their places are known."""
    return [act.was for act in carried.acts if not act.is_told_of and act.was is not None and act.was.gseq]


def _change(connection: Connection, cmd_id: str, change: Callable[[CarriedAct], CarriedAct]) -> bool:
    """In every chain it is carried in: a workstation let in again may have handed it over as either device."""
    found = False
    for carried in every(connection):
        if any(act.cmd_id == cmd_id for act in carried.acts):
            acts = tuple(change(act) if act.cmd_id == cmd_id else act for act in carried.acts)
            put(connection, replace(carried, acts=acts))
            found = True
    return found
