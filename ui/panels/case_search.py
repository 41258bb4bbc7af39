"""Looking for another case while a form is open (并案): asked of the store, answered into the form."""

from __future__ import annotations

from shiboken6 import isValid

from models.views import CaseBrief
from services import similar
from ui.forms import Choice
from ui.panels.case_text import brief_line
from ui.ports import Jobs
from ui.widgets.case_picker import CasePicker

ENDED_NAMED = 3


def answer_picker(jobs: Jobs, case_id: str, now_ms: int, picker: CasePicker, text: str) -> None:
    """Find what was typed and show it in the picker, if its form is still open then."""

    def show(found: tuple[CaseBrief, ...]) -> None:
        if not isValid(picker):
            return
        open_ones = tuple(Choice(one.id, brief_line(one, now_ms)) for one in found if one.is_open)
        ended = tuple(one.number for one in found if not one.is_open)[:ENDED_NAMED]
        picker.show_found(text, open_ones, ended)

    jobs.run(lambda work: similar.find_cases(work, text, case_id), show)
