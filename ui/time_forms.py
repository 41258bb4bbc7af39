"""The forms of the acts about time: 延期, 挂账, 时间认定."""

from __future__ import annotations

from collections.abc import Callable

from models import commands as c
from models.case import AssignmentRole
from models.clock import DAY_MS
from models.decide.more_time import suspended_of
from models.decide.time_ruling import VERDICTS, to_rule_on
from models.policy import Stage
from models.time_requests import SUSPENSION_GROUNDS
from models.views import CasePanel
from ui import format as fmt
from ui import words
from ui.form import Choice, Field, Form, Values, mine
from ui.language import tr
from ui.panels.case_text import doubtful_line

SUSPENDED_DAYS = 30
"""What a 挂账 is asked for unless another date is written."""


def _ask_extension(panel: CasePanel, unit: str) -> Form:
    target = mine(panel, unit)
    clock = panel.case.clock_of(target.id, Stage.HANDLING)
    hint = ""
    if clock is not None:
        longer = f"{clock.limit.amount}{words.UNITS_OF_TIME[clock.limit.unit.value]}"
        hint = tr("再延一个原时限({0})。答复之前不计超时;不同意的,仍按原时限。").format(longer)
    fields = (Field("reason", "为何需要延期"),)
    return Form("case.ask_extension", fields, lambda v: c.AskExtension(target.id, v["reason"]), hint)


def _ask_suspension(panel: CasePanel, unit: str) -> Form:
    grounds = tuple(Choice(code, words.RESULTS[code]) for code in SUSPENSION_GROUNDS)
    fields = (
        Field("ground", "挂账原因", "choice", grounds),
        Field("until", "挂账至", "date", value=fmt.iso_date(panel.asked_at + SUSPENDED_DAYS * DAY_MS)),
        Field("reason", "现在为何办不了,到时如何办"),
    )
    hint = tr("一案只挂一次,到期自动恢复计时。答复之前不计超时。")

    def build(v: Values) -> c.Args:
        target = mine(panel, unit, AssignmentRole.LEAD)
        return c.AskSuspension(target.id, v["ground"], fmt.end_of_day(v["until"]), v["reason"])

    return Form("case.ask_suspension", fields, build, hint)


def _end_suspension(panel: CasePanel, unit: str) -> Form:
    target = suspended_of(panel.case, unit, 0)  # whether it still lasts was asked when the panel was read
    assert target is not None
    name = panel.names.get(target.receiver, target.receiver)
    hint = tr("{0} 从现在起恢复计时。").format(name)
    fields = (Field("reason", "为何解除挂账", "line"),)
    return Form("case.end_suspension", fields, lambda v: c.EndSuspension(target.id, v["reason"]), hint)


def _propose_time_ruling(panel: CasePanel, unit: str) -> Form:
    clocks = tuple(Choice(k.id, doubtful_line(panel, k, panel.asked_at)) for k in to_rule_on(panel.case))
    verdicts = tuple(Choice(v, words.VERDICTS[v]) for v in VERDICTS)
    fields = (
        Field("clock", "哪一项时限", "list", clocks),
        Field("verdict", "认定为", "choice", verdicts),
        Field("reason", "依据(照片、通话记录、证人)"),
    )
    hint = tr("须另一人复核才生效;不认定的,不计超时。")
    build: Callable[[Values], c.Args] = lambda v: c.ProposeTimeRuling(v["clock"], v["verdict"], v["reason"])  # noqa: E731
    return Form("case.propose_time_ruling", fields, build, hint)


TIME_FORMS: dict[str, Callable[[CasePanel, str], Form]] = {
    "case.ask_extension": _ask_extension,
    "case.ask_suspension": _ask_suspension,
    "case.end_suspension": _end_suspension,
    "case.propose_time_ruling": _propose_time_ruling,
}
