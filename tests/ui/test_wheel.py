"""Whoever scrolls with the mouse over a form changes nothing in it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from ui.forms import Choice, Field, Form
from ui.widgets.form_view import FormView


def wheel(over: QWidget) -> None:
    where, down = QPointF(5, 5), QPoint(0, -120)
    turn = QWheelEvent(
        where, QPointF(over.mapToGlobal(QPoint(5, 5))), down, down, Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(over, turn)


def test_neither_the_unit_nor_the_limit(application: QApplication) -> None:
    units = tuple(Choice(str(n), f"Unit {n}") for n in range(9))
    fields = (
        Field("to", "主办单位", "choice", units),
        Field("kind", "时限单位", "choice", units[:3]),
        Field("amount", "处置时限", "number", value=3),
    )
    view = FormView(Form("case.rule", fields, None, title="明确主协办"))
    view.show()
    before = view.values()
    for made in view._inputs.values():
        made.setFocus()
        wheel(made)
    assert view.values() == before
    view.close()
    view.deleteLater()
