"""The lines of the case panel, as text: what a unit has done, what happened, what waits for 追认. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from models.case import KEPT_ONLY, Assignment, StageClock, Step
from models.clock import MINUTE_MS
from models.decide.more_time import is_suspended
from models.delivery import Delay, missed_by_the_line
from models.owner_workstation import AtAnother
from models.people import DISTRICT_ITSELF
from models.views import CaseBrief, CasePanel
from services.papers import fact_of
from ui import format as fmt
from ui import words
from ui.language import tr
from ui.papers.wording import FACTS

ABOUT_AN_ACT = ("case.ratify", "case.review_quarantined", "case.review_check")
"""Acts that are done to another act, which they name."""

VERDICT_LIGHTS = {"on_time": "done", "late": "done_late", "doubtful": "doubtful", "evidence_owed": "evidence_owed"}


def head_lines(p: CasePanel, now_ms: int) -> tuple[str, str]:
    """Number, state and category; place (if there is one yet), station and who reported when. Plain text."""
    case = p.case
    reporter = p.names.get(case.reporter_unit, case.reporter_unit)
    at = words.worth(case.reported_at, fmt.day_and_minute(case.reported_at.shown_at, now_ms))
    told = tr("{0} {1} 上报").format(reporter, at)
    station = p.names.get(case.station, tr("未定工作站"))
    state = f"{case.number} · {words.STATES[case.state.value]} · {p.category_name}"
    if case.duplicate_of:
        state = tr("{0} · 并入 {1}").format(state, p.names.get(case.duplicate_of, tr("另一案")))
    return state, " · ".join(filter(None, (case.place, station, told)))


def unit_line(p: CasePanel, assignment: Assignment, unit: str, now_ms: int) -> str:
    """A unit that has the case: part, name, phone, whom to ask for there and how to call him, how far it is, as a desk of
    `unit` sees it; rich text."""
    name = p.names.get(assignment.receiver, assignment.receiver)
    phone = p.phones.get(assignment.receiver, "")
    fact = fact_of(assignment)
    is_own = assignment.receiver == unit
    state = FACTS[fact] if fact else tr("已到本机,待签收") if is_own else tr("未送达:请电话通知")
    if not fact and not is_own:
        state = tr(",").join(filter(None, (state, _rung(p, assignment.receiver, now_ms))))
    role = words.ROLES[assignment.role.value]
    who = p.contacts.get(assignment.receiver)
    asked = f"　{escape(words.PARTS[who.part])} {escape(who.name)} {_ring(who.phone)}" if who is not None else ""
    if is_suspended(assignment, now_ms) and assignment.suspended_until is not None:
        state = tr("挂账至 {0}").format(fmt.last_day(assignment.suspended_until, now_ms))
    return f"<b>{escape(role)}</b>　{escape(name)}　{_ring(phone)}{asked}　<i>{escape(state)}</i>"


def untold(p: CasePanel, giver: str) -> list[str]:
    """The names of the units this desk sent the case to that know nothing of it yet."""
    found = [a for a in p.case.assignments if a.giver == giver and not a.ended]
    return [p.names.get(a.receiver, a.receiver) for a in found if not fact_of(a)]


def at_another_line(found: AtAnother | None, now_ms: int) -> str:
    """That a case is with another workstation of this unit, while the line is down. Plain text; "" when it is not."""
    if found is None:
        return ""
    at = words.worth(found.at, fmt.day_and_minute(found.at.shown_at, now_ms))
    told = tr("断网前此案在另一台工作机上办理:{0} {1} {2}。断网期间互相看不到操作,办理前请先问一声。")
    return told.format(found.name, at, words.ACTS.get(found.kind, found.kind))


def _ring(phone: str) -> str:
    """A number that stays on one line with its sign."""
    return f"<span style='white-space:nowrap'>☎ {escape(phone)}</span>"


def ended_clocks(clocks: Sequence[StageClock], delays: Mapping[str, Delay]) -> str:
    """The clocks that have stopped, in one line: 已停 3 项  派发 ●按时  到场 ■超时; which of them owes it to the line."""
    said = [tr("已停 {0} 项").format(len(clocks))]
    for clock in clocks:
        verdict = clock.verdict.value if clock.verdict is not None else ""
        shape = words.SHAPES[VERDICT_LIGHTS.get(verdict, "waiting")]
        delay = delays.get(clock.id)
        line = tr("(传输延误)") if delay is not None and missed_by_the_line(clock, delay, 0) else ""
        said.append(f"{words.STAGES[clock.stage.value]} {shape}{words.VERDICTS.get(verdict, '')}{line}")
    return "  ".join(said)


def doubtful_line(p: CasePanel, clock: StageClock, now_ms: int) -> str:
    """A clock that stopped in a doubtful time: whose, due when, stopped between which instants."""
    day = fmt.day_and_minute
    owner = p.names.get(clock.owner, clock.owner)
    if clock.stopped is None or clock.due_at is None:
        return f"{words.STAGES[clock.stage.value]} {owner}"
    told = tr("{0} {1}:{2} 截止,实际在 {3}–{4} 之间")
    between = (day(clock.stopped.lo, now_ms), day(clock.stopped.hi, now_ms))
    return told.format(owner, words.STAGES[clock.stage.value], day(clock.due_at, now_ms), *between)


def _rung(p: CasePanel, unit: str, now_ms: int) -> str:
    calls = [s for s in p.case.history if s.kind == "case.log_call" and s.to == unit]
    if not calls or calls[-1].result == "answered":
        return ""
    last = calls[-1]
    at, came = fmt.day_and_minute(last.at.shown_at, now_ms), words.RESULTS[last.result]
    if last.result != "no_answer":
        return f"{at} {came}"
    again = fmt.day_and_minute(last.at.shown_at + p.ring_again_minutes * MINUTE_MS, now_ms)
    return tr("{0} {1},{2} 再打").format(at, came, again)


def history_line(p: CasePanel, step: Step, now_ms: int) -> str:
    """One act of the history; rich text."""
    at = words.worth(step.at, fmt.day_and_minute(step.at.shown_at, now_ms))
    parts = [f"{at} <b>{escape(words.ACTS.get(step.kind, step.kind))}</b>"]
    to = target_of(p, step)
    if to:
        parts.append(f"→ {escape(to)}")
    if step.result:
        parts.append(escape(words.RESULTS.get(step.result) or words.ATTACHMENT_KINDS.get(step.result, step.result)))
    if step.note:
        parts.append(f"“{escape(step.note)}”")
    if step.claimed_at is not None:
        parts.append(escape(tr("(所报时刻 {0})").format(fmt.day_and_minute(step.claimed_at, now_ms))))
    person = "" if step.actor == DISTRICT_ITSELF else p.names.get(step.actor, step.actor)
    who = f"{p.names.get(step.unit, step.unit)} {person}".rstrip()
    parts.append(f"<small>{escape(who)}</small>")
    if step.capacity:
        parts.append(escape(tr("(派驻)")))
    if step.on_behalf:
        parts.append(f"<b>{escape(typed_words(p, step))}</b>")
    state = p.acts.get(step.cmd_id)
    if state is not None and state.state in ("saved", "sent", "carried", "evidence_owed"):
        parts.append(f"<u>{escape(words.ACT_STATES[state.state])}</u>")
    elif state is not None and state.state == "deferred":
        why = words.refusal(state.code, state.args, p.names)
        parts.append(f"<u>{escape(words.ACT_STATES['deferred'])}</u> <small>{escape(why)}</small>")
    return " ".join(parts)


def target_of(p: CasePanel, step: Step) -> str:
    """To whom or what an act was done, by name: the unit, the case merged into, the act ratified."""
    if step.kind in ABOUT_AN_ACT:
        about = next((s for s in p.case.history if s.cmd_id == step.to), None)
        return words.ACTS.get(about.kind, about.kind) if about is not None else ""
    if step.kind == "case.merge":
        return p.names.get(step.to, tr("另一案"))
    return p.names.get(step.to, step.to)


def typed_words(p: CasePanel, step: Step) -> str:
    """Whose word was typed, and whether the unit stands by it."""
    who = speaker(p, step.on_behalf)
    if step.ratified:
        return tr("(代录 {0},已追认)").format(who)
    if step.result in KEPT_ONLY:
        return tr("(代录 {0})").format(who)
    return tr("(代录 {0},待追认)").format(who)


def speaker(p: CasePanel, person: str) -> str:
    """A person with the unit he speaks for."""
    unit = next((u for u, members in p.staff.items() if person in members), "")
    return f"{p.names.get(unit, '')} {p.names.get(person, person)}".strip()


def to_ratify_line(p: CasePanel, step: Step, now_ms: int) -> str:
    """An act that waits for 追认, in one line of words: what, when, whose word, who typed it, what was written."""
    at = words.worth(step.at, fmt.day_and_minute(step.at.shown_at, now_ms))
    typist = f"{p.names.get(step.unit, step.unit)} {p.names.get(step.actor, step.actor)}"
    told = tr("{0} {1}:{2} 所报,{3} 代录").format(at, words.ACTS[step.kind], speaker(p, step.on_behalf), typist)
    if step.claimed_at is not None:
        told = tr("{0},所报时刻 {1}").format(told, fmt.day_and_minute(step.claimed_at, now_ms))
    return tr("{0}“{1}”").format(told, step.note) if step.note else told


def brief_line(found: CaseBrief, now_ms: int) -> str:
    """A case in two lines, to recognise it by: its number, state and when it was reported; what and where."""
    at = fmt.day_and_minute(found.reported_at, now_ms)
    known = f"{found.number} · {words.STATES[found.state]} · {at}"
    return "\n".join((known, " · ".join(filter(None, (found.title, found.place)))))
