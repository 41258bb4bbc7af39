"""The pages of the centre's own knowledge: no column stands beside the window, and no line is cut off, in either language at the
ends of the scale of text sizes."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget

from models.check_review import CheckMade, ChecksToReview, CheckToReview
from models.clock import DAY_MS
from models.evidence import Grade, Moment
from models.quarantine import Apart, ApartAct
from models.record_reads import RecordRead, RecordReads
from models.recovery import CLOCK_STARTED_ANEW, Difference, Missing, Recovered, RevokedAgain
from models.rules import Rules
from models.undecided_acts import Deferred, DeferredActs, WaitedFor
from tests.ui.every_state import OPERATOR, TOWN
from ui import language
from ui.panels.quarantine_page import QuarantinePage
from ui.panels.recovery_page import RecoveryPage
from ui.panels.review_page import ReviewPage
from ui.panels.told_page import ToldPage

PAGE = (1140, 590)
"""What the window leaves of 1280×720 at the largest text."""
NOW_MS = 1_795_000_000_000
ACT = ("c1", TOWN, "A", f"{TOWN}-clerk-1", "case.propose_time_ruling", "k1", "黎阳-20261123-A001", "accepted", "")


def fits(page: ToldPage) -> None:
    for _ in range(3):
        QApplication.processEvents()
    table = page.table
    assert table.horizontalHeader().length() <= table.viewport().width(), "every column is in sight"
    for row in range(table.rowCount()):
        for column in range(table.columnCount()):
            item = table.item(row, column)
            assert item is not None
            room = QRect(0, 0, table.columnWidth(column) - 6, 10_000)
            needed = table.fontMetrics().boundingRect(room, int(Qt.TextFlag.TextWordWrap), item.text())
            assert needed.height() <= table.rowHeight(row), item.text()
            assert needed.width() <= room.width() + 1, item.text()


def test_what_came_out_otherwise_is_read_whole(dressed: None, rules: Rules) -> None:
    page = RecoveryPage(rules)
    page.resize(*PAGE)
    page.show()
    seen = [
        Difference(*ACT, "accepted", CLOCK_STARTED_ANEW, "arrival", "late", "on_time"),
        Difference(*ACT, "rejected", "not_your_case"),
    ]
    page.show_list(Recovered(2, None, [], 0, 2, 2, 2, seen, NOW_MS, of_clocks=1))
    fits(page)
    item = page.table.item(1, 6)
    assert item is not None and (": The case" in item.text() or language.chosen() == language.CHINESE)
    page.close()


def test_what_lies_apart_is_read_whole(dressed: None, rules: Rules) -> None:
    page = QuarantinePage(rules)
    page.resize(*PAGE)
    page.show()
    told = ("k1", "黎阳-20261123-A001", NOW_MS, NOW_MS, True, False)
    acts = [
        ApartAct("h1", "c1", 1, f"{TOWN}-clerk-1", "case.propose_time_ruling", *told, through="D-2"),
        ApartAct("h2", "c2", 2, f"{TOWN}-clerk-1", "case.note", *told, "admitted", OPERATOR, NOW_MS, "当事人已核对,情况属实,当日有电话记录", "merged"),
    ]  # fmt: skip
    page.show_list(Apart("D-1", TOWN, "A", NOW_MS, OPERATOR, "被盗", 1, 1, acts, NOW_MS))
    fits(page)
    page.close()


def test_however_many_are_missing_the_page_keeps_its_table_and_tells_them_all(dressed: None, rules: Rules) -> None:
    page = RecoveryPage(rules)
    page.resize(*PAGE)
    page.show()
    units = list(rules.organisations)
    missing = [Missing(f"D{n}", unit, "A", 12, n) for n, unit in enumerate(units[:60])]
    revoked = [RevokedAgain("D-1", TOWN, "A", NOW_MS, OPERATOR, "被盗", 2)] * 6
    page.show_list(Recovered(2, NOW_MS, missing, 9, 9, 0, 0, [], NOW_MS, revoked_again=revoked))
    for _ in range(3):
        QApplication.processEvents()
    assert page.height() == PAGE[1] and page.table.height() > page.height() / 4
    told: list[QWidget] = [page.said, page.missing, page.revoked]
    assert all(line.height() >= line.heightForWidth(line.width()) for line in told), "scrolled, and not cut off"
    page.show_list(Recovered(2, None, [], 0, 0, 0, 0, [], NOW_MS))
    for _ in range(3):
        QApplication.processEvents()
    assert page.table.height() > page.height() / 2, "few words take little room"
    page.close()


def test_what_waits_for_review_is_read_whole(dressed: None, rules: Rules) -> None:
    page, clerk, number = ReviewPage(rules), f"{TOWN}-clerk-1", "黎阳-20261123-A001"
    page.resize(*PAGE)
    page.show()
    told = ("case.propose_time_ruling", "k1", number, clerk, TOWN, "D-1", NOW_MS - 2 * DAY_MS)
    waited = WaitedFor("c0", "case.propose_time_ruling", clerk, TOWN)
    acts = [Deferred(f"c{n}", *told, code) for n, code in enumerate(("upgrade_server", "centre_recovering"))]
    acts.append(Deferred("c9", *told, "waits_for", waited))
    page.deferred.show_list(DeferredActs(acts, 3, 12, NOW_MS))
    fits(page.deferred)
    at = Moment(NOW_MS - DAY_MS, NOW_MS, Grade.DOUBTFUL)
    first = CheckMade("c1", clerk, OPERATOR, at, True, "路面干净,桌椅已收回店内,与处置后照片一致" * 2)
    second = CheckMade("c2", clerk, clerk, at, False, "仍有堆放")
    page.checks.show_list(
        ChecksToReview([CheckToReview("k1", number, "awaiting_confirm", TOWN, NOW_MS, first, second, True)], NOW_MS)
    )
    page.turn_to(1)
    fits(page.checks)
    page.turn_to(2)
    page.reads.show_list(RecordReads([RecordRead(NOW_MS, clerk, TOWN, "A", "k1", number)], True, NOW_MS), None)
    fits(page.reads)
    assert sum(tab.width() for tab in page.tabs) < PAGE[0]
    page.close()


def test_older_readings_come_below_those_in_sight(application: QApplication, rules: Rules) -> None:
    page = ReviewPage(rules).reads
    asked: list[object] = []
    page.list_asked.connect(asked.append)
    reads = [RecordRead(NOW_MS - n, OPERATOR, TOWN, "A", "k1", f"黎阳-{n}") for n in range(4)]
    page.show_list(RecordReads(reads[:2], True, NOW_MS), None)
    page.ask_older()
    assert asked == [NOW_MS - 1]
    page.show_list(RecordReads(reads[2:], False, NOW_MS), NOW_MS - 1)
    assert [page.table.item(n, 4).text() for n in range(4)] == [f"黎阳-{n}" for n in range(4)]  # type: ignore[union-attr]
    assert page.table.currentRow() == 2 and page.older.isHidden()
    page.ask_older()
    page.refresh()
    assert asked == [NOW_MS - 1, None], "nothing older is asked for when there is none"
