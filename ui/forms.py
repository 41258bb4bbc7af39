"""What each act asks for, as data: fields, and how their values become the act's arguments.

An act without fields happens at once. Which acts are offered at all is the rule book's business, not this table's.
"""

from __future__ import annotations

from collections.abc import Callable

from models import commands as c
from models.case import AssignmentRole, Case, RequestKind
from models.check_review import asked_again
from models.deadline import Limit, LimitUnit
from models.decide.desks import to_answer
from models.decide.starting import who_tells
from models.describing import with_seen
from models.views import CasePanel
from ui import format as fmt
from ui import words
from ui.form import Choice as Choice
from ui.form import Field as Field
from ui.form import Form as Form
from ui.form import Values as Values
from ui.form import mine as mine
from ui.form import seek_prompt
from ui.language import tr
from ui.panels.case_text import brief_line, doubtful_line, to_ratify_line
from ui.time_forms import TIME_FORMS


def form_for(kind: str, panel: CasePanel, unit: str) -> Form:
    """The form of an act for this case; KeyError for a kind that no desk offers."""
    return _FORMS[kind](panel, unit)


def offered() -> frozenset[str]:
    """Every kind that has a form: must cover the whole table of moves that have a place in the menu."""
    return frozenset(_FORMS)


def _units(panel: CasePanel, first: str = "", skip: frozenset[str] = frozenset()) -> tuple[Choice, ...]:
    codes = sorted(panel.assignable, key=lambda code: code != first)
    return tuple(Choice(code, panel.names.get(code, code)) for code in codes if code not in skip)


def _unit(name: str, label: str, units: tuple[Choice, ...], meant: str = "") -> Field:
    """Which unit: the one that is `meant` (suggested, asked for) stands chosen when it may be; else none does. The first of the
    list, chosen by nobody, would be sent the case by the next Enter."""
    is_meant = bool(units) and units[0].value == meant
    prompt = "" if is_meant else seek_prompt()
    return Field(name, label, "choice", units, prompt=prompt, receives=True)


def _people(panel: CasePanel, unit: str) -> tuple[Choice, ...]:
    return tuple(Choice(p, panel.names.get(p, p)) for p in panel.staff.get(unit, ()))


def _plain(kind: str, args: c.Args) -> Callable[[CasePanel, str], Form]:
    return lambda panel, unit: Form(kind, (), lambda v: args)


def _reasoned(kind: str, label: str, build: Callable[[str], c.Args]) -> Callable[[CasePanel, str], Form]:
    return lambda panel, unit: Form(kind, (Field("reason", label),), lambda v: build(v["reason"]))


def _dispatch(panel: CasePanel, unit: str) -> Form:
    found = panel.suggestion
    hint = ""
    if found is not None and found.unit:
        if found.by_rule:
            hint = tr("建议:{0}(按责任规则,演示数据)").format(found.unit_name)
        else:
            is_town = found.unit == panel.case.town
            led = tr("建议:同类案件近 90 天 {0}/{1} 件由{2}主办")
            led_below = tr("建议:同类案件近 90 天 {0}/{1} 件由{2}的单位主办")
            hint = (led_below if is_town else led).format(found.agreeing, found.similar, found.unit_name)
    # At the district, where nothing was counted, the town of the place stands first (转办).
    meant = found.unit if found is not None and found.unit else panel.case.town
    units = _units(panel, meant)
    suggested = found.co if found else ()
    fields = (
        _unit("to", "主办单位", units, meant),
        Field("co", "协办单位", "many", units, suggested, optional=True, receives=True),
        Field("note", "交代", "line", optional=True),
    )
    return Form("case.dispatch", fields, lambda v: c.Dispatch(v["to"], _but(v["co"], v["to"]), note=v["note"]), hint)


def _but(units: tuple[str, ...], lead: str) -> tuple[str, ...]:
    return tuple(u for u in units if u != lead)


def _redispatch(panel: CasePanel, unit: str) -> Form:
    lead = panel.case.lead
    units = _units(panel, skip=frozenset({lead.receiver if lead else ""}))
    fields = (_unit("to", "改派给", units), Field("reason", "理由"))
    return Form("case.redispatch", fields, lambda v: c.Redispatch(v["to"], v["reason"]))


