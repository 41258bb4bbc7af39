"""What a self-check found, in words: the subject, how it stands, and what to do about it."""

from __future__ import annotations

from services.self_check import Finding, Level, Subject
from ui import words
from ui.language import Worded

SUBJECTS = Worded(
    {
        Subject.STORE: "本机数据",
        Subject.DISK: "磁盘空间",
        Subject.LINE: "线路",
        Subject.CLOCK: "时钟",
        Subject.CALENDAR: "工作日历",
        Subject.KEYRING: "密钥保管",
        Subject.FONTS: "中文字体",
        Subject.INPUT_METHOD: "输入法",
    }
)

LEVELS = Worded({Level.GOOD: "正常", Level.CARE: "注意", Level.BAD: "有问题"}, "check")
SHAPES = {Level.GOOD: "●", Level.CARE: "▲", Level.BAD: "■"}

FINDINGS = Worded(
    {
        "check_failed": "没有查成({why})。请再查一次;仍不成,请导出诊断包。",
        "store_sound": "已加密,逐页读过无损。案件 {cases} 件,本机操作 {acts} 项,待上报 {unsent} 项。",
        "store_plain": "逐页读过无损,但没有加密。案件 {cases} 件,本机操作 {acts} 项,待上报 {unsent} 项。",
        "store_damaged": "数据文件有损坏。请退出程序再打开:程序会另存损坏的文件,救出读得出的操作,并说明可能缺几项。",
        "disk_room": "可用 {free_mb} MB。",
        "disk_little": "可用 {free_mb} MB,不多了。请清理磁盘。",
        "disk_full_soon": "只剩 {free_mb} MB。磁盘满后不能再保存操作,请立即清理。",
        "line_good": "区中心 {took_ms} 毫秒内应答。",
        "line_down": "区中心没有应答:{reason}操作照常保存,恢复后自动上报。请检查网线或联系网络管理员。",
        "line_refused": "区中心不接受:{reason}",
        "line_switched_off": "断网演练中,没有询问区中心。演练结束后请在同步页恢复。",
        "clock_right": "与区中心一致,时区为北京时间。",
        "clock_ahead": "本机时钟快 {minutes} 分钟。时限按区中心时间计,不受影响;请校准本机时钟。",
        "clock_behind": "本机时钟慢 {minutes} 分钟。时限按区中心时间计,不受影响;请校准本机时钟。",
        "clock_elsewhere": "本机时区不是北京时间(UTC{offset})。屏幕上的时间一律按北京时间,不受影响;请改正时区。",
        "clock_put_back": "本机时钟比实际至少慢 {minutes} 分钟,本次开机后也没有与区中心对时,操作时间待认定。请校准本机时钟,连上区中心。",
        "clock_unproven": "本次开机后还没有与区中心对时,操作时间待认定;连上区中心即可。",
        "calendar_official": "{year} 年放假安排已入库。",
        "calendar_without_notice": "{year} 年放假安排未入库:按工作时间计的时限只作暂定,不亮红灯。请区中心发布新日历。",
        "key_in_keyring": "系统密钥环可用,刚才存取一次成功。",
        "key_sealed": "存于启动口令保护的文件。",
        "key_in_file": "系统密钥环不可用,令牌存于仅本人可读的文件(区中心就在本机,可以这样用)。",
        "key_nowhere": "系统密钥环不可用或被锁。请解锁密钥环后再查一次。",
        "fonts_good": "使用“{family}”。",
        "fonts_missing": "没有能显示中文的字体。请安装中文字体(如 fonts-noto-cjk),再打开程序。",
        "typing_unproven": "请在右边用拼音打两个汉字试试。{plugin}",
        "typing_works": "可用:刚才收到了输入法送来的汉字。",
    }
)


def in_words(finding: Finding) -> str:
    """The finding in the language spoken now."""
    args = dict(finding.args)
    if "reason" in args:
        args["reason"] = words.refusal(str(args["reason"]), {}, {})
    if "offset_minutes" in args:
        args["offset"] = f"{int(args['offset_minutes']) / 60:+g}"
    return FINDINGS[finding.code].format(**args)


def line_of(finding: Finding) -> str:
    """One line of a report."""
    return f"{SHAPES[finding.level]} {SUBJECTS[finding.subject]} · {LEVELS[finding.level]} · {in_words(finding)}"
