"""A call that may hang, run elsewhere with a budget of time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def within(call: Callable[[], T], seconds: float) -> T:
    """The call's value; TimeoutError when it takes longer (it is then left to end by itself)."""
    box: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()

    def serve() -> None:
        try:
            box.put((True, call()))
        except Exception as error:
            box.put((False, error))

    threading.Thread(target=serve, daemon=True).start()
    try:
        good, value = box.get(timeout=seconds)
    except queue.Empty as error:
        raise TimeoutError from error
    if not good:
        raise value
    result: T = value
    return result
