"""A district centre of its own for each test, over a copy of the demo district."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.whole.parties import Centre


@pytest.fixture
def centre(demo_sqlite_url: str) -> Iterator[Centre]:
    found = Centre(demo_sqlite_url)
    yield found
    found.end(signal.SIGKILL)
