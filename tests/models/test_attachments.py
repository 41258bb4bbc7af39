"""Photographs and files of a case (I17): anybody who has the case may add them, whenever; they move nothing."""

from __future__ import annotations

import pytest

from models import commands as c
from models.attachment import AttachmentKind, Spot
from models.case import State
from models.decide import Outcome
from models.decide.attaching import MEGABYTE
from models.people import DISTRICT_ITSELF
from tests.models.small_town import MARKET, Walk
from tests.models.test_case_walk import checked, dispatched

PHOTO = c.Attach("a" * 64, 300_000, "image/jpeg", AttachmentKind.AFTER)


def test_a_photo_moves_nothing_and_is_awaited_until_the_centre_has_it() -> None:
    walk = Walk()
    dispatched(walk)
    before = walk.case
    assert before is not None
    told = c.Attach(
        "a" * 64, 300_000, "image/jpeg", AttachmentKind.AFTER, 1_795_400_000_000, Spot(29_712_345, 118), "门前"
    )
    case = walk.act("squad-officer", told)
    assert (case.state, case.clocks, case.assignments) == (before.state, before.clocks, before.assignments)
    (photo,) = case.attachments
    assert (photo.by, photo.unit, photo.at) == ("squad-officer", case.lead.receiver, case.history[-1].at)  # type: ignore[union-attr]
    assert photo.taken_at == 1_795_400_000_000 and photo.place == Spot(29_712_345, 118) and photo.arrived_at is None
    assert (case.history[-1].note, case.history[-1].result) == ("门前", "after")
    assert walk.refused("clerk", c.AttachmentArrived("a" * 64)) == "only_the_centre"
    case = walk.act(DISTRICT_ITSELF, c.AttachmentArrived("a" * 64), minutes=2)
    assert case.attachments[0].arrived_at is not None
    assert walk.refused(DISTRICT_ITSELF, c.AttachmentArrived("a" * 64)) == "no_such_attachment"


def test_after_the_end_it_is_kept_too_and_changes_nothing() -> None:
    walk = Walk()
    checked(walk)
    before = walk.act("confirmer", c.Confirm())
    case = walk.act("member-1", PHOTO)
    assert case.state is State.CLOSED and case.clocks == before.clocks and len(case.attachments) == 1


def test_the_same_file_counts_once_as_each_kind() -> None:
    walk = Walk()
    dispatched(walk)
    first = walk.act("squad-officer", PHOTO).attachments[0]
    again = walk.try_act("squad-leader", PHOTO)
    assert again.outcome is Outcome.MERGED and again.reason is not None and again.reason.by == first.id
    walk.act(DISTRICT_ITSELF, c.AttachmentArrived(PHOTO.sha256))
    near = c.Attach(PHOTO.sha256, PHOTO.size, PHOTO.media_type, AttachmentKind.NEAR)
    case = walk.act("squad-leader", near)
    assert len(case.attachments) == 2 and case.attachments[1].arrived_at == case.attachments[0].arrived_at
    other_size = c.Attach(PHOTO.sha256, PHOTO.size + 1, PHOTO.media_type, AttachmentKind.FAR)
    assert walk.refused("squad-leader", other_size) == "attachment_unreadable", "one file has one size"


def test_who_does_not_have_the_case_adds_nothing() -> None:
    walk = Walk()
    dispatched(walk)
    assert walk.refused("other-clerk", PHOTO) == "unknown_case"
    walk.act("market-deputy", PHOTO, unit=MARKET)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"size": 200 * MEGABYTE + 1}, "attachment_too_large"),
        ({"size": 0}, "attachment_empty"),
        ({"sha256": "A" * 64}, "attachment_unreadable"),
        ({"sha256": "a" * 64 + "\n"}, "attachment_unreadable"),
        ({"media_type": "text/html; charset=x"}, "attachment_unreadable"),
        ({"caption": "x" * 501}, "attachment_unreadable"),
        ({"place": Spot(90_000_001, 0)}, "attachment_unreadable"),
        ({"taken_at": -1}, "attachment_unreadable"),
    ],
)
def test_what_is_no_file_is_refused(changed: dict[str, object], code: str) -> None:
    walk = Walk()
    dispatched(walk)
    told = {"sha256": "a" * 64, "size": 9, "media_type": "image/jpeg", "kind": AttachmentKind.NEAR, **changed}
    assert walk.refused("clerk", c.Attach(**told)) == code  # type: ignore[arg-type]
    assert walk.act("clerk", c.Attach(**{**told, "size": 200 * MEGABYTE, **_sound(changed)})).attachments  # type: ignore[arg-type]


def _sound(changed: dict[str, object]) -> dict[str, object]:
    sound = {
        "sha256": "a" * 64,
        "media_type": "image/jpeg",
        "caption": "x" * 500,
        "place": Spot(-90_000_000, 0),
        "taken_at": 1,
    }
    return {name: sound[name] for name in changed if name in sound}
