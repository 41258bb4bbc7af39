"""按流量计费: photographs and files wait, acts do not, and whoever must send them all the same can (sync.md §3.9)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest

from desktop.console import Console
from desktop.metered import THE_LINE, MeteredLine, Reading
from models.store import blobs, outbox
from models.store.work import Work
from tests.ui.conftest import until
from tests.ui.test_attachments import Other, a_photo, add, case_here, desk_of, other
from tests.ui.test_requester import in_sight, reported

__all__ = ["other"]


def test_what_was_said_of_one_line_holds_for_no_other() -> None:
    told = [Reading()]
    line = MeteredLine(lambda: told[-1])
    line.look()
    assert not line.holds_files
    for reading, held in ((Reading(True, "Cellular"), True), (Reading(True, "WiFi"), True), (Reading(), False)):
        told.append(reading)
        line.look()
        assert line.holds_files is held
        line.send_anyway()
        line.look()
        assert not line.holds_files
    told.append(Reading(True, "Cellular"))
    line.look()
    assert line.holds_files


@pytest.fixture
def metered() -> Iterator[list[Reading]]:
    """What the system says, last."""
    said = [Reading(True, "Cellular")]
    was, THE_LINE.ask = THE_LINE.ask, lambda: said[-1]
    yield said
    THE_LINE.ask = was
    THE_LINE.look()


def waits(console: Console) -> tuple[int, int]:
    """Files, and acts, that the centre has not got."""

    def job(work: Work) -> tuple[int, int]:
        return blobs.count_unsent(work.connection), outbox.unsent(work.connection).count

    return console.jobs.wait(job)


@pytest.mark.landing
def test_files_wait_on_a_metered_line_until_it_is_another_or_somebody_says_so(
    metered: list[Reading], console: Console, other: Other, tmp_path: Path
) -> None:
    case_id = reported(other)
    in_sight(console, case_id)
    until(lambda: THE_LINE.holds_files)

    def added(hue: int) -> None:
        desk_of(console).add([a_photo(tmp_path / f"{hue}.jpg", hue, QSize(60, 40))])
        add(console, Qt.Key.Key_3)
        until(lambda: waits(console) == (1, 0), 30)

    def arrived() -> int:
        return sum(a.arrived_at is not None for a in case_here(console, case_id).attachments)

    added(30)
    page, window = console.window.sync, console.window
    until(lambda: not page.anyway.isHidden())
    assert "按流量计费的网络:照片和文件暂缓 1 件" in page._lines.text()
    assert "按流量计费的网络:照片暂缓 1 件" in window.strip.line.text()
    assert "send_files_anyway" in page.verbs()
    QTest.qWait(1_500)
    assert arrived() == 0 and waits(console) == (1, 0)
    page.anyway.click()
    until(lambda: arrived() == 1, 30)
    until(page.anyway.isHidden)
    assert "按流量计费" not in page._lines.text() and "send_files_anyway" not in page.verbs()

    metered.append(Reading(True, "WiFi"))
    until(lambda: THE_LINE.holds_files)
    added(200)
    QTest.qWait(500)
    assert arrived() == 1, "it was said of the former line"
    metered.append(Reading(False, "Ethernet"))
    until(lambda: arrived() == 2, 30)
