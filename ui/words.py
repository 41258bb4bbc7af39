"""Every code in words (practice.md §5): states, stages, acts, lights, outcomes. Codes come from models/, words only here
and, of what was refused, in ui/refusals.py."""

from __future__ import annotations

from collections import defaultdict

from models.breach import Breach
from models.errors import Refused, Weather
from models.evidence import Grade, Moment
from models.rules import Rules
from ui.language import Worded, tr
from ui.refusals import REFUSALS as REFUSALS

REPLACED = Worded(
    {
        "let_in_again": "已重新登记,换了编号",
        "chain_fork": "数据恢复过旧备份或被复制,已重新登记",
        "chain_gap": "区中心缺其较早的操作,已重新登记",
        "device_revoked": "停用后重新登记",
    }
)
"""Why a workstation is another device now (models/workstations.LET_IN_AGAIN)."""

STATES = Worded(
    {
        "reported": "待受理",
        "awaiting_supplement": "退回补充",
        "declined": "不予受理",
        "merged": "并案",
        "awaiting_dispatch": "待派发",
        "awaiting_ruling": "待区中心明确",
        "dispatched": "待到场",
        "handling": "处置中",
        "awaiting_check": "待核查",
        "awaiting_submit": "待提交分中心",
        "awaiting_confirm": "待确认",
        "closed": "已结案",
        "void": "已作废",
        "transferred_out": "转出(非城管)",
        "awaiting_review": "自行处置待审",
    },
    "state",
)

STAGES = Worded(
    {
        "dispatch": "派发",
        "arrival": "到场",
        "opinion": "初步意见",
        "handling": "处置",
        "check": "核查",
        "confirm": "确认",
    }
)

ACTS = Worded(
    {
        "case.report": "上报",
        "case.file": "立案",
        "case.decline": "不予受理",
        "case.ask_supplement": "退回补充",
        "case.supplement": "补充",
        "case.describe": "更正信息",
        "case.merge": "并案",
        "case.transfer_out": "转出(非城管)",
        "case.dispatch": "派发",
        "case.redispatch": "改派",
        "case.add_co_handler": "加协办",
        "case.withdraw_co_handler": "撤协办",
        "case.ask_ruling": "提请区中心",
        "case.rule": "明确主协办",
        "case.refuse_ruling": "不予明确",
        "case.deliver": "送达",
        "case.recalculate": "按新日历重算时限",
        "case.notice_breach": "登记超时",
        "case.settle_breach": "认定超时",
        "case.log_call": "记电话",
        "case.acknowledge": "签收",
        "case.ask_return": "申请退单",
        "case.answer_return": "答复退单",
        "case.ask_extension": "申请延期",
        "case.answer_extension": "答复延期",
        "case.ask_suspension": "申请挂账",
        "case.answer_suspension": "审批挂账",
        "case.end_suspension": "解除挂账",
        "case.propose_time_ruling": "提出时间认定",
        "case.answer_time_ruling": "复核时间认定",
        "case.first_response": "先期处置",
        "case.arrive": "到场",
        "case.give_opinion": "初步意见",
        "case.note_progress": "处置进展",
        "case.handled": "协办办毕",
        "case.feedback": "办结反馈",
        "case.name_checker": "安排核查",
        "case.check": "核查",
        "case.submit_check": "提交分中心",
        "case.confirm": "确认结案",
        "case.refuse_confirm": "不予确认",
        "case.review_self_handled": "审核自行处置",
        "case.ask_void": "申请作废",
        "case.answer_void": "审批作废",
        "case.ratify": "追认",
        "case.note": "备注",
        "case.attach": "添加附件",
        "case.attachment_arrived": "附件已到区中心",
        "case.review_quarantined": "封存操作审查",
        "case.review_check": "复核核查结论",
        "act.retract": "撤销",
        "reference.publish": "发布基础数据",
        "act.settle": "补作结论",
        "tray.close": "知道了(未生效)",
        "tray.hand_on": "转交(未生效)",
    }
)

