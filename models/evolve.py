"""How events change a case, and how a change travels as an effect (D11).

`fold` is the only way a case changes. `effect_of` writes down what a fold changed; `apply_effect` does the same change
from the writing: one test per event kind proves them equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

import msgspec
from msgspec.structs import replace

from models.attachment import Attachment
from models.breach import Breach
from models.case import Assignment, Case, Check, Request, StageClock, Step
from models.errors import Bug
from models.events import (
    AssignmentSet,
    AttachmentSet,
    BreachSet,
    CaseOpened,
    CheckSet,
    ClockSet,
    Event,
    FactsSet,
    Noted,
    Ratified,
    RequestSet,
    StateMoved,
)
from models.wire import Effect, encode

_KEYED: dict[str, tuple[str, type]] = {
    "assignments": ("id", Assignment),
    "clocks": ("id", StageClock),
    "checks": ("id", Check),
    "requests": ("id", Request),
    "breaches": ("id", Breach),
    "attachments": ("id", Attachment),
    "history": ("cmd_id", Step),
}
_FIELD_TYPES: dict[str, Any] = {f.name: f.type for f in msgspec.structs.fields(Case)}
_PLAIN = tuple(name for name in _FIELD_TYPES if name not in _KEYED and name != "version")
_plain_of = attrgetter(*_PLAIN)


def fold(case: Case | None, events: Iterable[Event]) -> Case:
    """The case after one act's events; its version counts one more. An act without events leaves it untouched."""
    events = tuple(events)
    if not events:
        if case is None:
            raise Bug("nothing happened to no case")
        return case
    for event in events:
        case = after_event(case, event)
    assert case is not None
    return replace(case, version=case.version + 1)


def after_event(case: Case | None, event: Event) -> Case:
    """The case after one event, its version untouched. Bug when the first event does not open it."""
    if isinstance(event, CaseOpened):
        return event.case
    if case is None:
        raise Bug("the first event of a case must open it")
    changed: Case = _AFTER[type(event)](case, event)
    return changed


def _ratified(step: Step, cmd_id: str) -> Step:
    return replace(step, ratified=True) if step.cmd_id == cmd_id else step


def _put(items: tuple[Any, ...], item: Any, key: str) -> tuple[Any, ...]:
    wanted = getattr(item, key)
    for index in range(len(items) - 1, -1, -1):  # what changes is mostly what came last
        if getattr(items[index], key) == wanted:
            return (*items[:index], item, *items[index + 1 :])
    return (*items, item)


_AFTER: dict[type, Callable[[Case, Any], Case]] = {
    StateMoved: lambda case, event: replace(case, state=event.to),
    AssignmentSet: lambda case, event: replace(case, assignments=_put(case.assignments, event.assignment, "id")),
    ClockSet: lambda case, event: replace(case, clocks=_put(case.clocks, event.clock, "id")),
    CheckSet: lambda case, event: replace(case, checks=_put(case.checks, event.check, "id")),
    RequestSet: lambda case, event: replace(case, requests=_put(case.requests, event.request, "id")),
    BreachSet: lambda case, event: replace(case, breaches=_put(case.breaches, event.breach, "id")),
    AttachmentSet: lambda case, event: replace(case, attachments=_put(case.attachments, event.attachment, "id")),
    FactsSet: lambda case, event: replace(case, **event.values),
    Noted: lambda case, event: replace(case, history=(*case.history, event.step)),
    Ratified: lambda case, event: replace(case, history=tuple(_ratified(step, event.cmd_id) for step in case.history)),
}


def effect_of(before: Case | None, after: Case) -> Effect:
    """What changed between two versions of a case, as the wire writes it. A new case is set whole."""
    values, put = _changes(before, after)
    return Effect(after.id, after.version, msgspec.to_builtins(values), msgspec.to_builtins(put))


def written_effect(before: Case | None, after: Case) -> bytes:
    """The JSON of effect_of, without the way round through plain dicts."""
    values, put = _changes(before, after)
    return encode(Effect(after.id, after.version, values, put))


def _changes(before: Case | None, after: Case) -> tuple[Any, dict[str, Any]]:
    if before is None:
        return after, {}
    changed: dict[str, Any] = {}
    for name, old, new in zip(_PLAIN, _plain_of(before), _plain_of(after), strict=True):
        if old is not new and old != new:
            changed[name] = new
    put: dict[str, list[Any]] = {}
    for name in _KEYED:
        old_items, new_items = getattr(before, name), getattr(after, name)
        if old_items is new_items:
            continue
        known = {id(item) for item in old_items}
        fresh = [item for item in new_items if id(item) not in known and item not in old_items]
        if fresh:
            put[name] = fresh
    return changed, put


def apply_effect(before: Case | None, effect: Effect) -> Case:
    """The case after an effect. Fields this version does not know are passed over: an older console stays right."""
    if before is None:
        return msgspec.convert(effect.set, Case)
    values: dict[str, Any] = {"version": effect.version}
    for name, value in effect.set.items():
        if name in _FIELD_TYPES:
            values[name] = msgspec.convert(value, _FIELD_TYPES[name])
    for name, items in effect.put.items():
        if name not in _KEYED:
            continue
        key, kind = _KEYED[name]
        merged = getattr(before, name)
        for item in items:
            merged = _put(merged, msgspec.convert(item, kind), key)
        values[name] = merged
    return replace(before, **values)
