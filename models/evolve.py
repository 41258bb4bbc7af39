"""How events change a case, and how a change travels as an effect (D11).

`fold` is the only way a case changes. `effect_of` writes down what a fold changed; `apply_effect` does the same change
from the writing: one test per event kind proves them equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from models.case import Assignment, Case, Check, Request, StageClock, Step
from models.errors import Bug
from models.events import (
    AssignmentSet,
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
from models.wire import Effect

_KEYED: dict[str, tuple[str, type]] = {
    "assignments": ("id", Assignment),
    "clocks": ("id", StageClock),
    "checks": ("id", Check),
    "requests": ("id", Request),
    "history": ("cmd_id", Step),
}
_FIELD_TYPES: dict[str, Any] = {f.name: f.type for f in msgspec.structs.fields(Case)}
_PLAIN = tuple(name for name in _FIELD_TYPES if name not in _KEYED and name != "version")


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
    match event:
        case StateMoved():
            return replace(case, state=event.to)
        case AssignmentSet():
            return replace(case, assignments=_put(case.assignments, event.assignment, "id"))
        case ClockSet():
            return replace(case, clocks=_put(case.clocks, event.clock, "id"))
        case CheckSet():
            return replace(case, checks=_put(case.checks, event.check, "id"))
        case RequestSet():
            return replace(case, requests=_put(case.requests, event.request, "id"))
        case FactsSet():
            return replace(case, **event.values)
        case Noted():
            return replace(case, history=(*case.history, event.step))
        case Ratified():
            return replace(case, history=tuple(_ratified(step, event.cmd_id) for step in case.history))


def _ratified(step: Step, cmd_id: str) -> Step:
    return replace(step, ratified=True) if step.cmd_id == cmd_id else step


def _put(items: tuple[Any, ...], item: Any, key: str) -> tuple[Any, ...]:
    wanted = getattr(item, key)
    for index, old in enumerate(items):
        if getattr(old, key) == wanted:
            return (*items[:index], item, *items[index + 1 :])
    return (*items, item)


def effect_of(before: Case | None, after: Case) -> Effect:
    """What changed between two versions of a case, as the wire writes it. A new case is set whole."""
    if before is None:
        return Effect(case=after.id, version=after.version, set=msgspec.to_builtins(after))
    changed: dict[str, Any] = {}
    for name in _PLAIN:
        old, new = getattr(before, name), getattr(after, name)
        if old is not new and old != new:
            changed[name] = msgspec.to_builtins(new)
    put: dict[str, list[dict[str, Any]]] = {}
    for name in _KEYED:
        old_items, new_items = getattr(before, name), getattr(after, name)
        if old_items is new_items:
            continue
        known = {id(item) for item in old_items}
        fresh = [item for item in new_items if id(item) not in known and item not in old_items]
        if fresh:
            put[name] = [msgspec.to_builtins(item) for item in fresh]
    return Effect(case=after.id, version=after.version, set=changed, put=put)


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
