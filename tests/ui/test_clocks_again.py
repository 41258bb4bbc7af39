"""An act that came to the same after a restore and its clock not is named in words, before and now."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from models.recovery import CLOCK_OTHERWISE, CLOCK_STARTED_ANEW, TIME_DOUBTFUL, Difference, Recovered
from models.rules import Rules
from tests.models.small_town import reference
from ui import words
from ui.panels.recovery_page import RecoveryPage


def test_what_became_of_a_clock_is_said(application: QApplication) -> None:
    page = RecoveryPage(Rules(reference()))
    act = ("c1", "341002102", "A", "clerk", "case.arrive", "k1", "2026-1", "accepted", "", "accepted")
    seen = [
        Difference(*act, CLOCK_STARTED_ANEW, "arrival", "late", "on_time"),
        Difference(*act, TIME_DOUBTFUL, "arrival", "", "doubtful"),
        Difference(*act, CLOCK_OTHERWISE, "opinion", "on_time", ""),
    ]
    page.show_list(Recovered(2, None, [], 0, 6, 6, 3, seen, 0, of_clocks=3, uncompared=2))
    shown = [[page.table.item(row, n).text() for n in (5, 6)] for row in range(page.table.rowCount())]
    assert shown == [
        ["已生效;到场:超时", "已生效;到场:按时(送达在还原后重新登记,或尚未登记)"],
        ["已生效;到场:原认定未知", "已生效;到场:时间待认定(原认定未知,请核对)"],
        ["已生效;初步意见:按时", "已生效;初步意见:未认定(认定或起止时间与原来不同)"],
    ]
    assert "其中 3 项裁定相同,但时限认定不同或待核对。" in page.said.text()
    assert "另有 2 项的原时限认定未知,无从比较。" in page.said.text()


def test_every_code_of_a_clock_has_words() -> None:
    assert {CLOCK_OTHERWISE, CLOCK_STARTED_ANEW, TIME_DOUBTFUL} == set(words.CLOCKS_AGAIN)
