"""What was ever made can be read for ever: acts stand in logs, outboxes and handover files as they were written (sync.md §3.9).

An act never changes its form. A field may be added with a default that means what its absence meant; anything else is a new
kind beside the old one. Whoever must break this writes an up-caster in models/ and keeps it for ever.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from models.commands import kind_of
from models.wire import decode_any, decode_command
from tests.models.make_acts import FOLDER, KINDS, acts

FILES = sorted(FOLDER.glob("*.ndjson"))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_this_version_reads_every_act_of_an_earlier_one(file: Path) -> None:
    for line in file.read_text(encoding="utf-8").splitlines():
        said = decode_any(line)
        found = msgspec.to_builtins(decode_command(line))
        assert _holds(found, said), f"{said['args']['type']} is read as something else"


def _holds(found: Any, said: Any) -> bool:
    """Everything that was said is in what was read, as it was said; what was added since may be there beside it."""
    if isinstance(said, dict):
        return isinstance(found, dict) and all(name in found and _holds(found[name], said[name]) for name in said)
    if isinstance(said, list):
        return isinstance(found, list | tuple) and [*map(_plain, found[: len(said)])] == [*map(_plain, said)]
    return bool(found == said)


def _plain(value: Any) -> Any:
    return [*map(_plain, value)] if isinstance(value, list | tuple) else value


def test_every_kind_of_today_is_written_down_as_it_is_made_today() -> None:
    """A new kind or field adds a file: `python -m tests.models.make_acts NAME`."""
    written = {line for file in FILES for line in file.read_bytes().splitlines()}
    missing = [line for line in acts() if line not in written]
    assert not missing, [kind_of(decode_command(line.decode()).args) for line in missing]
    assert len(KINDS) == len({kind_of(decode_command(line.decode()).args) for line in acts()})
