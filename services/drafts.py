"""What somebody typed and has not sent: kept per person, so that a change of user at shift change loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from models.store import settings
from models.store.overwriting import overwriting
from models.store.work import Work
from models.wire import Malformed, decode_any, encode

Values = dict[str, Any]
NEW_REPORT = "report"
_KEPT_REPORT, _REPORT_KEPT_AT = f"draft:{NEW_REPORT}", f"draft_kept_at:{NEW_REPORT}"


def form_of(case_id: str, kind: str) -> str:
    """The name of the draft of an act on a case."""
    return f"{case_id}:{kind}"


def keep(work: Work, person: str, name: str, values: Values) -> None:
    """Keep what is typed in one form, in place of an earlier draft of it, and commit; nothing typed keeps nothing. What it
    replaces is overwritten: a report's draft says who asked."""
    typed = any(value not in ("", False, (), [], None) for value in values.values())
    with overwriting(work.connection):
        settings.write(work.connection, person, f"draft:{name}", encode(values).decode() if typed else "")
    if name == NEW_REPORT:
        kept_at = str(work.present().shown_at) if typed else ""
        settings.write(work.connection, person, _REPORT_KEPT_AT, kept_at)
    work.commit()


class Draft(NamedTuple):
    """What somebody has typed in a form, and its name."""

    person: str
    name: str
    values: Values


@contextmanager
def handing_over(work: Work, draft: Draft | None) -> Iterator[None]:
    """While what was typed in a form is done: with that it is no draft any more, in one transaction, or the next window would
    offer it as not sent and it would be done twice. When it was not done, for whatever reason, it is one. Commits either way."""
    try:
        yield
        if draft is None:
            work.commit()
        else:
            keep(work, draft.person, draft.name, {})
    except Exception:  # refused, or a store that is busy, or a fault of ours: it was not done
        if draft is not None:
            work.connection.rollback()
            keep(work, *draft)
        raise


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


def erase_old_reports(work: Work, kept_before_ms: int) -> None:
    """Erase reports nobody finished that were put aside before that instant (ms UTC): they say who asked (D2). One of the
    time when that was not written down counts as put aside now."""
    for person in settings.people_with(work.connection, _KEPT_REPORT):
        kept_at = settings.read(work.connection, person, _REPORT_KEPT_AT) or ""
        if not kept_at.isdecimal():
            settings.write(work.connection, person, _REPORT_KEPT_AT, str(work.present().shown_at))
        elif int(kept_at) < kept_before_ms:
            with overwriting(work.connection):
                settings.write(work.connection, person, _KEPT_REPORT, "")
            settings.write(work.connection, person, _REPORT_KEPT_AT, "")
