"""Text as a field hands it over. What is pasted brings along what nobody sees: a line break into a field of one line, control
characters, half a sign. A list shows them as gaps or boxes, and neither every database nor the wire takes all of them."""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, half signs, line and paragraph separators."""


def one_line(text: str) -> str:
    """In one line: what is unseen is a space."""
    return _with(text, "").strip()


def lines(text: str) -> str:
    """Line breaks stay."""
    return _with(text, "\n").strip()


def _with(text: str, kept: str) -> str:
    return "".join(c if c in kept or unicodedata.category(c) not in _UNSEEN else " " for c in text)