def _rule(panel: CasePanel, unit: str) -> Form:
    kinds = tuple(Choice(k.value, tr(w)) for k, w in ((LimitUnit.WORK_DAY, "工作日"), (LimitUnit.WORK_HOUR, "工作时")))
    asked = panel.case.open_request(RequestKind.RULING)
    suggested = tr("、").join(panel.names.get(u, u) for u in asked.suggested) if asked else ""
    hint = tr("分中心建议:{0}").format(suggested) if suggested else ""
    # Who of those is to lead the town has not said: nobody stands chosen.
    units = tuple(sorted(_units(panel), key=lambda choice: asked is None or choice.value not in asked.suggested))
    fields = (
        _unit("to", "主办单位", units),
        Field("co", "协办单位", "many", units, optional=True, receives=True),
        Field("amount", "处置时限", "number", value=3),
        Field("unit", "时限单位", "choice", kinds),
    )

    def build(v: Values) -> c.Args:
        return c.Rule(v["to"], Limit(v["amount"], LimitUnit(v["unit"])), _but(v["co"], v["to"]))

    return Form("case.rule", fields, build, hint)


def _ask_ruling(panel: CasePanel, unit: str) -> Form:
    named = panel.suggestion.named if panel.suggestion else ()
    ruled = tuple(Choice(code, panel.names.get(code, code)) for code in named)
    units = (*ruled, *_units(panel, skip=frozenset(named)))
    fields = (
        Field("reason", "为何提请"),
        Field("suggested", "建议涉及单位", "many", units, named, optional=True),
    )
    hint = "写明涉及哪些部门、镇街为何无此职能"
    return Form("case.ask_ruling", fields, lambda v: c.AskRuling(v["reason"], v["suggested"]), hint)


def _log_call(panel: CasePanel, unit: str) -> Form:
    case = panel.case
    targets = [a for a in case.assignments if not a.ended and a.receiver != unit]
    codes = list(
        dict.fromkeys([a.receiver for a in targets] + [u for u in (case.station, case.town) if u and u != unit])
    )
    units = tuple(Choice(u, f"{panel.names.get(u, u)}  {panel.phones.get(u, '')}") for u in codes)
    results = tuple(Choice(k, tr(w)) for k, w in (("answered", "接通"), ("no_answer", "无人接"), ("passed_on", "转告")))
    fields = (
        Field("unit", "打给", "choice", units),
        Field("result", "结果", "choice", results),
        Field("who", "谁接的", "line", optional=True),
        Field("note", "说了什么", "line", optional=True),
    )

    def build(v: Values) -> c.Args:
        target = next((a.id for a in targets if a.receiver == v["unit"]), "")
        said = "、".join(t for t in (v["who"], v["note"]) if t)
        return c.LogCall(v["unit"], v["result"], v["who"], target, said)

    untold = [a for a in targets if a.delivered_at is None and a.notified_at is None]
    told = tr("、").join(panel.names.get(a.receiver, a.receiver) for a in untold if unit in who_tells(case, a))
    hint = tr("接通{0}即为“电话已通知”,其时限从此刻起算").format(told) if told else ""
    return Form("case.log_call", fields, build, hint)


def _opinion(panel: CasePanel, unit: str) -> Form:
    fields = (
        Field("finding", "现场情况"),
        Field("measure", "处置措施"),
        Field("plan", "下步打算", "line", optional=True),
    )

    def build(v: Values) -> c.Args:
        return c.GiveOpinion(mine(panel, unit, AssignmentRole.LEAD).id, v["finding"], v["measure"], v["plan"])

    return Form("case.give_opinion", fields, build)


def _name_checker(panel: CasePanel, unit: str) -> Form:
    own = _people(panel, unit)
    told = tr("{0} {1}(异站核查)")
    others = tuple(
        Choice(choice.value, told.format(panel.names.get(code, code), choice.label))
        for code in panel.neighbours
        for choice in _people(panel, code)
    )
    at_home = {choice.value for choice in own}
    fields = (Field("checker", "核查人(未参与处置)", "choice", (*own, *others)),)
    return Form("case.name_checker", fields, lambda v: c.NameChecker(v["checker"], v["checker"] not in at_home))


def _check(panel: CasePanel, unit: str) -> Form:
    named = panel.case.check.checker if panel.case.check else ""
    people = sorted(_people(panel, unit), key=lambda choice: choice.value != named)
    verdicts = (Choice("yes", tr("通过:现场已解决")), Choice("no", tr("不通过:退回返工")))
    fields = (
        Field("checker", "到场核查人", "choice", tuple(people)),
        Field("passed", "结论", "choice", verdicts),
        Field("seen", "现场所见"),
    )
    return Form("case.check", fields, lambda v: c.CheckOnSite(v["checker"], v["passed"] == "yes", v["seen"]))


