"""Errors as small windows say them, and which of them leave the way of working without the line open."""

from __future__ import annotations

from models.errors import Refused, Weather
from ui import words


def words_of(error: Exception) -> str:
    """An error in the words of the language chosen."""
    if isinstance(error, Refused):
        return words.refusal(error.code, error.args_by_name, {})
    if isinstance(error, TimeoutError):
        return words.refusal("line_silent", {}, {})
    return words.refusal(error.code if isinstance(error, Weather) else "bug", {}, {})


def may_be_offline(error: Exception) -> bool:
    """True when the centre was not reached at all, so that the kept verifier may decide."""
    return isinstance(error, Weather) or (isinstance(error, Refused) and error.code == "token_unreadable")
