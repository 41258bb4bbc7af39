"""A copy that was made while the centre recovered is put back: of what it has undecided, workstations whose chains lack nothing know how it
was decided since, and are given the time to say so (docs/decisions/0010)."""

from __future__ import annotations

from pathlib import Path

import pytest

from district.recovery import UNSURE_MS, advance
from models import commands as c
from models.recovery import LostBody, Was
from models.wire import encode
from tests.district.parties import REPORT, Station, open_district
from tests.district.test_put_back_while_serving import copied
from tests.district.test_recovery import told, told_id
from tests.models.small_town import MARKET, SQUAD, TOWN


@pytest.mark.parametrize("first", ["a", "b"])
def test_who_lost_only_a_verdict_is_waited_for(tmp_path: Path, first: str) -> None:
    """a's dispatch was made while the centre recovered, and decided when that was over; b's came later and to nothing."""
    file = tmp_path / "district.sqlite"
    with open_district(f"sqlite:///{file}") as district:
        a, b = district.station(TOWN), district.station(TOWN)
        case_id = a.new_id()
        a.push(a.act("clerk", REPORT, case_id), a.act("clerk", c.File(), case_id))
        copied(file, tmp_path / "before")
        note = b.act("clerk", c.Note("一"), case_id)
        was_note = told(b.push(note))

        def tell(station: Station, was: list[Was]) -> None:
            assert station.ask("POST", "/v1/lost", data=encode(LostBody(was))).status_code == 200

        def verdicts(*ids: str) -> dict[str, tuple[str, int]]:
            known = a.ask("POST", "/v1/status", json={"ids": list(ids)}).json()["known"]
            return {found[0]: (found[1], found[3]) for found in known}

        copied(tmp_path / "before", file)
        tell(b, [])
        by_a = a.act("clerk", c.Dispatch(MARKET), case_id)
        assert a.push(by_a).known[0][1] == "deferred"
        copied(file, tmp_path / "while")
        tell(b, was_note)
        b.push(note)
        advance(district.centre)
        a_id = told_id(by_a)
        outcome, gseq = verdicts(a_id)[a_id]
        assert outcome == "accepted"
        by_b = b.act("clerk", c.Dispatch(SQUAD), case_id)
        was_b = told(b.push(by_b))
        assert was_b[0].outcome == "rejected"

        def a_calls() -> None:
            if verdicts(a_id)[a_id][0] == "deferred":
                tell(a, [Was(a_id, 2, gseq, outcome)])

        def b_calls() -> None:
            tell(b, [*was_note, *was_b])
            b.push(note, by_b)

        copied(tmp_path / "while", file)
        with district.centre.in_order():
            pass
        assert district.centre.epoch == 3
        for call in (a_calls, b_calls) if first == "a" else (b_calls, a_calls):
            call()
            advance(district.centre)
        district.clock.now_ms += UNSURE_MS
        advance(district.centre)
        found = {act: word for act, (word, _gseq) in verdicts(a_id, told_id(by_b)).items()}
        assert found == {a_id: "accepted", told_id(by_b): "rejected"}
