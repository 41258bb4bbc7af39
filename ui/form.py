"""What a form is: its fields, and how their values become an act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from models import commands as c
from models.case import Assignment, AssignmentRole
from models.views import CasePanel
from ui.language import tr

Values = dict[str, Any]


class Choice(msgspec.Struct, frozen=True):
    """One thing to pick: its value, what is shown, and what else it is found by when that is typed."""

    value: str
    label: str
    found_by: str = ""


def seek_prompt() -> str:
    """The `prompt` of a box that is typed into."""
    return tr("输入代码、名称或拼音首字母")


class Field(msgspec.Struct, frozen=True):
    """One thing to fill in. `kind`: "text", "line", "time", "date" (YYYY-MM-DD), "choice", "list", "many", "check", "number",
    "case". A "list" shows its choices in full, one of them chosen. A "choice" with a `prompt` begins with none. `check` says
    why something typed cannot be meant; "" when it can. `receives`: units that are sent the case, chosen in the form that sends
    it and not taken from a draft."""

    name: str
    label: str
    kind: str = "text"
    choices: tuple[Choice, ...] = ()
    value: Any = ""
    optional: bool = False
    prompt: str = ""
    check: Callable[[str], str] | None = None
    receives: bool = False


class Form(msgspec.Struct, frozen=True):
    """The fields of one act on one case, a hint above them, and the builder of the act. `build` None: a first step, whose
    only field says what to begin next. `title` is worded already; without one the act's own words stand above."""

    kind: str
    fields: tuple[Field, ...]
    build: Callable[[Values], c.Args] | None
    hint: str = ""
    title: str = ""


def mine(panel: CasePanel, unit: str, role: AssignmentRole | None = None) -> Assignment:
    """The unit's own duty on the case, the lead's first."""
    found = [a for a in panel.case.assignments if a.receiver == unit and not a.ended]
    found = [a for a in found if role is None or a.role is role]
    return sorted(found, key=lambda a: (a.role is not AssignmentRole.LEAD, a.role is AssignmentRole.TOWN))[0]
