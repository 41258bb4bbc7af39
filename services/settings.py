"""What each person likes, declared once: language, colours, size, sound. Kept in the file of the unit he sits at (issue: change of user)."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import asdict, replace

from models.store import settings as kept_settings
from models.store.work import Work
from models.wire import Malformed, decode, encode

_NAME = "screen"
WORKSTATION = ""
"""Nobody's settings: what the sign-in window looks like, taken from whoever sat here last."""

THEMES = ("light", "dark")
SIZES_PERCENT = (100, 115, 130, 150)


class Settings(msgspec.Struct, frozen=True):
    """How one person wants the console. `size_percent` is of the normal text size."""

    language: str = "zh"
    theme: str = "light"
    size_percent: int = 100
    sound: bool = True


def read(work: Work, person: str) -> Settings:
    """The person's own; the workstation's when he never chose; the defaults when nobody did."""
    for owner in (person, WORKSTATION):
        kept = kept_settings.read(work.connection, owner, _NAME)
        if kept is not None:
            try:
                return decode(kept, Settings)
            except Malformed:
                continue
    return Settings()


class Liked:
    """What whoever sits here likes, `now`. What was kept of it may be read only after he has chosen: what he chose stands over it."""

    def __init__(self) -> None:
        self.now = Settings()
        self.chosen: dict[str, Any] = {}

    def choose(self, wanted: Settings) -> set[str]:
        """He chooses; answers what is otherwise, by name."""
        changed = dict(asdict(wanted).items() - asdict(self.now).items())
        self.now, self.chosen = wanted, self.chosen | changed
        return set(changed)

    def read(self, kept: Settings) -> bool:
        """That is what was kept; answers whether anything is otherwise now."""
        before, self.now = self.now, replace(kept, **self.chosen)
        return self.now != before

    def leave(self) -> None:
        """Another sits down: what this one chose is not his."""
        self.chosen = {}


def choose(work: Work, person: str, changed: dict[str, Any]) -> None:
    """Remember what a person chose beside what he likes otherwise, and commit."""
    keep(work, person, replace(read(work, person), **changed))


def keep(work: Work, person: str, settings: Settings) -> None:
    """Remember a person's choice, here and for the sign-in window, and commit."""
    for owner in (person, WORKSTATION):
        kept_settings.write(work.connection, owner, _NAME, encode(settings).decode())
    work.commit()
