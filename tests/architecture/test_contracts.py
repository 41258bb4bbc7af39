"""The import contracts hold, and each breaks when somebody plants what it forbids."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("models", "services", "ui", "desktop", "district")
PLANTED = [
    ("", "", ""),
    ("models/case.py", "import services.cases", "Each layer imports only downwards"),
    ("services/desk.py", "import district.journal", "District and console meet only in models"),
    ("district/journal.py", "import desktop.files", "The district knows no console"),
    ("ui/format.py", "import models.store.work", "Screens never reach the store"),
    ("services/sync/machine.py", "import requests", "The sync machine reaches no input or output, even indirectly"),
    ("models/evidence.py", "import socket", "The sync machine reaches no input or output, even indirectly"),
    ("services/sync/backoff.py", "import sqlalchemy", "The sync machine reaches no input or output, even indirectly"),
    ("models/evidence.py", "import PySide6.QtCore", "The sync machine reaches no input or output, even indirectly"),
    ("services/sync/time_anchor.py", "import time", "The sync machine reaches no input or output, even indirectly"),
]


@pytest.mark.parametrize(("file", "line", "contract"), PLANTED, ids=[f"{f}: {line}" for f, line, _ in PLANTED])
def test_a_contract_breaks_where_its_import_is_planted(tmp_path: Path, file: str, line: str, contract: str) -> None:
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    if file:
        with (tmp_path / file).open("a", encoding="utf-8") as planted:
            planted.write(f"\n{line}\n")
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode != 0) is bool(file), done.stdout + done.stderr
    assert contract == "" or f"{contract} BROKEN" in done.stdout, done.stdout + done.stderr
