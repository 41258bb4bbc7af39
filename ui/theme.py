"""Colours, fonts and the palette (desktop.md §1.2): grey by default, colour only for what needs a person, never alone."""

from __future__ import annotations

import msgspec
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

FAMILIES = ["Microsoft YaHei UI", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "sans-serif"]
POINT_SIZE = 10.0
OUTLINE_LIGHTER = 127
"""Fusion outlines a box to tick in a darker shade (1.1/1.4) of its window: of this, the quiet text's. The window's own would be
black on black at night."""


class Tokens(msgspec.Struct, frozen=True):
    """One theme. `*_text` colours are readable (4.5:1) on `base`; `*_fill` carry `on_fill` text.
    `series` are lines of a chart and their key, readable on `base`."""

    base: str
    window: str
    raised: str
    line: str
    text: str
    quiet: str
    accent: str
    on_accent: str
    selected: str
    header: str
    on_header: str
    red_text: str
    yellow_text: str
    green_text: str
    red_fill: str
    yellow_fill: str
    on_yellow: str
    on_red: str
    series: tuple[str, str, str]


LIGHT = Tokens(
    base="#FFFFFF", window="#EEF1F3", raised="#F8FAFB", line="#D5DCE0", text="#1B2A30", quiet="#5A6B73",
    accent="#00539B", on_accent="#FFFFFF", selected="#DCEBF5", header="#263238", on_header="#F2F6F8",
    red_text="#B00020", yellow_text="#7A5200", green_text="#3E6257", red_fill="#B00020", yellow_fill="#F2B01E",
    on_yellow="#1B1300", on_red="#FFFFFF", series=("#0072B2", "#9C3D74", "#6B5B00"),
)  # fmt: skip
DARK = Tokens(
    base="#1E2529", window="#161C1F", raised="#252D32", line="#3A464C", text="#E6ECEF", quiet="#A3B1B8",
    accent="#4FA3E0", on_accent="#06131C", selected="#24384A", header="#0F1417", on_header="#E6ECEF",
    red_text="#FF7A6E", yellow_text="#FFB300", green_text="#8FB8A8", red_fill="#FF7A6E", yellow_fill="#FFB300",
    on_yellow="#1B1300", on_red="#2A0500", series=("#56B4E9", "#E79AC6", "#E3C14B"),
)  # fmt: skip

THEMES = {"light": LIGHT, "dark": DARK}

_worn = (LIGHT, 0.0)
"""The theme and the text size in force; a size of 0 before any was put on."""


def tokens() -> Tokens:
    """The theme in force."""
    return _worn[0]


def scaled(pixels: int) -> int:
    """What is so wide at the normal text size, at the one in force."""
    return round(pixels * (_worn[1] or 1.0))


def apply(application: QApplication, chosen: Tokens, scale: float = 1.0) -> None:
    """Put a theme and a text size into force for the whole program; what it wears already is left alone, since every
    window there is would be laid out anew."""
    global _worn
    if _worn == (chosen, scale):
        return
    _worn = (chosen, scale)
    application.setStyle("Fusion")
    font = QFont()
    font.setFamilies(FAMILIES)
    font.setPointSizeF(POINT_SIZE * scale)
    application.setFont(font)
    application.setPalette(_palette(chosen))
    boxes = _palette(chosen)
    boxes.setColor(QPalette.ColorRole.Window, QColor(chosen.quiet).lighter(OUTLINE_LIGHTER))
    application.setPalette(boxes, "QListWidget")  # type: ignore[arg-type]  # the stub says bytes, which it refuses
    boxes.setColor(QPalette.ColorRole.Highlight, QColor(chosen.accent))  # of the outline while it has the focus
    application.setPalette(boxes, "QCheckBox")  # type: ignore[arg-type]  # the stub says bytes, which it refuses
    application.setStyleSheet(_STYLE.format_map(msgspec.structs.asdict(chosen)))


