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
"""Of new reports several may lie unfinished: the first by this name, others by names that begin with it."""

_KEPT, _KEPT_AT = "draft:", "draft_kept_at:"


def form_of(case_id: str, kind: str) -> str:
    """The name of the draft of an act on a case."""
    return f"{case_id}:{kind}"


def keep(work: Work, person: str, name: str, values: Values, before: tuple[Values, ...] | None = None) -> None:
    """Keep what is typed in one form, in place of an earlier draft of it, and commit; nothing typed keeps nothing. What it
    replaces is overwritten: a report's draft says who asked. With `before`, each of what may be kept of this report, empty
    when nothing is, it takes no other's place."""
    typed = any(value not in ("", False, (), [], None) for value in values.values())
    if before is not None:
        name = _place(work, person, before)
    with overwriting(work.connection):
        settings.write(work.connection, person, f"{_KEPT}{name}", encode(values).decode() if typed else "")
    if name.startswith(NEW_REPORT):
        kept_at = str(work.present().shown_at) if typed else ""
        settings.write(work.connection, person, f"{_KEPT_AT}{name}", kept_at)
    work.commit()


def _place(work: Work, person: str, before: tuple[Values, ...]) -> str:
    """The name of the report of which one of those is kept, or one that no other has."""
    names = [name for of, name in _unfinished(work) if of == person]
    found = [name for name in names if read(work, person, name) in (before or ({},))]
    return (found or [NEW_REPORT if NEW_REPORT not in names else f"{NEW_REPORT}:{work.new_id()}"])[0]


def _unfinished(work: Work) -> list[tuple[str, str]]:
    """Whose they are, and the names of the drafts of all new reports."""
    kept = settings.beginning_with(work.connection, f"{_KEPT}{NEW_REPORT}")
    return [(person, name.removeprefix(_KEPT)) for person, name in kept]


class Draft(NamedTuple):
    """What somebody has typed in a form, its name, and of a new report what may be kept of it `before`."""

    person: str
    name: str
    values: Values
    before: tuple[Values, ...] | None = None


@contextmanager
def handing_over(work: Work, draft: Draft | None) -> Iterator[None]:
    """While what was typed in a form is done: with that it is no draft any more, in one transaction, or the next window would
    offer it as not sent and it would be done twice. When it was not done, for whatever reason, it is one. Commits either way."""
    try:
        yield
        if draft is None:
            work.commit()
        else:
            keep(work, draft.person, draft.name, {}, draft.before)
    except Exception:  # refused, or a store that is busy, or a fault of ours: it was not done
        if draft is not None:
            work.connection.rollback()
            keep(work, *draft)
        raise


def read(work: Work, person: str, name: str) -> Values:
    """The draft of a form; empty when there is none."""
    kept = settings.read(work.connection, person, f"{_KEPT}{name}")
    if kept is None:
        return {}
    try:
        found = decode_any(kept.encode())
    except Malformed:
        return {}
    return dict(found) if isinstance(found, dict) else {}


def unfinished_report(work: Work, person: str) -> Values:
    """The first new report this person has not finished; empty when there is none."""
    names = [name for of, name in _unfinished(work) if of == person]
    return read(work, person, names[0]) if names else {}


def erase_old_reports(work: Work, kept_before_ms: int) -> None:
    """Erase reports nobody finished that were put aside before that instant (ms UTC): they say who asked (D2). One of the
    time when that was not written down counts as put aside now."""
    for person, name in _unfinished(work):
        kept_at = settings.read(work.connection, person, f"{_KEPT_AT}{name}") or ""
        if not kept_at.isdecimal():
            settings.write(work.connection, person, f"{_KEPT_AT}{name}", str(work.present().shown_at))
        elif int(kept_at) < kept_before_ms:
            with overwriting(work.connection):
                settings.write(work.connection, person, f"{_KEPT}{name}", "")
            settings.write(work.connection, person, f"{_KEPT_AT}{name}", "")
