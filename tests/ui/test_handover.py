"""交接包 at the console: one workstation writes it with the line cut, another of the unit takes it in and reports it, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from desktop.console import Console
from desktop.handover import TakeHandover, WriteHandover
from models import commands as c
from models.attachment import AttachmentKind
from models.blob_folder import BlobFolder
from models.errors import Refused
from models.store import outbox
from models.store.rechain import CHAIN_UNSURE, begin_anew
from services import attachments, cases, handover
from services.handover import Kept
from services.work import Work
from tests.ui.conftest import TOWN, at_work, online, seated, until
from tests.whole.parties import Centre
from tests.whole.test_let_in_again import REPORT
from ui.dialogs.handover import HandoverDialog

PASS = "told by phone 26"


@pytest.fixture
def other(application: QApplication, centre: Centre, tmp_path: Path) -> Iterator[Console]:
    """The unit's second workstation."""
    with at_work(seated(tmp_path / "other", centre, TOWN, f"{TOWN}-clerk-2")) as made:
        yield made


def acted(console: Console) -> str:
    """Two acts with the line cut; the case."""
    until(lambda: online(console))
    console.work_offline(True)
    found: list[cases.Acted] = []

    def job(work: Work) -> cases.Acted:
        made = cases.act(work, console.desk, REPORT)
        cases.act(work, console.desk, c.File(), made.case_id)
        work.commit()
        return made

    console.file.jobs.run(job, found.append)
    until(lambda: found)
    console.file.sync.tell()
    until(lambda: console.file.line is not None and console.file.line.unsent == 2)
    return found[0].case_id


def typed(dialog: HandoverDialog, passphrase: str, file: Path, *, twice: bool) -> None:
    """Fill in with the keyboard, and choose the file."""
    dialog.activateWindow()
    until(lambda: dialog.passphrase.hasFocus())
    QTest.keyClicks(dialog.passphrase, passphrase)
    if twice:
        QTest.keyClick(dialog.passphrase, Qt.Key.Key_Tab)
        assert dialog.again.hasFocus()
        QTest.keyClicks(dialog.again, passphrase)
    QTest.keyClick(dialog.passphrase, Qt.Key.Key_Return)
    assert dialog.chooser is not None
    dialog.chooser.fileSelected.emit(str(file))
    dialog.chooser.reject()


def told(console: Console) -> str:
    console.window.show_page("sync")
    console.file.sync.tell()
    QTest.qWait(100)
    return " ".join(label.text() for label in console.window.sync.findChildren(QLabel))


def test_written_with_the_line_cut_and_reported_by_another(console: Console, other: Console, tmp_path: Path) -> None:
    case_id = acted(console)
    file = tmp_path / "A.handover"
    console.window.show_page("sync")
    assert console.window.sync.write.isVisibleTo(console.window.sync)
    dialog = WriteHandover(console.file, console.window).open()
    assert "2 项操作" in dialog.said.text()
    dialog.passphrase.setText("one passphrase")
    dialog.again.setText("another passphrase")
    dialog._begin()
    assert "不一样" in dialog.problem.text() and dialog.chooser is None
    dialog.passphrase.clear()
    dialog.again.clear()
    typed(dialog, PASS, file, twice=True)
    until(lambda: "共 2 项操作" in dialog.said.text())
    assert file.stat().st_mode & 0o077 == 0
    QTest.keyClick(dialog, Qt.Key.Key_Escape)

    until(lambda: online(other))
    other.work_offline(True)
    taking = TakeHandover(other.file, other.window, other.window.show_banner).open()
    typed(taking, "not that passphrase", file, twice=False)
    until(lambda: "交接口令不对" in taking.problem.text())
    typed(taking, PASS, file, twice=False)
    until(lambda: "2 项操作,由本机代为上报" in taking.said.text())
    QTest.keyClick(taking, Qt.Key.Key_Escape)
    until(lambda: "待本机代为上报" in told(other))
    with pytest.raises(Refused, match="handover_only_carried") as refused:
        other.file.jobs.wait(handover.gather)
    assert refused.value.args_by_name == {"count": 2, "of": console.station.slot}
    other.file.jobs.wait(lambda work: (cases.act(work, other.desk, REPORT), work.commit()))
    own = WriteHandover(other.file, other.window).open()
    typed(own, PASS, tmp_path / "B.handover", twice=True)
    until(lambda: "共 1 项操作" in own.said.text())
    assert f"代 {console.station.slot} 号机上报的 2 项操作还没有上报,不在这个包里" in own.said.text()
    QTest.keyClick(own, Qt.Key.Key_Escape)
    other.work_offline(False)
    until(lambda: "均有结论" in told(other), 30)
    found: list[object] = []
    other.file.jobs.run(lambda work: cases.panel(work, other.desk, case_id), found.append)
    until(lambda: found)
    assert {state.state for state in found[0].acts.values()} == {"accepted"}  # type: ignore[attr-defined]


