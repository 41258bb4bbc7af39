from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.district.parties import District, open_district


@pytest.fixture
def district(database_url: str) -> Iterator[District]:
    """A small district on an empty database of each kind."""
    with open_district(database_url) as found:
        yield found
