"""What a case is about, and who answers for it (domain.md §3, D18, D29).

A category key is (edition, kind, code), written "edition/kind/code": codes are reused across editions and kinds.
"""

from __future__ import annotations

import msgspec

from models.deadline import Limit


class Category(msgspec.Struct, frozen=True):
    """One row of the directory. `limit` is the handling limit (演示数据 unless the district fixed it)."""

    key: str
    name: str
    main_class: str
    limit: Limit
    source: str = ""
    pinyin_initials: str = ""


class ResponsibilityRule(msgspec.Struct, frozen=True):
    """Which unit functions answer for a category (longest matching key prefix wins; "" matches all).

    `lead` and `co` are organisation functions ("squad", "market", "station", "sanitation" …). `town_has_function` False
    together with two or more departments means the district must name lead and co-handlers (D18).
    """

    key_prefix: str
    lead: str
    co: tuple[str, ...] = ()
    town_has_function: bool = True
    source: str = ""


class Channel(msgspec.Struct, frozen=True):
    """A way in (plan §三(一), R1, R20, R21). `level` "district" or "sub_centre": where its reports arrive."""

    code: str
    name: str
    level: str
    hotline: bool = False
    proactive: bool = False
