"""Errors as small windows say them, and which of them leave the way of working without the line open."""

from __future__ import annotations

from models.errors import Refused, Weather
from models.store.fresh import Salvage
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


def salvage_words(salvage: Salvage) -> str:
    """What a person is told after a damaged store was set aside."""
    if not salvage.file:
        code = "store_gone"
    elif salvage.missing is None:
        code = "store_lost"
    else:
        code = "store_damaged" if salvage.missing else "store_salvaged"
    return words.refusal(code, {"file": salvage.file, "acts": salvage.acts, "missing": salvage.missing or 0}, {})
