"""The language on screen: source strings are Simplified Chinese, the English catalogue is complete (D26).

Names of places, units and categories are data and stay Chinese. A window is made anew when the language changes, so
nothing here watches for it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

CHINESE, ENGLISH = "zh", "en"
LANGUAGES = {CHINESE: "中文", ENGLISH: "English"}
"""Each in its own words: whoever needs it can read it."""

CATALOGUE = Path(__file__).resolve().parents[1] / "resources" / "translations" / "en.toml"


class _Chosen:
    code = CHINESE
    texts: Mapping[str, str] = {}


def choose(code: str) -> None:
    """Speak this language from now on; an unknown code means Chinese."""
    _Chosen.code = code if code in LANGUAGES else CHINESE
    _Chosen.texts = {} if _Chosen.code == CHINESE else catalogue(CATALOGUE)


def chosen() -> str:
    """The code of the language spoken now."""
    return _Chosen.code


def catalogue(file: Path) -> dict[str, str]:
    """Chinese → English, of every section of the file."""
    sections = tomllib.loads(file.read_text(encoding="utf-8"))
    return {source: text for section in sections.values() for source, text in section.items()}


def tr(text: str, meaning: str = "") -> str:
    """The text in the language spoken now; what the catalogue does not know is shown as it is.

    `meaning` finds the entry "meaning|text" first: 不予受理 is "Decline" on a button and "Declined" as a state.
    """
    return _Chosen.texts.get(f"{meaning}|{text}", _Chosen.texts.get(text, text))


class Worded(Mapping[str, str]):
    """Codes and their words, in the language spoken when asked; `meaning` as in `tr`."""

    def __init__(self, words: dict[str, str], meaning: str = "") -> None:
        self._words = words
        self._meaning = meaning

    def __getitem__(self, code: str) -> str:
        return tr(self._words[code], self._meaning)

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)
