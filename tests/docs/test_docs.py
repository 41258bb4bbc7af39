"""Documentation that can be wrong is checked: the state diagram, make targets, requirement numbers."""

from __future__ import annotations

import re
from pathlib import Path

from docs.state_diagram import PAGE, diagram

ROOT = Path(__file__).parents[2]


def test_the_state_diagram_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == diagram()


def test_readme_is_short_and_names_real_targets() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) <= 90
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^    |`)make ([a-z-]+)", readme, re.MULTILINE)) <= targets
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", readme):
        assert (ROOT / picture).exists(), picture


def test_every_requirement_is_traced_once() -> None:
    page = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| R(\d+) \|", page, re.MULTILINE)
    assert sorted(map(int, rows)) == list(range(1, 80))


def test_cited_requirements_exist() -> None:
    for folder in ("models", "services", "ui", "desktop", "district"):
        for path in (ROOT / folder).rglob("*.py"):
            for number in re.findall(r"(?<![-\w])R(\d+)\b", path.read_text(encoding="utf-8")):
                assert 1 <= int(number) <= 79, (path, number)
