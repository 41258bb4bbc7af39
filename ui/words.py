"""Every code in words (practice.md §5): states, stages, acts, lights, outcomes. Codes come from models/, words only here."""

from __future__ import annotations

from collections import defaultdict

from ui.language import Worded, tr

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
        "case.log_call": "记电话",
        "case.acknowledge": "签收",
        "case.ask_return": "申请退单",
        "case.answer_return": "答复退单",
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
        "act.retract": "撤销",
        "reference.publish": "发布基础数据",
        "act.settle": "补作结论",
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
}

VERDICTS = Worded(
    {
        "on_time": "按时",
        "late": "超时",
        "doubtful": "时间待认定",
        "unratified": "代录待追认",
        "not_counted": "不计考核",
    }
)

ACT_STATES = Worded(
    {
        "saved": "已存本机·待上报",
        "sent": "已上报·待回执",
        "accepted": "已生效",
        "merged": "他人先办(已记录)",
        "rejected": "未生效",
        "deferred": "待中心升级后裁定",
        "retracted": "已撤销",
    }
)

CHIPS = Worded(
    {
        "open": "全部在办",
        "mine": "该我办",
        "to_file": "待受理",
        "to_dispatch": "待派发",
        "with_units": "处置中",
        "to_check": "待核查",
        "to_confirm": "待确认",
        "overdue": "已超时",
        "unsent": "待上报",
        "closed": "已办结",
        "all": "全部",
    },
    "chip",
)

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

