"""A test may skip on a desk that lacks what it needs, never where all of it must be there (D30).

With CI set, or REAL_TESTS=must, a skip is a failure unless `unavailable.txt` lists the test.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

LISTED = Path(__file__).with_name("unavailable.txt")


def allowed_to_skip(text: str) -> frozenset[str]:
    """The node ids of the list; the rest of a line is its reason."""
    lines = (line.split(" #")[0].strip() for line in text.splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _must_run() -> bool:
    return bool(os.environ.get("CI")) or os.environ.get("REAL_TESTS") == "must"


def _fail_a_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome != "skipped" or hasattr(report, "wasxfail") or not _must_run():
        return
    if report.nodeid not in allowed_to_skip(LISTED.read_text(encoding="utf-8")):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} must run here: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_a_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_a_skip(report)
    return report
