"""The town at work: everybody signs in with an account of his own, and one who may not act does not end the town."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring.core
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from sqlalchemy import text

from desktop.town import Town
from models import commands as c
from models.clock import DAY_MS as DAY
from models.clock import DemoClock, SystemClock
from models.people import Role
from models.rules import Rules
from models.store.engine import open_engine
from models.wire import decode_command
from tests.district.parties import HandClock
from tests.models.small_town import SQUAD, Walk
from tests.models.test_more_time import at_work
from tests.models.test_requests import request_of
from tests.whole.parties import OPERATOR, PASSWORD, ROOT, Centre, initialise

TOWN = "341002102"
DISTRICT = "341002"
SEED = 5
ROUNDS = 6


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Centre]:
    monkeypatch.setattr(keyring.core, "_keyring_backend", NoKeyring())
    database = f"sqlite:///{tmp_path}/district.sqlite"
    initialise(database)
    found = Centre(database)
    yield found
    found.end(signal.SIGKILL)


def disable(centre: Centre, person: str) -> None:
    command = [sys.executable, "-m", "district", "person", "--database", centre.database_url, "disable", person]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def acts_of(centre: Centre) -> list[tuple[str, str, str]]:
    """(actor, session, unit) of everything the town's workstations sent, in order."""
    engine = open_engine(centre.database_url)
    with engine.connect().execution_options(read_only=True) as connection:
        asked = text("SELECT l.body FROM log l JOIN device d ON d.id = l.device WHERE d.label = 'town' ORDER BY l.gseq")
        found = [decode_command(body) for body in connection.execute(asked).scalars()]
    engine.dispose()
    return [(act.actor, act.session, act.unit) for act in found]


def people_in_session(centre: Centre) -> set[tuple[str, str]]:
    engine = open_engine(centre.database_url)
    with engine.connect().execution_options(read_only=True) as connection:
        found = {(str(p), str(u)) for p, u in connection.execute(text("SELECT person, unit FROM session"))}
    engine.dispose()
    return found


@pytest.mark.landing
def test_everybody_acts_in_a_session_of_his_own_and_a_refusal_ends_nothing(
    centre: Centre, tmp_path: Path, rules: Rules
) -> None:
    intake = [p.id for p in rules.staff(DISTRICT) if Role.DISTRICT_INTAKE in p.roles]
    for person in intake:
        disable(centre, person)
    system = SystemClock()
    clock = DemoClock(system, system.wall_ms(), system.mono_ms(), 10)
    town = Town(tmp_path / "town", centre.address, TOWN, clock, SEED, centre.code, OPERATOR, PASSWORD)
    assert len(list(town.hour(ROUNDS, 0.0))) == ROUNDS
    town.close()
    acts = acts_of(centre)
    assert acts, "grid members went on reporting"
    assert all(session for _actor, session, _unit in acts)
    assert {(actor, unit) for actor, _session, unit in acts} <= people_in_session(centre)
    assert not {actor for actor, _session, _unit in acts} & set(intake), "who cannot sign in does not act"


class Watched:
    """A desk that is asked what it would do."""

    unit = SQUAD

    def __init__(self) -> None:
        self.done: list[object] = []

    def act(self, _person: str, args: object, _case_id: str) -> None:
        self.done.append(args)


def test_what_is_suspended_is_left_alone_until_its_day() -> None:
    walk = Walk()
    lead = at_work(walk)
    until = walk.now_ms + 30 * DAY
    walk.act("squad-officer", c.AskSuspension(lead, "conditions", until, "等许可"))
    case = walk.act("deputy", c.AnswerSuspension(request_of(walk), True))
    town = object.__new__(Town)
    town._chance, town._rules = random.Random(1), walk.rules
    for now_ms, acts in ((until - DAY, 0), (until + DAY, 1)):
        town._clock, desk = HandClock(now_ms), Watched()
        town._go_on(desk, case)  # type: ignore[arg-type]
        assert len(desk.done) == acts
