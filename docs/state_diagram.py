"""Writes docs/case-states.md from the table of allowed moves: `python -m docs.state_diagram`. A test says it is current."""

from __future__ import annotations

from pathlib import Path

from models.case import ENDED, State
from models.moves import REPORTED_STATES, TABLE

PAGE = Path(__file__).parent / "case-states.md"


def diagram() -> str:
    """The page, as text."""
    lines = [
        "# States of a case",
        "",
        "Generated from `models/moves.py` by `python -m docs.state_diagram`; do not edit.",
        "",
        "```mermaid",
        "stateDiagram-v2",
    ]
    lines += [f"    [*] --> {state.value}: case.report" for state in REPORTED_STATES]
    for move in TABLE:
        for before in sorted(move.leaves or move.states, key=list(State).index):
            lines += [f"    {before.value} --> {after.value}: {move.kind}" for after in move.to if after is not before]
    lines += [f"    {state.value} --> [*]" for state in State if state in ENDED]
    lines += [
        "```",
        "",
        "| act | at whose desk | in which states | leads to | kept even when late |",
        "|---|---|---|---|---|",
    ]
    for move in TABLE:
        states = ", ".join(s.value for s in State if s in move.states) if len(move.states) < 9 else "any open state"
        leads = ", ".join(s.value for s in move.to) or "–"
        lines.append(f"| {move.kind} | {move.desk.value} | {states} | {leads} | {'yes' if move.testimony else ''} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(diagram(), encoding="utf-8")
