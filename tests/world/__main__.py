"""`python -m tests.world`: `--seed N [--large]` plays one world; `--small N --large-worlds M --new-year K --rounds L` plays many; with
`--record FILE` what was played is added to the file, and what stands there is not played again. `--sum FILE` adds it up."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tests.program import program
from tests.world.chunks import SHAPES, Chunk, chunks, in_processes, record, recorded, story
from tests.world.playing import played
from tests.world.town import Shape


def main() -> int:
    """0 when every invariant holds in every world."""
    parser = argparse.ArgumentParser(prog="python -m tests.world", description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--large", action="store_true", help="20 units of 3 workstations instead of 3 of 5")
    parser.add_argument("--small", type=int, default=0)
    parser.add_argument("--large-worlds", type=int, default=0)
    parser.add_argument("--new-year", type=int, default=0, help="small ones over a New Year whose notice is missing")
    parser.add_argument("--rounds", type=int, default=0, help="ones in which cases go all the way round")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--sum", type=Path)
    asked = parser.parse_args()
    if asked.sum is not None:
        summed(recorded(asked.sum))
        return 0
    if asked.seed is not None:
        size = next((name for name in ("large", "new_year", "rounds") if getattr(asked, name)), "small")
        return one(asked.seed, SHAPES[size.replace("_", "-")])
    return many(asked)


def one(seed: int, shape: Shape) -> int:
    """Play one world and tell what came of it."""
    found = played(seed, shape)
    print(f"{found.entries} entries of {found.gestures} gestures; faults: {dict(found.played)}")
    print(story(found, shape) if found.broken else "all holds")
    return int(bool(found.broken))


def many(asked: argparse.Namespace) -> int:
    """Play what is not recorded yet."""
    known = recorded(asked.record) if asked.record is not None else []
    done = {(chunk.size, chunk.first, chunk.end) for chunk in known}
    wanted = {"large": asked.large_worlds, "new-year": asked.new_year, "rounds": asked.rounds, "small": asked.small}
    todo = [chunk for size, count in wanted.items() for chunk in chunks(size, asked.first, count)]
    todo = [chunk for chunk in todo if (chunk.size, chunk.first, chunk.end) not in done]
    fresh: list[Chunk] = []
    of = program()
    for chunk in in_processes(todo, asked.workers):
        chunk.program = of
        fresh.append(chunk)
        if asked.record is not None:
            record(asked.record, chunk)
        for words in chunk.words:
            print(words)
        print(f"{chunk.size} {chunk.first}-{chunk.end - 1}: {len(chunk.failed)} failed", flush=True)
    summed([*known, *fresh])
    return int(any(chunk.failed for chunk in fresh))


def summed(found: list[Chunk]) -> None:
    """Add up what was played."""
    for size in SHAPES:
        mine = [chunk for chunk in found if chunk.size == size]
        if not mine:
            continue
        worlds = sum(chunk.end - chunk.first for chunk in mine)
        failed = {seed: rule for chunk in mine for seed, rule in chunk.failed.items()}
        faults, verdicts, effects = Counter[str](), Counter[str](), Counter[str]()
        for chunk in mine:
            faults.update(chunk.played)
            verdicts.update(chunk.verdicts)
            effects.update(chunk.effects)
        entries, gestures = sum(c.entries for c in mine), sum(c.gestures for c in mine)
        programs = sorted({chunk.program or "not written down" for chunk in mine})
        print(f"{size}: {worlds} worlds, {gestures} gestures, {entries} entries, failed: {failed or 'none'}")
        print(f"  of the programs: {', '.join(programs)}")
        for title, counted in (("faults", faults), ("verdicts", verdicts), ("acts that took effect", effects)):
            print(f"  {title}: " + ", ".join(f"{name} {count}" for name, count in counted.most_common()))


if __name__ == "__main__":
    sys.exit(main())
