"""派单 before it is printed: the sheet as it will look, 另存为 PDF always, 打印 where there is a printer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPdfWriter, QPixmap
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from models.papers import DispatchSlip
from ui.dialogs.save_file import save_file
from ui.language import tr
from ui.papers.slip import preview, print_slips, watermark
from ui.widgets.on_key import on_key
from ui.widgets.plain import told_line

PDF_DPI = 300


def save_pdf(slips: tuple[DispatchSlip, ...], file: str) -> bool:
    """Write the sheets to a PDF file; False when it cannot be written."""
    writer = QPdfWriter(file)
    writer.setResolution(PDF_DPI)
    writer.setTitle(tr("派单 {0}").format(slips[0].number))
    writer.setCreator(watermark(slips[0]))
    return print_slips(slips, writer) and Path(file).is_file()


class SlipDialog(QDialog):
    """Shows the sheets of one case, one page for each unit."""

    def __init__(self, slips: tuple[DispatchSlip, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slips = slips
        self.chooser: QFileDialog | None = None
        self.setWindowTitle(tr("派单 {0}").format(slips[0].number))
        self.said = told_line("")
        self.said.setText(self._about())
        self.save = QPushButton(tr("另存为 PDF Enter"))
        self.save.setDefault(True)
        self.save.clicked.connect(self.choose_file)
        self.print = QPushButton(tr("打印 Ctrl+P"))
        self.print.setAutoDefault(False)
        self.print.clicked.connect(self.choose_printer)
        if not self._has_printer():
            self.print.hide()  # `setVisible(True)` before it is laid out would make it a window
        close = QPushButton(tr("关闭 Esc"))
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        for button in (self.save, self.print, close):
            button.setObjectName("act")
            buttons.addWidget(button)
        self.save.setProperty("first", True)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addWidget(self._sheets(), 1)
        layout.addWidget(self.said)
        layout.addLayout(buttons)
        on_key("Ctrl+P", self, self._by_key)
        self.resize(800, 700)
        self.save.setFocus()

    def _about(self) -> str:
        units = tr("、").join(slip.unit_name for slip in self.slips)
        told = tr("共 {0} 张:{1}。").format(len(self.slips), units)
        printer = "" if self._has_printer() else tr("本机没有打印机,可另存为 PDF。")
        return " ".join(filter(None, (told, printer)))

    def _has_printer(self) -> bool:
        return bool(QPrinterInfo.availablePrinterNames())

    def _sheets(self) -> QScrollArea:
        column = QVBoxLayout()
        ratio = self.devicePixelRatioF()
        for slip in self.slips:
            sheet = QPixmap.fromImage(preview(slip, ratio * 0.9))
            sheet.setDevicePixelRatio(ratio)
            shown = QLabel()
            shown.setPixmap(sheet)
            shown.setAccessibleName(tr("派单 {0}").format(slip.unit_name))
            column.addWidget(shown, 0, Qt.AlignmentFlag.AlignHCenter)
        inside = QWidget()
        inside.setLayout(column)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setAccessibleName(tr("派单预览"))
        return area

    def _by_key(self) -> None:
        if self._has_printer():
            self.choose_printer()
        else:
            self.choose_file()

    def choose_file(self) -> None:
        """Ask where to keep the PDF."""
        name = tr("派单 {0}").format(self.slips[0].number)
        chooser = save_file(self, tr("另存为 PDF"), name, "pdf", "PDF (*.pdf)")
        chooser.fileSelected.connect(self.save_to)
        self.chooser = chooser
        chooser.open()

    def save_to(self, file: str) -> None:
        """Write the PDF and say so, or say that it could not be written."""
        done = save_pdf(self.slips, file)
        self.said.setText((tr("已存为 {0}") if done else tr("未能写入 {0}。请换一个文件夹。")).format(file))

    def choose_printer(self) -> None:
        """Ask which printer."""
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        chooser = QPrintDialog(printer, self)
        chooser.accepted.connect(lambda: self._printed(printer))
        QDialog.open(chooser)

    def _printed(self, printer: QPrinter) -> None:
        done = print_slips(self.slips, printer)
        self.said.setText(tr("已送打印机。") if done else tr("打印机没有接受。请检查打印机,或另存为 PDF。"))
