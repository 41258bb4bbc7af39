"""Medians, and how a figure is said beside its floor and its goal."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def median_ms(work: Callable[[], object], times: int) -> float:
    """How long it takes, as the median of so many times."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def in_turn_ms(floor: Callable[[], object], work: Callable[[], object], times: int) -> tuple[float, float]:
    """Both medians, one after the other each time, so that a busy machine is busy for both."""
    pairs = [(median_ms(floor, 1), median_ms(work, 1)) for _ in range(times)]
    return statistics.median(f for f, _ in pairs), statistics.median(w for _, w in pairs)


def p95(taken: list[float]) -> float:
    """What nineteen of twenty took at most."""
    return sorted(taken)[int(len(taken) * 0.95)]


def say(name: str, value: float, floor: float, goal: float) -> None:
    """One line: what it took, what the least possible takes in the same run, and how many times that is allowed."""
    print(f"{name:40s} {value:9.3f} ms  floor {floor:9.3f} ms  ratio {value / floor:6.2f}  goal <= {goal}", flush=True)


def note(text: str) -> None:
    """A figure without a floor."""
    print(text, flush=True)
