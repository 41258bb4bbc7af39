"""Files chosen for one case are not added to another that has come into sight while somebody looked for them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFileDialog

from desktop.console import Console
from tests.ui.conftest import until
from tests.ui.test_attachments import a_photo, add, case_here, desk_of, other
from tests.ui.test_requester import in_sight, reported
from tests.whole.parties import Console as Other

__all__ = ["other"]


def test_they_go_to_the_case_they_were_chosen_for(console: Console, other: Other, tmp_path: Path) -> None:
    meant, later = reported(other), reported(other)
    in_sight(console, meant)
    photo = a_photo(tmp_path / "photo.jpg", size=QSize(320, 240))
    desk_of(console).choose()
    chooser = console.window.findChildren(QFileDialog)[-1]
    in_sight(console, later)
    chooser.filesSelected.emit([str(photo)])
    chooser.close()
    add(console, Qt.Key.Key_1)
    until(lambda: case_here(console, meant).attachments, 20)
    assert not case_here(console, later).attachments
