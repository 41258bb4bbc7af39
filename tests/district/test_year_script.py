"""The year's script: nobody acts on a case before what went before has reached the centre, outages or not."""

from __future__ import annotations

from collections import defaultdict

from district.year.lives import Act
from district.year.script import received_acts
from models.clock import MINUTE_MS
from models.rules import Rules

END_MS = 1_795_399_200_000
HELD_MS = 10 * MINUTE_MS


def test_what_follows_an_act_held_back_arrives_after_it(rules: Rules) -> None:
    lives: dict[str, list[tuple[int, Act]]] = defaultdict(list)
    for received_ms, act in received_acts(rules, 7, END_MS, 4_000):
        lives[act.case_id].append((received_ms, act))
    held = [life for life in lives.values() if any(received - act.at_ms > HELD_MS for received, act in life)]
    assert len(held) >= 5, "outages hold acts back"
    for life in lives.values():
        received = [at for at, _act in life]
        made = [act.at_ms for _at, act in life]
        assert received == sorted(set(received))
        assert made == sorted(made), "in the order they were made"
        assert all(at >= act.at_ms for at, act in life)
