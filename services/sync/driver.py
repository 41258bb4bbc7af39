"""Runs the machine step by step in the calling thread: for tests, and for a program without a window (the town at work)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from models.errors import Refused, Weather
from services.sync import machine
from services.sync.line import Line
from services.sync.machine import Phase, Sync, step
from services.sync.round import Exchange


def fact_of(effect: machine.Effect, act: Callable[[], machine.Fact], chance: Callable[[], float]) -> machine.Fact:
    """Do an effect and turn whatever happened into a fact: weather is waited out, a refusal needs a person. A full disk
    is both, and so is one that fails: the person is told elsewhere, and later the exchange goes on by itself."""
    try:
        return act()
    except Weather as error:
        return machine.Failed(type(effect).__name__, error.code, chance(), error.retry_after_seconds)
    except Refused as error:
        if error.code in ("store_full", "store_io"):
            return machine.Failed(type(effect).__name__, error.code, chance())
        return machine.Denied(error.code)


def settle(exchange: Exchange, line: Line, sync: Sync, chance: Callable[[], float], rounds: int = 100) -> Sync:
    """Drive the machine until it would wait for something new, or for the line; at most `rounds` exchanges."""
    sync, effects = step(sync, machine.TimerFired())
    queue = list(effects)
    for _ in range(rounds):
        queue.sort(key=lambda e: isinstance(e, machine.Pull))
        if not queue or sync.phase not in (Phase.ONLINE, Phase.CONNECTING):
            break
        effect = queue.pop(0)
        fact = fact_of(effect, partial(exchange.do, effect, line), chance)
        sync, more = step(sync, fact)
        goes_on = isinstance(fact, machine.SnapshotNeeded) or (isinstance(fact, machine.Pulled) and fact.has_news)
        if isinstance(effect, machine.Pull) and not goes_on and not queue:
            break
        queue.extend(more)
    return sync