def _confirm(panel: CasePanel, unit: str) -> Form:
    asked = asked_again(panel.case)
    hint = tr("区中心复核核查结论:须再到现场核查。{0}").format(asked.note) if asked is not None else ""
    fields = (Field("note", "说明", "line", optional=True),)
    return Form("case.confirm", fields, lambda v: c.Confirm(v["note"]), hint)


def _answer(
    kind: str, request: RequestKind, build: Callable[[str, bool, str], c.Args]
) -> Callable[[CasePanel, str], Form]:
    def made(panel: CasePanel, unit: str) -> Form:
        asked = next(iter(to_answer(panel.case, unit, request)), None)
        verdicts = (Choice("yes", tr("同意")), Choice("no", tr("不同意")))
        fields = (Field("granted", "答复", "choice", verdicts), Field("note", "说明", "line", optional=True))
        hint = tr("申请理由:{0}").format(asked.reason) if asked else ""
        if asked is not None and asked.verdict:
            clock = panel.case.clock(asked.clock)
            line = doubtful_line(panel, clock, panel.asked_at) if clock is not None else ""
            hint = tr("{0},认定为{1}。{2}").format(line, words.VERDICTS[asked.verdict], hint)
        if asked is not None and asked.until is not None:
            hint = tr("挂账至 {0}。{1}").format(fmt.last_day(asked.until, panel.asked_at), hint)
        return Form(kind, fields, lambda v: build(asked.id if asked else "", v["granted"] == "yes", v["note"]), hint)

    return made


def _withdraw(panel: CasePanel, unit: str) -> Form:
    found = (a for a in panel.case.active(AssignmentRole.CO) if a.giver == unit)
    choices = tuple(Choice(a.id, panel.names.get(a.receiver, a.receiver)) for a in found)
    fields = (Field("assignment", "协办单位", "choice", choices), Field("reason", "理由", "line"))
    return Form("case.withdraw_co_handler", fields, lambda v: c.WithdrawCoHandler(v["assignment"], v["reason"]))


def _supplement(panel: CasePanel, unit: str) -> Form:
    case = panel.case
    fields = (
        Field("place", "地点", "line", value=case.place, optional=True),
        Field("words", "补充说明", optional=True),
    )

    def build(v: Values) -> c.Args:
        return with_seen(c.Supplement(_touched(v, case, "place"), v["words"]), case)

    return Form("case.supplement", fields, build)


def _touched(values: Values, shown: Case, name: str) -> str:
    """What was typed over the case as it was shown; "" where it stands as it was. What came in while the form was open is
    neither set back by a field nobody touched, nor overwritten as if it had been seen."""
    typed = str(values[name])
    return "" if typed.strip() == getattr(shown, name) else typed


def _describe(panel: CasePanel, unit: str) -> Form:
    case = panel.case
    stations = tuple(Choice(u, panel.names[u]) for u in panel.assignable if u.startswith(case.town) and u[9:].isdigit())
    chosen = sorted(stations, key=lambda choice: choice.value != case.station)
    # The first of the list, chosen by nobody, would otherwise become the station of a case that has none.
    none_yet = "" if any(choice.value == case.station for choice in stations) else seek_prompt()
    fields = (
        Field("title", "事项", "line", value=case.title, optional=True),
        Field("place", "地点", "line", value=case.place, optional=True),
        Field("station", "所属工作站", "choice", tuple(chosen), optional=True, prompt=none_yet),
    )

    def build(v: Values) -> c.Args:
        title, place, station = (_touched(v, case, name) for name in ("title", "place", "station"))
        return with_seen(c.Describe(title, place, station=station), case)

    return Form("case.describe", fields, build)


def _transfer(panel: CasePanel, unit: str) -> Form:
    fields = (_unit("to", "转往", _units(panel)), Field("reason", "理由", "line"))
    return Form("case.transfer_out", fields, lambda v: c.TransferOut(v["to"], v["reason"]))


def _ratify(panel: CasePanel, unit: str) -> Form:
    steps = [s for s in panel.case.history if s.cmd_id in panel.to_ratify]
    choices = tuple(Choice(s.cmd_id, to_ratify_line(panel, s, panel.asked_at)) for s in steps)
    hint = tr("追认即认可这条代录,所停的时限从此计入。")
    return Form("case.ratify", (Field("cmd_id", "追认哪一条", "list", choices),), lambda v: c.Ratify(v["cmd_id"]), hint)


