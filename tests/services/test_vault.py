"""How long a keyring is waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.vault import BUDGET_SECONDS, LOADING_SECONDS, Vault


def test_a_library_that_does_not_load_is_waited_for_once() -> None:
    """The first secret is read before there is any window (desktop/first_run.py)."""
    waited: list[float] = []

    def hangs(_call: Callable[[], Any], seconds: float) -> Any:
        waited.append(seconds)
        raise TimeoutError

    vault = Vault(hangs)
    for name in ("store key", "token", "signing key"):
        assert vault.read(name) == ""
    assert waited == [LOADING_SECONDS, BUDGET_SECONDS, BUDGET_SECONDS]
