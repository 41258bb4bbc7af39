"""交接包: writing this workstation's unsent acts into a file, or taking in another's (sync.md §3.10). It says what is in the file and
what is not, and what becomes of the acts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from models.handover_file import MOST_FILE_BYTES, SUFFIX
from ui.dialogs.save_file import save_file
from ui.dialogs.secret_dialog import SecretDialog
from ui.language import tr


class HandoverDialog(SecretDialog):
    """`asked(file, passphrase)`."""

    asked = Signal(str, str)

    def __init__(self, title: str, about: str, go: str, parent: QWidget, *, is_new: bool) -> None:
        fields = [tr("交接口令"), tr("再输一次")] if is_new else [tr("交接口令")]
        super().__init__(title, about, fields, go, parent)
        self.chooser: QFileDialog | None = None
        self.passphrase, self.again = self.fields[0], self.fields[-1]

    def _begin(self) -> None:
        if not self.differ(self.passphrase, self.again):
            self.choose_file()

    def choose_file(self) -> None:
        """Ask which file."""
        raise NotImplementedError

    def _chosen(self, chooser: QFileDialog) -> None:
        chooser.fileSelected.connect(self._ask)
        self.chooser = chooser
        chooser.open()

    def _ask(self, file: str) -> None:
        self.wait_for(tr("正在加密和核对…"))
        self.asked.emit(file, self.passphrase.text())


class WriteHandoverDialog(HandoverDialog):
    """导出交接包: of `unsent` acts and `files`, but not of `unplaced` acts."""

    def __init__(self, unsent: int, files: int, unplaced: int, slot: str, parent: QWidget) -> None:
        self._slot = slot
        about = tr(
            "把本机还没有上报的 {0} 项操作、没传完的 {1} 个照片或文件写成一个文件,交给本单位另一台工作机代为上报。本机坏了、"
            "长时间断网时用。照片和文件合计 {2} MB 以内,先添加的先带。操作仍留在本机,照常办理;哪一台先报到都只算一次。"
        ).format(unsent, files, MOST_FILE_BYTES >> 20)
        kept = tr("文件用交接口令加密(至少 10 位),其中有诉求人信息。口令请当面或电话告知接手的人,不要与文件放在一起。")
        said = [about, unplaced_words(unplaced), kept] if unplaced else [about, kept]
        super().__init__(tr("导出交接包"), "\n\n".join(said), tr("选择保存位置 Enter"), parent, is_new=True)

    def choose_file(self) -> None:
        """Where to keep it."""
        name = tr("交接包 {0} 机").format(self._slot)
        self._chosen(save_file(self, tr("导出交接包"), name, SUFFIX, f"(*.{SUFFIX})"))

    def cannot_write(self, file: str) -> None:
        """The file cannot be written there."""
        self.refuse(tr("未能写入 {0}。请换一个文件夹。").format(file))


class TakeHandoverDialog(HandoverDialog):
    """导入交接包."""

    def __init__(self, parent: QWidget) -> None:
        about = tr(
            "接手本单位另一台工作机没有上报的操作:先以“交接·待确认”显示在本机,连上区中心后由本机代为上报。"
            "仍算原操作人、原机器的操作;原机器后来自己报到的,不会重复。"
        )
        super().__init__(tr("导入交接包"), about, tr("选择文件 Enter"), parent, is_new=False)

    def choose_file(self) -> None:
        """Which one."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        chooser = QFileDialog(self, tr("导入交接包"), folder, f"(*.{SUFFIX})")
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._chosen(chooser)

    def cannot_read(self, file: str) -> None:
        """The file cannot be read."""
        self.refuse(tr("读不到 {0}。").format(file))


def carried_words(slots: Sequence[str], count: int) -> str:
    """Whose acts, carried here, are not in the file, and what it takes."""
    return tr("代 {0} 号机上报的 {1} 项操作还没有上报,不在这个包里:请用那台机器原来的交接包,在别的工作机导入。").format(
        ", ".join(slots), count
    )


def unplaced_words(count: int) -> str:
    """Which acts are not in the file, why, and what it takes."""
    return tr(
        "另有 {0} 项操作是本机重新登记以前办的,这次放不进包:其中哪些区中心已收到,要连上区中心一次才知道。这些操作仍存本机,"
        "连上后自动上报;在那以前请保管好这台机器。"
    ).format(count)
