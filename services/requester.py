"""A requester's record for the eyes of whoever asks: read at the centre, which records the reading, and kept nowhere (D2)."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from models.clock import DAY_MS
from models.errors import Refused
from models.personal_access import may_read_requester
from models.store import personal
from models.store.case_table import get_case
from models.store.migrate import drop_old_copy
from models.store.work import Work
from models.wire import decode_any
from services import drafts
from services.desk import Desk
from services.sync.line import Line


class Requester(msgspec.Struct, frozen=True):
    """Who asked. `is_unsent`: the record was typed here and has not left yet, so nobody recorded this reading."""

    name: str
    phone: str
    note: str
    is_unsent: bool


class Sought(msgspec.Struct, frozen=True):
    """Where a case's record is found: by `digest` at the centre, or `here` while it waits for the line."""

    case_id: str
    digest: str
    here: Requester | None


def seek(work: Work, desk: Desk, case_id: str) -> Sought:
    """Refused("unknown_case"), ("no_requester"), or ("requester_not_yours") for a person who may not read it at
    this desk."""
    case = get_case(work.connection, case_id)
    if case is None:
        raise Refused("unknown_case")
    if not case.personal:
        raise Refused("no_requester")
    actor = desk.actor(work.rules)
    if actor is None or not may_read_requester(case, actor):
        raise Refused("requester_not_yours")
    record = personal.find_unsent(work.connection, case.personal)
    return Sought(case_id, case.personal, None if record is None else _requester(decode_any(record), True))


def read(line: Line, sought: Sought, session: str) -> Requester:
    """Ask the centre, which records who read it. Weather; Refused("session_expired"), ("no_such_record")."""
    return _requester(line.get_personal(sought.digest, sought.case_id, session), False)


def erase_old(work: Work, store: Path) -> int:
    """Erase what this workstation need not keep any longer (D2, R79), in the copy beside its `store` and in reports nobody
    finished as well, and commit; no chain notices. After how long the policy says (`personal_kept_at_console_days`). Returns how many
    records."""
    before_ms = work.present().lo - work.rules.policy.personal_kept_at_console_days * DAY_MS
    gone = personal.erase(work.connection, before_ms)
    drafts.erase_old_reports(work, before_ms)
    work.commit()
    with contextlib.suppress(OSError):  # in use, or not ours to remove: the next day will do
        drop_old_copy(store, before_ms)
    return gone


def _requester(found: dict[str, str], is_unsent: bool) -> Requester:
    name, phone, note = (str(found.get(part, "")) for part in ("name", "phone", "note"))
    return Requester(name, phone, note, is_unsent)
