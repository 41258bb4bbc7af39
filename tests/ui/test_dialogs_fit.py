"""No small window cuts off what it says, in either language, at the ends of the scale of text sizes; and none is larger than the
smallest screen we promise."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QWidget

from models.rules import Rules
from services.self_check import Finding, Level, Subject
from services.settings import SIZES_PERCENT, Settings
from tests.ui.every_state import TOWN
from ui import language, theme, words
from ui.dialogs.add_files import AddFilesDialog
from ui.dialogs.evidence import EvidenceDialog
from ui.dialogs.handover import TakeHandoverDialog, WriteHandoverDialog
from ui.dialogs.let_in_again import LetInAgainDialog
from ui.dialogs.passphrase import PassphraseDialog
from ui.dialogs.report import ReportDialog
from ui.dialogs.self_check import SelfCheckDialog
from ui.dialogs.settings import SettingsDialog

SCREEN, TITLE_BAR = (1280, 720), 32
FILE = "/home/wangxiaoming/文档/网格中心值班资料/2026年11月/交接包 A 机.handover"
BAD = (
    Finding(Subject.STORE, Level.BAD, "store_damaged"),
    Finding(Subject.DISK, Level.CARE, "disk_little", {"free_mb": 900}),
    Finding(Subject.LINE, Level.BAD, "line_down", {"reason": "line_silent"}),
    Finding(Subject.CLOCK, Level.CARE, "clock_elsewhere", {"offset_minutes": 330}),
    Finding(Subject.CALENDAR, Level.CARE, "calendar_without_notice", {"year": 2027}),
    Finding(Subject.KEYRING, Level.CARE, "key_in_file"),
)
Made = Callable[[QWidget, Rules], QDialog]


def self_check(over: QWidget, _rules: Rules) -> QDialog:
    made = SelfCheckDialog("fcitx5", over)
    made.open()
    made.look_again()
    for finding in BAD:
        made.show_finding(finding)
    return made


def self_check_written(over: QWidget, rules: Rules) -> QDialog:
    made = self_check(over, rules)
    assert isinstance(made, SelfCheckDialog)
    made.show_written(FILE)
    made.cannot_write(FILE)
    return made


def evidence(over: QWidget, _rules: Rules) -> QDialog:
    return EvidenceDialog("黎阳-20261123-A001", 3, over)


def evidence_refused(over: QWidget, _rules: Rules) -> QDialog:
    made = EvidenceDialog("黎阳-20261123-A001", 3, over)
    made.open()
    made.refuse(words.refusal("evidence_sign_in", {}, {}), may_sign_in=True)
    return made


def handover_refused(over: QWidget, _rules: Rules) -> QDialog:
    made = WriteHandoverDialog(12, 3, 7, "A", over)
    made.open()
    made.refuse(words.refusal("handover_unplaced", {"count": 7}, {}))
    return made


def handover_taken(over: QWidget, _rules: Rules) -> QDialog:
    made = TakeHandoverDialog(over)
    made.open()
    made.show_done("\n\n".join([words.refusal("chain_fork", {}, {})] * 3))
    return made


def added(over: QWidget, _rules: Rules) -> QDialog:
    return AddFilesDialog([f"IMG_20261123_15420{n}_HDR.jpg" for n in range(9)], over)


def report(over: QWidget, rules: Rules) -> QDialog:
    made = ReportDialog(rules, TOWN)
    made.refuse(words.refusal("requester_too_long", {}, {}))
    return made


def settings(over: QWidget, _rules: Rules) -> QDialog:
    return SettingsDialog(Settings())


def let_in_again(over: QWidget, _rules: Rules) -> QDialog:
    made = LetInAgainDialog(over, 12)
    made.open()
    made.refuse(words.refusal("other_authority", {"address": "https://10.0.0.1:8341"}, {}))
    return made


def passphrase(over: QWidget, _rules: Rules) -> QDialog:
    return PassphraseDialog(True)


DIALOGS: tuple[Made, ...] = (
    self_check, self_check_written, evidence, evidence_refused, handover_refused, handover_taken, added, report, settings,
    let_in_again, passphrase,
)  # fmt: skip


@pytest.fixture(params=[(code, size) for code in language.LANGUAGES for size in (SIZES_PERCENT[0], SIZES_PERCENT[-1])])
def over(request: pytest.FixtureRequest, application: QApplication) -> Iterator[QWidget]:
    code, percent = request.param
    language.choose(code)
    theme.apply(application, theme.LIGHT, percent / 100)
    window = QWidget()
    window.resize(*SCREEN)
    yield window
    window.deleteLater()
    language.choose(language.CHINESE)
    theme.apply(application, theme.LIGHT)


@pytest.mark.parametrize("make", DIALOGS, ids=lambda make: make.__name__)
def test_every_word_is_seen(over: QWidget, rules: Rules, make: Made) -> None:
    dialog = make(over, rules)
    dialog.open()
    for _ in range(3):
        QApplication.processEvents()
    cut = [told(w) for w in dialog.findChildren(QWidget) if w.isVisible() and is_cut(w)]
    assert not cut
    assert dialog.width() <= SCREEN[0] and dialog.height() <= SCREEN[1] - TITLE_BAR, dialog.size()
    dialog.reject()


def is_cut(widget: QWidget) -> bool:
    if isinstance(widget, QLabel) and widget.text() and widget.wordWrap():
        return widget.height() < widget.heightForWidth(widget.width())
    if isinstance(widget, QLabel | QAbstractButton) and widget.text():
        return widget.width() < widget.sizeHint().width() or widget.height() < widget.sizeHint().height()
    return False


def told(widget: QWidget) -> str:
    assert isinstance(widget, QLabel | QAbstractButton)
    return f"{widget.text()} ({widget.size()})"