def test_a_photograph_goes_along_and_is_reported_by_another(
    console: Console, other: Console, centre: Centre, tmp_path: Path
) -> None:
    case_id = acted(console)
    found = attachments.prepare_bytes(console.station.blobs, bytes(range(256)) * 2_000, 1 << 30)

    def job(work: Work) -> None:
        attachments.attach(work, console.desk, case_id, found, AttachmentKind.BEFORE)
        work.commit()

    console.file.jobs.wait(job)
    file = tmp_path / "A.handover"
    dialog = WriteHandover(console.file, console.window).open()
    typed(dialog, PASS, file, twice=True)
    until(lambda: "共 3 项操作、1 个照片或文件" in dialog.said.text())
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    until(lambda: online(other))
    taking = TakeHandover(other.file, other.window, other.window.show_banner).open()
    typed(taking, PASS, file, twice=False)
    until(lambda: "随带的 1 个照片或文件已存本机" in taking.said.text())
    QTest.keyClick(taking, Qt.Key.Key_Escape)
    assert other.station.blobs.is_sound(found.sha256)
    lies = BlobFolder(Path(centre.database_url.removeprefix("sqlite:///")).with_suffix(".blobs"))
    until(lambda: lies.is_sound(found.sha256), 30)


def let_in_again(console: Console) -> None:
    """The file becomes another device's, and has had no line since; the acts of the one it was wait for their places."""

    def job(work: Work) -> None:
        begin_anew(work.connection)
        work.write_meta(CHAIN_UNSURE, "let_in_again")
        work.commit()

    console.file.jobs.wait(job)
    console.file.sync.tell()
    until(lambda: console.file.line is not None and console.file.line.unplaced == 2)


def test_what_the_file_cannot_hold_yet_is_said_before_and_after_and_to_whoever_takes_it(
    console: Console, other: Console, tmp_path: Path
) -> None:
    acted(console)
    let_in_again(console)
    file = tmp_path / "A.handover"
    dialog = WriteHandover(console.file, console.window).open()
    assert "0 项操作" in dialog.said.text() and "另有 2 项操作是本机重新登记以前办的" in dialog.said.text()
    typed(dialog, PASS, file, twice=True)
    until(lambda: "2 项操作都是重新登记以前办的" in dialog.problem.text())
    assert not file.exists()
    dialog.reject()

    console.file.jobs.wait(lambda work: (cases.act(work, console.desk, REPORT), work.commit()))
    console.file.sync.tell()
    until(lambda: console.file.line is not None and console.file.line.unsent == 3)
    dialog = WriteHandover(console.file, console.window).open()
    assert "1 项操作" in dialog.said.text() and "另有 2 项操作" in dialog.said.text()
    typed(dialog, PASS, file, twice=True)
    until(lambda: "共 1 项操作" in dialog.said.text())
    assert "另有 2 项操作是本机重新登记以前办的" in dialog.said.text()
    dialog.reject()

    until(lambda: online(other))
    other.work_offline(True)
    taking = TakeHandover(other.file, other.window, other.window.show_banner).open()
    typed(taking, PASS, file, twice=False)
    until(lambda: "那台机器上还有 2 项操作放不进包" in taking.said.text())
    taking.reject()


def test_with_nothing_unsent_there_is_nothing_to_write(console: Console) -> None:
    until(lambda: online(console))
    assert "0 项" in told(console)
    assert not console.window.sync.write.isVisibleTo(console.window.sync)
    assert console.window.sync.take.isVisibleTo(console.window.sync)


def test_photographs_alone_are_told_and_can_be_handed_over(console: Console) -> None:
    until(lambda: online(console))
    case_id = acted(console)
    console.work_offline(True)
    found = attachments.prepare_bytes(console.station.blobs, bytes(range(256)), 1 << 20)

    def job(work: Work) -> None:
        attachments.attach(work, console.desk, case_id, found, AttachmentKind.BEFORE)
        outbox.mark_sent(work.connection, outbox.head(work.connection)[0])  # the centre has its act, and the line went
        work.commit()

    console.file.jobs.wait(job)
    console.file.sync.tell()
    until(lambda: "没传完的照片和文件:1 个" in told(console))
    assert "待上报:0 项" in told(console)
    assert console.window.sync.write.isVisibleTo(console.window.sync)
    dialog = WriteHandover(console.file, console.window).open()
    assert "0 项操作、没传完的 1 个照片或文件" in dialog.said.text()
    dialog.reject()


def test_a_file_that_is_none_is_said_to_be_none(console: Console, tmp_path: Path) -> None:
    (tmp_path / "x.handover").write_bytes(b"PK\x03\x04")
    for name, words in (("x.handover", "这不是交接包"), ("gone.handover", "读不到")):
        dialog = TakeHandover(console.file, console.window, console.window.show_banner).open()
        typed(dialog, PASS, tmp_path / name, twice=False)
        until(lambda d=dialog, w=words: w in d.problem.text())  # type: ignore[misc]
        dialog.reject()


def test_what_was_not_copied_is_told_also_when_the_dialog_was_put_away(other: Console) -> None:
    taking = TakeHandover(other.file, other.window, other.window.show_banner)
    dialog = taking.open()
    dialog.reject()
    taking._kept(Kept("A", 1, 0, 0), "读不到 /media/x。")
    assert "再导入一次" in other.window.banner.text.full