LIGHTS = Worded(
    {
        "green": "正常",
        "yellow": "临期",
        "red": "超时",
        "paused": "停计时",
        "waiting": "未开始",
        "done": "按时",
        "done_late": "曾超时",
        "doubtful": "时间待认定",
        "evidence_owed": "待补证据",
    }
)
ASKED_LIGHTS = Worded({"running": "计时中", "late": "曾超时"})  # what a queue is asked for that is no light of now

SHAPES = {
    "green": "●",
    "yellow": "▲",
    "red": "■",
    "paused": "‖",
    "waiting": "○",
    "done": "●",
    "done_late": "■",
    "doubtful": "?",
    "evidence_owed": "△",
}

VERDICTS = Worded(
    {
        "on_time": "按时",
        "late": "超时",
        "doubtful": "时间待认定",
        "unratified": "代录待追认",
        "held": "申请待批",
        "not_counted": "不计考核",
        "evidence_owed": "待补证据",
    }
)

CLOCKS_AGAIN = Worded(
    {
        "clock_otherwise": "认定或起止时间与原来不同",
        "clock_started_anew": "送达在还原后重新登记,或尚未登记",
        "time_doubtful": "原认定未知,请核对",
    }
)
"""Why an act is named after a restore although it came to the same as before: what became of a clock it had stopped."""

BREACHES = Worded(
    {
        "": "超时待核定",
        "provisional": "超时待核定(区中心已登记)",
        "final": "超时已认定(区中心发布)",
        "withdrawn": "超时已撤销(区中心发布)",
    }
)
"""What the centre has found of a red clock: a light alone counts for nothing (D18a)."""

ACT_STATES = Worded(
    {
        "saved": "已存本机·待上报",
        "sent": "已上报·待回执",
        "carried": "交接·待确认",
        "accepted": "已生效",
        "merged": "他人先办(已记录)",
        "rejected": "未生效",
        "deferred": "待中心裁定",
        "retracted": "已撤销",
        "evidence_owed": "已生效·待补证据",
    }
)

CHIPS = Worded(
    {
        "open": "全部在办",
        "mine": "该我办",
        "to_file": "待受理",
        "to_dispatch": "待派发",
        "with_units": "处置中",
        "suspended": "挂账",
        "to_check": "待核查",
        "to_confirm": "待确认",
        "overdue": "已超时",
        "doubtful": "时间待认定",
        "evidence_owed": "待补证据",
        "unsent": "待上报",
        "closed": "已办结",
        "all": "全部",
    },
    "chip",
)

AT_THE_SERVER = Worded({"command line": "区中心服务器"})
"""Who acted, when nobody had signed in: an administrator on the command line."""

DECISIONS = Worded({"admitted": "准予启封", "declined": "不予启封"})
"""What was decided on an act that a revoked workstation had handed in."""

AWAITED = Worded({"upgrade_server": "区中心升级", "centre_recovering": "各工作机补报,或不再等待(“工作机”页 F7)"})
"""What an undecided act waits for, where that is no other act; by the code it was deferred with."""

LINES = Worded(
    {
        "offline": "断网作业",
        "connecting": "正在连接",
        "online": "已连接区中心",
        "silent": "区中心无应答",
        "work_offline": "断网演练",
        "refused": "区中心不接受",
    }
)

STORES = Worded(
    {
        "encrypted": "本机数据:已加密",
        "plain": "本机数据:未加密(系统密钥环不可用)",
        "waiting": "本机数据:尚未加密(磁盘空间不足,或文件正被别的程序占用),下次启动时再试",
    }
)
"""How the file of a unit lies on this workstation."""

