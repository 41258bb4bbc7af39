"""What is overwritten unseen, and what is undone after it had taken effect, is missed; what was seen, or is one's own, is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from models import commands as c
from tests.invariants.at_rest import Violation
from tests.invariants.history import Entry, History
from tests.invariants.unseen import nothing_effective_undone, nothing_overwritten_unseen
from tests.models.small_town import STALLS, TOWN, VILLAGE, Walk

REPORT = c.Report("", "grid", STALLS, "店外堆放", "龙山路口", TOWN, VILLAGE)


class Typed:
    """Corrections of one place, by workstations that are named, each with what its screen showed."""

    def __init__(self) -> None:
        self._walk = Walk()
        self._walk.act("clerk", REPORT)
        self._history = History([], {}, {}, {})
        self._screens: dict[str, dict[str, str]] = {}

    def at(self, device: str, place: str, shown: str) -> None:
        before = self._walk.case
        assert before is not None
        command = replace(self._walk.command("clerk", c.Describe(place=place)), device=device)
        after = replace(before, place=place)
        self._walk.case = after
        self._screens[command.cmd_id] = {"title": "", "place": shown, "words": "", "category": "", "station": ""}
        row = SimpleNamespace(gseq=len(self._history.entries) + 1)
        at: Any = None
        self._history.entries.append(Entry(row, command, at, None, before, after))

    def look(self) -> None:
        seats = [SimpleNamespace(name=name, devices=[name]) for name in ("D-1", "D-2")]
        rest: Any = SimpleNamespace(consoles=seats, witness=SimpleNamespace(screens=self._screens))
        nothing_overwritten_unseen(rest, self._history)


def test_a_value_that_its_clerk_had_not_seen() -> None:
    typed = Typed()
    typed.at("D-1", "东门", shown="龙山路口")
    typed.at("D-2", "西门", shown="东门")
    typed.look()
    typed.at("D-1", "北门", shown="东门")
    with pytest.raises(Violation, match=r"3\.6: entry 3: D-1 overwrote place '西门' of D-2, having seen '东门'"):
        typed.look()


def test_a_value_of_one_s_own() -> None:
    typed = Typed()
    typed.at("D-1", "东门", shown="龙山路口")
    typed.at("D-1", "西门", shown="龙山路口")
    typed.look()


@pytest.mark.parametrize(("now", "is_missed"), [("retracted", True), ("not_your_case", False), ("", False)])
def test_what_had_taken_effect(now: str, is_missed: bool) -> None:
    history = History([], {}, {"act": ("rejected" if now else "accepted", now, 7)}, {})
    rest: Any = SimpleNamespace(witness=SimpleNamespace(decided={"act": "accepted", "other": "rejected"}))
    if is_missed:
        with pytest.raises(Violation, match="D3: act had taken effect"):
            nothing_effective_undone(rest, history)
    else:
        nothing_effective_undone(rest, history)
