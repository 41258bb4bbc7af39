"""`python -m tests.faults --kind kill --seed 1 --count 20 --runs 5`: runs with seeds 1 to 5; with `--record FILE` each is added to
the file, and what stands there is not played again. `--sum FILE` adds it up."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main() -> int:
    """0 when every invariant holds in every run."""
    from tests.faults.playing import KINDS, played
    from tests.faults.results import record, recorded, table

    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kind", choices=KINDS, default="kill")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--count", type=int, default=20, help="faults in one run")
    parser.add_argument("--record", type=Path)
    parser.add_argument("--sum", type=Path)
    asked = parser.parse_args()
    if asked.sum is not None:
        print(table(recorded(asked.sum)))
        return 0
    known = {(run.kind, run.seed, run.count) for run in recorded(asked.record)} if asked.record is not None else set()
    broken = 0
    for seed in range(asked.seed, asked.seed + asked.runs):
        if (asked.kind, seed, asked.count) in known:
            continue
        found = played(asked.kind, seed, asked.count)
        if asked.record is not None:
            record(asked.record, found)
        print(
            f"{found.kind} {seed}: {found.broken or 'all holds'}, {found.played}, {found.told} acts, {found.files} files",
            flush=True,
        )
        print(found.words, end="\n" if found.words else "", flush=True)
        broken += bool(found.broken)
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