THEMES = Worded({"light": "明亮", "dark": "夜间"})
DUTIES = Worded(
    {
        "check": "待核查",
        "acknowledge": "待签收",
        "arrive": "待到场",
        "answer_today": "今日应反馈",
        "co_handling": "协办待回",
        "ratify": "待追认",
        "photo": "待补照片",
    }
)
ROLES = Worded({"town": "本级", "lead": "主办", "co": "协办"})
PARTS = Worded({"handler": "经办", "on_duty": "值守", "leader": "负责"}, "part")
"""Why a person is named beside a unit: whom to ask for there about a case."""
CLOSE_KINDS = Worded({"done": "办结", "self_handled": "自行处置", "by_notice": "告知性结案", "forced": "强制结案"})
RESULTS = Worded(
    {
        "passed": "通过",
        "failed": "不通过",
        "granted": "同意",
        "refused": "不同意",
        "answered": "接通",
        "no_answer": "无人接",
        "passed_on": "转告",
        "merged": "他人先办(已记录)",
        "late_history": "迟到的陈述,只记录",
        "not_credited": "核查人的陈述,只记录",
        "problem": "遇到问题",
        "elsewhere": "异站核查",
        "self_handled": "边发现边处置",
        "accepted": "通过",
        "admitted": "准予启封",
        "stands": "维持首次结论",
        "recheck": "须再到现场核查",
        "on_time": "按时",
        "late": "超时",
        "watermark": "有关工作机均已上报",
        "grace": "等候期满",
        "engineering": "需工程施工",
        "seasonal": "季节原因",
        "conditions": "条件不具备",
        "beyond_district": "超出本区权限",
        "weather_or_event": "天气或重大活动",
    }
)
ATTACHMENT_KINDS = Worded(
    {
        "before": "处置前",
        "during": "处置中",
        "after": "处置后",
        "near": "近景",
        "far": "远景",
        "paper": "文书",
        "other": "其他",
    },
    "attachment",
)
UNITS_OF_TIME = Worded(
    {
        "minute": "分钟",
        "urgent_hour": "紧急工作时",
        "natural_day": "自然日",
        "work_hour": "工作时",
        "work_day": "工作日",
    },
    "limit",
)
START_KINDS = Worded(
    {
        "received": "收到起",
        "delivered": "送达起",
        "notified": "电话通知起",
        "duty_start": "上班起计",
        "switched_off": "发出起(未开机)",
    }
)


def refusal(code: str, args: dict[str, str | int], names: dict[str, str]) -> str:
    """A refusal in words that say what to do; an unknown code is shown as it is rather than hidden."""
    text = REFUSALS.get(code)
    if text is None:
        return tr("未能办理({code})。").format(code=code)
    shown = {k: _shown(k, str(v), names) for k, v in args.items()}
    return text.format_map(defaultdict(str, shown))


def trouble(error: Exception, names: dict[str, str]) -> str:
    """Why something was not done; what nobody foresaw is a bug of ours, and called one."""
    if isinstance(error, Refused):
        return refusal(error.code, error.args_by_name, names)
    return refusal(error.code if isinstance(error, Weather) else "bug", {}, names)


def worth(at: Moment, told: str) -> str:
    """A time as it is told, with what it is worth: one that nothing proves says so wherever it stands (sync.md §3.7)."""
    return told if at.grade is Grade.ANCHORED else f"{told}{tr('(时间待认定)')}"


def not_kept(error: Exception) -> str:
    """Why what somebody had typed, and had not sent, will not be there again."""
    return tr("填写的内容没有存下:{0}").format(trouble(error, {}))


def choice_not_kept(error: Exception) -> str:
    """Why what somebody chose in 设置 will be otherwise when he sits down again."""
    return tr("设置没有存下:{0}").format(trouble(error, {}))


def by_whom(person: str, here: str, rules: Rules, text: str) -> str:
    """What came of what that person did, as it is told to whoever sits here by then: to another with that person's name."""
    if person == here:
        return text
    known = rules.people.get(person)
    return tr("{0}:{1}").format(known.name if known is not None else person, text)


def _shown(name: str, value: str, names: dict[str, str]) -> str:
    if name == "state":
        return STATES.get(value, value)
    if name == "kind":
        return ACTS.get(value, value)
    return names.get(value, value)


def reckoned_here() -> str:
    """Of a light that this workstation reckons from what it has received (D18a)."""
    return tr("本机测算")


def breach(found: Breach | None) -> str:
    """Of a red clock: what the centre has found of it. A light shows at once and counts only when that is final (D18a)."""
    return BREACHES[found.state.value if found is not None else ""]
