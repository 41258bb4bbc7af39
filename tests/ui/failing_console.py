"""A program that fails in every way a console can, with somebody's name and number in its hands: `failing_console FOLDER`.
For test_logs.py: what it leaves in its logs and on standard error is read there."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop import logs
from desktop.jobs import DatabaseThread
from models import commands as c
from models.ids import id_source
from models.store.work import Work
from tests.store.make_sample import Workstation
from ui.forms import Field, Form
from ui.widgets.form_view import FormView

NAME, PHONE = "Zhang Erniu", "13905590998"


def job(_work: Work) -> None:
    try:
        int(f"{NAME} {PHONE}")
    except ValueError as error:
        raise LookupError(f"no case of {NAME}, {PHONE}") from error


def badly_built(values: dict[str, str]) -> c.Args:
    return c.GiveOpinion("", "", str(int(values["phone"])))


def in_a_thread() -> None:
    raise RuntimeError(f"cannot ring {PHONE}")


def main() -> None:
    folder = Path(sys.argv[1])
    logs.begin(folder / "logs")
    application = QApplication(sys.argv[:1])
    made = Workstation(folder / "store.sqlite")
    jobs = DatabaseThread(made.engine, made.rules, made.clock, id_source(made.clock))
    told: list[Exception] = []
    jobs.run(job, lambda _none: None, told.append)
    jobs.wait(lambda work: None)
    form = FormView(Form("case.give_opinion", (Field("phone", "说明", "line"),), badly_built))
    form.done.connect(lambda values: form.form.build and form.form.build(values))
    form.show()
    QTest.keyClicks(form._inputs["phone"], f"{NAME} {PHONE}")
    QTest.keyClick(form._inputs["phone"], Qt.Key.Key_Return)
    thread = threading.Thread(target=in_a_thread)
    thread.start()
    thread.join()
    logging.getLogger("asyncio").error(
        "Task exception was never retrieved\nfuture: <Task exception=ValueError('%s')>", PHONE
    )
    application.processEvents()
    jobs.end()
    raise SystemExit(0 if told else 1)


if __name__ == "__main__":
    main()
