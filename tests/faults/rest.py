"""What real processes left behind when they had come to rest, as the checks read it (tests/invariants); and the stores
themselves: I22."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from desktop.workers import within
from district.centre import Centre
from district.keys import CentreKeys, read_signing_key
from district.opening import open_centre, open_database
from models.blob_folder import BlobFolder
from models.clock import Clock
from models.ids import id_source
from models.organisation import DISTRICT_CODE
from models.rules import Reference, Rules
from models.store import documents
from models.store.engine import open_file, open_to_look
from models.store.identity import Identity
from models.store.locked import is_plain
from models.store.store_key import StoreKey
from models.store.work import Work
from models.wire import decode
from services.sealed_file import open_sealed_file
from services.secrets import Secrets
from services.store_keys import key_of
from services.sync.machine import Phase, Sync
from services.vault import Vault
from tests.faults import told
from tests.faults.processes import blobs_beside
from tests.faults.scene import Scene
from tests.faults.workstation import Place
from tests.invariants import check
from tests.invariants.at_rest import Made, must
from tests.invariants.history import History

T = TypeVar("T")
STORE = Path(told.STATION) / "store.sqlite"


class Witness:
    """What the workstations' processes wrote down of what they made and of what they called saved."""

    def __init__(self, folders: list[Path]) -> None:
        self.made: dict[str, Made] = {}
        self.told: set[str] = set()
        self.lost: set[str] = set()
        self.files: set[str] = set()
        self.screens: dict[str, dict[str, str]] = {}
        self.decided: dict[str, str] = {}
        self.served: dict[str, dict[str, int]] = {}
        self.asked: dict[str, list[tuple[int, int]]] = {}
        self.put_back_ms = 0
        self.refused = Counter[str]()
        for folder in folders:
            file = folder / told.SEEN
            for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
                self._read(line.split(" "))

    def _read(self, words: list[str]) -> None:
        match words:
            case ["making", device, cmd_id, since, until]:
                self.made[cmd_id] = Made(device, int(since), int(until))
            case ["told", cmd_id]:
                self.told.add(cmd_id)
            case ["adds", cmd_id]:
                self.files.add(cmd_id)
            case ["refused" | "failed", code]:
                self.refused[code] += 1


class Workstation:
    """One workstation's store, opened as the shipped code opens it."""

    def __init__(self, folder: Path, clock: Clock, found: told.Stands, key: StoreKey | None) -> None:
        self.name = folder.name
        self._clock = clock
        self._engine = open_file(folder / STORE, key)
        self.rules: Rules | None = None
        body = self.database(lambda work: documents.read(work.connection, documents.REFERENCE))
        if body is not None:
            self.rules = Rules(decode(body, Reference))
        facts = self.database(lambda work: {name: work.read_meta(name) for name in Identity.__struct_fields__})
        self.place = Place(facts["unit"], facts["device"], facts["slot"])
        self.sync = Sync(phase=Phase(found.phase), reason=found.reason)

    @property
    def devices(self) -> frozenset[str]:
        """All that it has been at the centre: nothing else, nobody lets these in again."""
        return frozenset({self.place.device})

    @property
    def is_stopped(self) -> bool:
        """True when only a person can help it."""
        return self.sync.phase is Phase.REFUSED

    def database(self, job: Callable[[Work], T]) -> T:
        with Work(self._engine, self.rules, self._clock, id_source(self._clock)) as work:
            return job(work)

    def close(self) -> None:
        self._engine.dispose()


class Rest:
    """All of it, at rest."""

    def __init__(self, scene: Scene, district: Centre, consoles: list[Workstation], witness: Witness) -> None:
        self.district, self.consoles, self.witness = district, consoles, witness
        self.units = sorted({DISTRICT_CODE, *(console.place.unit for console in consoles)})
        self.rules = district.rules
        self.now_ms = scene.clock.wall_ms()


def store_key(folder: Path) -> StoreKey | None:
    """The key of a workstation's store; None when it is plain."""
    known = told.read(folder)
    if not known.passphrase:
        return None
    secrets = Secrets(
        folder / told.STATION,
        known.address,
        Vault(within, open_sealed_file(folder / told.STATION / "sealed", known.passphrase)),
    )
    return key_of(secrets, folder / STORE)


def stores_are_whole(folders: list[Path]) -> None:
    """I22: every store is sound by SQLite's own check, encrypted where it should be, and none was ever set aside."""
    for folder in folders:
        key = store_key(folder)
        must(
            is_plain(folder / STORE) == (key is None),
            "I22",
            f"{folder.name}: encrypted or not, and should be the other",
        )
        engine = open_to_look(folder / STORE, key)
        try:
            with engine.connect() as connection:
                found = str(connection.execute(text("PRAGMA integrity_check")).scalar())
        except DBAPIError as error:
            found = str(error.orig)
        engine.dispose()
        must(found == "ok", "I22", f"{folder.name}: {found}")
        aside = sorted(path.name for path in (folder / told.STATION).glob("*damaged*"))
        must(not aside, "I22", f"{folder.name}: a store was taken for damaged: {aside}")


def errors_logged(folders: list[Path]) -> dict[str, int]:
    """What the programs wrote into their logs as an error, by its words, and how often."""
    files = [file for folder in folders for file in folder.rglob("*.log*")]
    lines = [line for file in files for line in file.read_text(encoding="utf-8", errors="replace").splitlines()]
    told = (line.split(" ERROR ", 1)[1] for line in lines if " ERROR " in line)
    return dict(Counter(told).most_common())


@contextmanager
def at_rest(scene: Scene) -> Iterator[Rest]:
    """Everything that ended processes left, opened to be read."""
    folders = [console.folder for console in scene.consoles]
    with ExitStack() as stack:
        engine = open_database(scene.database_url)
        stack.callback(engine.dispose)
        files = BlobFolder(blobs_beside(scene.keys))
        district = open_centre(engine, scene.clock, keys=CentreKeys(read_signing_key(scene.keys)), blobs=files)
        consoles = []
        for console, stood in zip(scene.consoles, scene.rested, strict=True):
            assert stood is not None
            consoles.append(Workstation(console.folder, scene.clock, stood, store_key(console.folder)))
            stack.callback(consoles[-1].close)
        yield Rest(scene, district, consoles, Witness(folders))


def checked(scene: Scene) -> tuple[History, Witness]:
    """Come to rest, then everything is looked at; Violation names what does not hold."""
    stores_are_whole([console.folder for console in scene.consoles])
    with at_rest(scene) as rest:
        return check(rest), rest.witness
