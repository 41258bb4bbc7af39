"""交接包 over the console's window: gathered and kept on the database thread, sealed and opened beside the screen's (sync.md §3.10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop.asking import Asking
from desktop.let_go import goes_when_put_away
from desktop.open_file import OpenFile
from desktop.worded import words_of
from models.files import FOR_ITS_OWNER, write_pieces
from models.handover_file import MOST_FILE_BYTES
from models.store.work import Work
from services import handover, handover_files
from services.enrolment import credentials
from services.handover import Gathered, Kept, Opened, Packed
from services.handover_files import Unsent
from ui import words
from ui.dialogs.fitted import is_open
from ui.dialogs.handover import (
    HandoverDialog,
    TakeHandoverDialog,
    WriteHandoverDialog,
    carried_words,
    unplaced_words,
)
from ui.language import tr
from ui.panels.attachment_text import size

MOST_NAMED = 6


class WriteHandover(QObject):
    """导出交接包 of the file in sight; line or no line."""

    def __init__(self, file: OpenFile, over: QWidget) -> None:
        super().__init__(over)
        self._file = file
        self._asking = Asking()
        line = file.line
        unsent, files, unplaced = (line.unsent, line.files_unsent, line.unplaced) if line is not None else (0, 0, 0)
        self.dialog = WriteHandoverDialog(unsent - unplaced, files, unplaced, file.station.slot, over)
        self.dialog.asked.connect(self._begin)
        goes_when_put_away(self.dialog, self, self._asking)

    def open(self) -> WriteHandoverDialog:
        """Show it."""
        self.dialog.open()
        return self.dialog

    def _begin(self, target: str, passphrase: str) -> None:
        write = partial(self._write, target, passphrase)
        self._file.jobs.run(handover.gather, write, partial(_refuse, self.dialog))

    def _write(self, target: str, passphrase: str, gathered: Gathered) -> None:
        if not is_open(self.dialog):
            return
        station = self._file.station

        def write() -> Packed:
            key = credentials(station.secrets, station.device, station.identity.public_key).key
            assert key is not None
            made = handover.packed(gathered, station.blobs, key, passphrase)
            write_pieces(Path(target), made.pieces, FOR_ITS_OWNER)
            return made

        self._asking.ask(write, partial(self._written, target, gathered), partial(self._not_written, target))

    def _written(self, target: str, gathered: Gathered, made: Packed) -> None:
        said = [tr("已存为 {0},共 {1} 项操作、{2} 个照片或文件。").format(target, made.head.acts, made.head.files)]
        if made.head.acts_left:
            said.append(unplaced_words(made.head.acts_left))
        if made.left:
            said.append(left_words(made.left))
        if gathered.carried:
            said.append(carried_words(gathered.carried_for, gathered.carried))
        said.append(tr("接手的人在本单位另一台工作机的“同步”页导入。"))
        self.dialog.show_done("\n\n".join(said))

    def _not_written(self, target: str, error: Exception) -> None:
        if isinstance(error, OSError):
            self.dialog.cannot_write(target)
        else:
            self.dialog.refuse(words_of(error))


class TakeHandover(QObject):
    """导入交接包 into the file in sight. `tell` says what came of it when the dialog has gone."""

    def __init__(self, file: OpenFile, over: QWidget, tell: Callable[[str], None]) -> None:
        super().__init__(over)
        self._file, self._tell = file, tell
        self._asking = Asking()
        self.dialog = TakeHandoverDialog(over)
        self.dialog.asked.connect(self._begin)
        goes_when_put_away(self.dialog, self, self._asking)

    def open(self) -> TakeHandoverDialog:
        """Show it."""
        self.dialog.open()
        return self.dialog

    def _begin(self, source: str, passphrase: str) -> None:
        def read() -> Opened:
            with Path(source).open("rb") as file:
                return handover.opened(file, passphrase)

        self._asking.ask(read, partial(self._keep, source), partial(self._not_read, source))

    def _keep(self, source: str, found: Opened) -> None:
        def keep(work: Work) -> Kept:
            kept = handover.keep(work, found)
            work.commit()
            return kept

        self._file.jobs.run(keep, partial(self._copy, source, found), partial(self._not_kept, source))

    def _not_kept(self, source: str, error: Exception) -> None:
        if is_open(self.dialog):
            self.dialog.refuse(words_of(error))
        else:
            self._tell(tr("交接包 {0} 没有导入:{1}").format(source, words_of(error)))

    def _copy(self, source: str, found: Opened, kept: Kept) -> None:
        """The acts are carried from now on; the photographs follow, also when the window has been closed meanwhile."""
        folder, jobs = self._file.station.blobs, self._file.jobs

        def copy() -> None:
            with Path(source).open("rb") as file:
                handover_files.take(file, found.at, found.inside, kept.wanted, folder)

        def entered(_none: object) -> None:
            jobs.run(
                lambda work: handover_files.enter(work, kept.wanted, folder),
                lambda _none: self._kept(kept, ""),
                lambda error: self._kept(kept, words_of(error)),
            )

        Asking().ask(copy, entered, lambda error: self._kept(kept, self._why(source, error)))

    def _why(self, source: str, error: Exception) -> str:
        return tr("读不到 {0}。").format(source) if isinstance(error, OSError) else words_of(error)

    def _kept(self, kept: Kept, problem: str) -> None:
        self._file.sync.acted()
        not_copied = tr("{0} 照片和文件没有拷完,请把这个文件再导入一次。").format(problem)
        if not is_open(self.dialog):
            if problem:
                self._tell(not_copied)
            return
        said = [tr("已接手 {0} 机的 {1} 项操作,由本机代为上报。").format(kept.slot, kept.new)]
        if kept.before:
            said.append(tr("另有 {0} 项以前已接手,不重复。").format(kept.before))
        if problem:
            said.append(not_copied)
        elif kept.wanted:
            said.append(tr("随带的 {0} 个照片或文件已存本机,也由本机上报。").format(len(kept.wanted)))
        if kept.acts_left:
            said.append(tr("那台机器上还有 {0} 项操作放不进包,要等它连上区中心一次才能上报。").format(kept.acts_left))
        if kept.files_left:
            said.append(tr("有 {0} 个照片或文件留在那台机器上,区中心写“待补”。").format(kept.files_left))
        said.append(tr("没有生效的,在“未生效”页写明。"))
        self.dialog.show_done("\n\n".join(said))

    def _not_read(self, source: str, error: Exception) -> None:
        if isinstance(error, OSError):
            self.dialog.cannot_read(source)
        else:
            self.dialog.refuse(words_of(error))


def left_words(left: Sequence[Unsent]) -> str:
    """What stays behind, a line each: the number of its case, its kind and its size."""
    said = [tr("没有放进包、仍存本机的照片或文件(合计超过 {0} MB,或在本机已损坏):").format(MOST_FILE_BYTES >> 20)]
    for one in left[:MOST_NAMED]:
        kind = words.ATTACHMENT_KINDS[one.kind] if one.kind is not None else ""
        said.append(" ".join(filter(None, (one.number, kind, size(one.file.size)))))
    said += [tr("等 {0} 个").format(len(left))] if len(left) > MOST_NAMED else []
    return "\n".join(said)


def _refuse(dialog: HandoverDialog, error: Any) -> None:
    if isValid(dialog):  # another window may stand here by now
        dialog.refuse(words_of(error))
