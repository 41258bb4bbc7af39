"""交接包 over the console's window: gathered and kept on the database thread, sealed and opened beside the screen's (sync.md §3.10)."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop.asking import Asking
from desktop.open_file import OpenFile
from desktop.worded import words_of
from models.files import FOR_ITS_OWNER, write_whole
from models.handover_file import MOST_BYTES
from models.store.work import Work
from services import handover
from services.enrolment import credentials
from services.handover import Gathered, Kept, Opened
from ui.dialogs.handover import HandoverDialog, TakeHandoverDialog, WriteHandoverDialog
from ui.language import tr


class WriteHandover(QObject):
    """导出交接包 of the file in sight; line or no line."""

    def __init__(self, file: OpenFile, over: QWidget) -> None:
        super().__init__(over)
        self._file = file
        self._asking = Asking()
        self.dialog = WriteHandoverDialog(file.line.unsent if file.line is not None else 0, file.station.slot, over)
        self.dialog.asked.connect(self._begin)
        self.dialog.finished.connect(self._asking.give_up)

    def open(self) -> WriteHandoverDialog:
        """Show it."""
        self.dialog.open()
        return self.dialog

    def _begin(self, target: str, passphrase: str) -> None:
        write = partial(self._write, target, passphrase)
        self._file.jobs.run(handover.gather, write, partial(_refuse, self.dialog))

    def _write(self, target: str, passphrase: str, gathered: Gathered) -> None:
        if not _is_shown(self.dialog):
            return
        station = self._file.station

        def write() -> None:
            key = credentials(station.secrets, station.device, station.identity.public_key).key
            assert key is not None
            write_whole(Path(target), handover.packed(gathered, key, passphrase), FOR_ITS_OWNER)

        self._asking.ask(write, lambda _none: self._written(target, gathered), partial(self._not_written, target))

    def _written(self, target: str, gathered: Gathered) -> None:
        said = [tr("已存为 {0},共 {1} 项操作。").format(target, gathered.head.acts)]
        if gathered.head.files_left:
            said.append(tr("还有 {0} 个照片或文件没有传完,不在包里,仍存本机。").format(gathered.head.files_left))
        said.append(tr("接手的人在本单位另一台工作机的“同步”页导入。"))
        self.dialog.show_done("\n\n".join(said))

    def _not_written(self, target: str, error: Exception) -> None:
        if isinstance(error, OSError):
            self.dialog.cannot_write(target)
        else:
            self.dialog.refuse(words_of(error))


class TakeHandover(QObject):
    """导入交接包 into the file in sight."""

    def __init__(self, file: OpenFile, over: QWidget) -> None:
        super().__init__(over)
        self._file = file
        self._asking = Asking()
        self.dialog = TakeHandoverDialog(over)
        self.dialog.asked.connect(self._begin)
        self.dialog.finished.connect(self._asking.give_up)

    def open(self) -> TakeHandoverDialog:
        """Show it."""
        self.dialog.open()
        return self.dialog

    def _begin(self, source: str, passphrase: str) -> None:
        def read() -> Opened:
            with Path(source).open("rb") as file:
                return handover.opened(file.read(MOST_BYTES + 1), passphrase)

        self._asking.ask(read, self._keep, partial(self._not_read, source))

    def _keep(self, found: Opened) -> None:
        def keep(work: Work) -> Kept:
            kept = handover.keep(work, found)
            work.commit()
            return kept

        self._file.jobs.run(keep, self._kept, partial(_refuse, self.dialog))

    def _kept(self, kept: Kept) -> None:
        self._file.sync.acted()
        if not isValid(self.dialog):
            return
        said = [tr("已接手 {0} 机的 {1} 项操作,由本机代为上报。").format(kept.slot, kept.new)]
        if kept.before:
            said.append(tr("另有 {0} 项以前已接手,不重复。").format(kept.before))
        if kept.files_left:
            said.append(tr("有 {0} 个照片或文件留在那台机器上,区中心写“待补”。").format(kept.files_left))
        said.append(tr("没有生效的,在“未生效”页写明。"))
        self.dialog.show_done("\n\n".join(said))

    def _not_read(self, source: str, error: Exception) -> None:
        if isinstance(error, OSError):
            self.dialog.cannot_read(source)
        else:
            self.dialog.refuse(words_of(error))


def _is_shown(dialog: HandoverDialog) -> bool:
    return isValid(dialog) and dialog.isVisible()


def _refuse(dialog: HandoverDialog, error: Any) -> None:
    if isValid(dialog):  # another window may stand here by now
        dialog.refuse(words_of(error))
