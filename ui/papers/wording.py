"""What papers and cards say, as plain text: the order to a unit on the telephone, the card that is read to a leader."""

from __future__ import annotations

from models.deadline import Limit, LimitUnit
from models.papers import HERE, CallCard, Callee, HasIt, Promise, ReadingCard
from models.policy import Stage
from ui import format as fmt
from ui import words
from ui.language import Worded, tr

HOUR_MINUTES = 60


def run_on(sentences: list[str]) -> str:
    """Sentences one after the other, as the language sets them: Chinese without a space between."""
    return tr("{0}{1}").format("", "").join(sentences)


def limit_words(limit: Limit) -> str:
    """1小时, 1工作日: an amount as it is spoken; whole hours are not told in minutes."""
    if limit.unit is LimitUnit.MINUTE and limit.amount % HOUR_MINUTES == 0:
        return tr("{0}小时").format(limit.amount // HOUR_MINUTES)
    if limit.unit is LimitUnit.WORK_DAY:
        return tr("{0}个工作日").format(limit.amount)
    return tr("{0}{1}").format(limit.amount, words.UNITS_OF_TIME[limit.unit.value])


def spoken_instant(at_ms: int | None, now_ms: int) -> str:
    """An absolute time as it is said: 今日15时34分, 11月25日17时30分; of another year with its year."""
    if at_ms is None:
        return tr("时限超出日历")
    at, now = fmt.local(at_ms), fmt.local(now_ms)
    if at.date() == now.date():
        return tr("今日{0}时{1}分").format(at.hour, f"{at.minute:02d}")
    if at.year != now.year:
        return written_instant(at_ms)
    return tr("{0}月{1}日{2}时{3}分").format(at.month, at.day, at.hour, f"{at.minute:02d}")


def written_instant(at_ms: int | None) -> str:
    """An absolute time as it stands on paper, whatever day it is read on: 2026年11月24日15时34分."""
    if at_ms is None:
        return tr("时限超出日历")
    at = fmt.local(at_ms)
    return tr("{0}年{1}月{2}日{3}时{4}分").format(at.year, at.month, at.day, at.hour, f"{at.minute:02d}")


def owed(promises: tuple[Promise, ...], stage: Stage) -> Promise | None:
    """What is still owed of a stage."""
    return next((p for p in promises if p.stage is stage and not p.met), None)


def order(
    role: str, promises: tuple[Promise, ...], lead_name: str, return_minutes: int, round_: int, now_ms: int | None
) -> str:
    """The wording of 派单 (practice.md §6) for one unit. `now_ms` None: on paper, every time with its day."""

    def until(promise: Promise) -> str:
        return written_instant(promise.due_at) if now_ms is None else spoken_instant(promise.due_at, now_ms)

    said = [tr("由你单位协办,主办单位是{0}。").format(lead_name) if role == "co" else tr("由你单位主办。")]
    if round_ > 1:
        said.append(tr("核查或确认未通过,请返工。"))
    arrival, opinion = owed(promises, Stage.ARRIVAL), owed(promises, Stage.OPINION)
    if arrival is not None and opinion is not None:
        text = tr("请接单后{0}内({1}前)到达现场,{2}内({3}前)反馈初步意见。")
        said.append(text.format(limit_words(arrival.limit), until(arrival), limit_words(opinion.limit), until(opinion)))
    elif arrival is not None:
        said.append(tr("请接单后{0}内({1}前)到达现场。").format(limit_words(arrival.limit), until(arrival)))
    elif opinion is not None:
        said.append(tr("请于{0}前反馈初步意见。").format(until(opinion)))
    if round_ == 1:
        said.append(tr("不属本单位职责的,请于{0}分钟内说明依据申请退单。").format(return_minutes))
    return run_on(said)


def matter(card: CallCard | ReadingCard) -> str:
    """What and where, in one sentence."""
    told = tr("{0},{1}({2})").format(card.place or tr("地点未填"), card.title, card.category_name)
    return tr("紧急:{0}").format(told) if card.emergency else told


def say(card: CallCard, callee: Callee) -> str:
    """One paragraph to say to this unit: number, place, matter, category; its order, when it has one."""
    begin = tr("案件{0}:{1}。").format(card.number, matter(card))
    if not callee.ours:
        return begin
    asked = order(callee.role, callee.promises, card.lead_name, card.return_minutes, card.round, card.asked_at)
    return run_on([begin, asked])


FACTS = Worded(
    {
        "handled_at": "已办结反馈",
        "opinion_at": "已反馈初步意见",
        "arrived_at": "已到场",
        "acknowledged_at": "已签收",
        "notified_at": "已电话通知,待签收",
        "delivered_at": "已送达,待签收",
        HERE: "已到本机,待签收",
        "": "未送达",
    }
)
"""The furthest a unit has come."""


def has_it(unit: HasIt) -> str:
    """主办 黎阳城管执法中队 ☎ 0559-0000013,已到场"""
    return tr("{0} {1} ☎ {2},{3}").format(words.ROLES[unit.role], unit.name, unit.phone, FACTS[unit.fact])


def light(card: ReadingCard) -> str:
    """Which light, of what and whose, and when it turns."""
    if card.light is None:
        return tr("没有在走的时限")
    shown = f"{words.SHAPES[card.light.value]} {words.LIGHTS[card.light.value]}"
    text = tr("{0}({1},{2})").format(shown, words.STAGES[card.stage], card.owner)
    if card.next_light is not None and card.next_at is not None:
        turns = tr("{0}转{1}").format(spoken_instant(card.next_at, card.asked_at), words.LIGHTS[card.next_light.value])
        return tr("{0},{1}").format(text, turns)
    if card.due_at is not None:
        return tr("{0},应于{1}前").format(text, spoken_instant(card.due_at, card.asked_at))
    return text


def last(card: ReadingCard) -> str:
    """What was done last, when, by whom."""
    at = words.worth(card.last_at, spoken_instant(card.last_at.shown_at, card.asked_at))
    done = words.ACTS.get(card.last_kind, card.last_kind)
    if card.last_result and card.last_kind != "case.note_progress":
        done = tr("{0}({1})").format(done, words.RESULTS.get(card.last_result, card.last_result))
    if card.last_typed:
        done = tr("{0}(代录)").format(done)
    text = f"{at} {card.last_unit} {done}".replace("  ", " ")
    return tr("{0}:{1}").format(text, card.last_note) if card.last_note else text


def next_step(card: ReadingCard) -> str:
    """Who must do what now."""
    if not card.next_code:
        return tr("已办完,没有下一步")
    return f"{card.next_unit} {words.ACTS.get(card.next_code, '')}".strip()


def reading_lines(card: ReadingCard) -> list[tuple[str, str]]:
    """The card's lines as (label, text), in the order they are told."""
    reported = words.worth(card.reported_at, spoken_instant(card.reported_at.shown_at, card.asked_at))
    since = tr("{0}接报,现为{1}").format(reported, words.STATES[card.state])
    has = "\n".join(has_it(unit) for unit in card.has_it) or tr("还没有派给任何单位")
    return [
        (tr("何事何处"), matter(card)),
        (tr("工作站"), card.station_name or tr("未定工作站")),
        (tr("何时"), since),
        (tr("谁在办"), has),
        (tr("最近"), last(card)),
        (tr("灯"), light(card)),
        (tr("下一步"), next_step(card)),
    ]


def reading_text(card: ReadingCard) -> str:
    """The card as plain text, to send on: it says who copied it, and when (R79)."""
    head = tr("案件 {0} 截至{1}").format(card.number, spoken_instant(card.asked_at, card.asked_at))
    lines = [tr("{0}:{1}").format(label, text.replace("\n", tr(";"))) for label, text in reading_lines(card)]
    return "\n".join([head, *lines, tr("{0} {1} 复制").format(card.operator_name, written_instant(card.asked_at))])
