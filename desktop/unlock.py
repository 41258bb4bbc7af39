"""A locked window opened again by whoever it is locked for: by the kept verifier at once, and by the centre when that has expired."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from shiboken6 import isValid

from desktop.asking import Asking
from desktop.change_user import entered
from desktop.open_file import OpenFile
from desktop.worded import words_of
from models.errors import Refused
from services import session
from services.session import Entered
from ui.widgets.lock_page import LockPage

_ONLY_THE_CENTRE = frozenset({"no_offline_pass", "offline_pass_expired"})
"""A desk that nobody leaves for longer than a verifier lasts: whoever sits there would have to pose as somebody else."""


def unlock(file: OpenFile, page: LockPage, person: str, password: str, done: Callable[[Entered], None]) -> None:
    """`done` is told, on the screen's thread, or the page says why not."""

    def refused(error: Exception) -> None:
        if isValid(page):  # another window may stand here by now
            page.refuse(words_of(error))

    def ask_centre(error: Exception) -> None:
        if isinstance(error, Refused) and error.code in _ONLY_THE_CENTRE:
            Asking().ask(partial(entered, file, person, password, ""), done, refused)
        else:
            refused(error)

    file.jobs.run(lambda work: session.sign_in_offline(work, person, password), done, ask_centre)
