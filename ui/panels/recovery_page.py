"""还原情况: after the centre was put back to a copy, who has not handed in again what was lost, and what came to something else
than before (sync.md §3.5). For the district's operator; the centre's own knowledge, kept nowhere."""

from __future__ import annotations

from PySide6.QtCore import Signal

from models.recovery import Difference, EndBody, Recovered, RevokedAgain
from models.rules import Rules
from ui import format as fmt
from ui import words
from ui.language import tr
from ui.panels.told_page import InnerPage
from ui.widgets.act_button import act_button
from ui.widgets.notes import Notes
from ui.widgets.plain import told_line

WIDE = (5, 6)
"""The columns that share what room there is."""


class RecoveryPage(InnerPage):
    """`list_asked` and `ended` go to the centre by somebody else. Keys: F8 wait no longer, Ctrl+R read again, Esc back."""

    list_asked = Signal()
    ended = Signal(object)

    def __init__(self, rules: Rules) -> None:
        titles = (tr("单位"), tr("机号"), tr("操作人"), tr("操作"), tr("案件"), tr("原裁定"), tr("现裁定"))
        super().__init__(rules, tr("与原裁定不同的操作"), titles, WIDE)
        self.title.setText(tr("还原情况"))
        self.missing = told_line("warning")
        self.revoked = told_line("warning")
        self.end = act_button(tr("不再等待 F8"), self.begin_end)
        verbs = ((tr("刷新 Ctrl+R"), self.refresh), (tr("返回 Esc"), self.back))
        above = (self.title, Notes((self.said, self.missing, self.revoked)), self.problem)
        buttons = (self.end, *(act_button(text, verb) for text, verb in verbs))
        self._lay_out(self, above, buttons, (("F8", self.begin_end), ("Ctrl+R", self.refresh), ("Esc", self.back)))
        for hidden in (self.missing, self.revoked, self.end):
            hidden.hide()

    # What is told

    def open(self) -> None:
        """The page is turned to: what an earlier reading told is no longer sure."""
        for hidden in (self.missing, self.revoked, self.end):
            hidden.hide()
        self._turn_to()

    def _ask_list(self) -> None:
        self.problem.hide()
        self.list_asked.emit()

    def show_list(self, found: Recovered) -> None:
        """Everything the centre told. A reason that is being typed stays while there is something to end."""
        if found.ends_at is None:
            self._forms.put_away()
        self.sign_in.hide()
        self.said.setText(self._said(found))
        self.end.setVisible(found.ends_at is not None)
        self.missing.setVisible(bool(found.missing))
        gone = [tr("{0} {1}(已报 {2}/{3} 项)").format(self._unit(m.unit), m.slot, m.has_dseq, m.had_dseq)
                for m in found.missing]  # fmt: skip
        self.missing.setText(tr("尚未补报:{0}").format(tr("、").join(gone)))
        self.revoked.setVisible(bool(found.revoked_again))
        again = [self._out(one, found.now_ms) for one in found.revoked_again]
        self.revoked.setText(tr("备份里没有其停用记录,已再次停用:{0}").format(tr("、").join(again)))
        self._fill([self._texts(one) for one in found.differences])
        if found.differences:
            self.table.setCurrentCell(0, 0)

    def _said(self, found: Recovered) -> str:
        if found.epoch == 1:
            return tr("区中心没有还原过。")
        counted = tr("还原前裁定过、又补报的操作 {0} 项,已重新裁定 {1} 项,与原裁定不同 {2} 项。")
        said = [counted.format(found.offered, found.back, found.differing)]
        if found.ends_at is not None:
            until = fmt.day_and_minute(found.ends_at, found.now_ms)
            said.insert(0, tr("正按原次序恢复,最迟 {0} 裁定;{1} 项操作在等。").format(until, found.waiting))
        if found.differing > len(found.differences):
            said.append(tr("先列最近 {0} 项。").format(len(found.differences)))
        if found.of_clocks:
            said.append(tr("其中 {0} 项裁定相同,但时限认定不同或待核对。").format(found.of_clocks))
        if found.uncompared:
            said.append(tr("另有 {0} 项的原时限认定未知,无从比较。").format(found.uncompared))
        return " ".join(said)

    def _out(self, one: RevokedAgain, now_ms: int) -> str:
        since, why = fmt.day_and_minute(one.at, now_ms), words.REPLACED.get(one.reason, one.reason)
        return tr("{0} {1}({2} 停用:{3})").format(self._unit(one.unit), one.slot, since, why)

    def _texts(self, one: Difference) -> tuple[str, ...]:
        return (
            self._unit(one.unit),
            one.slot,
            self._person(one.actor),
            words.ACTS.get(one.kind, one.kind),
            one.case_number or tr("区中心没有此案"),
            *(_of_clock(one) if one.stage else (_verdict(one.was, one.was_code), _verdict(one.now, one.now_code))),
        )

    # What is asked

    def begin_end(self) -> None:
        """不再等待, with a reason that stays on record."""
        if self.end.isHidden():
            return
        hint = tr("已到的操作立即按原次序裁定;以后补报的,到了再裁定,与原裁定不同的列在这里。")
        self._ask_reason(self.name_of_end(), tr("理由"), hint, lambda reason: self.ended.emit(EndBody(reason)))

    def name_of_end(self) -> str:
        """What 不再等待 is called."""
        return tr("不再等待尚未补报的工作机")


def _of_clock(one: Difference) -> tuple[str, str]:
    """Before and now, where the act came to the same and its clock not."""
    stage = words.STAGES.get(one.stage, one.stage)
    was = words.VERDICTS.get(one.was_clock, one.was_clock) or tr("原认定未知")
    now = words.VERDICTS.get(one.now_clock, one.now_clock) or tr("未认定")
    why = words.CLOCKS_AGAIN.get(one.now_code, one.now_code)
    before = tr("{0};{1}:{2}").format(_verdict(one.was, one.was_code), stage, was)
    return before, tr("{0};{1}:{2}({3})").format(_verdict(one.now, ""), stage, now, why)


def _verdict(outcome: str, code: str) -> str:
    """As an act's state is worded, with why where the words need no more than the code."""
    said, why = words.ACT_STATES.get(outcome, outcome), words.REFUSALS.get(code, "")
    return tr("{0}:{1}").format(said, why) if why and "{" not in why else said
