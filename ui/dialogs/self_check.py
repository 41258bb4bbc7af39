"""自检: what this workstation needs, each looked at for real, with what to do about it; and a file for whoever helps from afar."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from services.self_check import Finding, Level, Subject
from ui import findings, theme
from ui.dialogs.fitted import FittedDialog
from ui.dialogs.save_file import save_file
from ui.language import tr
from ui.widgets.act_button import act_button
from ui.widgets.plain import told_line

RECHECK_KEY = Qt.Key.Key_F5
_WIDTH, _HEIGHT = 760, 380


class SelfCheckDialog(FittedDialog):
    """`check_asked` for everything to be looked at (again); `bundle_asked` with the file to write. Esc closes."""

    check_asked = Signal()
    bundle_asked = Signal(str)

    def __init__(self, plugin: str, parent: QWidget) -> None:
        """`plugin`: what carries Chinese typing here, as far as the program knows ("": nothing)."""
        super().__init__(parent)
        self._plugin = plugin
        self._found: dict[Subject, Finding] = {}
        self.chooser: QFileDialog | None = None
        self.setWindowTitle(tr("自检"))
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.RichText)
        self.levels = {subject: _text() for subject in Subject}
        self.said = {subject: _text() for subject in Subject}
        self.typed = _TypedField()
        self.typed.arrived.connect(self._typing_works)
        self.problem = told_line("warning")
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.again = act_button(tr("再查一次 F5"), self.look_again)
        self.bundle = act_button(tr("导出诊断包…"), self._choose_file)
        self.close_ = act_button(tr("关闭 Esc"), self.reject)
        self._arrange()
        self.be_at_least(_WIDTH, _HEIGHT)
        self.close_.setFocus()

    def _arrange(self) -> None:
        rows = QGridLayout()
        rows.setHorizontalSpacing(14)
        rows.setVerticalSpacing(6)
        for number, subject in enumerate(Subject):
            title = _text()
            title.setText(f"<b>{findings.SUBJECTS[subject]}</b>")
            place = Qt.AlignmentFlag.AlignTop if subject is not Subject.INPUT_METHOD else Qt.AlignmentFlag.AlignVCenter
            rows.addWidget(self.levels[subject], number, 0, place)
            rows.addWidget(title, number, 1, place)
            rows.addWidget(self.said[subject], number, 2, 1, 1 if subject is Subject.INPUT_METHOD else 2)
        rows.addWidget(self.typed, len(Subject) - 1, 3)
        rows.setColumnStretch(2, 1)
        buttons = QHBoxLayout()
        for button in (self.again, self.bundle, self.close_):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(self.summary)
        layout.addLayout(rows)
        layout.addStretch(1)
        layout.addWidget(self.problem)
        layout.addLayout(buttons)

    def look_again(self) -> None:
        """Everything is looked at anew; what is not known yet says so."""
        self._found.clear()
        for subject in Subject:
            self.levels[subject].clear()
            self.said[subject].setText(tr("正在检查…"))
        self._sum_up()
        self.show_finding(_fonts())
        self.show_finding(self._typing())
        self.check_asked.emit()

    def show_finding(self, finding: Finding) -> None:
        """One thing has been looked at."""
        self._found[finding.subject] = finding
        colours = theme.tokens()
        colour = {Level.GOOD: colours.quiet, Level.CARE: colours.yellow_text, Level.BAD: colours.red_text}
        shape, level = findings.SHAPES[finding.level], findings.LEVELS[finding.level]
        self.levels[finding.subject].setText(
            f'<span style="color:{colour[finding.level]};white-space:nowrap">{shape} {level}</span>'
        )
        self.said[finding.subject].setText(findings.in_words(finding))
        self._sum_up()

    def report(self) -> Sequence[str]:
        """The findings so far, a line each, as the diagnostic bundle carries them."""
        return [findings.line_of(self._found[subject]) for subject in Subject if subject in self._found]

    def _sum_up(self) -> None:
        waiting = len(Subject) - len(self._found)
        counted = {level: sum(f.level is level for f in self._found.values()) for level in Level}
        if waiting:
            text = tr("还有 {0} 项在检查…").format(waiting)
        elif counted[Level.GOOD] == len(Subject):
            text = tr("{0} 项全部正常。").format(len(Subject))
        else:
            text = tr("正常 {0} 项,注意 {1} 项,有问题 {2} 项。").format(*counted.values())
        self.summary.setText(f"<b>{text}</b>")
        self.bundle.setEnabled(not waiting)

    # What only a screen knows

    def _typing(self) -> Finding:
        if self.typed.has_arrived:
            return Finding(Subject.INPUT_METHOD, Level.GOOD, "typing_works")
        told = tr("(由 {0} 送入)").format(self._plugin) if self._plugin else ""
        return Finding(Subject.INPUT_METHOD, Level.CARE, "typing_unproven", {"plugin": told})

    def _typing_works(self) -> None:
        self.show_finding(self._typing())

    # The bundle

    def _choose_file(self) -> None:
        self.problem.clear()
        self.chooser = save_file(self, tr("导出诊断包"), tr("诊断包"), "zip", "ZIP (*.zip)")
        self.chooser.fileSelected.connect(self.bundle_asked)
        self.chooser.open()

    def show_written(self, file: str) -> None:
        """It is kept, and where."""
        self.problem.clear()
        self.summary.setText(tr("诊断包已存为 {0}。其中没有案件内容,也没有诉求人信息。").format(escape(file)))

    def cannot_write(self, file: str) -> None:
        """The file cannot be written there."""
        self.problem.setText(tr("未能写入 {0}。请换一个文件夹。").format(file))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F5 looks again."""
        if event.key() == RECHECK_KEY:
            self.look_again()
        else:
            super().keyPressEvent(event)


class _TypedField(QLineEdit):
    """Takes what an input method sends, and tells that Chinese came that way; what was typed goes nowhere."""

    arrived = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.has_arrived = False
        self.setMaximumWidth(theme.scaled(160))
        self.setPlaceholderText(tr("试打中文"))
        self.setAccessibleName(tr("试打中文"))

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """See QWidget."""
        super().inputMethodEvent(event)
        if not event.commitString().isascii():
            self.has_arrived = True
            self.arrived.emit()


def _fonts() -> Finding:
    chinese = QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese)
    if not chinese:
        return Finding(Subject.FONTS, Level.BAD, "fonts_missing")
    wished = (family for family in theme.FAMILIES if family in chinese)
    return Finding(Subject.FONTS, Level.GOOD, "fonts_good", {"family": next(wished, chinese[0])})


def _text() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
