"""What is told on of a case names no requester and no telephone number, in whatever spelling it was typed (D2)."""

from __future__ import annotations

import re
from collections.abc import Callable

from models.case import Case
from models.store import personal
from models.store.work import Work
from models.wire import decode_any

HIDDEN = "***"

_PLAIN = str.maketrans("０１２３４５６７８９－—–―‐‑−（）．。·＋\u3000\xa0\t", "0123456789-------()...+   ")
"""What a Chinese input method writes for the letters of a number: one for one, so that places in a text stay."""

_BETWEEN = r"(?:[-() ]|\.(?=\d{3})){0,3}"
"""Of the digits of one number; the digits after the point of an amount are fewer."""

_MOBILE = rf"0?1[3-9]\d(?:{_BETWEEN}\d){{8}}"
_FIXED = rf"0(?:10|2\d|[3-9]\d\d){_BETWEEN}(?:\d{{7,8}}|[2-9](?:{_BETWEEN}\d){{6,7}}?)"
_PHONE = re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_BETWEEN})?(?:{_MOBILE}|{_FIXED})(?!\d)", re.ASCII)
_DATE_OR_CASE = re.compile(r"(?<!\d)(?:(?:19|20)\d\d[-.]\d\d?[-.]\d\d?|(?:19|20)\d{6}-[A-Z]?\d{3,4})(?!\d)", re.ASCII)
_NUMBER = re.compile(rf"\d(?:{_BETWEEN}\d)+", re.ASCII)
_DIGITS_ENOUGH = 7
"""Fewer may be anything: they are looked for only where they are all that the record says."""

Spared = Callable[[str], str]


def spared(work: Work, case: Case) -> Spared:
    """Takes out of a text what the requester's record holds, as far as it is known here, and every telephone number."""
    known = {
        str(value).strip()
        for record in personal.of_case(work.connection, case.id)
        for name, value in decode_any(record).items()
        if name != "salt" and len(str(value).strip()) > 1
    }
    words = sorted((value for value in known if not _NUMBER.fullmatch(_plain(value))), key=len, reverse=True)
    numbers = [*(_spelt_anyhow(digits) for digits in _numbers_in(known)), _PHONE]

    def spare(text: str) -> str:
        for value in words:
            text = text.replace(value, HIDDEN)
        for number in numbers:
            for found in reversed([*number.finditer(_plain(text))]):
                text = text[: found.start()] + HIDDEN + text[found.end() :]
        return text

    return spare


def _plain(text: str) -> str:
    """The text letter for letter, its digits and what stands between them as a foreign keyboard writes them; dates and case
    numbers, which look like pieces of a telephone number, out of sight."""
    return _DATE_OR_CASE.sub(lambda found: "\0" * len(found[0]), text.translate(_PLAIN))


def _numbers_in(values: set[str]) -> list[str]:
    """The digits of every number in them, the longest first."""
    found = {
        re.sub(r"\D", "", number[0])
        for value in values
        for number in _NUMBER.finditer(_plain(value))
        if len(re.sub(r"\D", "", number[0])) >= _DIGITS_ENOUGH or number[0] == _plain(value)
    }
    return sorted(found, key=len, reverse=True)


def _spelt_anyhow(digits: str) -> re.Pattern[str]:
    """These digits and no others beside them, whatever stands between; of a short number nothing does."""
    between = r"\D{0,3}" if len(digits) >= _DIGITS_ENOUGH else ""
    return re.compile(rf"(?<!\d){between.join(digits)}(?!\d)", re.ASCII)
