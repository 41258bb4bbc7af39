"""Correcting plain facts of a case, and what the clerk had before him when he did (sync.md §3.6). models/commands.py lists
every act."""

from __future__ import annotations

import hashlib
from typing import TypeVar

import msgspec

from models.case import Case

FACTS = ("title", "place", "words", "category", "station")
"""The facts of a case that can be corrected."""

SEEN_WHOLE = 200
"""A value of more characters than this is named by its hash: two long texts would not fit into one act."""

Act = TypeVar("Act")


class Supplement(msgspec.Struct, frozen=True, tag="case.supplement", omit_defaults=True):
    """The reporter added what was missing; empty fields stay as they are. A new ten minutes begins. `seen` as in Describe."""

    place: str = ""
    words: str = ""
    category: str = ""
    station: str = ""
    seen: dict[str, str] = {}


class Describe(msgspec.Struct, frozen=True, tag="case.describe", omit_defaults=True):
    """Correct plain facts of an open case; empty fields stay as they are. `seen`: what stood on the clerk's screen in each
    field he sets, as `as_seen` writes it; a field it does not name is judged by the case version he saw."""

    title: str = ""
    place: str = ""
    words: str = ""
    category: str = ""
    station: str = ""
    seen: dict[str, str] = {}


def as_seen(value: str) -> str:
    """A value as an act names what its clerk saw."""
    return value if len(value) <= SEEN_WHOLE else f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"


def with_seen(args: Act, shown: Case) -> Act:
    """The same correction, saying what `shown` held of the fields it sets, except where it says so already. Any other act as
    it is."""
    if not isinstance(args, Describe | Supplement):
        return args
    given = [name for name in FACTS if getattr(args, name, "").strip()]
    seen = {name: as_seen(getattr(shown, name)) for name in given}
    return msgspec.structs.replace(args, seen={**seen, **args.seen})
