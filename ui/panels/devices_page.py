"""工作机: what the district's operator sees of every workstation, lets in and takes out (sync.md §3.4, §3.9).

Everything here is the centre's own knowledge: it is read over the line each time and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from models.clock import DAY_MS
from models.rules import Rules
from models.workstations import USUAL_MINUTES, Audits, CodeBody, CodeMade, Workstation, Workstations
from ui import format as fmt
from ui import words
from ui.form import Choice, Field, Form, Values
from ui.language import tr
from ui.panels.quarantine_page import QuarantinePage
from ui.panels.recovery_page import RecoveryPage
from ui.panels.told_page import InnerPage, ToldPage
from ui.widgets.act_button import act_button
from ui.widgets.plain import say_or_hide, told_line

MOST_LABEL_LETTERS = 80
AUDIT_TOO_OLD_MS = 2 * DAY_MS
"""Without an audit for so long somebody must look why."""

WIDE = (2, 7)
"""The columns that share what room there is."""


class DevicesPage(ToldPage):
    """`list_asked`, `code_asked` and `revoked` go to the centre by somebody else. Keys: F4 let one in, F7 what a restore lost, F8
    take the chosen one out, Enter what it handed in afterwards, Ctrl+R read again."""

    list_asked = Signal()
    code_asked = Signal(object)
    revoked = Signal(str, str)

    def __init__(self, rules: Rules) -> None:
        titles = (
            tr("单位"),
            tr("机号"),
            tr("说明"),
            tr("登记"),
            tr("最近上报"),
            tr("操作数"),
            tr("已报齐至"),
            tr("状态"),
        )
        super().__init__(rules, tr("工作机"), titles, WIDE)
        self._rows: tuple[Workstation, ...] = ()
        self.table.cellActivated.connect(self.open_apart)
        self.apart = QuarantinePage(rules)
        self.recovery = RecoveryPage(rules)
        for sight in (self.apart, self.recovery):
            sight.closed.connect(self.close_sight)
        self.restored = act_button(tr("还原情况 F7"), self.open_recovery)
        self.audited = told_line("quiet")
        self.audit_alarm = told_line("warning")
        self._list = QWidget()
        self._sight = QStackedWidget()
        self.code = QFrame()
        self.code.setObjectName("card")
        self.code.hide()
        self.code_text = QLabel()
        self.code_text.setTextFormat(Qt.TextFormat.PlainText)
        self.code_text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.code_told = told_line("")
        self._arrange()

    def _arrange(self) -> None:
        font = self.code_text.font()
        font.setPointSizeF(font.pointSizeF() * 1.8)
        font.setBold(True)
        self.code_text.setFont(font)
        inside = QVBoxLayout(self.code)
        inside.addWidget(self.code_text)
        inside.addWidget(self.code_told)
        inside.addWidget(act_button(tr("收起 Esc"), self.put_code_away), 0, Qt.AlignmentFlag.AlignLeft)
        verbs = (
            ("F4", tr("给登记码 F4"), self.begin_code),
            ("F8", tr("停用 F8"), self.begin_revoking),
            ("", tr("封存的操作 Enter"), self.open_apart),
            ("Ctrl+R", tr("刷新 Ctrl+R"), self.refresh),
        )
        buttons = (*(act_button(text, verb) for _key, text, verb in verbs), self.restored)
        keys = [(key, verb) for key, _text, verb in verbs if key]
        keys += [("F7", self.open_recovery), ("Esc", self._escape)]
        above = (self.said, self.audited, self.audit_alarm, self.problem, self.code)
        self._lay_out(self._list, above, buttons, keys)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._sight)
        for sight in (self._list, self.apart, self.recovery):
            self._sight.addWidget(sight)
        for hidden in (self.restored, self.audited, self.audit_alarm):
            hidden.hide()

    # What is told

    def _ask_list(self) -> None:
        self.list_asked.emit()

    def focus_first(self) -> None:
        """The page is turned to."""
        here = self._sight.currentWidget()
        (here if isinstance(here, InnerPage) else self).table.setFocus()

    def open_apart(self) -> None:
        """封存的操作 of the chosen one, when it handed any in after it was revoked."""
        here = self.chosen()
        if here is None:
            self._say_why(tr("请先选定一台工作机。"))
        elif not here.quarantined:
            self._say_why(tr("这台工作机没有封存的操作。"))
        else:
            self._forms.put_away()
            self._sight.setCurrentWidget(self.apart)
            self.apart.open(here.id)

    def open_recovery(self) -> None:
        """还原情况, once a copy of the district was put back."""
        if not self.restored.isHidden():
            self._forms.put_away()
            self._sight.setCurrentWidget(self.recovery)
            self.recovery.open()

    def close_sight(self) -> None:
        """Back to the workstations."""
        self._sight.setCurrentWidget(self._list)
        self.table.setFocus()
        self.refresh()

    def show_list(self, found: Workstations) -> None:
        """All workstations; the chosen one stays chosen."""
        chosen = self.chosen()
        self._quiet()
        self._rows = tuple(found.devices)
        said = tr("{0} 台工作机,{1} 台已停用。截至 {2}。").format(
            len(self._rows),
            sum(row.revoked_at is not None for row in self._rows),
            fmt.day_and_minute(found.now_ms, found.now_ms),
        )
        if found.recovering_until is not None:
            until = fmt.day_and_minute(found.recovering_until, found.now_ms)
            said = f"{said} {tr('区中心由备份还原,正等补报,最迟 {0}(F7)。').format(until)}"
        self.said.setText(said)
        self._show_audits(found.audits, found.now_ms)
        self.restored.setVisible(found.epoch > 1)
        self._fill([self._texts(row, found.now_ms) for row in self._rows])
        again = next((n for n, row in enumerate(self._rows) if chosen is not None and row.id == chosen.id), 0)
        if self._rows:
            self.table.setCurrentCell(again, 0)

    def _show_audits(self, audits: Audits | None, now_ms: int) -> None:
        text, is_well = audit_told(audits, now_ms)
        say_or_hide(self.audited, text if is_well else "")
        say_or_hide(self.audit_alarm, "" if is_well else text)

    def _texts(self, row: Workstation, now_ms: int) -> tuple[str, ...]:
        day = fmt.day_and_minute
        state = tr("在用") if row.has_key else tr("在用,没有签名密钥")
        if row.revoked_at is not None:
            state = tr("{0} 停用:{1}").format(day(row.revoked_at, now_ms), _why(row.reason))
            if row.quarantined:
                apart = tr("{0}(封存 {1} 项,待定 {2} 项)")
                state = apart.format(state, row.quarantined, row.to_review)
        if row.stepped_at is not None:
            told = tr("{0};时钟跳变 {1} 次,最近 {2} {3}")
            moved = tr("拨快 {0}") if row.stepped_ms > 0 else tr("拨慢 {0}")
            last = moved.format(fmt.age(abs(row.stepped_ms)))
            state = told.format(state, row.wall_steps, day(row.stepped_at, now_ms), last)
        heard = day(row.heard_at, now_ms) if row.heard_at is not None else tr("还没有")
        whole = day(row.watermark_at, now_ms) if row.watermark_at is not None else tr("没有联系上")
        unit, since = self._unit(row.unit), day(row.registered_at, now_ms)
        return unit, row.slot, row.label, since, heard, str(row.acts), whole, state

    def show_code(self, made: CodeMade, now_ms: int) -> None:
        """A code, to be read out; it is shown once."""
        self._quiet()
        self._forms.put_away()
        self.code_text.setText(made.code)
        told = tr("念给 {0} 的人。{1} 以前有效,只能用一次,只登记一台。").format(
            self._unit(made.unit), fmt.day_and_minute(made.expires_at, now_ms)
        )
        if made.fingerprint:
            told = f"{told}\n{tr('区中心证书指纹:{0}').format(made.fingerprint)}"
        self.code_told.setText(told)
        self.code.show()
        self.refresh()

    def _escape(self) -> None:
        if self.form is not None:
            self._forms.put_away()
        else:
            self.put_code_away()

    def put_code_away(self) -> None:
        """It was read out."""
        self.code_text.clear()
        self.code.hide()
        self.table.setFocus()

    def done(self) -> None:
        """What was asked is done."""
        self._forms.put_away()
        self.refresh()

    # What is asked

    def chosen(self) -> Workstation | None:
        """The row under the cursor."""
        number = self.table.currentRow()
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def begin_code(self) -> None:
        """给登记码: for a workstation of which unit."""
        here = self.chosen()
        units = sorted(self._rules.organisations.values(), key=lambda o: (here is None or o.code != here.unit, o.code))
        fields = (
            Field("unit", tr("哪个单位的工作机"), "choice", tuple(Choice(o.code, o.name) for o in units)),
            Field("label", tr("说明(哪一台)"), "line", optional=True),
            Field("minutes", tr("有效分钟数"), "number", value=USUAL_MINUTES),
        )
        form = Form("", fields, None, tr("登记码念给站在那台机器前的人;只登记一台。"), tr("给登记码"))

        def done(values: Values) -> None:
            if not self.is_too_long(values["label"], MOST_LABEL_LETTERS):
                self.code_asked.emit(CodeBody(values["unit"], values["minutes"], values["label"]))

        self._forms.open(form, done)

    def begin_revoking(self) -> None:
        """停用 the chosen one, with a reason."""
        here = self.chosen()
        if here is None or here.revoked_at is not None:
            self._say_why(tr("请先选定一台工作机。") if here is None else tr("这台工作机已停用。"))
            return
        hint = tr("停用后,这台机器再报来的操作只封存待查,不生效;停用不能撤回,须重新登记。")
        title = self.name_of_revoking(here.id)()
        self._ask_reason(title, tr("停用理由"), hint, lambda reason: self.revoked.emit(here.id, reason))

    def name_of_revoking(self, device: str) -> Callable[[], str]:
        """What taking that one out is called, in the language chosen by then."""
        found = next((row for row in self._rows if row.id == device), None)
        unit, slot = (self._unit(found.unit), found.slot) if found is not None else (device, "")
        return lambda: tr("停用 {0} {1}").format(unit, slot)


def audit_told(audits: Audits | None, now_ms: int) -> tuple[str, bool]:
    """What is said of the nightly audit, and whether all is well with it; "" when the centre makes none by itself."""
    if audits is None:
        return "", True
    last = audits.last
    if last is None:
        is_late = now_ms - audits.since_ms > AUDIT_TOO_OLD_MS
        return (
            tr("夜间核对:超过两天还没有做成,请查看区中心日志。") if is_late else tr("夜间核对:今夜首次。")
        ), not is_late
    at = fmt.day_and_minute(last.at_ms, now_ms)
    if last.contradictions:
        told = tr("夜间核对 {0}:记录有 {1} 处矛盾!请立即查看区中心的核对单 {2}。")
        return told.format(at, last.contradictions, last.sheet), False
    if now_ms - last.at_ms > AUDIT_TOO_OLD_MS:
        return tr("夜间核对:上次是 {0},已超过两天,请查看区中心日志。").format(at), False
    return tr("夜间核对 {0}:{1} 项记录、{2} 起案件,没有矛盾。").format(at, last.gseq, last.cases), True


def _why(reason: str) -> str:
    """An operator's own words, or why the workstation was let in again."""
    return words.REPLACED.get(reason, reason)
