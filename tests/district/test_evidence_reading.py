"""What stands under `reading/` is the workstation's that the evidence was made for: three names, behind the rest, signed (R78)."""

from __future__ import annotations

from types import ModuleType

import pytest

from district import evidence
from models.errors import Refused
from models.evidence_file import (
    MANIFEST,
    READING_LIST,
    READING_SIGNATURE,
    TIMELINE,
    MemberSum,
    ReadingList,
    read_evidence,
    sha256,
    sum_of,
)
from models.organisation import DISTRICT_CODE
from models.signing import READING, SigningKey
from models.stored_zip import Member, pack, unpack
from models.wire import encode
from services import evidence as console
from services.desk import Desk
from tests.district.evidence_parties import closed_case, evidence_of
from tests.district.parties import CENTRE_KEY, REPORT, District, Station
from tests.district.test_evidence_forged import OWN_KEY, complaint, served, verifier
from tests.models.small_town import TOWN

__all__ = ["served", "verifier"]

PDF, FORGED = b"%PDF-1.7 what happened", b"%PDF-1.7 the squad never came"
OUTSIDE = "reading/../../../home/clerk/.config/autostart/x.desktop"


@pytest.fixture(scope="module")
def town(served: District) -> Station:
    found = served.station(TOWN)
    found.sign_in("clerk")
    return found


@pytest.fixture(scope="module")
def case_id(served: District) -> str:
    return closed_case(served)[0]


@pytest.fixture(scope="module")
def whole(town: Station, case_id: str) -> list[Member]:
    """What a console with a key writes: the centre's members, and its own three behind them."""
    raw = evidence_of(town, case_id)
    assert town.key is not None
    found, asked = read_evidence(raw, CENTRE_KEY.public), console.Wanted(case_id, CENTRE_KEY.public, None)
    return unpack(console.packed(found, asked, Desk("clerk", TOWN, town.device, ""), 1, PDF, town.key))


def _added(members: list[Member], device: str, key: SigningKey | None, *files: Member) -> list[Member]:
    """The members, and files under `reading/` with a list of them, signed with that key or not at all."""
    sums: tuple[MemberSum, ...] = tuple(sum_of(name, body) for name, body in files)
    said = encode(ReadingList(sha256(dict(members)[MANIFEST]), device, "clerk", 1, sums))
    signature = key.sign(READING, said.decode()).encode() if key is not None else b""
    return [*members, (READING_LIST, said), (READING_SIGNATURE, signature), *files]


def test_what_a_console_adds_is_intact_with_it_and_without(verifier: ModuleType, whole: list[Member]) -> None:
    assert [name for name, _ in whole[-3:]] == [READING_LIST, READING_SIGNATURE, TIMELINE]
    assert complaint(verifier, pack(whole)) == complaint(verifier, pack(whole[:-3])) == ""


def test_a_console_without_a_key_writes_nothing_that_would_be_refused(town: Station, case_id: str) -> None:
    found = read_evidence(evidence_of(town, case_id), CENTRE_KEY.public)
    asked = console.Wanted(case_id, CENTRE_KEY.public, None)
    with pytest.raises(Refused, match="centre_key_unknown"):
        console.packed(found, asked, Desk("clerk", TOWN, town.device, ""), 1, PDF, None)


def test_nobody_adds_to_what_was_made_on_the_command_line(verifier: ModuleType, served: District, case_id: str) -> None:
    """It names no workstation: no signature could be asked of anybody."""
    asked = evidence.Asked(case_id, "command line", DISTRICT_CODE)
    centre = served.centre
    with centre.reading() as connection:
        made = evidence.make(connection, centre.keys.signing, centre.rules, centre.blobs, asked, centre.clock.wall_ms())
    assert made is not None and complaint(verifier, made.raw) == ""
    members = unpack(made.raw)
    for key in (None, OWN_KEY):
        assert complaint(verifier, pack(_added(members, "", key, (TIMELINE, FORGED)))).startswith(READING_LIST)
    assert complaint(verifier, pack(_added(members, "", None, (TIMELINE, FORGED), (OUTSIDE, b"x")))).startswith(OUTSIDE)


def test_an_unsigned_help_to_read_of_a_workstation_without_a_key_is_not_intact(
    verifier: ModuleType, served: District
) -> None:
    old = served.old_station(TOWN)
    case_id, _, _ = old.does("clerk", REPORT)
    old.sign_in("clerk")
    members = unpack(evidence_of(old, case_id))
    assert complaint(verifier, pack(members)) == ""
    for key in (None, OWN_KEY):
        assert complaint(verifier, pack(_added(members, old.device, key, (TIMELINE, FORGED)))).startswith(READING_LIST)


def test_another_s_signature_or_none_is_not_the_workstation_s(
    verifier: ModuleType, whole: list[Member], town: Station
) -> None:
    for key in (None, OWN_KEY):
        forged = pack(_added(whole[:-3], town.device, key, (TIMELINE, FORGED)))
        assert complaint(verifier, forged).startswith(READING_SIGNATURE)


@pytest.mark.parametrize("name", [OUTSIDE, "reading/", "reading/setup.exe", "reading/Timeline.pdf", "reading\\x.exe"])
def test_no_workstation_signs_in_another_name(
    verifier: ModuleType, whole: list[Member], town: Station, name: str
) -> None:
    alone = _added(whole[:-3], town.device, town.key, (name, b"x"))
    beside = _added(whole[:-3], town.device, town.key, (TIMELINE, PDF), (name, b"x"))
    for members in (alone, beside):
        assert complaint(verifier, pack(members)).startswith(name)


def test_none_of_the_three_is_missing_and_all_stand_in_their_place(verifier: ModuleType, whole: list[Member]) -> None:
    theirs, ours = whole[:-3], whole[-3:]
    for n, (name, _) in enumerate(ours):
        assert complaint(verifier, pack([*theirs, *ours[:n], *ours[n + 1 :]])).startswith(name)
    for moved in ([*ours, *theirs], [*theirs[:4], *ours, *theirs[4:]], [*theirs, *reversed(ours)]):
        assert complaint(verifier, pack(moved)).startswith("ZIP")
    for member in whole:
        assert complaint(verifier, pack([*whole, member])), member[0]
