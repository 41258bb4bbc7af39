"""What was recorded, and its sum: docs/faults/results.jsonl holds a line for each run."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import msgspec

from tests.faults.playing import Outcome


def recorded(file: Path) -> list[Outcome]:
    """The runs that were played before."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    return [msgspec.convert(json.loads(line), Outcome) for line in lines if line]


def record(file: Path, found: Outcome) -> None:
    """Add a run to those recorded."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as opened:
        opened.write(json.dumps(msgspec.to_builtins(found), ensure_ascii=False) + "\n")


def table(found: list[Outcome]) -> str:
    """The table of docs/faults/README.md: kinds, runs, what went wrong, acts, entries, how long until quiet, what failed."""
    lines = ["| kind | runs | what went wrong | acts told saved | entries | quiet after, s (median / most) | failed |"]
    lines.append("|---|---|---|---|---|---|---|")
    for kind in dict.fromkeys(run.kind for run in found):
        runs = [run for run in found if run.kind == kind]
        faults = Counter[str]()
        for run in runs:
            faults.update(run.played)
        said = "; ".join(f"{name} {count}" for name, count in faults.most_common())
        waits = sorted(run.settled_seconds for run in runs)
        failed = ", ".join(f"{run.seed}: {run.broken}" for run in runs if run.broken) or "none"
        told, entries = sum(run.told for run in runs), sum(run.entries for run in runs)
        quiet = f"{waits[len(waits) // 2]:.1f} / {waits[-1]:.1f}"
        lines.append(f"| {kind} | {len(runs)} | {said} | {told} | {entries} | {quiet} | {failed} |")
    files, programs = sum(run.files for run in found), sorted({run.program or "not written down" for run in found})
    lines += ["", f"Files added: {files}. Programs: {', '.join(programs)}"]
    verdicts = Counter[str]()
    for run in found:
        verdicts.update(run.verdicts)
    lines += ["", "Verdicts: " + ", ".join(f"{name} {count}" for name, count in verdicts.most_common())]
    return "\n".join(lines)
