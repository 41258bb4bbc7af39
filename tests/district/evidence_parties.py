"""A case walked to its end, its evidence, and those who would like it to say something else."""

from __future__ import annotations

from pathlib import Path

from models import commands as c
from tests.district.parties import DISTRICT, REPORT, District, Station
from tests.models.small_town import SQUAD, TOWN, VILLAGE

VERIFIER = Path(__file__).parents[2] / "packaging" / "verify_evidence.py"


def closed_case(district: District) -> tuple[str, list[Station]]:
    """Reported, dispatched, handled, checked and confirmed: its id, and the workstations that did it."""
    town, squad, village = (district.station(unit) for unit in (TOWN, SQUAD, VILLAGE))
    case_id = town.new_id()

    def does(station: Station, person: str, *acts: c.Args) -> None:
        for args in acts:
            district.clock.now_ms += 60_000
            assert station.does(person, args, case_id)[1] == "accepted", args

    town.push(*[town.act("clerk", args, case_id) for args in (REPORT, c.File(), c.Dispatch(SQUAD))])
    squad.pull()
    with district.centre.reading() as connection:
        from models.store.case_table import get_case

        case = get_case(connection, case_id)
    assert case is not None and case.lead is not None
    lead = case.lead.id
    does(squad, "squad-officer", c.Acknowledge(lead, "squad-officer"), c.Arrive(lead, "已到"))
    does(squad, "squad-officer", c.GiveOpinion(lead, "占道", "劝离"), c.Feedback(lead, "已清理"))
    does(village, "vice", c.NameChecker("member-1"))
    does(village, "member-1", c.CheckOnSite("member-1", True, "路面已空"))
    does(village, "vice", c.SubmitCheck())
    does(town, "confirmer", c.Confirm())
    return case_id, [town, squad, village]


def operator(district: District) -> Station:
    """The district's own desk, signed in."""
    found = district.station(DISTRICT)
    assert found.sign_in("operator").status_code == 200
    return found


def evidence_of(station: Station, case_id: str, query: str = "") -> bytes:
    """The file, as whoever is signed in there gets it."""
    answer = station.ask("GET", f"/v1/evidence/{case_id}{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return answer.content
