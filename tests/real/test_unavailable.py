"""Where everything must be there, a test that skips fails, unless it is listed; elsewhere it may skip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.skips import LISTED, allowed_to_skip

ROOT = Path(__file__).parents[2]
SAMPLE = """
import pytest

def test_runs(): pass

def test_listed(): pytest.skip("not to be had")

@pytest.mark.skip(reason="nothing said")
def test_unlisted(): pass

@pytest.mark.xfail
def test_known(): raise ValueError
"""
WHOLE = 'import pytest\npytest.skip("all of it", allow_module_level=True)\n'


@pytest.mark.parametrize(
    ("told", "summary"),
    [
        ({}, "1 passed, 3 skipped, 1 xfailed"),
        ({"REAL_TESTS": "must"}, "1 passed, 1 skipped, 1 xfailed, 2 errors"),
        ({"CI": "true"}, "1 passed, 1 skipped, 1 xfailed, 2 errors"),
    ],
)
def test_a_skip_is_a_failure_where_everything_must_run(tmp_path: Path, told: dict[str, str], summary: str) -> None:
    shutil.copy(LISTED.with_name("skips.py"), tmp_path / "conftest.py")
    (tmp_path / "unavailable.txt").write_text("# words\n\ntest_sample.py::test_listed # proof\n", encoding="utf-8")
    (tmp_path / "test_sample.py").write_text(SAMPLE, encoding="utf-8")
    (tmp_path / "test_whole.py").write_text(WHOLE, encoding="utf-8")
    kept = {k: v for k, v in os.environ.items() if k not in ("CI", "REAL_TESTS")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", "."]
    done = subprocess.run(command, cwd=tmp_path, env=kept | told, capture_output=True, text=True, timeout=60)
    assert summary in done.stdout, done.stdout
    assert ("must run here" in done.stdout) is bool(told)


def test_every_test_of_the_suite_is_asked(request: pytest.FixtureRequest) -> None:
    """Not only those of this folder: the rule stands in the conftest above all of them."""
    assert request.config.pluginmanager.has_plugin("tests.real.skips")


def test_the_list_names_files_that_are_there() -> None:
    listed = allowed_to_skip(LISTED.read_text(encoding="utf-8"))
    gone = [name for name in listed if not (ROOT / name.split("::")[0]).is_file()]
    assert gone == []
