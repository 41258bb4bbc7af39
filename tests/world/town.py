"""Who lives in a world: the small district, or one of twenty units, with their workstations and keys.

Made once per process: worlds are copies of the files made here.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from district import devices
from district.opening import initialise, open_database
from models.ids import uuid7
from models.organisation import DISTRICT_CODE
from models.owed_evidence import SHOWS
from models.rules import Reference
from models.signing import SigningKey, new_key
from models.store import documents
from models.store.engine import open_engine, take_order_lock
from models.store.migrate import migrate
from models.store.work import Work
from models.wire import encode
from tests.district.parties import CENTRE_KEY, OPERATOR, PASSWORD, HandClock
from tests.models import small_town
from tests.models.small_town import DEPARTMENT, MARKET, OTHER_TOWN, SMALL_VILLAGE, SQUAD, START_MS, TOWN, VILLAGE

SMALL_UNITS = (DISTRICT_CODE, DEPARTMENT, MARKET, SMALL_VILLAGE, SQUAD, VILLAGE)
"""Of these two stand beside the sub-centre in a small world."""

_MEMORY = Path("/dev") / "shm"
ROOM = str(_MEMORY) if _MEMORY.is_dir() else None
"""Where worlds lie: in memory where the system has such a place. Power cuts are simulated above the file."""

_MORE_TOWNS = ("341002103", "341002104", "341002105")


class Shape(NamedTuple):
    """How large a world is, when it begins (ms UTC), and how people work in it."""

    units: int
    consoles: int
    begins_ms: int = START_MS
    acts_an_hour: int = 0
    """Of people who go on with what is to be done (tests/world/diligent.py), beside those who act at random."""


SMALL, LARGE = Shape(3, 5), Shape(20, 3)
NEW_YEAR = Shape(3, 5, 1_798_711_200_000)
"""From six in the evening of the last day of a year on; the next has no holiday notice (暂定)."""
ROUNDS = Shape(4, 3, acts_an_hour=10)
"""Cases go all the way round."""


class Place(NamedTuple):
    """A workstation as the centre let it in."""

    unit: str
    number: int
    device: str
    slot: str
    token: str
    key: SigningKey | None


def reference(shape: Shape) -> Reference:
    """The small district's reference data; where cases go all the way round every duty on the spot owes its photograph; for a large world with three more towns of the same make."""
    small = small_town.reference()
    if shape.acts_an_hour:
        asked = (replace(rule, photo_required=rule.stage in SHOWS) for rule in small.policy.stages)
        small = replace(small, policy=replace(small.policy, stages=tuple(asked)))
    if shape.units <= 8:
        return small
    organisations, people = list(small.organisations), list(small.people)
    for town in _MORE_TOWNS:
        named = {TOWN: town, VILLAGE: f"{town}001", SQUAD: f"{town}-squad", MARKET: f"{town}-market"}
        for found in small.organisations:
            if found.code in named:
                parent = town if found.parent == TOWN else found.parent
                organisations.append(replace(found, code=named[found.code], parent=parent, town=town))
        for person in small.people:
            if person.unit in named:
                seconded = tuple(named.get(u, u) for u in person.seconded_to)
                people.append(replace(person, id=f"{person.id}.{town}", unit=named[person.unit], seconded_to=seconded))
    return replace(small, organisations=tuple(organisations), people=tuple(people))


def units_of(shape: Shape, chance: random.Random) -> list[str]:
    """Which units a world has."""
    if shape.units > 8:
        return [o.code for o in reference(shape).organisations][: shape.units]
    others = list(SMALL_UNITS)
    if shape.acts_an_hour:
        handles = chance.choice((MARKET, SQUAD))
        return [TOWN, VILLAGE, handles, chance.choice([u for u in others if u not in (VILLAGE, handles)])]
    if chance.random() < 0.6:  # most worlds have a unit that handles and a station that checks
        return [TOWN, VILLAGE, chance.choice([u for u in others if u != VILLAGE])]
    if chance.random() < 0.1:
        others.append(OTHER_TOWN)
    return [TOWN, *chance.sample(others, shape.units - 1)]


class Moulds:
    """The files that worlds of one shape are copied from."""

    def __init__(self, shape: Shape) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="moulds-", dir=ROOM))
        self.district = self._folder / "district.sqlite"
        self._shape = shape
        self.reference = reference(shape)
        random_bytes = random.Random(f"mould {shape}").randbytes
        engine = open_database(f"sqlite:///{self.district}")
        initialise(engine, self.reference, OPERATOR, PASSWORD, START_MS, random_bytes)
        self.places: dict[tuple[str, int], Place] = {}
        with engine.begin() as connection:
            take_order_lock(connection)
            for organisation in self.reference.organisations:
                for number in range(shape.consoles):
                    key = new_key(random_bytes)
                    token = random_bytes(16).hex()
                    told = (organisation.code, "", OPERATOR, token, START_MS, lambda: uuid7(START_MS, random_bytes(10)))
                    made = devices.register(connection, *told, public_key=key.public)
                    place = Place(made.unit, number, made.id, made.slot, token, key)
                    self.places[made.unit, number] = place
        engine.dispose()
        self.empty = self._folder / "console.sqlite"
        """A store that is nobody's yet."""
        engine = open_engine(f"sqlite:///{self.empty}")
        migrate(engine)
        engine.dispose()

    @cache  # noqa: B019 - as long as the process
    def console(self, unit: str, number: int) -> Path:
        """A workstation's file that knows who it is and nothing else."""
        place = self.places[unit, number]
        file = self._folder / f"{unit}-{number}.sqlite"
        shutil.copyfile(self.empty, file)
        engine = open_engine(f"sqlite:///{file}")
        with Work(engine, None, HandClock(), lambda: "") as work:
            assert place.key is not None
            facts = {"device": place.device, "unit": unit, "slot": place.slot, "public_key": place.key.public}
            for name, value in {**facts, "centre_key": CENTRE_KEY.public, "address": "http://127.0.0.1"}.items():
                work.write_meta(name, value)
            if number:  # the first of each unit fetches it
                body = encode(self.reference)
                documents.put(work.connection, documents.REFERENCE, body)
                work.write_meta("reference", hashlib.sha256(body).hexdigest())
            work.commit()
        engine.dispose()
        return file

    def remove(self) -> None:
        """Nothing is left behind."""
        shutil.rmtree(self._folder, ignore_errors=True)


_MOULDS: dict[Shape, Moulds] = {}


def moulds(shape: Shape) -> Moulds:
    """Made when first asked for; removed by `remove_moulds`, or when the process ends."""
    if shape not in _MOULDS:
        import atexit

        _MOULDS[shape] = made = Moulds(shape)
        atexit.register(made.remove)
    return _MOULDS[shape]
