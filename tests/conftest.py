"""Fixtures shared by all tests: the shipped reference data, and both databases, for real."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.reference_files import load_reference
from models.rules import Rules
from tests.real import postgres

pytest_plugins = ["tests.real.skips"]
REFERENCE = Path(__file__).parents[1] / "resources" / "reference"


@pytest.fixture(scope="session")
def rules() -> Rules:
    return Rules(load_reference(REFERENCE))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as base:
        server = postgres.Server(postgres.prepared_folder(Path(base)))
        yield server
        server.stop("immediate")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind the district serves from."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/district.sqlite"
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.url(f"d{uuid.uuid4().hex[:12]}")
