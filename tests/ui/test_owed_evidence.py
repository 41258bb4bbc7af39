"""待补证据 on every page that shows a verdict: the panel, its files' acts, 我所的, the queue, thirty days, the printed timeline."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from models import commands as c
from models.attachment import AttachmentKind
from models.light import Light
from models.people import DISTRICT_ITSELF
from models.policy import Stage
from models.rules import Rules
from models.store import outbox
from models.views import QueueQuery
from services import alerts, cases, duties, queue
from tests.ui.desks import TOWN
from tests.ui.every_state import CLERK, CONFIRMER, MARKET_LEADER, OFFICER, EveryState
from ui import words
from ui.delegates.cells import row_light
from ui.panels import case_text
from ui.widgets.clock_card import ClockCard

PHOTO = c.Attach("a" * 64, 300_000, "image/jpeg", AttachmentKind.AFTER)
OWED = words.VERDICTS["evidence_owed"]


def asking(rules: Rules, *stages: Stage) -> Rules:
    """The district, where these duties owe a photograph."""
    found = rules.reference
    asked = tuple(replace(rule, photo_required=rule.stage in stages) for rule in found.policy.stages)
    return Rules(replace(found, policy=replace(found.policy, version="asks", stages=asked)))


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, asking(rules, Stage.ARRIVAL, Stage.HANDLING))


def arrives(store: EveryState, case_id: str) -> None:
    store.does(DISTRICT_ITSELF, c.AttachmentArrived(PHOTO.sha256), case_id)


def owing(store: EveryState, person: str) -> set[str]:
    with store.work() as work:
        groups = duties.duties(work, store._desk(person))
    return {line.case_id for group in groups if group.name == "photo" for line in group.lines}


def closed(store: EveryState) -> str:
    case_id = store.submitted()
    store.does(CONFIRMER, c.Confirm(), case_id)
    return case_id


def test_the_unit_that_has_it_is_told_on_its_own_page(application: QApplication, store: EveryState) -> None:
    window = store.window(OFFICER)
    window.show_page("duties")
    case_id = store.handling()
    window.duties.refresh()
    found = window.duties.lists["photo"]
    assert found.isVisibleTo(window) and found.count() == 1
    text = found.item(0).text()
    assert text.startswith(words.SHAPES["evidence_owed"]) and "到场,欠照片" in text
    assert owing(store, MARKET_LEADER) == set(), "the co-handler has not come yet"
    store.does(OFFICER, PHOTO, case_id)
    assert owing(store, OFFICER) == {case_id}, "added here is not arrived there"
    arrives(store, case_id)
    assert owing(store, OFFICER) == set()
    window.duties.refresh()
    window.duties.lists["acknowledge"].setFocus()
    window.duties.refresh()
    assert not found.isVisibleTo(window), "a column that stands there only while it holds something"
    window.close()


def test_of_a_case_that_is_over_it_is_owed_as_well(store: EveryState) -> None:
    case_id = closed(store)
    assert not store.case(case_id).is_open and owing(store, OFFICER) == {case_id}
    store.does(OFFICER, PHOTO, case_id)
    arrives(store, case_id)
    assert owing(store, OFFICER) == set()


def test_the_panel_says_so_of_the_clock_and_of_the_acts(application: QApplication, store: EveryState) -> None:
    case_id = store.fed_back()
    store.does(OFFICER, PHOTO, case_id)
    window = store.window(OFFICER)
    window.open_case(case_id)
    sheet = window.panel.sheet
    told = sheet.ended.toolTip()  # type: ignore[union-attr]
    assert told.count(f"{words.SHAPES['evidence_owed']}{OWED}") == 2 and "初步意见 ●按时" in told
    sheet.ended.setChecked(True)  # type: ignore[union-attr]
    cards = [card for card in sheet.findChildren(ClockCard) if OWED in card._value.text()]
    assert len(cards) == 2
    with store.work() as work:
        for row in outbox.states_of_case(work.connection, case_id):
            outbox.settle(work.connection, row.cmd_id, "accepted", None, int(row.dseq))
        work.commit()

    def waiting() -> list[str]:
        with store.work() as work:
            panel = cases.panel(work, store.desk, case_id)
        assert panel is not None
        lines = [case_text.history_line(panel, step, 0) for step in panel.case.history]
        return [s.kind for s, line in zip(panel.case.history, lines, strict=True) if "已生效·待补证据" in line]

    assert waiting() == ["case.arrive", "case.feedback", "case.attach"]
    arrives(store, case_id)
    assert waiting() == []
    window.panel.refresh()
    assert OWED not in window.panel.sheet.ended.toolTip()  # type: ignore[union-attr]
    window.close()


def test_the_queue_finds_them_and_says_nothing_of_them_where_there_are_none(
    application: QApplication, store: EveryState
) -> None:
    window = store.window(CLERK)
    chip = window.queue.chips["evidence_owed"]
    window.queue.count()
    assert not chip.isVisibleTo(window.queue)
    case_id = closed(store)
    window.queue.count()
    assert chip.isVisibleTo(window.queue) and chip.text() == f"{OWED} 1"
    with store.work() as work:
        (found,) = queue.page(work, store.desk, QueueQuery(chip="evidence_owed"), 0, 9).rows
    assert found.row.id == case_id and row_light(found.row, 0, 0) is Light.EVIDENCE_OWED
    store.does(OFFICER, PHOTO, case_id)
    arrives(store, case_id)
    window.queue.count()
    assert not chip.isVisibleTo(window.queue)
    window.close()


def test_it_is_a_column_of_its_own_and_in_no_rate(application: QApplication, store: EveryState) -> None:
    case_id, other = store.handling(), store.handling()
    store.does(OFFICER, PHOTO, other)
    arrives(store, other)
    with store.work() as work:
        work.write_meta("unit", TOWN)
        today = alerts.days(work)[-1]
    assert (today.met["arrival"], today.owed["arrival"]) == ((other,), (case_id,))
    window = store.window(CLERK)
    window.show_page("alerts")
    window.alerts.refresh()
    days = window.alerts.days
    assert "1/1" in days.rate("arrival"), "neither on time nor late"
    assert days.owed["arrival"].text() == "待补证据 1 件" and days.owed["arrival"].isVisibleTo(days)
    assert not days.owed["dispatch"].isVisibleTo(days)
    asked: list[QueueQuery] = []
    days.opened.connect(asked.append)
    days.owed["arrival"].click()
    with store.work() as work:
        assert [row.row.id for row in queue.page(work, store.desk, asked[0], 0, 9).rows] == [case_id]
        met = replace(asked[0], verdict="on_time")
        assert [row.row.id for row in queue.page(work, store.desk, met, 0, 9).rows] == [other]
        both = replace(asked[0], verdict="")
        assert [row.row.id for row in queue.page(work, store.desk, both, 0, 9).rows] == [other]
    window.close()
