"""The guard of the windows tests hears what it must."""

from __future__ import annotations

import logging

from PySide6.QtCore import QAbstractTableModel, QModelIndex, qWarning
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QWidget

from tests.ui.guard import Guard


def test_a_warning_of_qt_is_heard(application: QApplication, guard: Guard) -> None:
    qWarning("something is wrong")
    assert guard.unexpected() == ["Qt default: something is wrong"]
    guard.expect("something is wrong")
    assert guard.unexpected() == []


def test_a_warning_in_the_log_is_heard_and_information_is_not(guard: Guard) -> None:
    logging.getLogger("jobs").info("all is well")
    logging.getLogger("jobs").warning("a job failed")
    assert guard.unexpected() == ["jobs: a job failed"]
    guard.expect("^jobs: a job failed$")


def test_what_was_expected_must_come(guard: Guard) -> None:
    guard.expect("never said")
    assert guard.missing() == ["never said"]
    logging.getLogger("jobs").error("never said until now")


def test_what_a_platform_cannot_do_is_harmless(application: QApplication, guard: Guard) -> None:
    window = QWidget()
    window.show()
    window.activateWindow()
    window.close()
    assert guard.unexpected() == []


class Careless(QAbstractTableModel):
    """Gets rows without announcing them."""

    rows = 1

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self.rows

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 1

    def data(self, index: QModelIndex, role: int = 0) -> str | None:
        return "x" if role == 0 else None


def test_a_careless_model_is_heard(application: QApplication, guard: Guard) -> None:
    model = Careless()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.beginInsertRows(QModelIndex(), 1, 1)
    model.endInsertRows()
    assert tester.model() is model
    assert any("qt.modeltest" in line for line in guard.heard)
    guard.expect("qt.modeltest")
