"""核查不一致: two checks of one round with different results, side by side, for the district's operator to decide on (sync.md §3.6).

The centre's own knowledge, read over the line each time and kept nowhere.
"""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Signal

from models.check_review import RECHECK, STANDS, CheckMade, CheckReviewBody, ChecksToReview, CheckToReview
from models.rules import Rules
from ui import format as fmt
from ui import words
from ui.language import tr
from ui.panels.told_page import CasesPage
from ui.widgets.act_button import act_button
from ui.widgets.plain import told_line

WIDE = (4, 5)
"""The columns that share what room there is."""


class CheckReviewPage(CasesPage):
    """`list_asked` and `decided` go to the centre by somebody else; `counted`: how many there are; `opened` a case. Keys: F9 the
    first stands, F8 somebody has to look again, Enter the case, Ctrl+R read again, Esc out of the form."""

    list_asked = Signal()
    decided = Signal(object)
    counted = Signal(int)

    def __init__(self, rules: Rules) -> None:
        titles = (tr("案件"), tr("现状"), tr("工作站"), tr("收到"), tr("首次核查(有效)"), tr("再次核查(未生效)"))
        super().__init__(rules, tr("核查不一致"), titles, WIDE)
        self._rows: tuple[CheckToReview, ...] = ()
        self.result = told_line("quiet")
        self.result.hide()
        verbs = (
            ("F9", tr("维持首次结论 F9"), lambda: self.begin(STANDS)),
            ("F8", tr("须再到现场核查 F8"), lambda: self.begin(RECHECK)),
            ("", tr("看案件 Enter"), self.open_case),
            ("Ctrl+R", tr("刷新 Ctrl+R"), self.refresh),
        )
        buttons = [act_button(text, verb) for _key, text, verb in verbs]
        keys = [*((key, verb) for key, _text, verb in verbs if key), ("Esc", self._forms.put_away)]
        self._lay_out(self, (self.said, self.result, self.problem), buttons, keys)

    # What is told

    def _ask_list(self) -> None:
        self.list_asked.emit()

    def show_list(self, found: ChecksToReview) -> None:
        """Everything the centre told; the cursor keeps its case."""
        here = self._current()
        self._quiet()
        self._rows = tuple(found.checks)
        said = tr("{0} 项待复核。首次结论有效,再次核查未生效;复核只记入案件经过,不改变案件所处环节。")
        self.said.setText(said.format(len(self._rows)))
        self._fill([self._texts(row, found.now_ms) for row in self._rows])
        again = next((n for n, row in enumerate(self._rows) if here is not None and _id(row) == _id(here)), 0)
        if self._rows:
            self.table.setCurrentCell(again, 0)
        self.counted.emit(len(self._rows))

    def _texts(self, row: CheckToReview, now_ms: int) -> tuple[str, ...]:
        return (
            row.case_number,
            words.STATES[row.state],
            self._unit(row.station),
            fmt.day_and_minute(row.received_at, now_ms),
            self._made(row.first, now_ms),
            self._made(row.second, now_ms),
        )

    def _made(self, check: CheckMade, now_ms: int) -> str:
        """Who, when and with which result; on the next line what was seen."""
        at = words.worth(check.at, fmt.day_and_minute(check.at.shown_at, now_ms))
        who = self._person(check.checker)
        if check.typed_by != check.checker:
            who = tr("{0}({1} 录入)").format(who, self._person(check.typed_by))
        result = words.RESULTS["passed" if check.passed else "failed"]
        return f"{at} {who} {result}\n{tr('“{0}”').format(check.seen)}"

    def done(self, wanted: CheckReviewBody) -> None:
        """The decision is on record."""
        self._forms.put_away()
        number = next((row.case_number for row in self._rows if _id(row) == wanted.cmd_id), "")
        self.result.setText(tr("{0}:已记录“{1}”。").format(number, words.RESULTS[wanted.decision]))
        self.result.show()
        self.refresh()

    # What is asked

    def _current(self) -> CheckToReview | None:
        number = self.table.currentRow()
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def _case_here(self) -> str:
        here = self._current()
        return here.case_id if here is not None else ""

    def begin(self, decision: str) -> None:
        """维持首次结论 or 须再到现场核查, with a reason that stays on record."""
        here = self._current()
        if here is None:
            self._say_why(tr("没有待复核的核查。"))
        elif not here.may_decide:
            self._say_why(words.REFUSALS["own_check_not_reviewed"])
        else:
            title = f"{here.case_number} {words.RESULTS[decision]}"
            hint = tr("理由写入案件经过,各有关单位都能看到;一经记录不能更改。")
            body = CheckReviewBody(_id(here), decision, "")
            self._ask_reason(title, tr("理由"), hint, lambda why: self.decided.emit(replace(body, reason=why)))


def _id(row: CheckToReview) -> str:
    """Names what is decided on: the refused check."""
    return row.second.cmd_id
