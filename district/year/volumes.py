"""How much happens when, where and what: the figures of practice.md §4, as data (estimates; 演示数据)."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

import msgspec

from models.calendar import DayKind, WorkingCalendar
from models.reference_files import EDITION, LOCAL_EDITION

T = TypeVar("T")
REPORTS_A_YEAR = 41_350


class ChannelVolume(msgspec.Struct, frozen=True):
    """Reports a year by one way in; shares transferred out, declined, found-and-fixed."""

    code: str
    reports: int
    district: bool
    out: float = 0.0
    declined: float = 0.03
    self_handled: float = 0.0


CHANNELS = (
    ChannelVolume("grid", 15_800, False, self_handled=0.60),
    ChannelVolume("patrol", 8_200, False, self_handled=0.33),
    ChannelVolume("digital_um", 7_000, True),
    ChannelVolume("hotline", 6_000, True, out=0.46),
    ChannelVolume("other_hotline", 1_400, True, out=0.20),
    ChannelVolume("yiwangqing", 1_100, True, declined=0.05),
    ChannelVolume("emergency_platform", 250, True, declined=0.0),
    ChannelVolume("volunteer", 900, False, declined=0.08),
    ChannelVolume("mailbox", 700, True, declined=0.10),
)


class Matter(msgspec.Struct, frozen=True):
    """One kind of case: how often, and how long handling takes (median, lognormal sigma in natural hours)."""

    keys: tuple[str, ...]
    share: float
    hours: float
    sigma: float
    titles: tuple[str, ...]


def _m(*codes: str) -> tuple[str, ...]:
    return tuple(f"{EDITION}/matter/{code}" for code in codes)


def _p(*codes: str) -> tuple[str, ...]:
    return tuple(f"{EDITION}/component/{code}" for code in codes)


def _l(*codes: str) -> tuple[str, ...]:
    return tuple(f"{LOCAL_EDITION}/matter/{code}" for code in codes)


MATTERS = (
    Matter(
        _m("06010", "06011", "06012", "06042"), 19, 1.6, 0.7, ("暴露垃圾未清", "积存渣土", "道路不洁", "垃圾箱满溢")
    ),
    Matter(_m("09005", "09006"), 15, 0.55, 0.55, ("商铺店外堆放", "占道摆摊影响通行")),
    Matter(_m("06035", "06036"), 12, 5.0, 0.7, ("废弃家具占道", "楼道口乱堆杂物")),
    Matter(_m("09009", "09010", "09011"), 11, 0.7, 0.6, ("机动车乱停", "电动车堵门", "共享单车堆积")),
    Matter(_m("07001", "07006", "06007"), 9, 5.0, 0.8, ("墙面小广告", "违规牌匾", "沿街晾挂")),
    Matter(_m("09001"), 5.5, 0.45, 0.55, ("无照游商聚集",)),
    Matter(_p("01037", "02014", "02010"), 5.3, 40.0, 0.75, ("路灯不亮", "信号灯故障", "标志牌歪斜")),
    Matter(_m("06017", "06025", "06045"), 4.6, 50.0, 0.7, ("绿地脏乱", "水面漂浮物", "占绿毁绿")),
    Matter(_m("06028", "08001"), 3.5, 0.8, 0.65, ("夜间噪声扰民", "工地夜间施工")),
    Matter((*_m("09012"), *_l("98001")), 3.1, 6.0, 0.7, ("占用消防通道", "消防设施损坏")),
    Matter(
        (*_m("09015", "09020"), *_l("99001", "99002")),
        3.0,
        42.0,
        0.8,
        ("无证餐饮", "农贸市场秩序乱", "过期食品", "缺斤短两"),
    ),
    Matter(_m("08004", "08006", "08011"), 2.5, 5.0, 0.8, ("工地扬尘", "物料乱堆", "渣土车未密闭")),
    Matter(_p("01002", "01004", "01023"), 2.2, 20.0, 1.0, ("污水井盖松动", "雨水箅子堵塞", "井盖缺失")),
    Matter(_m("06027", "06029"), 2.0, 46.0, 0.7, ("油烟扰民", "露天烧烤")),
    Matter(_m("06001"), 1.5, 200.0, 0.6, ("私搭乱建",)),
    Matter(_m("06033"), 0.8, 9.0, 0.7, ("医疗废物乱弃",)),
    Matter(_m("10001", "06046"), 0.8, 24.0, 0.7, ("道路结冰", "占用河道")),
)

MONTHS = (0.86, 0.82, 1.02, 1.10, 1.08, 1.15, 1.08, 1.02, 1.00, 1.12, 0.93, 0.86)
HOURS = (
    (0, 7, 3.5), (7, 8, 4), (8, 9, 11), (9, 10, 14), (10, 11, 12), (11, 12, 7), (12, 14, 6), (14, 15, 8), (15, 16, 11),
    (16, 17, 10), (17, 18, 5), (18, 20, 4.5), (20, 22, 3), (22, 24, 1),
)  # fmt: skip
TOWN_SHARES = {
    "341002002": 15, "341002101": 14, "341002001": 12, "341002004": 12, "341002102": 12, "341002100": 11,
    "341002103": 11, "341002003": 8, "341002104": 5,
}  # fmt: skip
SLOW_AT_DISPATCH = "341002103"
WEAK_CHECKS = "341002003"
PLACES = (
    "农贸市场",
    "中学东门",
    "大道路口",
    "滨江步道",
    "菜场南门",
    "公交站",
    "社区广场",
    "老桥北头",
    "小区西门",
    "卫生院旁",
)

ARRIVAL = {
    "station": (18, 0.5),
    "squad": (28, 0.442),
    "police": (15, 0.5),
    "market": (40, 0.5),
    "traffic_police": (22, 0.45),
    "fire": (20, 0.4),
    "sanitation": (27, 0.42),
    "contractor": (30, 0.4),
    "department": (42, 0.46),
}
"""Minutes to arrive (median, sigma) by what the unit is."""


EMERGENCY_SHARE = 0.7
"""Of what the emergency platform hands over."""

MERGED_SHARE = 0.055
SECOND_RETURN_SHARE = 0.17
WORKING_DAY_HOURS = 7
SLOW_HOURS, EXTENSIONS = 5.0, 0.07
LONG_HOURS, SUSPENSIONS = 20.0, 0.042
SUSPENDED_DAYS = (40, 280)
"""Matters that take so long, and how many of them are extended (延期) or suspended (挂账): 3 % and 0.8 % of all."""

OPINION_LATE = {"department": 0.45, "market": 0.25, "contractor": 0.25, "station": 0.04}
"""Of matters that take days; short ones have their opinion with the result."""


def day_weight(day: date, calendar: WorkingCalendar) -> float:
    """How busy a day is compared with an ordinary working day."""
    kind = calendar.day_kind(day)
    by_kind = {DayKind.WORKDAY: 1.0, DayKind.MAKE_UP_WORKDAY: 0.95, DayKind.WEEKEND: 0.62}
    return MONTHS[day.month - 1] * by_kind.get(kind, 0.80)


def draw(chance: random.Random, items: Sequence[T], weights: Sequence[float]) -> T:
    """One of the items, by weight."""
    return chance.choices(items, weights)[0]


def quota(chance: random.Random, items: Sequence[T], weights: Sequence[float], count: int) -> list[T]:
    """So many items, each as often as its weight says and in random order: the table's shares hold in every year, and do
    not only come out on average. What does not divide goes to the largest remainders; but the least and the greatest
    share are bounds, so the least is rounded up and the greatest down."""
    whole = sum(weights)
    exact = [count * weight / whole for weight in weights]
    numbers = [math.floor(part) for part in exact]
    least, greatest = weights.index(min(weights)), weights.index(max(weights))
    left = count - sum(numbers)
    turn = sorted(
        range(len(items)), key=lambda n: (n != least or exact[n] == numbers[n], n == greatest, numbers[n] - exact[n])
    )
    for number in turn[:left]:
        numbers[number] += 1
    found = [item for item, number in zip(items, numbers, strict=True) for _ in range(number)]
    chance.shuffle(found)
    return found


def minute_of_day(chance: random.Random) -> float:
    """When on a day a report comes, in minutes after midnight."""
    start, end, _ = draw(chance, HOURS, [h[2] for h in HOURS])
    return (start + chance.random() * (end - start)) * 60
