"""Fixtures shared by all tests: the shipped reference data, and both databases, for real."""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from desktop.collecting import collect_what_is_due
from models.reference_files import load_reference
from models.rules import Rules
from tests.real import postgres
from tests.whole.parties import initialise

# The same examples in every run, and no test waits on milliseconds (D30).
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
pytest_plugins = ["tests.real.skips"]
REFERENCE = Path(__file__).parents[1] / "resources" / "reference"


@pytest.fixture(autouse=True)
def cycles() -> Iterator[None]:
    """Where the screen's thread alone collects them (tests/ui), tests that turn no event loop leave them to it."""
    yield
    if not gc.isenabled():
        collect_what_is_due()


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
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind the district serves from."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/district.sqlite"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.lent() as url:
        yield url


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with a demo district in it, made once for the run; to be copied."""
    file = tmp_path_factory.mktemp("demo") / "district.sqlite"
    initialise(f"sqlite:///{file}")
    assert [f.name for f in file.parent.iterdir()] == [file.name], "closed, with nothing left in a log beside it"
    return file


@pytest.fixture(scope="session")
def demo_database(postgres_server: postgres.Server) -> str:
    """The same on PostgreSQL: the name of a database."""
    initialise(postgres_server.url("demo"))
    return "demo"


@pytest.fixture
def demo_sqlite_url(demo_file: Path, tmp_path: Path) -> str:
    """A demo district of this test's own, on SQLite."""
    return f"sqlite:///{shutil.copy(demo_file, tmp_path / 'district.sqlite')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def demo_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A demo district of this test's own, on a database of each kind."""
    if request.param == "sqlite":
        yield str(request.getfixturevalue("demo_sqlite_url"))
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.lent(request.getfixturevalue("demo_database")) as url:
        yield url
