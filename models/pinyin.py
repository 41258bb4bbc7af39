"""Pinyin initials, the way people search on a Chinese keyboard: 昱东街道 gives ydjd."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=20_000)
def initials(text: str) -> str:
    """The initials of a text in lower case; Latin letters and digits stay. The library is imported at first use."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).lower()
