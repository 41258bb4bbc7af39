"""How a screen changes a case: one act, or the last own one taken back, in a unit of work of its own."""

from __future__ import annotations

from collections.abc import Callable

from models.commands import Args
from services import cases
from services.cases import Acted
from services.desk import Desk
from services.drafts import Draft, handing_over
from services.work import Work
from ui.ports import Jobs

Done = Callable[[Acted], None]
Failed = Callable[[Exception], None]


def act(
    jobs: Jobs, desk: Desk, args: Args, case_id: str, done: Done, failed: Failed, draft: Draft | None = None
) -> None:
    """Do it, as whoever sits there now; with that `draft` is none any more."""

    def job(work: Work) -> Acted:
        with handing_over(work, draft):
            return cases.act(work, desk, args, case_id)

    jobs.run(job, done, failed)


def undo(jobs: Jobs, desk: Desk, case_id: str, done: Done, failed: Failed) -> None:
    """撤销 the last own act on the case."""

    def job(work: Work) -> Acted:
        acted = cases.undo_last(work, desk, case_id)
        work.commit()
        return acted

    jobs.run(job, done, failed)
