"""What somebody typed and has not sent: kept per person, so that a change of user at shift change loses nothing."""

from __future__ import annotations

from typing import Any

from models.store import settings
from models.store.work import Work
from models.wire import Malformed, decode_any, encode

Values = dict[str, Any]
NEW_REPORT = "report"


def form_of(case_id: str, kind: str) -> str:
    """The name of the draft of an act on a case."""
    return f"{case_id}:{kind}"


def keep(work: Work, person: str, name: str, values: Values) -> None:
    """Keep what is typed in one form, in place of an earlier draft of it, and commit; nothing typed keeps nothing."""
    typed = any(value not in ("", False, (), [], None) for value in values.values())
    settings.write(work.connection, person, f"draft:{name}", encode(values).decode() if typed else "")
    work.commit()


def read(work: Work, person: str, name: str) -> Values:
    """The draft of a form; empty when there is none."""
    kept = settings.read(work.connection, person, f"draft:{name}")
    if kept is None:
        return {}
    try:
        found = decode_any(kept.encode())
    except Malformed:
        return {}
    return dict(found) if isinstance(found, dict) else {}
