"""What somebody did before his roles, his secondment or his activity changed, and what comes in after it (sync.md, editions)."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from district import reference
from district.centre import HEAD, SCRIPTS
from models import commands as c
from models.case import Case
from models.clock import MINUTE_MS
from models.evidence import ClaimedTime
from models.people import Capacity, Role
from models.store.case_table import get_case
from models.store.engine import open_engine
from models.store.migrate import migrate
from models.wire import Sealed
from tests.district.parties import REPORT, District, Station, dispatched_case
from tests.invariants.history import read
from tests.invariants.rejudged import judged_again
from tests.models.small_town import MARKET, SQUAD, TOWN, VILLAGE

OFFICER, SECONDED = "squad-officer", "market-deputy"


def change(district: District, person: str, **changes: object) -> None:
    """An edition that says something else of one person."""
    with district.centre.in_order() as journal:
        now = district.centre.rules.reference
        changed = replace(district.centre.rules.people[person], **changes)
        reference.publish(journal.source.connection, journal, reference.with_person(now, changed))  # type: ignore[attr-defined]
    district.centre.look_for_news()


def _case(district: District, case_id: str) -> Case:
    with district.centre.reading() as connection:
        found = get_case(connection, case_id)
    assert found is not None
    return found


class Arriving:
    """A case dispatched to the patrol, whose workstation has heard of it: its officer arrives as often as he is told."""

    def __init__(self, district: District) -> None:
        self.squad, self._district = district.station(SQUAD), district
        self.case_id = dispatched_case(district.station(TOWN), SQUAD)
        self.squad.pull()
        lead = _case(district, self.case_id).lead
        assert lead is not None
        self._lead = lead.id

    def arrives(self, **changes: object) -> Sealed:
        """In twenty minutes, with the line down."""
        self._district.clock.now_ms += 20 * MINUTE_MS
        return self.squad.act(OFFICER, c.Arrive(self._lead, note="到"), self.case_id, **changes)


def _verdicts(station: Station, *acts: Sealed) -> list[tuple[str, str]]:
    return [(outcome, code) for _, outcome, code, _ in station.push(*acts).known]


def _is_sound(district: District) -> None:
    """The store agrees with its log, and the rules of now say of every act what was said of it then."""
    district.audited()
    rest = SimpleNamespace(district=district.centre, rules=district.centre.rules)
    judged_again(rest, read(rest))  # type: ignore[arg-type]


def _is_signed_in(station: Station) -> bool:
    return station.ask("GET", f"/v1/personal/{'0' * 64}").status_code == 404


@pytest.mark.parametrize(
    ("changes", "refused"),
    [({"roles": (Role.DUTY_CLERK,)}, "not_an_officer"), ({"active": False}, "not_at_this_desk")],
    ids=["roles", "left"],
)
def test_an_arrival_made_before_the_officer_became_something_else_counts(
    district: District, changes: dict[str, object], refused: str
) -> None:
    patrol = Arriving(district)
    early = patrol.arrives()
    arrived_ms = district.clock.now_ms
    district.clock.now_ms += 60 * MINUTE_MS
    change(district, OFFICER, **changes)
    late = patrol.arrives()
    assert _verdicts(patrol.squad, early, late) == [("accepted", ""), ("rejected", refused)]
    lead = _case(district, patrol.case_id).lead
    assert lead is not None and lead.arrived_at is not None and abs(lead.arrived_at.hi - arrived_ms) <= 1
    _is_sound(district)


def test_what_a_seconded_officer_did_before_the_end_of_it_counts_in_the_capacity_he_had(district: District) -> None:
    town = district.station(TOWN)
    case_id, _, _ = town.does("clerk", REPORT)
    early = [town.act(SECONDED, args, case_id, capacity="seconded") for args in (c.Note("看过"), c.File())]
    district.clock.now_ms += MINUTE_MS
    change(district, SECONDED, seconded_to=())
    district.clock.now_ms += MINUTE_MS
    late = town.act(SECONDED, c.Note("又看过"), case_id, capacity="seconded")
    assert _verdicts(town, *early, late) == [
        ("accepted", ""),
        ("rejected", "seconded_may_not"),
        ("rejected", "not_at_this_desk"),
    ]
    said = [step for step in _case(district, case_id).history if step.kind == "case.note"]
    assert [step.capacity for step in said] == ["seconded"]
    _is_sound(district)


def test_who_was_seconded_and_now_belongs_there_was_seconded_before(district: District) -> None:
    town = district.station(TOWN)
    case_id, _, _ = town.does("clerk", REPORT)
    early = town.act(SECONDED, c.File(), case_id, capacity="seconded")
    district.clock.now_ms += MINUTE_MS
    change(district, SECONDED, unit=TOWN, roles=(Role.DUTY_CLERK,), seconded_to=())
    district.clock.now_ms += MINUTE_MS
    late = town.act(SECONDED, c.File(), case_id)
    assert _verdicts(town, early, late) == [("rejected", "seconded_may_not"), ("accepted", "")]


def test_an_act_that_may_have_been_made_after_the_change_is_judged_by_the_new_roles(district: District) -> None:
    patrol = Arriving(district)
    doubtful = patrol.arrives(time=ClaimedTime(1, "other boot", 1))
    district.clock.now_ms += MINUTE_MS
    change(district, OFFICER, roles=(Role.DUTY_CLERK,))
    assert _verdicts(patrol.squad, doubtful, patrol.arrives()) == [("rejected", "not_an_officer")] * 2


def test_of_several_changes_each_act_is_judged_by_what_it_lay_before(district: District) -> None:
    patrol = Arriving(district)
    as_officer = patrol.arrives()
    district.clock.now_ms += MINUTE_MS
    change(district, OFFICER, roles=(Role.DUTY_CLERK,))
    change(district, OFFICER, roles=(Role.CONFIRMER,))
    as_confirmer = patrol.arrives()
    district.clock.now_ms += MINUTE_MS
    change(district, OFFICER, roles=(Role.UNIT_OFFICER,))
    again = patrol.arrives()
    verdicts = _verdicts(patrol.squad, as_officer, as_confirmer, again)
    assert verdicts[:2] == [("accepted", ""), ("rejected", "not_an_officer")] and verdicts[2][0] != "rejected"
    _is_sound(district)


def test_whoever_an_act_names_is_of_the_unit_he_was_of_when_it_was_made(district: District) -> None:
    """Who goes there, who spoke on the telephone: neither the receipt nor the arrival falls away because he has moved since."""
    town, patrol = district.station(TOWN), Arriving(district)
    case_id, lead = patrol.case_id, _case(district, patrol.case_id).lead
    assert lead is not None
    goes = patrol.squad.act("squad-leader", c.Acknowledge(lead.id, OFFICER), case_id)
    spoke = town.act("clerk", c.Arrive(lead.id, "到", on_behalf=OFFICER), case_id)
    district.clock.now_ms += MINUTE_MS
    change(district, OFFICER, unit=MARKET)
    district.clock.now_ms += MINUTE_MS
    late = town.act("clerk", c.NoteProgress("等料", lead.id, on_behalf=OFFICER), case_id)
    assert _verdicts(patrol.squad, goes) == [("accepted", "")]
    assert _verdicts(town, spoke, late) == [("accepted", ""), ("rejected", "not_of_that_unit")]
    _is_sound(district)


@pytest.mark.parametrize("changes", [{"active": False}, {"unit": TOWN}], ids=["left", "moved"])
def test_a_check_counts_though_whoever_stood_there_has_left_since(
    district: District, changes: dict[str, object]
) -> None:
    village, patrol = district.station(VILLAGE), Arriving(district)
    case_id, lead = patrol.case_id, _case(district, patrol.case_id).lead
    assert lead is not None
    for args in (c.Arrive(lead.id, "已到"), c.GiveOpinion(lead.id, "占道", "劝离"), c.Feedback(lead.id, "已清理")):
        assert patrol.squad.does(OFFICER, args, case_id)[1] == "accepted"
    assert village.does("vice", c.NameChecker("member-1"), case_id)[1] == "accepted"
    district.clock.now_ms += MINUTE_MS
    seen = village.act("member-1", c.CheckOnSite("member-1", True, "路面已空"), case_id)
    district.clock.now_ms += MINUTE_MS
    change(district, "member-1", **changes)
    assert _verdicts(village, seen) == [("accepted", "")]
    _is_sound(district)


def test_what_somebody_without_an_account_did_before_counts_too(district: District) -> None:
    """Whoever never signs in is named by others; and an account opened after the copy that is put back is gone with it."""
    patrol = Arriving(district)
    with district.centre.writing() as connection:
        connection.execute(text("DELETE FROM account WHERE person = :person"), {"person": OFFICER})
    early = patrol.arrives()
    district.clock.now_ms += MINUTE_MS
    change(district, OFFICER, active=False)
    assert _verdicts(patrol.squad, early) == [("accepted", "")]


def test_a_session_ends_at_a_desk_that_is_left_and_stays_at_others(district: District) -> None:
    town, market = district.station(TOWN), district.station(MARKET)
    town.sign_in(SECONDED)
    market.sign_in(SECONDED)
    change(district, SECONDED, roles=(Role.UNIT_OFFICER,))
    assert _is_signed_in(town) and _is_signed_in(market), "other roles, the same desks"
    change(district, SECONDED, seconded_to=())
    assert not _is_signed_in(town) and _is_signed_in(market)
    change(district, SECONDED, active=False)
    assert not _is_signed_in(market)


def test_former_desks_of_an_older_district_were_in_the_own_unit(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'older.sqlite'}")
    migrate(engine, SCRIPTS, head="0010")
    with engine.begin() as connection:
        row = f"('clerk', '{TOWN}', 1, 'duty_clerk')"
        connection.execute(text(f"INSERT INTO former_desk (person, unit, until_at, roles) VALUES {row}"))
    migrate(engine, SCRIPTS, head=HEAD)
    with engine.connect() as connection:
        assert list(connection.execute(text("SELECT capacity FROM former_desk")).scalars()) == [Capacity.OWN_UNIT.value]
    engine.dispose()
