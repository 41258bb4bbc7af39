"""Errors as small windows say them, and which of them leave the way of working without the line open."""

from __future__ import annotations

import errno
from pathlib import Path

from models.errors import Refused, Weather
from models.files import is_full
from models.store.fresh import Salvage
from ui import words

_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def words_of(error: Exception) -> str:
    """An error in the words of the language chosen."""
    if isinstance(error, TimeoutError):
        return words.refusal("line_silent", {}, {})
    return _words_of_disk(error) if isinstance(error, OSError) else words.trouble(error, {})


def _words_of_disk(error: OSError) -> str:
    """A file that could not be read or written, as no fault of the program: somebody can do something about it."""
    if is_full(error):
        return words.refusal("store_full", {}, {})
    if not error.filename or error.errno == errno.EIO:
        return words.refusal("store_io", {}, {})
    code = "file_forbidden" if error.errno in _FORBIDDEN else "file_unusable"
    return words.refusal(code, {"folder": str(Path(str(error.filename)).parent)}, {})


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
