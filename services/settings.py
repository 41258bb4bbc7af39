"""What each person likes, declared once: language, colours, size, sound. Kept in the file of the unit he sits at (issue: change of user)."""

from __future__ import annotations

import msgspec
from sqlalchemy import delete, insert, select

from models.store.console_tables import setting
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
        wanted = select(setting.c.value).where(setting.c.person == owner, setting.c.name == _NAME)
        kept = work.connection.execute(wanted).scalar()
        if kept is not None:
            try:
                return decode(str(kept), Settings)
            except Malformed:
                continue
    return Settings()


def keep(work: Work, person: str, settings: Settings) -> None:
    """Remember a person's choice, here and for the sign-in window, and commit."""
    for owner in (person, WORKSTATION):
        write(work, owner, _NAME, encode(settings).decode())
    work.commit()


def write(work: Work, person: str, name: str, value: str) -> None:
    """Put one value in place of an earlier one; "" takes it away. Does not commit."""
    work.connection.execute(delete(setting).where(setting.c.person == person, setting.c.name == name))
    if value:
        work.connection.execute(insert(setting).values(person=person, name=name, value=value))
