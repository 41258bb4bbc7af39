"""How a screen changes a case: one act, or the last own one taken back, in a unit of work of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from models.commands import Args, kind_of
from services import cases
from services.cases import Acted
from services.desk import Desk
from services.drafts import Draft, handing_over
from services.work import Work
from ui import words
from ui.language import tr
from ui.ports import Acts, InWords

Done = Callable[[Acted], None]
Failed = Callable[[Exception, InWords], None]
"""Why it was not done, and how that is told where nobody looks at it any more."""


class CaseMeant(NamedTuple):
    """Which one, by its id and the number people say ("" while it is being read), and the names of those a refusal may speak of."""

    id: str
    number: str
    names: dict[str, str]


def act(
    jobs: Acts, desk: Desk, args: Args, case: CaseMeant, done: Done, failed: Failed, draft: Draft | None = None
) -> None:
    """Do it, as whoever sits there now; with that `draft` is none any more."""

    def job(work: Work) -> Acted:
        with handing_over(work, draft):
            return cases.act(work, desk, args, case.id)

    _do(jobs, job, done, failed, not_done(lambda: name_of(args), case))


def undo(jobs: Acts, desk: Desk, case: CaseMeant, done: Done, failed: Failed) -> None:
    """撤销 the last own act on the case."""

    def job(work: Work) -> Acted:
        acted = cases.undo_last(work, desk, case.id)
        work.commit()
        return acted

    _do(jobs, job, done, failed, not_done(lambda: tr("撤销"), case))


def _do(jobs: Acts, job: Callable[[Work], Acted], done: Done, failed: Failed, late: InWords) -> None:
    jobs.act(job, done, lambda error: failed(error, late), late)


def name_of(args: Args) -> str:
    """What is done with it, in words; 代录 when somebody else said it."""
    name = words.ACTS[kind_of(args)]
    return tr("代录 {0}").format(name) if getattr(args, "on_behalf", "") else name


def not_done(what: Callable[[], str], case: CaseMeant) -> InWords:
    """In the language that is chosen when it is told: another one may be why its window has gone."""

    def told(error: Exception) -> str:
        done = " ".join(filter(None, (case.number, what())))
        return tr("{0}没有办成:{1}").format(done, words.trouble(error, case.names))

    return told
