"""The English catalogue is complete, exact, and every Chinese literal passes through it: read in the source, no window."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.shown_text import CHINESE_MARKS, HAN
from ui import language

ROOT = Path(__file__).parents[2]
EXEMPT = {"desktop/town.py"}
"""What people of the demo's town write: data."""
DATA = {("ui/language.py", "中文"), ("ui/panels/roster_page.py", "工作站")}
"""Literals that are no words of the product: each language in its own words; the end of a station's name."""


def trees() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("ui", "desktop"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name not in EXEMPT:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def is_chinese(text: str) -> bool:
    return bool(HAN.search(text) or CHINESE_MARKS.search(text))


def docstrings(tree: ast.Module) -> set[int]:
    """Bare strings: docstrings, and the remarks under constants."""
    return {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}


def literals(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node


def called(node: ast.AST) -> str:
    return getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""


def sections() -> dict[str, dict[str, str]]:
    return tomllib.loads(language.CATALOGUE.read_text(encoding="utf-8"))


def entries() -> list[tuple[str, str, str]]:
    """Meaning, Chinese, English; the meaning is "" nearly always."""
    found = []
    for section in sections().values():
        for key, text in section.items():
            meaning, bar, source = key.rpartition("|")
            found.append((meaning, source, text) if bar else ("", key, text))
    return found


def meanings() -> set[tuple[str, str]]:
    """What is asked for in a meaning of its own: Worded({...}, meaning) and tr(text, meaning)."""
    found = set()
    for _name, tree in trees():
        for node in ast.walk(tree):
            if called(node) in ("Worded", "tr"):
                assert isinstance(node, ast.Call)
                if len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                    found |= {(str(node.args[1].value), str(n.value)) for n in literals(node.args[0])}
    return found


def test_every_chinese_literal_has_its_english() -> None:
    known = {source for meaning, source, _text in entries() if not meaning}
    missing = [
        f'{name}:{node.lineno} "{node.value}"'
        for name, tree in trees()
        for node in literals(tree)
        if is_chinese(str(node.value)) and id(node) not in docstrings(tree) and node.value not in known
        and (name, node.value) not in DATA
    ]  # fmt: skip
    assert not missing, "\n".join(missing)


def test_no_chinese_stands_in_an_f_string() -> None:
    for name, tree in trees():
        for node in ast.walk(tree):
            for part in node.values if isinstance(node, ast.JoinedStr) else ():
                assert not (isinstance(part, ast.Constant) and is_chinese(part.value)), f"{name}:{node.lineno}"


def test_every_chinese_literal_goes_through_the_catalogue() -> None:
    """Inside tr() or Worded(), or in a function (or module) that hands something to tr() by name; a form's labels are
    handed over by ui/widgets/form_view.py."""
    for name, tree in trees():
        if name in ("ui/forms.py", "ui/spoken_forms.py", "ui/time_forms.py"):
            continue
        told = docstrings(tree)
        spoken = {id(n) for call in ast.walk(tree) if called(call) in ("tr", "Worded") for n in literals(call)}
        for scope in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
            if any(called(n) == "tr" and not isinstance(n.args[0], ast.Constant) for n in ast.walk(scope)):  # type: ignore[attr-defined]
                spoken |= {id(n) for n in literals(scope)}
        if any(called(n) == "tr" and isinstance(n.args[0], ast.Subscript) for n in ast.walk(tree)):  # type: ignore[attr-defined]
            spoken |= {
                id(n) for statement in tree.body if isinstance(statement, ast.Assign) for n in literals(statement)
            }
        for node in literals(tree):
            silent = is_chinese(str(node.value)) and id(node) not in spoken | told and (name, node.value) not in DATA
            assert not silent, f'{name}:{node.lineno} "{node.value}" does not pass through tr()'


def test_the_catalogue_says_nothing_that_nobody_says() -> None:
    used = {str(node.value) for _name, tree in trees() for node in literals(tree) if id(node) not in docstrings(tree)}
    assert {source for _meaning, source, _text in entries()} <= used
    assert {(meaning, source) for meaning, source, _text in entries() if meaning} <= meanings()


def test_each_source_stands_once() -> None:
    counted = Counter(key for section in sections().values() for key in section)
    assert [key for key, number in counted.items() if number > 1] == []
    assert len(language.catalogue(language.CATALOGUE)) == counted.total() > 450


def placeholders(text: str) -> Counter[tuple[str, str]]:
    return Counter(
        (name, form or "") for _before, name, form, _as in string.Formatter().parse(text) if name is not None
    )


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry[1])
def test_english_is_english_and_says_the_same_things(entry: tuple[str, str, str]) -> None:
    _meaning, source, text = entry
    assert text.strip() and not is_chinese(text) and "\u3000" not in text
    assert placeholders(source) == placeholders(text)
    assert source.count("<b>") == text.count("<b>")
    assert source.endswith(("。", ".")) == text.endswith((".", ")")) or not source.endswith("。")
    for key in re.findall(r"Ctrl\+\w+|F\d+|\bEnter\b|\bEsc\b", source):
        assert key in text
