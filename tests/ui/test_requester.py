"""查看诉求人: read over the line by who may, recorded, kept nowhere; offline, expired, and for others a clear no (D2)."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from sqlalchemy import text

from desktop.console import Console
from models import commands as c
from models.papers import DispatchSlip, ReadingCard
from models.reference_files import EDITION
from models.store.case_table import get_case
from models.store.engine import open_engine
from services import cases, papers
from tests.ui.conftest import TOWN, seated, until
from tests.ui.test_changing import gone, opened, sign_in
from tests.whole.parties import Centre
from tests.whole.parties import Console as Other
from ui.dialogs.requester import RequesterDialog
from ui.dialogs.sign_in import SignInDialog
from ui.panels.case_acts import REQUESTER

CLERK = f"{TOWN}-clerk-1"
MARKET = f"{TOWN}-market"
STATION = f"{TOWN}006"
FOOD = f"{EDITION}/matter/09020"
NAME, PHONE = "钱小乙", "0559-0000998"
REPORT = c.Report("", "volunteer", FOOD, "无证摊点售卖食品", "农贸市场北门", TOWN, STATION)


def reported(other: Other) -> str:
    """A case with a requester, entered at another workstation of the unit; the market office leads, the station helps."""

    def job(work):  # type: ignore[no-untyped-def]
        done = cases.report(work, other.desk, REPORT, {"name": NAME, "phone": PHONE})
        work.commit()
        return done.case_id

    case_id = str(other.database(job))
    other.act(c.File(), case_id)
    other.act(c.Dispatch(MARKET, (STATION,)), case_id)
    other.settle()
    return case_id


@pytest.fixture
def case_id(centre: Centre, tmp_path: Path) -> Iterator[str]:
    other = Other(tmp_path, centre, TOWN, f"{TOWN}-clerk-2")
    other.settle()
    yield reported(other)
    other.close()


def readings(centre: Centre) -> list[tuple[str, str]]:
    engine = open_engine(centre.database_url)
    with engine.connect().execution_options(read_only=True) as connection:
        rows = connection.execute(text("SELECT case_id, person FROM personal_read")).all()
    engine.dispose()
    return [(str(case), str(person)) for case, person in rows]


def in_sight(console: Console, case_id: str) -> None:
    until(lambda: console.file.line is not None and console.file.line.state == "online", 30)
    arrived: list[bool] = []

    def look_again() -> bool:
        console.jobs.run(lambda work: get_case(work.connection, case_id) is not None, arrived.append)
        return any(arrived)

    until(look_again, 30)
    show(console, case_id)


def show(console: Console, case_id: str) -> None:
    panel = console.window.panel
    console.window.open_case(case_id)
    until(lambda: panel.panel is not None and panel.panel.case.id == case_id)


def begun(console: Console) -> RequesterDialog:
    console.window.panel.begin(REQUESTER)
    return opened(RequesterDialog)


def shown_in(dialog: RequesterDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel) if not label.isHidden())


def offered(console: Console) -> bool:
    return any(entry.code == REQUESTER for entry in console.window.panel.entries())


def store_bytes(console: Console) -> bytes:
    folder = console.station.folder
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.name.startswith("store.sqlite"))


def look(dialog: RequesterDialog, until_true: Callable[[], object]) -> None:
    QTest.mouseClick(dialog.read, Qt.MouseButton.LeftButton)
    until(until_true)


def test_it_is_read_on_purpose_recorded_watermarked_and_kept_nowhere(
    console: Console, centre: Centre, case_id: str
) -> None:
    in_sight(console, case_id)
    assert offered(console)
    QApplication.clipboard().clear()
    dialog = begun(console)
    assert "将由区中心记录" in shown_in(dialog) and NAME not in shown_in(dialog) and readings(centre) == []
    look(dialog, lambda: NAME in shown_in(dialog))
    assert PHONE in shown_in(dialog) and "已记录这次查看" in shown_in(dialog)
    assert readings(centre) == [(case_id, CLERK)]
    assert dialog.watermark is not None
    person, minute = dialog.watermark.text.split("　")
    assert person == console.file.rules.people[CLERK].name and "分" in minute
    marked = dialog.grab().toImage()
    dialog.watermark.hide()
    assert dialog.grab().toImage() != marked, "it is painted"
    for label in dialog.findChildren(QLabel):
        assert label.textInteractionFlags() in (
            Qt.TextInteractionFlag.NoTextInteraction,
            Qt.TextInteractionFlag.LinksAccessibleByMouse,
        )
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    until(lambda: gone(dialog))
    assert QApplication.clipboard().text() == ""
    for part in (NAME, PHONE):
        assert part.encode() not in store_bytes(console)
    found: list[tuple[ReadingCard | None, tuple[DispatchSlip, ...]]] = []
    desk = console.desk
    console.jobs.run(lambda w: (papers.reading_card(w, desk, case_id), papers.slips(w, desk, case_id)), found.append)
    until(lambda: found)
    assert found[0][0] is not None and found[0][1] and NAME not in repr(found[0]) and PHONE not in repr(found[0])


def test_with_the_line_down_it_says_so_and_a_record_typed_here_is_shown_from_here(
    console: Console, centre: Centre, case_id: str
) -> None:
    in_sight(console, case_id)
    centre.end(signal.SIGKILL)
    until(lambda: console.file.line is not None and console.file.line.state == "offline", 30)
    dialog = begun(console)
    look(dialog, lambda: dialog.problem.text())
    assert "需连线查看" in dialog.problem.text() and NAME not in shown_in(dialog)
    dialog.reject()
    made: list[str] = []
    desk = console.desk

    def job(work):  # type: ignore[no-untyped-def]
        done = cases.report(work, desk, REPORT, {"name": "孙丙", "phone": "0559-0000111"})
        work.commit()
        return done.case_id

    console.jobs.run(job, made.append)
    until(lambda: made)
    show(console, made[0])
    mine = begun(console)
    look(mine, lambda: "孙丙" in shown_in(mine))
    assert "尚未上报" in shown_in(mine) and mine.watermark is not None
    mine.reject()
    centre.start()
    assert readings(centre) == []


def test_an_expired_session_offers_to_sign_in_again_and_loses_nothing(
    console: Console, centre: Centre, case_id: str
) -> None:
    in_sight(console, case_id)
    console.window.panel.begin("case.note")
    form = console.window.panel.form
    assert form is not None
    QTest.keyClicks(form._inputs["reason"], "half a note")
    engine = open_engine(centre.database_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM session"))
    engine.dispose()
    dialog = begun(console)
    look(dialog, lambda: dialog.problem.text())
    assert "登录已过期" in dialog.problem.text() and dialog.sign_in.isVisible()
    QTest.mouseClick(dialog.sign_in, Qt.MouseButton.LeftButton)
    assert opened(SignInDialog).person.currentData() == CLERK
    sign_in(CLERK)
    until(lambda: NAME in shown_in(dialog))
    assert readings(centre) == [(case_id, CLERK)]
    dialog.reject()
    assert console.window.panel.form is form and form.values()["reason"] == "half a note"


@pytest.mark.parametrize("unit, person", [(MARKET, f"{MARKET}-officer-1"), (STATION, f"{STATION}-head")])
def test_who_handles_or_checks_the_case_gets_a_clear_no(
    application: QApplication, centre: Centre, case_id: str, tmp_path: Path, unit: str, person: str
) -> None:
    console = seated(tmp_path / unit, centre, unit, person)
    console.start()
    try:
        in_sight(console, case_id)
        assert not offered(console)
        dialog = begun(console)
        look(dialog, lambda: dialog.problem.text())
        assert "无权查看" in dialog.problem.text() and NAME not in shown_in(dialog)
        dialog.reject()
        assert readings(centre) == []
    finally:
        console.end()
        console.window.close()
