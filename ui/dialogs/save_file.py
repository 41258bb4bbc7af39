"""Asking where a file of ours is to be kept."""

from __future__ import annotations

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget


def save_file(parent: QWidget, title: str, name: str, suffix: str, kinds: str) -> QFileDialog:
    """A window that asks, beginning in the person's documents; `fileSelected` tells. Not open yet."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    chooser = QFileDialog(parent, title, folder, kinds)
    chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    chooser.setDefaultSuffix(suffix)
    chooser.selectFile(f"{name}.{suffix}".replace("/", "-"))
    return chooser
