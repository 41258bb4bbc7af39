"""Plain facts are never overwritten unseen: per fact, by version and workstation (sync.md §3.6)."""

from __future__ import annotations

from msgspec.structs import replace

from models import commands as c
from models.decide import Outcome, decide
from models.evidence import exactly
from models.evolve import apply_effect, effect_of, fold
from models.origin import Origin
from tests.models.small_town import Walk
from tests.models.test_case_walk import reported


def described(
    walk: Walk, args: c.Describe, device: str, seen: int | None, made_on: str = ""
) -> tuple[str, dict[str, str | int]]:
    """The code and its arguments; "" when the case is changed."""
    origin = Origin(made_on, 1, "") if made_on else None
    command = replace(walk.command("clerk", args), device=device, expect=seen, origin=origin)
    found = decide(walk.case, command, walk.actor("clerk"), walk.rules, exactly(walk.now_ms))
    if found.outcome is Outcome.ACCEPTED:
        after = fold(walk.case, found.events)
        assert walk.case is not None and apply_effect(walk.case, effect_of(walk.case, after)) == after
        walk.case = after
        return "", {}
    assert found.reason is not None and found.events == ()
    return found.reason.code, found.reason.args


def test_the_second_of_two_who_change_one_fact_sees_both_values() -> None:
    walk = Walk()
    reported(walk)
    assert described(walk, c.Describe(place="东门"), "D-1", 1) == ("", {})
    code, told = described(walk, c.Describe(title="摊", place="西门"), "D-2", 1)
    assert code == "field_changed" and (told["field"], told["mine"], told["theirs"]) == ("place", "西门", "东门")
    assert described(walk, c.Describe(title="摊"), "D-2", 1) == ("", {}), "disjoint facts count both"
    assert described(walk, c.Describe(place="西门"), "D-2", 2) == ("", {}), "having seen the newer value"


def test_a_workstation_goes_on_from_its_own_change() -> None:
    walk = Walk()
    reported(walk)
    described(walk, c.Describe(place="东门"), "D-1", 1)
    assert described(walk, c.Describe(place="东门外"), "D-1", 1) == ("", {})


def test_a_workstation_that_has_become_another_device_goes_on_from_its_own_change() -> None:
    """Let in again between two corrections of one fact; found by a world (seed 902 of 4c19360)."""
    walk = Walk()
    reported(walk)
    described(walk, c.Describe(place="东门"), "D-1", 1)
    assert described(walk, c.Describe(place="东门外"), "D-2", 1)[0] == "field_changed", "made on another workstation"
    assert described(walk, c.Describe(place="东门外"), "D-2", 1, made_on="D-1") == ("", {})
    assert described(walk, c.Describe(place="东门里"), "D-2", 1, made_on="D-1") == ("", {}), "after its own, too"
    assert described(walk, c.Describe(place="西门"), "D-4", 1, made_on="D-3")[0] == "field_changed"


def test_an_act_that_saw_no_version_is_taken_as_it_is() -> None:
    walk = Walk()
    reported(walk)
    described(walk, c.Describe(place="东门"), "D-1", None)
    assert described(walk, c.Describe(place="西门"), "D-2", None) == ("", {})


def test_other_acts_on_the_case_change_no_fact() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    walk.act("clerk", c.Note("记"))
    assert described(walk, c.Describe(place="东门"), "D-2", 1) == ("", {})
