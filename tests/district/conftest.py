"""A small district for each test, copied from one that was made once for the whole run: migrations and honest password
hashes cost more than most tests. Making one is tested where that is the matter (test_accounts, test_small_year)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from district import accounts, demo
from services.sync.machine import Phase
from tests.district import test_accounts
from tests.district.parties import Address, District, make, open_district, seeded
from tests.models.small_town import TOWN
from tests.real import postgres
from tests.whole.parties import Console

OWN_SEED = 0
"""Not the seed of any district that is opened over a copy: no id comes twice."""


@pytest.fixture(autouse=True)
def _cheap_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password costs next to nothing to verify, but where passwords are the matter: there it costs what it should."""
    if request.module is not test_accounts:
        monkeypatch.setattr(accounts, "_HASHER", demo._CHEAP)


@pytest.fixture(scope="session")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("made") / "district.sqlite"
    make(f"sqlite:///{file}", seeded(OWN_SEED))
    assert [f.name for f in file.parent.iterdir()] == [file.name], "closed, with nothing left in a log beside it"
    return file


@pytest.fixture(scope="session")
def made_database(postgres_server: postgres.Server) -> str:
    make(postgres_server.url("made"), seeded(OWN_SEED))
    return "made"


@pytest.fixture(params=["sqlite", "postgresql"])
def made_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind with a small district in it."""
    if request.param == "sqlite":
        copy = shutil.copy(request.getfixturevalue("made_file"), tmp_path / "district.sqlite")
        yield f"sqlite:///{copy}"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.lent(request.getfixturevalue("made_database")) as url:
        yield url


@pytest.fixture
def desk(district: District, tmp_path: Path) -> Iterator[Console]:
    """A headless workstation of the town, by the district's own clock, which has found its place."""
    made = Console(tmp_path, Address(district), TOWN, "clerk", district.clock)  # type: ignore[arg-type]
    assert made.settle().phase is Phase.ONLINE
    yield made
    made.close()


@pytest.fixture
def district(made_url: str) -> Iterator[District]:
    """A small district on a database of each kind."""
    with open_district(made_url, made=True) as found:
        yield found
