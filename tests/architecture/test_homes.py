"""Each dangerous word has one home (house.md §2), names say what things are, and files stay small."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.dangerous_words import ATTRIBUTES, WORDS, offences

ROOT = Path(__file__).parents[2]
FOLDERS = ("models", "services", "ui", "desktop", "district")
SCRIPTS = ("main.py",)


def texts() -> Iterator[tuple[str, str]]:
    """Every file of the program, with what stands in it."""
    found = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))
    for path in (*(ROOT / name for name in SCRIPTS), *found):
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def sources() -> Iterator[tuple[str, ast.Module]]:
    """The same, parsed, without migrations, which are written by a form of their own."""
    for name, text in texts():
        if "/versions/" not in name:
            yield name, ast.parse(text)


def test_dangerous_words_stay_at_home() -> None:
    assert [found for name, text in texts() for found in offences(name, text)] == []


def test_every_home_is_there() -> None:
    homes = {home for table in (WORDS, ATTRIBUTES) for places in table.values() for home in places}
    assert [home for home in homes if not (ROOT / home.lstrip("/")).exists()] == []


def test_every_folder_of_tests_is_run() -> None:
    """pyproject.toml names them one by one, for their order."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    folders = {f"tests/{file.parent.name}" for file in (ROOT / "tests").glob("*/test_*.py")}
    assert sorted(options["testpaths"]) == sorted(folders)


def test_files_are_at_most_400_lines() -> None:
    folders = (*FOLDERS, "tests", "docs", "packaging")
    long = [
        str(path.relative_to(ROOT))
        for path in (*(ROOT / name for name in SCRIPTS), *(p for f in folders for p in (ROOT / f).rglob("*.py")))
        if len(path.read_text(encoding="utf-8").splitlines()) > 400
    ]
    assert long == []


def test_functions_are_shorter_than_70_lines() -> None:
    for name, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 70, f"{name}:{node.name}"


def test_names_say_what_things_are() -> None:
    vague = re.compile(r"[Mm]anager|[Hh]elper|[Uu]til|[Cc]ommon|(^|_)base(_|$)|^Base|Base$")
    for name, tree in sources():
        assert not vague.search(Path(name).stem), name
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                assert not vague.search(node.name), f"{name}:{node.name}"


def test_chinese_stands_in_screens_and_data_only() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    free = {"models/reference_files.py", "district/year/volumes.py", "district/year/lives.py", "desktop/town.py"}
    for name, tree in sources():
        if name.startswith(("ui/", "desktop/")) or name in free:
            continue
        told = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        for node in ast.walk(tree):
            text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if text and id(node) not in told and chinese.search(node.value):  # type: ignore[attr-defined]
                raise AssertionError(f"{name}:{node.lineno}")  # type: ignore[attr-defined]


def test_the_repository_speaks_of_the_project_alone() -> None:
    banned = re.compile(r"/work/|/tmp/|\.\./shared|pypi\.org|deb\.debian\.org|registry\.npmjs")
    for path in ROOT.rglob("*"):
        skipped = {
            ".git",
            ".venv",
            ".demo",
            "__pycache__",
            ".mypy_cache",
            ".ruff_cache",
            ".hypothesis",
            "build",
            "dist",
        }
        if not path.is_file() or skipped & set(path.relative_to(ROOT).parts) or path == Path(__file__):
            continue
        if path.suffix in (".py", ".md", ".toml", ".sh", ".txt", ".in", ".lock", ".json", ""):
            assert not banned.search(path.read_text(encoding="utf-8", errors="ignore")), path
