"""设置: language, colours, text size, sound; each takes effect at once and is remembered for the person."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QPushButton, QVBoxLayout

from services.settings import SIZES_PERCENT, THEMES, Settings
from ui import words
from ui.dialogs.fitted import FittedDialog
from ui.language import LANGUAGES, tr


class SettingsDialog(FittedDialog):
    """`changed` carries the new settings after each choice."""

    changed = Signal(object)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("设置"))
        self.language = self._box(tr("语言"), list(LANGUAGES.items()))
        self.theme = self._box(tr("明暗"), [(code, words.THEMES[code]) for code in THEMES])
        self.size_percent = self._box(tr("字号"), [(str(n), f"{n} %") for n in SIZES_PERCENT])
        self.sound = QCheckBox(tr("预警时响铃"))
        self.show_settings(settings)
        rows = QFormLayout()
        rows.addRow(tr("语言"), self.language)
        rows.addRow(tr("明暗"), self.theme)
        rows.addRow(tr("字号"), self.size_percent)
        rows.addRow("", self.sound)
        told = QLabel(tr("按人保存,立即生效;未办完的表单会保留。"))
        told.setObjectName("quiet")
        told.setWordWrap(True)
        done = QPushButton(tr("完成 Esc"))
        done.setDefault(True)
        done.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.addLayout(rows)
        layout.addWidget(told)
        layout.addWidget(done)
        self.be_at_least(340)
        for box in (self.language, self.theme, self.size_percent):
            box.activated.connect(self._tell)
        self.sound.toggled.connect(self._tell)

    def _box(self, name: str, choices: list[tuple[str, str]]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        for code, label in choices:
            box.addItem(label, code)
        return box

    def show_settings(self, settings: Settings) -> None:
        """What this person likes. Known only while the dialog is open already, it is what his next choice begins from, and not what
        another liked."""
        self.settings = settings
        for box, code in (
            (self.language, settings.language),
            (self.theme, settings.theme),
            (self.size_percent, str(settings.size_percent)),
        ):
            box.setCurrentIndex(max(0, box.findData(code)))
        self.sound.setChecked(settings.sound)

    def _tell(self) -> None:
        chosen = replace(
            self.settings,
            language=str(self.language.currentData()),
            theme=str(self.theme.currentData()),
            size_percent=int(self.size_percent.currentData()),
            sound=self.sound.isChecked(),
        )
        if chosen != self.settings:
            self.settings = chosen
            self.changed.emit(chosen)