def _merge(panel: CasePanel, unit: str) -> Form:
    similar = tuple(Choice(one.id, brief_line(one, panel.asked_at)) for one in panel.similar)
    hint = tr("两案编号都保留,统计只计并入的那一案。")
    return Form("case.merge", (Field("into", "并入哪一案", "case", similar),), lambda v: c.Merge(v["into"]), hint)


def _own(kind: str, build: Callable[[str], c.Args]) -> Callable[[CasePanel, str], Form]:
    return lambda panel, unit: Form(kind, (), lambda v: build(mine(panel, unit).id))


def _own_text(
    kind: str, label: str, build: Callable[[str, str], c.Args], role: AssignmentRole | None = None
) -> Callable[[CasePanel, str], Form]:
    return lambda panel, unit: Form(
        kind, (Field("text", label),), lambda v: build(mine(panel, unit, role).id, v["text"])
    )


def _add_co(panel: CasePanel, unit: str) -> Form:
    have = frozenset(a.receiver for a in panel.case.assignments if not a.ended)
    fields = (_unit("to", "协办单位", _units(panel, skip=have)), Field("note", "交代", "line", optional=True))
    return Form("case.add_co_handler", fields, lambda v: c.AddCoHandler(v["to"], v["note"]))


_FORMS: dict[str, Callable[[CasePanel, str], Form]] = {
    **TIME_FORMS,
    "case.file": _plain("case.file", c.File()),
    "case.dispatch": _dispatch,
    "case.redispatch": _redispatch,
    "case.rule": _rule,
    "case.ask_ruling": _ask_ruling,
    "case.refuse_ruling": _reasoned("case.refuse_ruling", "不予明确的理由", c.RefuseRuling),
    "case.add_co_handler": _add_co,
    "case.withdraw_co_handler": _withdraw,
    "case.ask_supplement": _reasoned("case.ask_supplement", "缺什么", c.AskSupplement),
    "case.supplement": _supplement,
    "case.describe": _describe,
    "case.decline": _reasoned("case.decline", "不予受理的理由", c.Decline),
    "case.merge": _merge,
    "case.transfer_out": _transfer,
    "case.log_call": _log_call,
    "case.acknowledge": _own("case.acknowledge", c.Acknowledge),
    "case.ask_return": _own_text("case.ask_return", "为何不属本单位职责(依据)", c.AskReturn),
    "case.answer_return": _answer("case.answer_return", RequestKind.RETURN, c.AnswerReturn),
    "case.answer_extension": _answer("case.answer_extension", RequestKind.EXTENSION, c.AnswerExtension),
    "case.answer_suspension": _answer("case.answer_suspension", RequestKind.SUSPENSION, c.AnswerSuspension),
    "case.answer_time_ruling": _answer("case.answer_time_ruling", RequestKind.TIME_RULING, c.AnswerTimeRuling),
    "case.first_response": _reasoned("case.first_response", "先期处置了什么", c.FirstResponse),
    "case.arrive": _own("case.arrive", c.Arrive),
    "case.give_opinion": _opinion,
    "case.note_progress": _own_text("case.note_progress", "进展或问题", lambda a, t: c.NoteProgress(t, a)),
    "case.handled": _own_text("case.handled", "办了什么", c.Handled, AssignmentRole.CO),
    "case.feedback": _own_text("case.feedback", "处置结果", c.Feedback, AssignmentRole.LEAD),
    "case.name_checker": _name_checker,
    "case.check": _check,
    "case.submit_check": lambda panel, unit: Form(
        "case.submit_check", (), lambda v: c.SubmitCheck(passed=panel.case.check.passed if panel.case.check else None)
    ),
    "case.confirm": _confirm,
    "case.refuse_confirm": _reasoned("case.refuse_confirm", "为何不予确认", c.RefuseConfirm),
    "case.review_self_handled": lambda panel, unit: Form(
        "case.review_self_handled",
        (
            Field(
                "accepted",
                "结论",
                "choice",
                (Choice("yes", tr("属实,计入")), Choice("no", tr("不属实,转派发"))),
            ),
            Field("note", "说明", "line", optional=True),
        ),
        lambda v: c.ReviewSelfHandled(v["accepted"] == "yes", v["note"]),
    ),
    "case.ask_void": _reasoned("case.ask_void", "作废理由", c.AskVoid),
    "case.answer_void": _answer("case.answer_void", RequestKind.VOID, c.AnswerVoid),
    "case.ratify": _ratify,
    "case.note": _reasoned("case.note", "备注(勿填诉求人信息)", c.Note),
}
