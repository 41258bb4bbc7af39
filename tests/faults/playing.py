"""One run of a kind: everything is set up, goes wrong, is healed, comes to rest and is looked at; what came of it, for the record."""

from __future__ import annotations

import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests.faults import clocks, disks, killing, lines, power_cut, processes
from tests.faults.database import Postgres
from tests.faults.rest import checked, errors_logged
from tests.faults.scene import Scene
from tests.faults.told import STATION
from tests.invariants.at_rest import Violation, must
from tests.program import program
from tests.real.postgres import prepared_folder


class Outcome(msgspec.Struct):
    """What one run came to. `broken` is the invariant that does not hold, "" when all do; `words` say how. `told` acts that were
    called saved, `made` those that reached their commit, `refused` what people were told instead, `logged` the errors in the programs' logs, `entries` of the district's
    order, `files` added by acts that were called saved; `settled_seconds` until all was quiet again; `program` the commit."""

    kind: str
    seed: int
    count: int
    broken: str = ""
    words: str = ""
    played: dict[str, int] = {}
    told: int = 0
    made: int = 0
    entries: int = 0
    files: int = 0
    program: str = ""
    verdicts: dict[str, int] = {}
    refused: dict[str, int] = {}
    logged: dict[str, int] = {}
    settled_seconds: float = 0.0
    seconds: float = 0.0


@contextmanager
def _server() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="faults-pg"))
    server = Postgres(prepared_folder(folder))
    try:
        yield server
    finally:
        if server.is_up:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _scene(found: Outcome, folder: Path, url: str = "", **options: Any) -> Iterator[Scene]:
    """The parties, judged when the block is over. Without `url` the district's database is a SQLite file."""
    options = {"encrypted": bool(found.seed % 2), **options}
    scene = Scene(folder, found.seed, url or f"sqlite:///{folder}/district.sqlite", **options)
    try:
        yield scene
        judge(found, scene)
    finally:
        found.played = dict(scene.played)
        scene.close()


def _kill(found: Outcome, folder: Path) -> None:
    with _server() as server, _scene(found, folder, server.url("district")) as scene:
        killing.kill(scene, server, found.count)


def _restore(found: Outcome, folder: Path) -> None:
    with _server() as server, _scene(found, folder, server.url("district")) as scene:
        killing.put_back(scene, server, found.count)


def _short(found: Outcome, folder: Path) -> None:
    """A little of both, for the ordinary run of tests: kills, then a backup put back under the running service."""
    with _server() as server, _scene(found, folder, server.url("district")) as scene:
        killing.kill(scene, server, found.count)
        killing.put_back(scene, server, 1, ways=("left running",))


def _lines(found: Outcome, folder: Path) -> None:
    """Under TLS a workstation must keep its secrets safely, so its store is encrypted."""
    with _server() as server, lines.namespace() as line:
        options = {"host": lines.HERE, "under": line.inside, "encrypted": True}
        with _scene(found, folder, server.url("district"), **options) as scene:
            lines.fail(scene, line, found.count)


def _full(found: Outcome, folder: Path) -> None:
    """Each store on a small disk of its own, and the district's SQLite file on another."""
    with ExitStack() as stack:
        places = [stack.enter_context(disks.small_disk(folder / "district"))]

        def prepare(workstation: Path) -> dict[str, str]:
            places.append(stack.enter_context(disks.small_disk(workstation / STATION)))
            return {}

        with _scene(found, folder, f"sqlite:///{places[0]}/district.sqlite", prepare=prepare) as scene:
            disks.run_full(scene, places, found.count)


def _errors(found: Outcome, folder: Path) -> None:
    with _scene(found, folder, under=disks.UNDER_FIU) as scene:
        disks.give_errors(scene, found.count)


def _clocks(found: Outcome, folder: Path) -> None:
    said: list[Path] = []

    def prepare(workstation: Path) -> dict[str, str]:
        said.append(workstation / "clock")
        return clocks.environment(said[-1])

    with _scene(found, folder, pace=1, machine_clocks=True, prepare=prepare) as scene:
        clocks.run_wrong(scene, said, found.count)


def _power_cuts(found: Outcome, folder: Path) -> None:
    for synchronous in ("NORMAL", "OFF"):
        must(power_cut.control(found.seed, synchronous), "harness", f"it does not see what {synchronous} loses")
    found.played = dict(power_cut.play(found.count, found.seed, encrypted=bool(found.seed % 2)))


PLAYS: dict[str, Callable[[Outcome, Path], None]] = {
    "kill": _kill,
    "restore": _restore,
    "short": _short,
    "lines": _lines,
    "full": _full,
    "errors": _errors,
    "clocks": _clocks,
    "power-cut": _power_cuts,
}
KINDS = tuple(PLAYS)


def judge(found: Outcome, scene: Scene) -> None:
    """Everything is healed and looked at."""
    found.settled_seconds = round(scene.settle(), 1)
    history, witness = checked(scene)
    found.told, found.made, found.entries = len(witness.told), len(witness.made), len(history.entries)
    found.files = len(witness.files & witness.told)
    found.logged = errors_logged([scene.folder])
    found.refused = dict(witness.refused.most_common())
    said = (f"{e.row.outcome} {e.reason.code}".strip() if e.reason else e.row.outcome for e in history.entries)
    found.verdicts = dict(Counter(said).most_common())


def played(kind: str, seed: int, count: int) -> Outcome:
    """Play one run. Never raises: what goes wrong is what came of it, and its folder stays."""
    processes.preload()
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    found, began = Outcome(kind, seed, count, program=program()), time.monotonic()
    try:
        PLAYS[kind](found, folder)
    except Violation as violation:
        found.broken, found.words = violation.rule, str(violation)
    except Exception as error:
        found.broken, found.words = "bug", "".join(traceback.format_exception(error, limit=-8))
    if found.broken:
        found.words += f"\nwhat is left: {folder}"
    else:
        shutil.rmtree(folder)
    found.seconds = round(time.monotonic() - began, 1)
    return found
