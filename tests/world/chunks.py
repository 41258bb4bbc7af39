"""Many worlds, in chunks of seeds on several processes; what is recorded once is not played again."""

from __future__ import annotations

import gc
import json
import multiprocessing
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

from tests.world.playing import Outcome, played
from tests.world.town import LARGE, NEW_YEAR, ROUNDS, SMALL, Shape

SHAPES = {"small": SMALL, "large": LARGE, "new-year": NEW_YEAR, "rounds": ROUNDS}
AT_ONCE = {"small": 10, "large": 1, "new-year": 10, "rounds": 5}
"""Seeds in one chunk: half a minute or so."""


@dataclass
class Chunk:
    """Seeds from `first` up to `end`, of one size, and what came of them: `failed` names seeds and broken invariants, `effects` the acts
    by kind that took effect, `program` the commit they were played with (both empty before that was written down)."""

    size: str
    first: int
    end: int
    failed: dict[str, str] = field(default_factory=dict)
    gestures: int = 0
    entries: int = 0
    played: dict[str, int] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)
    effects: dict[str, int] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    program: str = ""


def chunks(size: str, first: int, count: int) -> Iterator[Chunk]:
    """The chunks that together hold `count` seeds."""
    for start in range(first, first + count, AT_ONCE[size]):
        yield Chunk(size, start, min(start + AT_ONCE[size], first + count))


def play(chunk: Chunk) -> Chunk:
    """Play the worlds of a chunk; runs in a process of its own."""
    faults, verdicts, effects = Counter[str](), Counter[str](), Counter[str]()
    for seed in range(chunk.first, chunk.end):
        found = played(seed, SHAPES[chunk.size])
        chunk.gestures += found.gestures
        chunk.entries += found.entries
        faults.update(found.played)
        verdicts.update(found.verdicts)
        effects.update(found.effects)
        if found.broken:
            chunk.failed[str(seed)] = found.broken
            chunk.words.append(story(found, SHAPES[chunk.size]))
    chunk.played, chunk.verdicts = dict(sorted(faults.items())), dict(sorted(verdicts.items()))
    chunk.effects = dict(sorted(effects.items()))
    return chunk


def story(found: Outcome, shape: Shape) -> str:
    """What a person needs to look for the fault of a world that failed."""
    of = {LARGE: " --large", NEW_YEAR: " --new-year 1", ROUNDS: " --rounds 1"}.get(shape, "")
    return f"{found.broken} in seed {found.seed}\n{found.words}\nagain: python -m tests.world --seed {found.seed}{of}"


def in_processes(todo: list[Chunk], workers: int) -> Iterator[Chunk]:
    """Play chunks side by side; yields each when it is done."""
    waiting = iter(todo)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_collect_seldom) as pool:
        under_way = {pool.submit(play, chunk) for chunk in islice(waiting, workers)}
        while under_way:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
                following = next(waiting, None)
                if following is not None:
                    under_way.add(pool.submit(play, following))


def _collect_seldom() -> None:
    """A world leaves little garbage in cycles, and looking for it took a quarter of its time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def recorded(file: Path) -> list[Chunk]:
    """The chunks that were played before."""
    if not file.exists():
        return []
    return [Chunk(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines() if line]


def record(file: Path, chunk: Chunk) -> None:
    """Add a chunk to those recorded."""
    file.parent.mkdir(parents=True, exist_ok=True)
    told = {name: value for name, value in asdict(chunk).items() if name != "words"}
    with file.open("a", encoding="utf-8") as opened:
        opened.write(json.dumps(told, ensure_ascii=False) + "\n")