THEMES = Worded({"light": "明亮", "dark": "夜间"})
DUTIES = Worded(
    {
        "check": "待核查",
        "acknowledge": "待签收",
        "arrive": "待到场",
        "answer_today": "今日应反馈",
        "co_handling": "协办待回",
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
        "problem": "遇到问题",
        "elsewhere": "异站核查",
        "self_handled": "边发现边处置",
        "accepted": "通过",
    }
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
START_KINDS = Worded({"received": "收到起", "delivered": "送达起", "notified": "电话通知起", "duty_start": "上班起计"})

REFUSALS = Worded(
    {
        "account_disabled": "此账号已停用,请找区中心管理员。",
        "account_exists": "此人已有账号。",
        "account_locked": "密码多次错误,账号暂时锁定。请 15 分钟后再试,或请区中心重置。",
        "actor_disabled": "此账号在操作之前已停用,操作未生效。",
        "address_unusable": "地址不对:{address}。应形如 http://127.0.0.1:8341",
        "already_accepted": "区中心已生效,不可撤销。请办理相反的操作。",
        "already_acknowledged": "已经签收过了。",
        "already_arrived": "已有人到场在先,本次已记录。",
        "already_checked": "已核查过,结论相同。",
        "already_closed": "已经结案。",
        "already_delivered": "已经送达。",
        "already_dispatched": "已派给同一单位。",
        "already_dispatched_to": "已派给{unit}。要换单位请用“改派”。",
        "already_ended": "该协办已结束。",
        "already_filed": "已经立案。",
        "already_handled": "该协办已办毕。",
        "already_has_it": "{unit}已在办理此案。",
        "already_initialised": "此数据库已初始化。",
        "already_ratified": "已追认。",
        "already_sent": "已上报区中心,不能直接撤销。请办理相反的操作。",
        "already_the_lead": "{unit}已是主办单位。",
        "answer_unreadable": "区中心的答复读不懂,稍后自动重试。",
        "approvers_only": "只有专职副主任或区中心可以审批。",
        "assignment_ended": "该任务已结束,不再办理。",
        "audit_failed": "区中心数据自查不一致,请联系维护人员。",
        "bug": "程序出错,已记入日志。请重试;仍不行请联系维护人员。",
        "case_exists": "此案已存在。",
        "certificate_refused": "对方证书不可信,已拒绝连接。",
        "chain_fork": "本机记录与区中心不一致(可能恢复过旧备份)。请联系区中心重新登记本机。",
        "chain_gap": "区中心缺少本机较早的操作,请联系区中心。",
        "chain_revoked": "本机已被区中心停用。",
        "change_password_first": "首次登录须先修改密码。",
        "checked_otherwise": "已有不同的核查结论,不能改写。",
        "checker_already_named": "已安排此人核查。",
        "checker_from_elsewhere": "核查人须是本站人员,或同镇街的邻站、中队人员(异站核查)。",
        "check_from_elsewhere_needed": "本站负责人均参与了处置,须请邻站或中队异站核查。",
        "checker_handled": "此人参与了本轮处置,不能核查。请换一人。",
        "checker_unit_handled": "{unit}参与了本轮处置,不能异站核查。请换一家。",
        "checker_may_not_confirm": "核查过此案的人不能确认结案。",
        "compacted": "本机进度已过期,将重新获取快照。",
        "confirmers_only": "只有分中心确认岗可以办理。",
        "connect_first": "首次登录须联网。请检查与区中心的连接。",
        "demo_clock_unreadable": "演示时钟参数读不懂。",
        "demo_newer": "演示数据由更新版本的程序写成,请换用较新的程序。数据未改动。",
        "demo_not_made": "演示区中心未能建立,原因见上一行。",
        "district_did_not_start": "演示区中心未能启动({reason}),详见 {file}。",
        "district_only": "只有区中心可以办理。",
        "district_operators_only": "须由区中心值班长登记工作站。",
        "district_rules_itself": "区中心直接派发即可。",
        "epoch": "区中心历史已重建,将重新获取快照。",
        "feed_broken": "收到的数据对不上,将重新获取快照。",
        "handler_not_of_that_unit": "承办人须是{unit}的人。",
        "handler_may_not_check": "参与处置或代录的人不能核查。",
        "handler_may_not_confirm": "参与处置或代录的人不能确认结案。",
        "late_history": "迟到的陈述,已记录,不改变状态。",
        "lead_feeds_back": "主办单位请用“办结反馈”。",
        "limit_out_of_range": "时限须在 1 至 {most} 之间。",
        "line_down": "连不上区中心。操作照常,存在本机,恢复后自动上报。",
        "line_silent": "区中心没有回应。操作照常,存在本机,恢复后自动上报。",
        "loopback_only": "签名与加密尚未启用,只能在本机地址上提供服务。",
        "malformed": "请求格式不对。",
        "field_changed": "他人已在别处改过此项,现为“{theirs}”,您填的是“{mine}”。请核对后再改。",
        "merge_target_merged": "所选案件已并入别的案件,请并入那一件。",
        "merge_target_unknown": "没有此案,不能并入。",
        "merge_into_itself": "不能并入自身。请填另一案号。",
        "name_unknown": "没有此人或密码不对。",
        "named_twice": "同一单位不能重复指定。",
        "no_account": "此人还没有账号。",
        "no_check_due": "现在没有待核查的任务。",
        "no_keyring": "系统密钥环不可用,且区中心不在本机,令牌不能以明文保存。请启用密钥环。",
        "no_lead": "还没有主办单位。",
        "no_offline_pass": "此人未在本机联网登录过,断网时不能登录。",
        "no_requester": "此案没有诉求人信息。",
        "no_slot_left": "该单位登记的工作机已满,请区中心清理旧机。",
        "no_such_assignment": "没有这项任务。",
        "no_such_call": "对方不认识此请求。",
        "no_such_edition": "区中心没有这一版基础数据。",
        "no_such_part": "快照已更新,将重新获取。",
        "no_such_range": "续传位置不对,请重新下载。",
        "no_such_record": "没有这条记录,或无权查看。",
        "no_such_request": "没有待答复的申请。",
        "not_a_hotline_case": "只有热线案件可以转出。",
        "not_allowed": "不允许此操作。",
        "not_an_operator": "{person}不是区中心值班长。",
        "not_an_officer": "此岗位不能办理。",
        "not_arrived": "尚未到场,请先登记到场。",
        "not_assignable": "本级不能直接派给{unit}。需要时请提请区中心。",
        "not_at_this_desk": "此人不在本单位任职,不能在此办理。",
        "not_in_this_state": "案件现为“{state}”,不能“{kind}”。",
        "not_initialised": "此数据库尚未初始化。",
        "not_judgeable": "时限或时间超出日历范围,操作未生效。",
        "not_our_server": "{address} 不是区中心的服务。请核对地址。",
        "stranger_answered": "应答的不是区中心(可能是上网认证页或代理)。操作照常,存在本机,自动重试。",
        "work_offline": "正在断网演练。请先在“同步”页关闭演练。",
        "not_of_that_unit": "{person}不是{unit}的人。请在“谁报的”里另选。",
        "not_the_giver": "只有派发单位可以办理。",
        "not_the_reporter": "只有上报单位可以补充。",
        "not_the_station": "只有案发地工作站可以办理。",
        "not_undoable": "此操作不可撤销。",
        "not_your_act": "只能撤销自己的操作。",
        "not_your_assignment": "此任务不在本单位。",
        "not_your_device": "操作不是本机登记的,区中心未接收。",
        "not_your_level": "案件不在本级待办。",
        "not_your_own_request": "不能审批自己的申请。",
        "not_your_scope": "不在本单位范围内。",
        "not_your_town": "不在本镇街范围内。",
        "note_missing": "请填写内容。",
        "nothing_changed": "没有改动。",
        "nothing_to_ratify": "没有待追认的代录。",
        "offline_pass_expired": "断网登录期限已过,请联网登录一次。",
        "only_the_centre": "只由区中心自动记录。",
        "only_the_lead": "只有主办单位可以办理。",
        "opinion_already_given": "初步意见已提交。",
        "opinion_incomplete": "请填写现场情况和处置措施。",
        "password_too_weak": "新密码至少 8 位,且不同于旧密码。",
        "port_taken": "端口已被占用。",
        "protocol_differs": "与区中心版本不一致(中心 {centre},本机 {console}),请升级。",
        "reason_missing": "请填写理由。",
        "requester_needs_line": "需连线查看:诉求人信息只存区中心,恢复连接后再看。",
        "requester_not_yours": "本单位无权查看此案诉求人。需要联系请经分中心。",
        "reporter_not_staff": "上报人须是本镇街或本单位人员。居民信息请填在诉求人栏。",
        "result_missing": "请填写处置结果。",
        "returned_twice": "此案已两次退单,须由区中心明确承办单位。",
        "retracted": "已撤销。",
        "return_already_asked": "已申请退单,等待答复。",
        "seconded_may_not": "以派驻身份不能办理此项。请切换为代表本所。",
        "seen_missing": "请填写现场所见。",
        "session_expired": "登录已过期,请重新登录。",
        "sign_in_online": "本次是断网登录。查看诉求人须联网登录一次。",
        "signature_required": "区中心目前只接收本机上报。",
        "snapshot_broken": "下载的快照不完整,将重试。",
        "station_leaders_only": "须由站长或副站长办理。",
        "station_missing": "请先指定案发地所属工作站。",
        "station_not_in_town": "该工作站不在本镇街。",
        "store_busy": "本机数据正被占用,未能保存。请稍后重做这一步。",
        "store_damaged": "本机数据损坏,原文件已另存为 {file}。救回未上报的操作 {acts} 项,将按原顺序上报;可能有 {missing} 项"
        "未能救回,请核对最近的操作并补办。案件将从区中心重新获取。",
        "store_forbidden": "不能读写数据文件夹 {folder}。请联系维护人员检查权限。",
        "store_full": "磁盘已满,未能保存。请清理磁盘后重做这一步。",
        "store_gone": "本机数据文件不见了,已重新建立,案件将从区中心重新获取。未上报的操作可能已丢失,请核对最近的操作并补办。",
        "store_lost": "本机数据损坏,原文件已另存为 {file}。救回未上报的操作 {acts} 项;还有多少未能救回无法确定,请核对最近的"
        "操作并补办。案件将从区中心重新获取。",
        "store_newer": "本机数据由更新版本的程序写成({found}),请升级本程序。数据未改动。",
        "store_on_network": "数据不能放在网络盘({folder},{kind})。请改到本地磁盘。",
        "store_salvaged": "本机数据损坏,原文件已另存为 {file}。未上报的操作 {acts} 项已全部救回,将按原顺序上报。案件将从区中心"
        "重新获取。",
        "store_unreadable": "本机数据损坏,这一步未能完成。请退出并重新打开本程序,未上报的操作将自动救回。",
        "title_missing": "请填写事项。",
        "token_unreadable": "读不到本机令牌:请解锁系统密钥环,再按“立即重试”。操作照常,存在本机。",
        "too_large": "内容过大。",
        "too_many": "一次提交过多。",
        "town_takes_no_co_handlers": "转办镇街时不能同时指定协办。",
        "undo_the_later_first": "请先撤销此案上较晚的操作。",
        "town_has_the_function": "按责任规则(演示数据)本镇街有此职能,请直接派发。两次退单后由区中心明确。",
        "units_at_work": "{unit}正以本镇街名义办理,不能退回区中心。请先同意其退单或撤协办,或改派。",
        "unknown_call_result": "请选择通话结果。",
        "unknown_case": "没有此案,或不在本单位范围内。",
        "unknown_category": "没有此类别。",
        "unknown_channel": "没有此来源。",
        "unknown_device": "区中心不认识本机,请重新登记。",
        "unknown_person": "没有此人:{person}。",
        "unknown_role": "没有这个岗位。",
        "move_needs_unit": "请写明调往哪个单位。",
        "person_without_unit": "有人员所在的单位已不在新数据中,请先调动。",
        "unknown_subject": "区中心暂不支持此类操作。",
        "unknown_town": "没有此镇街。",
        "unknown_unit": "没有此单位。",
        "upgrade_server": "区中心版本较旧,操作已保留,待升级后裁定。",
        "void_already_asked": "已申请作废,等待审批。",
        "waits_for": "同案在先的操作还在等待区中心,本操作随后办理。",
        "wrong_hash": "记录校验不符。",
        "wrong_password": "姓名或密码不对。",
    }
)


def refusal(code: str, args: dict[str, str | int], names: dict[str, str]) -> str:
    """A refusal in words that say what to do; an unknown code is shown as it is rather than hidden."""
    text = REFUSALS.get(code)
    if text is None:
        return tr("未能办理({code})。").format(code=code)
    shown = {k: _shown(k, str(v), names) for k, v in args.items()}
    return text.format_map(defaultdict(str, shown))


def _shown(name: str, value: str, names: dict[str, str]) -> str:
    if name == "state":
        return STATES.get(value, value)
    if name == "kind":
        return ACTS.get(value, value)
    return names.get(value, value)


def reckoned_here() -> str:
    """Of a light that this workstation reckons from what it has received (D18a)."""
    return tr("本机测算")


def provisional_red() -> str:
    """Of a red that shows at once and counts only when the centre has confirmed it (D18a, practice.md §5)."""
    return tr("超时待核定")
