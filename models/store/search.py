"""Finding cases by words: number, place, what it is, units, the staff who had a hand in it, and the pinyin initials of all
of these; never the requester (D2).

One narrow table of plain text, searched by substring: two Chinese characters are enough. At the size of one
sub-centre (measured.md: about 1 ms for ten thousand rows) no index is needed; the million-row bigram index comes later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, select

from models.case import Case
from models.found_by import folded, found_by
from models.organisation import Organisation
from models.rules import Rules
from models.store.case_table import case_row
from models.store.console_tables import case_search, last_call
from models.store.many_rows import delete_rows, insert_rows
from models.store.work import Work
from models.wire import decode_case

TEXT_VERSION = "3"
"""Of `plain_text`: another number when it says more than before, and every store writes its texts anew. So it does when names
of units, people or matters may be others, in another edition of the reference data."""

PORTION = 100
_RENEWED = "search_text"
_CALLED_AT = select(last_call.c.at).where(last_call.c.unit == bindparam("of"))
_FORGET_CALL = delete(last_call).where(last_call.c.unit == bindparam("of"))
_KEEP_CALL = insert(last_call)


def plain_text(case: Case, rules: Rules) -> str:
    """Everything a case can be found by, folded as what is typed is."""
    codes = [case.town, case.station, *(a.receiver for a in case.assignments)]
    units = [rules.organisations[c] for c in dict.fromkeys(codes) if c in rules.organisations]
    people = [h for a in case.assignments for h in a.handlers] + [c.checker for c in case.checks]
    people += [case.reported_by, *(p for step in case.history for p in (step.actor, step.on_behalf))]
    names = [rules.people[p].name for p in dict.fromkeys(people) if p in rules.people]
    category = rules.categories.get(case.category)
    words = [case.title, case.place, category.name if category else ""]
    unit_names = [name for unit in units for name in _names(unit)]
    said = folded(" ".join((case.number, case.words, case.external_number)))
    return " ".join((said, *(found_by(w) for w in (*words, *unit_names, *names))))


def _names(unit: Organisation) -> tuple[str, ...]:
    """What a unit is called on the screen: its full name, and its short one unless that is part of it."""
    return (unit.name,) if unit.short_name in unit.name else (unit.name, unit.short_name)


def index_cases(connection: Connection, cases: Sequence[Case], rules: Rules) -> None:
    """Make these cases findable as they are now."""
    rows = [{"case_id": case.id, "plain": plain_text(case, rules)} for case in cases]
    if rows:
        forget(connection, (case.id for case in cases))
        insert_rows(connection, case_search, rows)
    note_calls(connection, cases)


Calls = dict[str, tuple[int, str]]
"""Per unit, when it was last called about any case, and what came of it."""


def renew_portion(work: Work) -> bool:
    """Bring the text of the next cases up to what `plain_text` says today, where an older program or an earlier edition of the
    reference data wrote it, and commit. True when there are more: whoever asks lets other work go first, so that nobody waits for it."""
    done, today = work.read_meta(_RENEWED, ""), f"{TEXT_VERSION}/{work.rules.reference.version}"
    if done == today:
        return False
    version, _, after = done.rpartition(" ")
    wanted = select(case_row.c.id, case_row.c.document).order_by(case_row.c.id).limit(PORTION)
    if version == today:
        wanted = wanted.where(case_row.c.id > after)
    found = work.connection.execute(wanted).all()
    index_cases(work.connection, [decode_case(bytes(row.document)) for row in found], work.rules)
    more = len(found) == PORTION
    work.write_meta(_RENEWED, f"{today} {found[-1].id}" if more else today)
    work.commit()
    return more


def note_calls(connection: Connection, cases: Iterable[Case]) -> None:
    """Remember, per unit, the last call about any case (值守通讯录): whether it was answered, and when."""
    latest: Calls = {}
    for case in cases:
        add_calls(latest, case)
    keep_calls(connection, latest)


def add_calls(latest: Calls, case: Case) -> None:
    """Put a case's calls in, where they are later than what is there."""
    for step in case.history:
        if step.kind == "case.log_call" and step.at.shown_at > latest.get(step.to, (0, ""))[0]:
            latest[step.to] = (step.at.shown_at, step.result)


def keep_calls(connection: Connection, latest: Calls) -> None:
    """Remember these calls where they are later than what is known."""
    for unit, (at_ms, result) in latest.items():
        known = connection.execute(_CALLED_AT, {"of": unit}).scalar()
        if known is None or known < at_ms:
            connection.execute(_FORGET_CALL, {"of": unit})
            connection.execute(_KEEP_CALL, {"unit": unit, "at": at_ms, "result": result})


def last_calls(connection: Connection) -> Calls:
    """When each unit was last called about any case, and what came of it."""
    return {str(row.unit): (int(row.at), str(row.result)) for row in connection.execute(select(last_call))}


def forget(connection: Connection, case_ids: Iterable[str]) -> None:
    """Cases left the store."""
    delete_rows(connection, case_search.c.case_id, case_ids)


def forget_all(connection: Connection) -> None:
    """No case can be found until others are indexed."""
    connection.execute(delete(case_search))


def matches(text: str) -> ColumnElement[bool] | None:
    """A condition on `case_row` for typed words, all of which must occur; None when nothing was typed."""
    words = folded(text).split()
    if not words:
        return None
    found = select(case_search.c.case_id).where(
        and_(*(case_search.c.plain.contains(w, autoescape=True) for w in words))
    )
    return case_row.c.id.in_(found)
