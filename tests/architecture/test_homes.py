"""Each dangerous word has one home (house.md §2), names say what things are, and files stay small."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("models", "services", "ui", "desktop", "district")
SQL_IN_SERVICES = ("services/",)
"""Services build queries over the store's tables; they open no engine."""

HOMES: dict[str, tuple[str, ...]] = {
    "sqlcipher3": ("models/store/engine.py",),
    "requests": ("services/sync/line.py",),
    "keyring": ("services/secrets.py",),
    "sqlalchemy": ("models/store/", "district/store/", "services/", "desktop/"),
    "fastapi": ("district/",),
    "uvicorn": ("district/serving.py",),
    "threading": ("desktop/",),
    "PySide6": ("ui/", "desktop/"),
    "pypinyin": ("models/pinyin.py",),
    "argon2": ("services/session.py", "district/"),
    "time": ("models/clock.py", "desktop/"),
    "json": (),
    "pickle": (),
}
CALLS: dict[str, tuple[str, ...]] = {
    "datetime.now": (),
    "datetime.utcnow": (),
    "time.time": ("models/clock.py",),
    "time.time_ns": ("models/clock.py",),
    "create_engine": ("models/store/engine.py",),
    "QTimer": ("desktop/",),
    "QThread": ("desktop/",),
    "msgspec.json.decode": ("models/wire.py",),
    "msgspec.json.encode": ("models/wire.py",),
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "/versions/" not in str(path):
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def at_home(name: str, homes: tuple[str, ...]) -> bool:
    return any(name == home or (home.endswith("/") and name.startswith(home)) for home in homes)


@pytest.mark.parametrize("word", HOMES)
def test_imports_stay_at_home(word: str) -> None:
    away = []
    for name, tree in sources():
        for node in ast.walk(tree):
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.append(node.module)
            if any(m == word or m.startswith(f"{word}.") for m in modules) and not at_home(name, HOMES[word]):
                away.append(f"{name}:{node.lineno}")
    assert not away


@pytest.mark.parametrize("call", CALLS)
def test_calls_stay_at_home(call: str) -> None:
    away = [
        f"{name}:{node.lineno}"
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (ast.unparse(node.func) == call or ast.unparse(node.func).endswith(f".{call}"))
        and not at_home(name, CALLS[call])
    ]
    assert not away


def test_files_are_at_most_400_lines_and_functions_70() -> None:
    for name, tree in sources():
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= 400, name
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
