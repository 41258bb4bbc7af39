"""导出证据: asked on purpose, checked here, kept where the person says; offline, expired, full, forbidden a clear no (R78)."""

from __future__ import annotations

import errno
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import text

from desktop.console import Console
from models import commands as c
from models.evidence import Grade, Moment
from models.evidence_file import (
    ENTRIES,
    MANIFEST,
    READING_LIST,
    READING_SIGNATURE,
    TIMELINE,
    EvidenceEntry,
    sha256,
)
from models.store.engine import open_engine
from models.store.work import Work
from models.stored_zip import pack, unpack
from models.timeline import Timeline, TimelineAct
from models.wire import Reason, Receipt, decode, decode_any, encode
from services import evidence
from services.sync.line import Line
from tests.district.evidence_parties import VERIFIER
from tests.ui.conftest import TOWN, until
from tests.ui.test_changing import gone, opened, sign_in
from tests.ui.test_requester import MARKET, NAME, PHONE, in_sight, reported
from tests.whole.parties import PASSWORD, Centre
from tests.whole.parties import Console as Other
from ui.dialogs.evidence import EvidenceDialog
from ui.dialogs.sign_in import SignInDialog
from ui.panels.case_acts import EVIDENCE
from ui.papers import sheet
from ui.papers.timeline import timeline_document, timeline_pdf, watermark

CLERK = f"{TOWN}-clerk-1"


@pytest.fixture
def case_id(centre: Centre, tmp_path: Path) -> Iterator[str]:
    other = Other(tmp_path, centre, TOWN, f"{TOWN}-clerk-2")
    other.settle()
    yield reported(other)
    other.close()


def begun(console: Console) -> EvidenceDialog:
    """With the key, as a clerk would."""
    console.window.activateWindow()  # no window system does it here when a dialog has closed
    until(console.window.isActiveWindow)
    QTest.keyClick(console.window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    return opened(EvidenceDialog)


def said(dialog: EvidenceDialog) -> str:
    return dialog.said.text() + dialog.problem.text()


def exported(dialog: EvidenceDialog, file: Path, until_true: Callable[[], object]) -> None:
    dialog.chosen.emit(str(file))
    until(until_true)


def taken(centre: Centre) -> list[tuple[str, str]]:
    engine = open_engine(centre.database_url)
    with engine.connect().execution_options(read_only=True) as connection:
        rows = connection.execute(text("SELECT case_id, person FROM evidence_export")).all()
    engine.dispose()
    return [(str(case), str(person)) for case, person in rows]


def verified(file: Path, key: str) -> tuple[int, str]:
    command = [sys.executable, "-I", str(VERIFIER), str(file), "--centre-key", key]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)
    return done.returncode, done.stdout


def test_with_its_timeline_it_verifies_alone_and_the_centre_has_it_on_record(
    console: Console, centre: Centre, case_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers: list[Timeline] = []
    shipped = evidence.timeline
    monkeypatch.setattr(evidence, "timeline", lambda *asked: papers.append(shipped(*asked)) or papers[-1])
    in_sight(console, case_id)
    assert any(entry.code == EVIDENCE for entry in console.window.panel.entries())
    file = tmp_path / "证据.zip"
    dialog = begun(console)
    assert "将记录何人何时导出" in said(dialog) and taken(centre) == []
    exported(dialog, file, lambda: "已存为" in said(dialog) or dialog.problem.text())
    assert dialog.problem.text() == ""
    fingerprint = re.search(r"([0-9A-F]{4} ){15}[0-9A-F]{4}", said(dialog))
    assert fingerprint is not None and console.file.line is not None
    assert console.file.line.centre_key == fingerprint[0] and fingerprint[0] in console.window.sync._lines.text()
    assert taken(centre) == [(case_id, CLERK)]
    code, told = verified(file, fingerprint[0])
    assert code == 0 and "reading/timeline.pdf (工作机签名" in told, told
    members = dict(unpack(file.read_bytes()))
    assert members[TIMELINE].startswith(b"%PDF") and file.stat().st_mode & 0o077 == 0
    dialog.reject()
    until(lambda: gone(dialog))
    (paper,) = papers
    printed = timeline_document(paper).toPlainText()
    entries = [decode(line, EvidenceEntry) for line in members[ENTRIES].splitlines()]
    names = console.file.rules.organisations
    for word in ("上报", "立案", f"派发 → {names[MARKET].name}", "已生效", "工作机签名", fingerprint[0]):
        assert word in printed, word
    assert all(entry.hash[: evidence.MARK_LETTERS] in printed for entry in entries)
    assert sha256(members[MANIFEST]) in printed and "只含本单位可见的操作" in printed
    person = console.file.rules.people[CLERK].name
    assert person in watermark(paper) and "分" in watermark(paper)
    for part in (NAME, PHONE):
        assert part not in printed and part.encode() not in file.read_bytes()
    _changed_is_noticed(file)


def _changed_is_noticed(file: Path) -> None:
    members = unpack(file.read_bytes())
    for spoilt in (TIMELINE, READING_LIST, READING_SIGNATURE):
        file.write_bytes(pack([(name, body + b" " if name == spoilt else body) for name, body in members]))
        code, told = verified(file, "")
        assert code == 1 and "reading/" in told, told
    file.write_bytes(pack([m for m in members if not m[0].startswith("reading/")]))
    assert verified(file, "")[0] == 0, "without what is only for reading it is whole"


def test_a_refusal_that_quotes_what_was_typed_prints_no_requester(
    application: QApplication, centre: Centre, tmp_path: Path
) -> None:
    """What was typed stands in the case no longer, but the centre refused another word because of it."""
    first, second = (Other(tmp_path, centre, TOWN, f"{TOWN}-clerk-{number}") for number in (1, 2))
    try:
        first.settle()
        case_id = reported(first)
        second.settle()
        second.act(c.Describe(title=f"无证摊点,诉求人{NAME}电话{PHONE}"), case_id)
        second.settle()
        for _ in range(2):  # unseen, so refused; then seen
            first.act(c.Describe(title="无证摊点"), case_id)
            first.settle()
        session = first.line.sign_in(CLERK, PASSWORD).session
        found = evidence.fetch(first.line, first.database(lambda work: evidence.wanted(work, case_id)), session)
        paper = first.database(lambda work: evidence.timeline(work, first.desk, found))
    finally:
        first.close()
        second.close()
    (refused,) = [act.reason for act in paper.acts if act.reason is not None and act.reason.code == "field_changed"]
    assert refused.args["mine"] == "无证摊点" and "诉求人***" in str(refused.args["theirs"])
    printed = timeline_document(paper).toPlainText()
    assert "他人已在别处改过此项" in printed and NAME not in printed and PHONE not in printed


def test_a_long_timeline_has_pages_each_with_its_watermark(application: QApplication) -> None:
    at = Moment(1_795_404_600_000, 1_795_404_600_000)
    doubtful = Moment(at.lo - 3_600_000, at.lo, Grade.DOUBTFUL)
    told = ("隆阜站", "甲", "", "", "passed", "看过现场", "rejected", Reason("not_your_case"), "none", "0123456789ab")
    acts = tuple(TimelineAct(n, "case.check", doubtful if n == 1 else at, at.hi + 120_000, *told) for n in range(1, 61))
    facts = ("黎阳-1", "店外堆放", "龙山路口", "", "", "closed", True, (), acts, {}, at.lo, 99, "0" * 64, "AAAA")
    paper = Timeline(*facts, "演示数据", "乙", at.lo)
    printed = timeline_document(paper).toPlainText()
    for word in ("(时间待认定)", "区中心收到", "核查(通过)", "没有签名", "此案已改派"):
        assert word in printed, word
    drawn: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheet, "draw_watermark", lambda _painter, _size, text: drawn.append(text))
        pdf = timeline_pdf(paper)
    pages = len(re.findall(rb"/Type /Page\b", pdf))
    assert pages > 2 and drawn == [watermark(paper)] * pages and "乙" in drawn[0]


