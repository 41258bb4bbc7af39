"""What an alarm says, in words and with a shape: the colour is never alone. In the sight of anybody who passes by (`locked`), of a
case no more than its number: what is typed into a title or a place may be a telephone number."""

from __future__ import annotations

from models.clock import MINUTE_MS
from services.alarms import Alarm, Kind, Shown, Turning
from ui import format as fmt
from ui import words
from ui.language import Worded, tr

KINDS = Worded(
    {
        "red": "超时",
        "yellow": "临期",
        "new": "新案件",
        "asked": "待答复",
        "line_lost": "线路已断",
        "line_refused": "区中心不再接受本机",
        "line_back": "线路已恢复",
        "time_doubtful": "时间待认定",
        "begin": "开机时",
    }
)
SHAPES = {
    "red": words.SHAPES["red"],
    "yellow": words.SHAPES["yellow"],
    "new": "◆",
    "asked": "◆",
    "line_lost": "×",
    "line_refused": "×",
    "line_back": words.SHAPES["green"],
    "time_doubtful": words.SHAPES["doubtful"],
    "begin": "◆",
}
_GAP = "　"


def heading(shown: Shown, now_ms: int, locked: bool = False) -> str:
    """The line of the banner: one alarm, or as many as have become one."""
    if not shown.merged:
        return one(shown.alarm, now_ms, locked)
    kinds = _GAP.join(f"{SHAPES[k.value]} {KINDS[k.value]} {n}" for k, n in shown.merged)
    return f"{tr('报警过多,{0} 起并为一条').format(shown.count)}{_GAP}{kinds}"


def one(alarm: Alarm, now_ms: int, locked: bool = False) -> str:
    """One alarm in a line: what, which case, whose clock, until or since when."""
    said = words.ACTS[alarm.answer] if alarm.answer else KINDS[alarm.kind.value]
    word = f"{SHAPES[alarm.kind.value]} {said}"
    since = fmt.day_and_minute(alarm.at, now_ms)
    match alarm.kind:
        case Kind.RED | Kind.YELLOW | Kind.NEW | Kind.ASKED:
            return _case(alarm, word, now_ms, locked)
        case Kind.LINE_LOST:
            return f"{word}{_GAP}{tr('{0} 起。所有操作照存本机,恢复后自动上报;派发请打电话').format(since)}"
        case Kind.LINE_REFUSED:
            return f"{word}{_GAP}{tr('{0} 起。操作照存本机,原因见同步页').format(since)}"
        case Kind.LINE_BACK:
            return f"{word}{_GAP}{since}"
        case Kind.TIME_DOUBTFUL:
            return f"{word}{_GAP}{tr('未得到区中心授时,不能断定临期、超时,变色暂不报警')}"
        case Kind.BEGIN:
            figures = (("red", alarm.red, KINDS["red"]), ("yellow", alarm.yellow, KINDS["yellow"]))
            told = [f"{SHAPES[k]} {name} {n}" for k, n, name in figures if n]
            told += [f"{SHAPES['new']} {words.CHIPS['mine']} {alarm.mine}"] if alarm.mine else []
            return f"{KINDS['begin']}{_GAP}{_GAP.join(told)}"


def _case(alarm: Alarm, word: str, now_ms: int, locked: bool) -> str:
    urgent = [tr("紧急案件")] if alarm.emergency else []
    stage = [words.STAGES[alarm.stage]] if alarm.stage else []
    which = (alarm.number,) if locked else (alarm.title, alarm.place)
    what = " · ".join([*urgent, *stage, *filter(None, which)])
    whose = [alarm.owner_name] if alarm.owner_name and not locked else []
    due = [tr("{0} 截止").format(fmt.day_and_minute(alarm.due_at, now_ms))] if alarm.due_at is not None else []
    return _GAP.join([word, what, *whose, *due])


def calm(turning: Turning | None, doubtful: bool, now_ms: int, locked: bool = False) -> str:
    """What the line says while no alarm stands: what comes next, or that nothing can be said."""
    if doubtful:
        told = tr("未得到区中心授时,不能断定临期、超时,变色暂不报警")
        return f"{SHAPES['time_doubtful']} {KINDS['time_doubtful']}{_GAP}{told}"
    if turning is None:
        return tr("没有报警")
    shape = f"{SHAPES[turning.to.value]} {KINDS[turning.to.value]}"
    what = f"{shape} · {words.STAGES[turning.stage]} · {turning.number if locked else turning.title}"
    at = fmt.day_and_minute(turning.at, now_ms)
    return f"{tr('没有报警')}{_GAP}{tr('下一次变色 {0}').format(at)} {what}"


def silence(left_ms: int) -> str:
    """The button of the silence."""
    if left_ms <= 0:
        return tr("静音 30 分钟")
    return tr("静音中,还剩 {0} 分").format(-(-left_ms // MINUTE_MS))
