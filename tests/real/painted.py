"""Words on a picture: painted once more by Qt in the program's own font, then looked for pixel by pixel."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QApplication

from ui import theme

ALIKE = 0.97
"""Correlation from which words count as painted: the same words give 0.99 and more, the nearest others below 0.9."""


def painted(text: str) -> np.ndarray:
    """The words as the program paints them, cut to their ink."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication([])
    assert application is not None
    font = QFont()
    font.setFamilies(theme.FAMILIES)
    font.setPointSizeF(theme.POINT_SIZE)
    metrics = QFontMetrics(font)
    image = QImage(metrics.horizontalAdvance(text) + 4, metrics.height() + 4, QImage.Format.Format_Grayscale8)
    image.fill(QColor(theme.LIGHT.base))
    painter = QPainter(image)
    painter.setFont(font)
    painter.setPen(QColor(theme.LIGHT.text))
    painter.drawText(2, 2 + metrics.ascent(), text)
    painter.end()
    raw = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    found = raw[:, : image.width()].astype(float)
    rows, columns = np.nonzero(found < found.max() - 8)
    return found[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def likeness(picture: np.ndarray, words: np.ndarray) -> float:
    """The best normalised correlation of the words with any place of the picture, dark on light or light on dark."""
    height, width = words.shape
    rise = words - words.mean()
    shape = (picture.shape[0] + height - 1, picture.shape[1] + width - 1)
    product = np.fft.rfft2(picture, shape) * np.fft.rfft2(rise[::-1, ::-1], shape)
    covered = np.fft.irfft2(product, shape)[height - 1 : picture.shape[0], width - 1 : picture.shape[1]]
    spread = _sums(picture**2, height, width) - _sums(picture, height, width) ** 2 / words.size
    plain = spread < words.size  # an even patch of the screen is like nothing
    return float(np.where(plain, 0, np.abs(covered) / np.sqrt(np.maximum(spread, 1) * (rise**2).sum())).max())


def _sums(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """The sum over each height × width patch."""
    c = np.pad(values, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    return c[height:, width:] - c[:-height, width:] - c[height:, :-width] + c[:-height, :-width]


def stands(picture: np.ndarray, text: str) -> bool:
    """True when the words are on the picture."""
    return likeness(picture, painted(text)) >= ALIKE


def wait_for(look: Callable[[], np.ndarray], text: str, seconds: float) -> None:
    """Return in the moment the words are on the screen."""
    words = painted(text)
    best, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        best = likeness(look(), words)
        if best >= ALIKE:
            return
        time.sleep(0.02)
    raise AssertionError(f"{text!r} was not painted within {seconds} s (likeness {best:.2f})")