def test_an_expired_session_offers_to_sign_in_again_and_with_the_line_down_it_says_so(
    console: Console, centre: Centre, case_id: str, tmp_path: Path
) -> None:
    in_sight(console, case_id)
    engine = open_engine(centre.database_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM session"))
    engine.dispose()
    dialog = begun(console)
    exported(dialog, tmp_path / "evidence.zip", lambda: dialog.problem.text())
    assert "登录已过期" in said(dialog) and dialog.sign_in.isVisible()
    QTest.mouseClick(dialog.sign_in, Qt.MouseButton.LeftButton)
    assert opened(SignInDialog).person.currentData() == CLERK
    sign_in(CLERK)
    until(lambda: "已存为" in said(dialog))
    assert (tmp_path / "evidence.zip").exists() and taken(centre) == [(case_id, CLERK)]
    dialog.reject()
    centre.end(signal.SIGKILL)
    until(lambda: console.file.line is not None and console.file.line.state == "offline", 30)
    dialog = begun(console)
    exported(dialog, tmp_path / "another.zip", lambda: dialog.problem.text())
    assert "需连线导出" in said(dialog) and not (tmp_path / "another.zip").exists()
    dialog.reject()


def test_what_cannot_be_written_or_does_not_verify_is_told_and_nothing_is_left(
    console: Console, centre: Centre, case_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_sight(console, case_id)
    dialog = begun(console)
    nowhere = tmp_path / "nowhere" / "evidence.zip"
    exported(dialog, nowhere, lambda: dialog.problem.text())
    assert "未能写入" in said(dialog) and str(nowhere) in said(dialog)
    full = tmp_path / "evidence.zip"

    def no_room(*_words: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    with monkeypatch.context() as patch:
        patch.setattr("models.files.os.fsync", no_room)
        exported(dialog, full, lambda: "磁盘已满" in said(dialog))
    assert list(tmp_path.glob("evidence*")) == []
    answered = Line.evidence
    with monkeypatch.context() as patch:
        patch.setattr(Line, "evidence", lambda *asked: answered(*asked)[:-1] + b"x")
        exported(dialog, full, lambda: "核对不符" in said(dialog))
    assert list(tmp_path.glob("evidence*")) == []
    kept = evidence.wanted

    def another_order(work: Work, case: str) -> evidence.Wanted:
        found = kept(work, case)
        assert found.receipt is not None
        said_before = decode_any(found.receipt.body) | {"chain": "0" * 64}
        return replace(found, receipt=Receipt(encode(said_before).decode(), found.receipt.sig))

    console.window.panel.begin("case.note")
    form = console.window.panel.form
    assert form is not None
    form.done.emit({"reason": "记一笔"})
    until(lambda: console.file.line is not None and console.file.line.receipt is not None, 30)
    with monkeypatch.context() as patch:
        patch.setattr(evidence, "wanted", another_order)
        exported(dialog, full, lambda: "不一致" in said(dialog))
    assert list(tmp_path.glob("evidence*")) == []
    exported(dialog, full, lambda: "已存为" in said(dialog))
    assert full.exists()
    dialog.reject()
    before = taken(centre)
    dialog = begun(console)
    dialog.chosen.emit(str(tmp_path / "another.zip"))
    dialog.reject()
    answered_since: list[bool] = []
    console.jobs.run(lambda _work: True, answered_since.append)
    until(lambda: answered_since)
    assert taken(centre) == before and not (tmp_path / "another.zip").exists(), "put away in time: nothing was asked"
