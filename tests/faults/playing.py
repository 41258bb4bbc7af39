"""One run of a kind: everything is set up, goes wrong, is healed, comes to rest and is looked at; what came of it, for the record."""

from __future__ import annotations

import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests.faults import killing, lines, processes
from tests.faults.database import Postgres
from tests.faults.rest import checked
from tests.faults.scene import Scene
from tests.invariants.at_rest import Violation
from tests.real.postgres import prepared_folder


class Outcome(msgspec.Struct):
    """What one run came to. `broken` is the invariant that does not hold, "" when all do; `words` say how. `told` acts that were
    called saved, `made` those that reached their commit, `entries` of the district's order; `settled_seconds` until all was
    quiet again."""

    kind: str
    seed: int
    count: int
    broken: str = ""
    words: str = ""
    played: dict[str, int] = {}
    told: int = 0
    made: int = 0
    entries: int = 0
    verdicts: dict[str, int] = {}
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
def _scene(found: Outcome, url: str = "", **options: Any) -> Iterator[Scene]:
    """The parties, judged when the block is over; their folder stays when something is wrong. Without `url` the district's
    database is a SQLite file."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    options = {"encrypted": bool(found.seed % 2), **options}
    scene = Scene(folder, found.seed, url or f"sqlite:///{folder}/district.sqlite", **options)
    try:
        yield scene
        judge(found, scene)
    finally:
        found.played = dict(scene.played)
        scene.close()
    shutil.rmtree(folder, ignore_errors=True)


def _kill(found: Outcome) -> None:
    with _server() as server, _scene(found, server.url("district")) as scene:
        killing.kill(scene, server, found.count)


def _restore(found: Outcome) -> None:
    with _server() as server, _scene(found, server.url("district")) as scene:
        killing.put_back(scene, server, found.count)


def _lines(found: Outcome) -> None:
    """Under TLS a workstation must keep its secrets safely, so its store is encrypted."""
    with _server() as server, lines.namespace() as line:
        options = {"host": lines.HERE, "under": line.inside, "encrypted": True}
        with _scene(found, server.url("district"), **options) as scene:
            lines.fail(scene, line, found.count)


PLAYS: dict[str, Callable[[Outcome], None]] = {"kill": _kill, "restore": _restore, "lines": _lines}
KINDS = tuple(PLAYS)


def judge(found: Outcome, scene: Scene) -> None:
    """Everything is healed and looked at."""
    found.settled_seconds = round(scene.settle(), 1)
    history, witness = checked(scene)
    found.told, found.made, found.entries = len(witness.told), len(witness.made), len(history.entries)
    said = (f"{e.row.outcome} {e.reason.code}".strip() if e.reason else e.row.outcome for e in history.entries)
    found.verdicts = dict(Counter(said).most_common())


def played(kind: str, seed: int, count: int) -> Outcome:
    """Play one run. Never raises: what goes wrong is what came of it."""
    processes.preload()
    found, began = Outcome(kind, seed, count), time.monotonic()
    try:
        PLAYS[kind](found)
    except Violation as violation:
        found.broken, found.words = violation.rule, str(violation)
    except Exception as error:
        found.broken, found.words = "bug", "".join(traceback.format_exception(error, limit=-8))
    found.seconds = round(time.monotonic() - began, 1)
    return found
