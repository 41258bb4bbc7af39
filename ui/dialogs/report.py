"""A new report: what, where, from whom. The requester's name and phone go into a record of their own (D2)."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
)

from models.commands import Report
from models.organisation import DISTRICT_CODE
from models.rules import Rules
from ui import theme
from ui.dialogs.fitted import FittedDialog
from ui.form import seek_prompt
from ui.forms import Choice, Field
from ui.language import tr
from ui.widgets.choice_box import choice_box, settle
from ui.widgets.form_view import value_of
from ui.widgets.on_key import on_key
from ui.widgets.plain import told_line
from ui.widgets.typed import lines, one_line


class ReportDialog(FittedDialog):
    """Emits `entered(Report, requester)`. Stays open, with everything typed, when it is refused. `kept`: each of what the store
    may keep of it as not sent; another that the person has not finished is none of its business."""

    entered = Signal(object, object)

    def __init__(self, rules: Rules, unit: str) -> None:
        super().__init__()
        self.setWindowTitle(tr("新上报"))
        self._rules = rules
        self.kept: tuple[dict[str, Any], ...] = ()
        self._town = rules.town_of(unit)
        level = "district" if unit == DISTRICT_CODE else "sub_centre"
        channels = tuple(Choice(c.code, c.name) for c in rules.reference.channels if c.level == level)
        matters = [c for c in rules.reference.categories if "/matter/" in c.key]
        categories = tuple(Choice(c.key, f"{c.name}({c.main_class})", c.key.rsplit("/", 1)[-1]) for c in matters)
        towns = [self._town] if self._town else list(rules.reference_towns())
        stations = tuple(Choice(s.code, s.name) for t in towns for s in rules.stations(t))
        self.title = QLineEdit()
        self.place = QLineEdit()
        self.words = QPlainTextEdit()
        self.words.setTabChangesFocus(True)
        self.words.setFixedHeight(theme.scaled(70))
        self.channel = choice_box(Field("channel", "", "choice", channels))
        prompt = seek_prompt()
        self.category = choice_box(Field("category", "", "choice", categories, prompt=prompt))
        self.station = choice_box(Field("station", "", "choice", stations, prompt=prompt))
        self.emergency = QCheckBox(tr("突发、应急"))
        self.name = QLineEdit()
        self.phone = QLineEdit()
        self.restored, self.problem = told_line("quiet"), told_line("warning")
        self.restored.hide()
        rows = QFormLayout()
        for label, field in (
            (tr("事项"), self.title),
            (tr("地点"), self.place),
            (tr("类别"), self.category),
            (tr("工作站"), self.station),
            (tr("来源"), self.channel),
            (tr("情况"), self.words),
            ("", self.emergency),
            (tr("诉求人(单独保存)"), self.name),
            (tr("电话(单独保存)"), self.phone),
        ):
            field.setAccessibleName(label)
            rows.addRow(label, field)
        self.go = QPushButton(tr("上报 Ctrl+Enter"))
        self.go.setDefault(True)
        self.go.clicked.connect(self.submit)
        on_key("Ctrl+Return", self, self.submit)
        layout = QVBoxLayout(self)
        layout.addLayout(rows)
        layout.addWidget(self.restored)
        layout.addWidget(self.problem)
        layout.addWidget(self.go)
        self.be_at_least(520)
        self.title.setFocus()

    def submit(self) -> None:
        """Hand the report over, when what it is and whose place it is have been chosen: neither is guessed. Once, until it is
        said why not: two would be two cases."""
        if not self.go.isEnabled():
            return
        for box, told in ((self.category, tr("请选择类别")), (self.station, tr("请选择工作站"))):
            settle(box)
            if not value_of(box):
                self.refuse(told)
                box.setFocus()
                return
        station = str(value_of(self.station) or "")
        town = self._town or self._rules.town_of(station)
        report = Report(
            number="",
            channel=str(value_of(self.channel) or ""),
            category=str(value_of(self.category) or ""),
            title=one_line(self.title.text()),
            place=one_line(self.place.text()),
            town=town,
            station=station,
            words=lines(self.words.toPlainText()),
            emergency=self.emergency.isChecked(),
        )
        self.go.setEnabled(False)
        self.entered.emit(report, {"name": one_line(self.name.text()), "phone": one_line(self.phone.text())})

    @property
    def is_handed_over(self) -> bool:
        """True once what it says is being saved, or was."""
        return not self.go.isEnabled()

    def draft(self) -> dict[str, Any]:
        """What is typed now; choices only when something is typed besides."""
        typed: dict[str, Any] = {
            name: one_line(field.text()) for name, field in self._lines().items() if one_line(field.text())
        }
        if lines(self.words.toPlainText()):
            typed["words"] = lines(self.words.toPlainText())
        if typed:
            typed |= {name: value_of(box) for name, box in self._boxes().items()}
            typed["emergency"] = self.emergency.isChecked()
        return typed

    def restore(self, draft: dict[str, Any]) -> None:
        """Put an unfinished report back, unless somebody typed already."""
        if not draft or self.draft():
            return
        self.kept = (draft,)
        for name, field in self._lines().items():
            field.setText(str(draft.get(name, "")))
        self.words.setPlainText(str(draft.get("words", "")))
        self.emergency.setChecked(bool(draft.get("emergency")))
        for name, box in self._boxes().items():
            place = box.findData(draft.get(name))
            if place >= 0:
                box.setCurrentIndex(place)
        self.restored.setText(tr("已恢复上次没有上报的内容。"))
        self.restored.show()

    def _lines(self) -> dict[str, QLineEdit]:
        return {"title": self.title, "place": self.place, "name": self.name, "phone": self.phone}

    def _boxes(self) -> dict[str, QComboBox]:
        return {"channel": self.channel, "category": self.category, "station": self.station}

    def refuse(self, text: str) -> None:
        """Why it was not taken; everything typed stays."""
        self.go.setEnabled(True)
        self.problem.setText(text)