def _palette(t: Tokens) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, t.window), (role.WindowText, t.text), (role.Base, t.base), (role.AlternateBase, t.raised),
        (role.Text, t.text), (role.Button, t.raised), (role.ButtonText, t.text), (role.Highlight, t.selected),
        (role.HighlightedText, t.text), (role.PlaceholderText, t.quiet), (role.ToolTipBase, t.raised),
        (role.ToolTipText, t.text), (role.Link, t.accent), (role.Light, t.line), (role.Midlight, t.line),
        (role.Mid, t.line), (role.Dark, t.line), (role.Shadow, t.line),
    ):  # fmt: skip
        palette.setColor(which, QColor(colour))
    return palette


_STYLE = """
QPushButton {{ border: 1px solid {line}; border-radius: 4px; padding: 6px 10px; background: {base}; }}
QPushButton:default {{ background: {accent}; color: {on_accent}; }}
QPushButton:focus {{ border: 2px solid {accent}; padding: 5px 9px; outline: none; }}
QPushButton:default:focus {{ border: 2px dashed {on_accent}; }}
QPushButton:disabled {{ background: {raised}; color: {quiet}; }}
QCheckBox {{ border: 2px solid transparent; border-radius: 3px; padding: 1px; }}
QCheckBox:focus {{ border-color: {accent}; }}
QToolTip {{ border: 1px solid {line}; padding: 3px; }}
#header {{ background: {header}; }}
#header QLabel {{ color: {on_header}; }}
#title {{ color: {on_header}; background: transparent; border: none; font-weight: bold; padding: 2px; text-align: left; }}
#title:focus, #title:hover {{ text-decoration: underline; }}
#side {{ background: {header}; }}
#side QPushButton {{ color: {on_header}; background: transparent; border: none; border-left: 3px solid transparent; padding: 10px 4px; }}
#side QPushButton:checked {{ background: rgba(255,255,255,28); border-left: 3px solid {accent}; }}
#side QPushButton:focus {{ background: rgba(255,255,255,45); }}
#strip {{ background: {raised}; border-top: 1px solid {line}; }}
#strip QLabel {{ color: {quiet}; }}
#card {{ background: {base}; border: 1px solid {line}; border-radius: 4px; }}
#quiet {{ color: {quiet}; }}
#warning {{ color: {red_text}; }}
#caution {{ color: {yellow_text}; }}
#banner {{ background: {yellow_fill}; }}
#banner QLabel {{ color: {on_yellow}; }}
#chip {{ border: 1px solid {line}; border-radius: 11px; padding: 2px 10px; background: {base}; }}
#chip:checked {{ background: {accent}; color: {on_accent}; border-color: {accent}; }}
#act {{ border: 1px solid {line}; border-radius: 4px; padding: 6px 10px; background: {base}; text-align: left; }}
#act[first="true"] {{ background: {accent}; color: {on_accent}; }}
#chip:focus {{ border: 2px solid {accent}; padding: 1px 9px; }}
#act:focus {{ border: 2px solid {accent}; padding: 5px 9px; }}
#act[first="true"]:focus, #chip:checked:focus {{ border: 2px dashed {on_accent}; }}
#act:disabled, #act[first="true"]:disabled {{ background: {raised}; color: {quiet}; }}
QTableView {{ background: {base}; gridline-color: {line}; border: none; }}
QTableWidget, QListWidget {{ border: 1px solid {line}; border-radius: 3px; }}
QTableWidget:focus, QListWidget:focus, #notes:focus {{ border: 1px solid {accent}; }}
QHeaderView::section {{ background: {raised}; color: {quiet}; border: none; border-bottom: 1px solid {line}; padding: 5px; }}
QLineEdit, QPlainTextEdit, QComboBox {{ background: {base}; border: 1px solid {line}; border-radius: 3px; padding: 4px; }}
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus {{ border: 2px solid {accent}; }}
"""
