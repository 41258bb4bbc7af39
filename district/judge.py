"""What one act comes to at the centre, as a value: the verdict, the effect, and which feeds it reaches.

Pure: no database, no clock. The API path and the bulk loader both write exactly what this says.
"""

from __future__ import annotations

import msgspec

from models.case import Case
from models.commands import Command, Retract, kind_of
from models.decide import Decision, Outcome, decide
from models.evidence import Moment
from models.evolve import effect_of, fold
from models.organisation import DISTRICT_CODE
from models.row import scopes_of
from models.rules import Rules
from models.wire import Reason, encode


class Judgement(msgspec.Struct, frozen=True):
    """A verdict and its consequences. `after` is None when nothing changed. `modes` maps each feed that carries the
    entry to how it sees it (models/wire.py FeedItem). `given` lists new assignments as (id, receiver); `settled` those
    that need no delivery any more."""

    outcome: Outcome
    reason: Reason | None
    effect: bytes
    after: Case | None
    modes: dict[str, str]
    given: tuple[tuple[str, str], ...]
    settled: tuple[str, ...]


NO_EFFECT = b"null"


def judge(
    case: Case | None,
    command: Command,
    device_unit: str,
    rules: Rules,
    at: Moment,
    *,
    retracted: bool,
    disabled_at: int | None,
) -> Judgement:
    """Judge an act of a device that belongs to `device_unit`. `retracted`: the same device takes it back in the same
    batch (D3). `disabled_at`: since when the actor's account is disabled."""
    decision = _decision(case, command, device_unit, rules, at, retracted, disabled_at)
    if not decision.events:
        return Judgement(decision.outcome, decision.reason, NO_EFFECT, None, _own(device_unit), (), ())
    after = fold(case, decision.events)
    before_scopes = scopes_of(case) if case is not None else frozenset[str]()
    after_scopes = scopes_of(after)
    modes = {DISTRICT_CODE: "effect" if case is not None else "enter"}
    for scope in sorted(before_scopes | after_scopes):
        if scope not in after_scopes:
            modes[scope] = "leave"
        else:
            modes[scope] = "effect" if scope in before_scopes else "enter"
    if device_unit not in modes:
        modes[device_unit] = "own"
    known = {a.id for a in case.assignments} if case is not None else set[str]()
    given = tuple((a.id, a.receiver) for a in after.assignments if a.id not in known)
    settled = tuple(a.id for a in after.assignments if a.ended or a.delivered_at is not None)
    effect = encode(effect_of(case, after))
    return Judgement(decision.outcome, decision.reason, effect, after, modes, given, settled)


def _own(unit: str) -> dict[str, str]:
    return dict.fromkeys(sorted({unit, DISTRICT_CODE}), "own")


def _decision(
    case: Case | None,
    command: Command,
    device_unit: str,
    rules: Rules,
    at: Moment,
    retracted: bool,
    disabled_at: int | None,
) -> Decision:
    if retracted:
        return Decision(Outcome.REJECTED, Reason(code="retracted"))
    actor = rules.actor(command.actor, command.unit)
    if actor is None or command.unit != device_unit:
        return Decision(Outcome.REJECTED, Reason(code="not_at_this_desk"))
    if disabled_at is not None and at.hi >= disabled_at:
        return Decision(Outcome.REJECTED, Reason(code="actor_disabled"))
    if command.subject.type != "case":
        return Decision(Outcome.REJECTED, Reason(code="unknown_subject"))
    return decide(case, command, actor, rules, at)


def retracted_in(batch: list[Command]) -> dict[str, str]:
    """Acts that a later act of the same batch and the same actor takes back: target id → id of the retraction."""
    found: dict[str, str] = {}
    seen: dict[str, Command] = {}
    for command in batch:
        if isinstance(command.args, Retract):
            target = seen.get(command.args.cmd_id)
            if target is not None and target.actor == command.actor and kind_of(target.args) != "act.retract":
                found[command.args.cmd_id] = command.cmd_id
        seen[command.cmd_id] = command
    return found
