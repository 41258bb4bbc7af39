"""What a test needs of the system: it skips, and says how to get it, where that is missing (see conftest.py)."""

from __future__ import annotations

import shutil

import pytest


def need(*programs: str, group: str = "test") -> None:
    """Skip unless all these programs are installed; `group` of packaging/system-packages.txt holds them."""
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} missing; packaging/setup.sh {group} installs it")
