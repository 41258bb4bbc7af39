"""`python -m tests.world --seed N [--large]`: one world, and what came of it; `--from A --to B`: many, in chunks."""

from __future__ import annotations

import argparse
import sys

from tests.world.playing import Outcome, played
from tests.world.town import LARGE, SMALL


def main() -> int:
    """0 when every invariant holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.world")
    parser.add_argument("--seed", type=int, help="play one world")
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--to", dest="end", type=int, default=0)
    parser.add_argument("--large", action="store_true", help="20 units of 3 workstations instead of 3 of 5")
    asked = parser.parse_args()
    shape = LARGE if asked.large else SMALL
    seeds = [asked.seed] if asked.seed is not None else range(asked.first, asked.end)
    broken = [tell(found) for seed in seeds if (found := played(seed, shape)).broken or asked.seed is not None]
    return 1 if any(broken) else 0


def tell(found: Outcome) -> bool:
    """Print what came of a world; True when something is broken."""
    size = "large" if found.shape == LARGE else "small"
    print(f"{size} world {found.seed}: {found.broken or 'all holds'}, {found.entries} entries, {dict(found.played)}")
    if found.broken:
        print(found.words)
        print(f"again: python -m tests.world --seed {found.seed}{' --large' if size == 'large' else ''}")
    sys.stdout.flush()
    return bool(found.broken)


if __name__ == "__main__":
    sys.exit(main())
