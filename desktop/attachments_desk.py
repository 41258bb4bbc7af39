"""The photographs and files of the case in sight: added, looked at, fetched and saved, with the work beside the screen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog
from shiboken6 import isValid

from desktop.asking import Asking
from desktop.copying import Copying
from desktop.metered import THE_LINE
from desktop.open_file import OpenFile
from desktop.pictures import MOST_MEGABYTES, Pictures
from desktop.worded import words_of
from models.attachment import Attachment, AttachmentKind
from models.blob_folder import BlobFolder
from models.errors import Refused, Weather
from models.files import write_pieces
from models.media import ending_of, is_picture, stripped
from models.views import AttachmentView
from services import attachments
from services.attachments import Prepared
from services.desk import Desk
from services.work import Work
from ui.dialogs.add_files import AddFilesDialog
from ui.dialogs.preview import PreviewDialog
from ui.language import tr
from ui.main_window import MainWindow
from ui.ports import Jobs, Seat
from ui.widgets.attachment_strip import SMALL

Source = Path | bytes
"""A file, or a picture that was never one."""


class AttachmentsDesk(QObject):
    """One for each window. Copying, fetching and decoding never hold up the screen."""

    def __init__(
        self,
        file: OpenFile,
        jobs: Jobs,
        seat: Seat,
        window: MainWindow,
        pictures: Pictures,
        copying: Copying,
    ) -> None:
        super().__init__(window)
        self._copying = copying
        copying.watch(window)
        self._file, self._jobs, self._seat, self._window, self._pictures = file, jobs, seat, window, pictures
        self._folder = file.station.blobs
        self._fetching, self._saving = Asking(), Asking()
        self.preview: PreviewDialog | None = None
        self.adding: AddFilesDialog | None = None
        panel = window.panel
        panel.attach_asked.connect(self.choose)
        panel.files_given.connect(self.add)
        window.sync.anyway_asked.connect(THE_LINE.send_anyway)
        panel.sheet.strip.opened.connect(self.open)
        panel.sheet.strip.pictures_wanted.connect(self._small)

    # Adding

    def choose(self) -> None:
        """Which files, of the case that is in sight now: another may be by the time they are found."""
        case_id = self._window.panel.case_id
        dialog = QFileDialog(self._window, tr("选择照片或文件"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.finished.connect(dialog.deleteLater)
        dialog.filesSelected.connect(lambda names: self._ask_kind(case_id, [Path(name) for name in names]))
        dialog.open()

    def add(self, sources: Sequence[Source]) -> None:
        """Those that were dropped or pasted, to the case in sight."""
        self._ask_kind(self._window.panel.case_id, sources)

    def _ask_kind(self, case_id: str, sources: Sequence[Source]) -> None:
        """What they show; then they are copied, and each becomes an act."""
        if not sources or not case_id:
            return
        names = [source.name if isinstance(source, Path) else tr("剪贴板中的图片") for source in sources]
        self.adding = AddFilesDialog(names, self._window)
        self.adding.finished.connect(self.adding.deleteLater)
        self.adding.chosen.connect(lambda kind, caption: self._copy(case_id, list(sources), kind, caption))
        self.adding.open()

    def _copy(self, case_id: str, sources: list[Source], kind: AttachmentKind, caption: str) -> None:
        self._window.panel.say(tr("正在读取 {0} 个文件…").format(len(sources)))
        self._copying.begins(len(sources))
        at_most, folder, desk = attachments.at_most_bytes(self._file.rules), self._folder, self._seat.desk
        asking = Asking()  # of its own: what is being copied is not given up for what is added next
        asking.ask(
            lambda: [_prepared(folder, source, at_most) for source in sources],
            lambda found: self._act(case_id, desk, found, kind, caption),
            lambda error: self._added(case_id, len(sources), 0, [words_of(error)]),
        )

    def _act(self, case_id: str, desk: Desk, found: list[Prepared | str], kind: AttachmentKind, caption: str) -> None:
        """By whoever added them, also when another sits here or another window stands here by now."""
        problems = [one for one in found if isinstance(one, str)]
        ready = [one for one in found if isinstance(one, Prepared)]
        left = list(ready)

        def one_done(problem: str = "") -> None:
            if problem:
                problems.append(problem)
            left.pop()
            if not left:
                self._added(case_id, len(found), len(found) - len(problems), problems)

        folder = self._folder
        for prepared in ready:
            job = partial(
                _attach, folder=folder, desk=desk, case_id=case_id, found=prepared, kind=kind, caption=caption
            )
            self._file.jobs.run(job, lambda _acted: one_done(), lambda error: one_done(words_of(error)))
        if not ready:
            self._added(case_id, len(found), 0, problems)

    def _added(self, case_id: str, files: int, count: int, problems: list[str]) -> None:
        self._tell_added(case_id, count, problems)
        self._copying.ends(files, well=not problems)

    def _tell_added(self, case_id: str, count: int, problems: list[str]) -> None:
        told = [tr("已添加附件 {0} 个,已存本机·待上报。").format(count)] if count else []
        told += [tr("{0} 个没有添加:{1}").format(len(problems), problems[0])] if problems else []
        if count:
            self._file.sync.acted()
        is_here = isValid(self._window) and self._window.isVisible()  # another window may stand here by now
        panel = self._window.panel if is_here else None
        if panel is not None and panel.case_id == case_id:
            panel.say("　".join(told))
        elif problems:
            self._copying.tell(told[-1])
        if panel is None:
            return
        panel.changed(frozenset({case_id}))
        if count:
            panel.acted.emit(case_id)

    # Looking

    def _small(self, wanted: Sequence[str]) -> None:
        ratio = self._window.devicePixelRatioF()
        for sha256 in wanted:
            self._pictures.ask(
                partial(_picture, self._folder, sha256), SMALL * ratio, partial(self._made_small, sha256)
            )

    def _made_small(self, sha256: str, image: QImage | None) -> None:
        if image is not None and isValid(self._window):  # the window may have given its place to another meanwhile
            self._window.panel.sheet.strip.show_picture(sha256, image)

    def open(self, attachment_id: str) -> None:
        """One of them, as large as the window."""
        p = self._window.panel.panel
        if p is None or attachment_id not in [v.attachment.id for v in p.attachments]:
            return
        self.preview = dialog = PreviewDialog(p, attachment_id, self._file.present.now().shown_at, self._window)
        dialog.wanted.connect(lambda view: self._bring(dialog, p.case.id, view))
        dialog.save_asked.connect(lambda view: self._save(dialog, view))
        dialog.finished.connect(self._fetching.give_up)
        dialog.finished.connect(self._saving.give_up)
        dialog.finished.connect(dialog.deleteLater)
        dialog.resize(self._window.size() * 0.92)
        dialog.open()
        dialog.begin()

    def _bring(self, dialog: PreviewDialog, case_id: str, view: AttachmentView) -> None:
        found, folder, station = view.attachment, self._folder, self._file.station

        def bring() -> bool:
            if folder.is_sound(found.sha256):
                return False
            station.ask(lambda line: attachments.fetch(line, folder, case_id, found))
            return True

        def here(was_fetched: bool) -> None:
            if was_fetched:
                self._jobs.run(lambda work: attachments.fetched(work, folder, case_id, found), lambda _none: None)
            else:
                self._jobs.run(lambda work: attachments.looked_at(work, found.sha256), lambda _none: None)
            self._show(dialog, view)

        def failed(error: Exception) -> None:
            if folder.has(found.sha256):
                error = Refused("attachment_spoilt")
            away = isinstance(error, Weather)
            dialog.refuse(view, tr("现在取不到:连不上区中心。恢复连接后再打开。") if away else words_of(error))

        self._fetching.ask(bring, here, failed)

    def _show(self, dialog: PreviewDialog, view: AttachmentView) -> None:
        def shown(image: QImage | None) -> None:
            if self.preview is dialog and isValid(dialog):
                dialog.show_image(view, image)

        if not is_picture(view.attachment.media_type):
            shown(None)
            return
        screen = QGuiApplication.primaryScreen()
        room = screen.size() * screen.devicePixelRatio() if screen is not None else QSize(1366, 768)
        self._pictures.ask(partial(_picture, self._folder, view.attachment.sha256), room, shown)

    # Saving a copy

    def _save(self, dialog: PreviewDialog, view: AttachmentView) -> None:
        found = view.attachment
        chooser = QFileDialog(dialog, tr("另存为"))
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.selectFile(f"{found.sha256[:12]}{ending_of(found.media_type)}")
        chooser.fileSelected.connect(lambda name: self.save_to(dialog, found, Path(name)))
        chooser.open()

    def save_to(self, dialog: PreviewDialog, found: Attachment, target: Path) -> None:
        """Write a copy without what a camera wrote beside the picture; say so, or that it cannot be promised."""
        folder = self._folder

        def done(without_words: bool) -> None:
            if without_words:
                dialog.say(tr("已另存。已去除照片里的拍摄时刻、位置等信息。"))
            else:
                dialog.say(tr("已另存。此类文件里的信息无法去除,与原件相同,外传前请自行核对。"), warn=True)

        failed = lambda error: dialog.say(words_of(error), warn=True)  # noqa: E731
        self._saving.ask(lambda: _written(folder, found, target), done, failed)


def _prepared(folder: BlobFolder, source: Source, at_most: int) -> Prepared | str:
    """The file in the folder, or why it is not, in words: the others go on."""
    try:
        if isinstance(source, Path):
            return attachments.prepare(folder, source, at_most)
        return attachments.prepare_bytes(folder, source, at_most)
    except Refused as error:
        return words_of(error)


def _attach(
    work: Work, *, folder: BlobFolder, desk: Desk, case_id: str, found: Prepared, kind: AttachmentKind, caption: str
) -> None:
    attachments.add(work, folder, desk, case_id, found, kind, caption)
    work.commit()


def _picture(folder: BlobFolder, sha256: str) -> bytes:
    """Nothing larger than what may be decoded is read."""
    return folder.read(sha256, 0, MOST_MEGABYTES << 20)


def _written(folder: BlobFolder, found: Attachment, target: Path) -> bool:
    """A picture is read as a whole to be stripped; whatever else, a piece at a time."""
    clean = (
        stripped(folder.read(found.sha256, 0, found.size), found.media_type) if is_picture(found.media_type) else None
    )
    write_pieces(target, folder.pieces(found.sha256) if clean is None else (clean,))
    return clean is not None
