"""A district centre of its own for each test, over a copy of the demo district."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.whole.parties import KEYS, Centre, Console

TOWN = "341002102"
CLERK = f"{TOWN}-clerk-1"


@pytest.fixture
def centre(demo_sqlite_url: str) -> Iterator[Centre]:
    found = Centre(demo_sqlite_url)
    yield found
    found.end(signal.SIGKILL)


@pytest.fixture
def keys(tmp_path: Path, demo_file: Path) -> Path:
    """The district's keys and certificates, to be spoilt."""
    return Path(shutil.copytree(KEYS, tmp_path / "keys"))


@pytest.fixture
def clerk(centre: Centre, tmp_path: Path) -> Iterator[Console]:
    """A headless workstation of the town, which has found its place."""
    made = Console(tmp_path, centre, TOWN, CLERK)
    made.settle()
    yield made
    made.close()
