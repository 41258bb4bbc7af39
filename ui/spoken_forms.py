"""代录: the forms of an act typed for a unit that reported by telephone (practice.md §2). Each names who spoke; the unit ratifies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from models import commands as c
from models.clock import HOUR_MS
from models.decide.spoken import SpokenFor
from models.views import CasePanel
from ui import format as fmt
from ui import words
from ui.forms import Choice, Field, Form, Values
from ui.language import tr
from ui.papers.wording import run_on

SPOKEN = "spoken"
_MARK = "for"
Now = Callable[[], int]
"""The present, in ms UTC."""
OVER_MIDNIGHT_MS = 6 * HOUR_MS
"""A time of day not yet come that was so little ago yesterday is yesterday's: 23:50, told at 00:10."""
_BARS = frozenset({"case.arrive", "case.give_opinion", "case.handled", "case.feedback"})
"""Whoever types one of these has had a hand in the round (D17)."""


def code_of(duty: SpokenFor, kind: str) -> str:
    """The code of typing one kind of act for one duty: what buttons and the palette hand over."""
    return f"{_MARK}|{duty.assignment}|{kind}"


def duty_of(panel: CasePanel, code: str) -> tuple[SpokenFor, str] | None:
    """The duty and the kind a code means, as far as it may be typed now."""
    mark, _, rest = code.partition("|")
    assignment, _, kind = rest.partition("|")
    for duty in panel.spoken:
        if mark == _MARK and duty.assignment == assignment and kind in duty.kinds:
            return duty, kind
    return None


def choosing_form(panel: CasePanel) -> Form:
    """The first step: for which unit, which act."""
    choices = tuple(
        Choice(code_of(duty, kind), tr("{0}:{1}").format(panel.names.get(duty.unit, duty.unit), words.ACTS[kind]))
        for duty in panel.spoken
        for kind in duty.kinds
    )
    hint = tr("对方在电话里报来的,替他记下;标“代录”,由对方追认后才算数。")
    return Form(SPOKEN, (Field("code", "代录什么", "choice", choices),), None, hint, tr("代录"))


def typed_form(panel: CasePanel, duty: SpokenFor, kind: str, now_ms: Now) -> Form:
    """The form of one act typed for one duty; KeyError for a kind that is nobody's to type. A time of day typed into it is
    reckoned from when it is sent: the panel may have been read hours ago, and a form stands open while somebody speaks."""
    fields, build = _KINDS[kind](duty.assignment, now_ms)
    unit = panel.names.get(duty.unit, duty.unit)
    people = tuple(Choice(p, panel.names.get(p, p)) for p in _speakers(panel, duty))
    who = Field("on_behalf", "谁报的", "choice", people)
    told = [tr("由{0}追认后才算数。").format(unit)]
    if kind in _BARS:
        told.append(tr("代录人不能再核查、确认本轮。"))
    title = tr("代录:{0}({1})").format(words.ACTS[kind], unit)
    return Form(kind, (who, *fields), build, run_on(told), title)


def _speakers(panel: CasePanel, duty: SpokenFor) -> list[str]:
    """The unit's people, whoever has the case in hand first."""
    given = panel.case.assignment(duty.assignment)
    hands = given.handlers if given is not None else ()
    spoke = [s.on_behalf for s in reversed(panel.case.history) if s.on_behalf]
    return sorted(panel.staff.get(duty.unit, ()), key=lambda p: (p not in hands, p not in spoke))


def instant_of(typed: str, now_ms: int) -> int | None:
    """When it was that o'clock ("14:35", "昨 14:35"), in ms UTC; None when nothing was typed. Today's, also one that has not
    come (the unit's clock may be fast): a day is not taken off it unless that is said, or midnight has just gone by."""
    told = fmt.told_time(typed)
    if told is None:
        return None
    is_yesterday, hour, minute = told
    today = fmt.local(now_ms).replace(hour=hour, minute=minute, second=0, microsecond=0)
    at, before = (int(day.timestamp() * 1000) for day in (today, today - timedelta(days=1)))
    return before if is_yesterday or (at > now_ms and now_ms - before <= OVER_MIDNIGHT_MS) else at


def _told_at(label: str, now_ms: Now) -> Field:
    """The time of day a unit tells, when it tells one."""

    def check(typed: str) -> str:
        now = now_ms()
        at = instant_of(typed, now)
        if at is None or at <= now:
            return ""
        return tr("还没到 {0}(现在 {1})。是昨天的,请写成“昨 {0}”。").format(typed, fmt.local(now).strftime("%H:%M"))

    return Field("claimed_at", label, "time", optional=True, check=check)


Made = tuple[tuple[Field, ...], Callable[[Values], c.Args]]


def _acknowledge(assignment: str, now_ms: Now) -> Made:
    return (), lambda v: c.Acknowledge(assignment, v["on_behalf"], v["on_behalf"])


def _arrive(assignment: str, now_ms: Now) -> Made:
    fields = (
        _told_at("对方所报到场时刻", now_ms),
        Field("note", "现场情况", "line", optional=True),
    )
    return fields, lambda v: c.Arrive(assignment, v["note"], v["on_behalf"], instant_of(v["claimed_at"], now_ms()))


def _opinion(assignment: str, now_ms: Now) -> Made:
    fields = (
        Field("finding", "现场情况"),
        Field("measure", "处置措施"),
        Field("plan", "下步打算", "line", optional=True),
    )
    return fields, lambda v: c.GiveOpinion(assignment, v["finding"], v["measure"], v["plan"], on_behalf=v["on_behalf"])


def _progress(assignment: str, now_ms: Now) -> Made:
    fields = (Field("note", "进展或问题"), Field("problem", "遇到问题", "check", value=False, optional=True))
    return fields, lambda v: c.NoteProgress(v["note"], assignment, v["problem"], v["on_behalf"])


def _handled(assignment: str, now_ms: Now) -> Made:
    return (Field("note", "办了什么"),), lambda v: c.Handled(assignment, v["note"], v["on_behalf"])


def _feedback(assignment: str, now_ms: Now) -> Made:
    return (Field("result", "处置结果"),), lambda v: c.Feedback(assignment, v["result"], on_behalf=v["on_behalf"])


def _first_response(assignment: str, now_ms: Now) -> Made:
    fields = (Field("note", "先期处置了什么"), _told_at("对方所报时刻", now_ms))
    return fields, lambda v: c.FirstResponse(v["note"], v["on_behalf"], instant_of(v["claimed_at"], now_ms()))


_KINDS: dict[str, Callable[[str, Now], Made]] = {
    "case.acknowledge": _acknowledge,
    "case.arrive": _arrive,
    "case.give_opinion": _opinion,
    "case.feedback": _feedback,
    "case.handled": _handled,
    "case.note_progress": _progress,
    "case.first_response": _first_response,
}
