"""What a text is found by when somebody types: its words and the pinyin initials of them, whatever the width of their signs.

A Chinese keyboard writes (3) as （3） or 12 as １２ by a setting nobody looks at, and reference data has its own habit.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from models.pinyin import initials

_MARKS = re.compile(r"(?<![\d\W_])[\W_]+|[\W_]+(?![\d\W_])")
"""What is neither letter nor digit, but for what stands between two digits: 12-3 is not 123."""


def folded(text: str) -> str:
    """The text in lower case and of one width. What is typed and what it is sought in are both folded, then compared."""
    return unicodedata.normalize("NFKC", text).lower()


@lru_cache(maxsize=4_000)
def found_by(text: str) -> str:
    """All that a text is found by, folded: itself, its pinyin initials as its marks part them, and the initials run together:
    隆阜（3）社区 also by lf(3)sq and lf3sq."""
    plain = folded(text)
    parted = initials(plain)
    return " ".join(dict.fromkeys((plain, parted, _MARKS.sub("", parted))))
