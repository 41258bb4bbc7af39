"""Plain facts are never overwritten unseen: per fact, by what the clerk saw and by workstation (sync.md §3.6)."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from models import commands as c
from models.decide import Outcome, decide
from models.describing import SEEN_WHOLE, as_seen, with_seen
from models.evidence import exactly
from models.evolve import apply_effect, effect_of, fold
from models.origin import Origin
from models.wire import decode, encode
from tests.models.small_town import Walk
from tests.models.test_case_walk import reported


def described(
    walk: Walk, args: c.Describe | c.Supplement, device: str, seen: int | None, made_on: str = ""
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


def place(to: str, saw: str) -> c.Describe:
    return c.Describe(place=to, seen={"place": saw})


def first_place(walk: Walk) -> str:
    assert walk.case is not None
    return walk.case.place


def test_the_value_that_was_seen_decides_whatever_the_versions_say() -> None:
    walk = Walk()
    reported(walk)
    first = first_place(walk)
    assert described(walk, place("东门", first), "D-1", 1) == ("", {})
    code, told = described(walk, place("西门", first), "D-2", 9)
    assert code == "field_changed", "a version of a past that the centre has lost proves nothing"
    assert (told["field"], told["mine"], told["theirs"]) == ("place", "西门", "东门")
    assert described(walk, place("西门", "东门"), "D-2", 1) == ("", {}), "nothing is overwritten unseen"
    assert described(walk, place("南门", "东门"), "D-3", None)[0] == "field_changed", "it needs no version"


def test_what_was_set_and_set_back_meanwhile_is_what_was_seen() -> None:
    walk = Walk()
    reported(walk)
    first = first_place(walk)
    described(walk, place("东门", first), "D-1", 1)
    described(walk, place(first, "东门"), "D-1", 2)
    assert described(walk, place("西门", first), "D-2", 1) == ("", {})


def test_nobody_has_overwritten_what_stands_as_it_was_reported() -> None:
    """The correction this clerk saw is lost with the past it was made in; when it comes again, its own clerk is asked."""
    walk = Walk()
    reported(walk)
    first = first_place(walk)
    assert described(walk, place("西门", "东门"), "D-2", 7) == ("", {})
    assert described(walk, place("东门", first), "D-1", 3)[0] == "field_changed"


def test_a_fact_that_was_empty_was_seen_empty() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.AskSupplement("缺说明"))
    assert walk.case is not None and walk.case.words == ""
    described(walk, c.Describe(words="甲所记", seen={"words": ""}), "D-1", 2)
    assert described(walk, c.Supplement(words="乙所记", seen={"words": ""}), "D-2", 9)[0] == "field_changed"
    assert described(walk, c.Supplement(words="乙所记", seen={"words": "甲所记"}), "D-2", 2) == ("", {})


def test_a_second_own_correction_is_not_held_against_the_first() -> None:
    walk = Walk()
    reported(walk)
    first = first_place(walk)
    described(walk, place("东门", first), "D-1", 1)
    assert described(walk, place("东门外", "东门"), "D-1", 1) == ("", {}), "it saw its own"
    assert described(walk, place("东门里", first), "D-1", 1) == ("", {}), "the first was taken back, too late"
    assert described(walk, place("东门口", first), "D-2", 1, made_on="D-1") == ("", {}), "as another device since"
    assert described(walk, place("西门", first), "D-4", 1, made_on="D-3")[0] == "field_changed"


def test_a_workstation_let_in_again_goes_on_from_what_its_screen_shows() -> None:
    """Before its first pull: the correction it goes on from came to the centre as its former device."""
    walk = Walk()
    reported(walk)
    described(walk, place("东门", first_place(walk)), "D-1", 1)
    assert described(walk, c.Describe(place="东门外"), "D-2", 1)[0] == "field_changed", "as older consoles say it"
    assert described(walk, place("东门外", "东门"), "D-2", 1) == ("", {})


def test_a_field_of_which_nothing_is_said_is_judged_by_versions() -> None:
    walk = Walk()
    reported(walk)
    described(walk, c.Describe(title="摊", place="东门"), "D-1", 1)
    half = c.Describe(title="两摊", place="西门", seen={"place": "东门", "nowhere": "x"})
    code, told = described(walk, half, "D-2", 1)
    assert (code, told["field"]) == ("field_changed", "title")
    assert described(walk, half, "D-2", 2) == ("", {})


def test_an_act_says_what_its_clerk_saw_of_the_fields_it_sets() -> None:
    walk = Walk()
    reported(walk)
    case = walk.case
    assert case is not None
    assert with_seen(c.Describe(place="东门"), case).seen == {"place": case.place}
    assert with_seen(c.Supplement(words="补"), case).seen == {"words": case.words}
    said = with_seen(place("东门", "北门"), case)
    assert said.seen == {"place": "北门"}, "the form was open while another value came"
    assert with_seen(c.Note("记"), case) == c.Note("记")


def test_a_long_value_is_named_by_its_hash() -> None:
    walk = Walk()
    reported(walk)
    long = "字" * 15_000
    described(walk, c.Describe(words=long), "D-1", 1)
    assert walk.case is not None
    act = with_seen(c.Describe(words="短"), walk.case)
    assert len(encode(act)) < 200 and act.seen["words"] == as_seen(long) != as_seen(long + "字")
    assert as_seen("字" * SEEN_WHOLE) == "字" * SEEN_WHOLE
    assert described(walk, act, "D-2", 1) == ("", {})


def test_a_program_of_the_version_before_reads_the_act_without_it() -> None:
    class Before(msgspec.Struct, frozen=True, tag="case.describe", omit_defaults=True):
        title: str = ""
        place: str = ""

    assert decode(encode(place("东门", "西门")), Before) == Before(place="东门")
    assert encode(c.Describe(place="东门")) == encode(Before(place="东门")), "what was sealed before stays as it is"
