"""The English catalogue is complete, unused entries are gone, and both sides hold the same placeholders (D26)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ui.language import CATALOGUE, LANGUAGES, catalogue

ROOT = Path(__file__).parents[2]
HAN = re.compile("[\u4e00-\u9fff]")
CHINESE_MARKS = re.compile("[\u3001-\u303f\uff00-\uffef]")
HOLE = re.compile(r"\{[^{}]*\}")
DATA = ("desktop/town.py",)
"""What the demo's other desks write down is data and stays Chinese."""


def sources() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("ui", "desktop"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if name not in DATA:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def prose(tree: ast.Module) -> set[int]:
    """Docstrings: plain text that stands alone as a statement."""
    return {
        id(n.value)
        for n in ast.walk(tree)
        if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) and isinstance(n.value.value, str)
    }


def chinese() -> Iterator[tuple[str, str, bool]]:
    """Where, the words, and whether they are a piece of an f-string."""
    for name, tree in sources():
        told = prose(tree)
        pieces = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in told:
                continue
            if HAN.search(node.value) and node.value not in LANGUAGES.values():
                yield f"{name}:{node.lineno}", node.value, id(node) in pieces


def plain(key: str) -> str:
    """An entry's Chinese without its meaning ("state|不予受理")."""
    return key.partition("|")[2] or key


def test_every_word_on_screen_has_its_english() -> None:
    have = {plain(key) for key in catalogue(CATALOGUE)}
    assert [f"{where}: {text}" for where, text, _ in chinese() if text not in have] == []


def test_no_word_hides_in_an_f_string() -> None:
    assert [f"{where}: {text}" for where, text, in_pieces in chinese() if in_pieces] == []


def test_no_entry_is_left_over() -> None:
    used = {n.value for _, tree in sources() for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    assert [key for key in catalogue(CATALOGUE) if plain(key) not in used] == []


def test_both_sides_hold_the_same_placeholders_and_english_is_english() -> None:
    wrong = []
    for key, text in catalogue(CATALOGUE).items():
        if sorted(HOLE.findall(plain(key))) != sorted(HOLE.findall(text)):
            wrong.append(f"{key}: {text}: placeholders")
        if HAN.search(text) or CHINESE_MARKS.search(text) or not text.strip():
            wrong.append(f"{key}: {text}: not English")
    assert wrong == []
