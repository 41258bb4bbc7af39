"""Since when a console has been running: a program that is started anew has not been switched off (D6)."""

from __future__ import annotations

import pytest

from services.sync.heart import RESTART_MS, Running, at_start

KEPT = Running("boot", 1_000, 5_000_000)
NOW = 5_000_000 + RESTART_MS


@pytest.mark.parametrize(
    "kept, boot, now_ms, began_ms",
    [
        (KEPT, "boot", NOW, 1_000),
        (KEPT, "boot", NOW + 1, NOW + 1),
        (KEPT, "another boot", NOW, NOW),
        (KEPT, "boot", 4_999_999, 4_999_999),
        (None, "boot", NOW, NOW),
    ],
    ids=["started anew", "was off", "the machine was off", "another counter", "for the first time"],
)
def test_since_when_it_runs(kept: Running | None, boot: str, now_ms: int, began_ms: int) -> None:
    assert at_start(kept, boot, now_ms) == Running(boot, began_ms, now_ms)
