"""Cases are found by the staff who had a hand in them, also by their initials and in a store that an older program wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from sqlalchemy import text

from desktop.open_file import OpenFile
from desktop.station import Station
from models import commands as c
from models.clock import SystemClock
from models.pinyin import initials
from models.rules import Rules
from models.store import search
from models.store.search import renew_portion
from models.store.work import Work
from models.views import QueueQuery
from services import cases, queue
from tests.store.make_sample import CASES, unpacked
from tests.store.make_sample import CLERK as SAMPLE_CLERK
from tests.ui.conftest import until
from tests.ui.every_state import CLERK, DEPUTY, MEMBER, OFFICER, SQUAD, STALLS, STATION, TOWN, VICE, EveryState


def found(store: EveryState, typed: str) -> set[str]:
    with store.work() as work:
        return {row.row.id for row in queue.page(work, store.desk, QueueQuery(text=typed), 0, 100).rows}


def test_who_reported_dispatched_and_handled_is_found_by_name_and_by_initials(tmp_path: Path, rules: Rules) -> None:
    store = EveryState(tmp_path, rules)
    mine = store.handling()
    others = store.does(DEPUTY, c.Report("", "grid", STALLS, "占道", "路口", TOWN, STATION))
    for person in (MEMBER, CLERK, OFFICER):
        name = rules.people[person].name
        assert mine in found(store, name) and mine in found(store, initials(name)), person
        assert mine in found(store, initials(name).upper())
    assert found(store, rules.people[DEPUTY].name) == {others}
    assert not found(store, rules.people[VICE].name), "had no hand in any"


def test_the_requester_is_never_found(tmp_path: Path, rules: Rules) -> None:
    store = EveryState(tmp_path, rules)
    report = c.Report("", "grid", STALLS, "占道", "路口", TOWN, STATION)
    with store.work() as work:
        cases.report(work, store.desk, report, {"name": "欧阳修远", "phone": "13800001111"})
        work.commit()
    assert (
        found(store, "占道") and not found(store, "欧阳修远") and not found(store, "oyxy") and not found(store, "1380")
    )


def told_as_before(work: Work) -> None:
    """As an older program left it: nobody's name, and no word of how far the texts are."""
    work.connection.execute(text("UPDATE case_search SET plain = 'old'"))
    work.connection.execute(text("DELETE FROM meta WHERE name = 'search_text'"))
    work.commit()


def test_old_texts_are_written_anew_in_portions_and_an_end_in_between_loses_nothing(
    tmp_path: Path, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EveryState(tmp_path, rules)
    ids = {store.filed() for _ in range(7)}
    name = rules.people[CLERK].name
    with store.work() as work:
        told_as_before(work)
    assert not found(store, name)
    monkeypatch.setattr(search, "PORTION", 3)
    known = []
    for _ in range(3):
        with store.work() as work:
            more = renew_portion(work)
        known.append(len(found(store, name)))
    assert known == [3, 6, 7] and not more and found(store, name) == ids
    with store.work() as work:
        assert " " not in work.read_meta("search_text") and not renew_portion(work)
    store.does(CLERK, c.Dispatch(SQUAD), ids.pop())
    assert len(found(store, name)) == 7


def test_a_file_of_an_older_program_is_renewed_behind_its_first_screen(
    application: QApplication, tmp_path: Path
) -> None:
    unpacked(tmp_path)
    station = Station(tmp_path, "http://127.0.0.1:9", SystemClock())
    assert station.rules is not None
    name = station.rules.people[SAMPLE_CLERK].name
    asked = text("SELECT count(*) FROM case_search WHERE plain LIKE :name")

    def known() -> int:
        with station.work() as work:
            return int(work.connection.execute(asked, {"name": f"%{initials(name)}%"}).scalar_one())

    assert known() == 0, "the sample was written before names of staff had initials"
    file = OpenFile(station, station.rules)
    until(lambda: known() == CASES)
    file.end()
