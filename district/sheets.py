"""The sheet of an audit: a dated page of plain text, small enough to print, sign and put into a drawer (sync.md §3.9). The head on a
signed one of last month is the head today's order must still have at that place.

Sheets lie in a folder of their own and are never written over. What the last audit found lies beside them, outside the database it
judges.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from district import reference
from district.audit import Audit, audit
from district.backed_up import BackedUp, backed_up
from district.centre import one_view
from district.past import Restoration, epoch_of, restorations
from district.store import UNAVAILABLE, Connection, Engine
from district.store.audit import damage_of
from models.clock import SHANGHAI
from models.errors import Refused
from models.files import FOR_ITS_OWNER, sync_folder, write_whole
from models.wire import Malformed, decode, encode
from models.workstations import Audited, Audits

_PAGE = Path(__file__).resolve().parents[1] / "resources" / "audit" / "sheet.txt"
_LAST = "last.json"
_FIRST = 5
"""So many contradictions are told at the operator's desk; the sheet has up to _MOST."""

_MOST = 200


class Sheet(msgspec.Struct, frozen=True):
    """One audit: when (ms UTC), of which district and history, what was read, what was restored before, how far copies reach."""

    at_ms: int
    district: str
    epoch: int
    found: Audit
    past: list[Restoration]
    copies: BackedUp


def folder_of(database_url: str, keys_folder: Path, named: Path | None) -> Path:
    """Where the sheets lie: where they were said to, else beside the SQLite file, else beside the folder of keys."""
    if named is not None:
        return named
    if database_url.startswith("sqlite:///"):
        return Path(database_url.removeprefix("sqlite:///")).with_suffix(".audits")
    return keys_folder.with_suffix(".audits")


def look(engine: Engine, now_ms: int) -> Sheet:
    """Recompute everything, as of one instant, holding up nobody. What cannot be read or folded at all is a contradiction as well.
    Refused("not_initialised"); whatever UNAVAILABLE names."""
    with engine.connect().execution_options(**one_view(engine)) as connection:
        name = reference.load(connection).district_name
        facts = (epoch_of(connection), restorations(connection), backed_up(connection))
        try:
            found = _audited(connection)
        except (Refused, *UNAVAILABLE):
            raise
        except Exception as problem:
            found = Audit(contradictions=[f"the record cannot be read through: {type(problem).__name__}"])
    epoch, past, copies = facts
    return Sheet(now_ms, name, epoch, found, past, copies)


def _audited(connection: Connection) -> Audit:
    found = audit(connection)
    damage = damage_of(connection) if connection.dialect.name == "sqlite" else ""
    if damage:
        found.contradictions.append(f"the file is damaged: {' '.join(damage.split())}")
    return found


def page_of(sheet: Sheet) -> str:
    """The page, ending in a line's end."""
    found, copies = sheet.found, sheet.copies
    past = [
        f"restored: epoch {one.epoch} began at entry {one.gseq}, where {one.was_gseq} had been" for one in sheet.past
    ]
    past += [f"revoked again then: {device}" for one in sheet.past for device in one.revoked_again]
    wrong = found.contradictions[:_MOST]
    if len(found.contradictions) > _MOST:
        wrong.append(f"… {len(found.contradictions) - _MOST} more")
    return _PAGE.read_text(encoding="utf-8").format(
        district=sheet.district,
        at=f"{_local(sheet.at_ms):%Y-%m-%d %H:%M:%S}",
        epoch=sheet.epoch,
        gseq=found.entries,
        head=found.head,
        cases=found.cases,
        items=found.items,
        attachments=len(found.attachments),
        bytes=sum(found.attachments.values()),
        awaited=found.awaited,
        copies=copies.gseq,
        files=copies.files_gseq,
        past="\n".join(past),
        count=len(found.contradictions),
        contradictions="\n".join(f"  {line}" for line in wrong),
    )


def keep(folder: Path, sheet: Sheet) -> Path:
    """Write the page down, and what the last audit found; where it lies. Refused("store_full"), OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"audit-{_local(sheet.at_ms):%Y%m%d-%H%M%S}"
    number, file = 1, folder / f"{name}.txt"
    while file.exists():
        number += 1
        file = folder / f"{name}-{number}.txt"
    write_whole(file, page_of(sheet).encode(), FOR_ITS_OWNER)
    found = sheet.found
    told = Audited(
        sheet.at_ms,
        sheet.epoch,
        found.entries,
        found.head,
        found.cases,
        len(found.contradictions),
        found.contradictions[:_FIRST],
        file.name,
    )
    known = audits(folder)
    remember(folder, Audits(sheet.at_ms if known is None else known.since_ms, told))
    return file


def audits(folder: Path) -> Audits | None:
    """What the last audit found; None when nothing is known."""
    try:
        return decode((folder / _LAST).read_bytes(), Audits)
    except (FileNotFoundError, Malformed):
        return None


def remember(folder: Path, known: Audits) -> None:
    """Write it down, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(folder / _LAST, encode(known), FOR_ITS_OWNER)
    sync_folder(folder)


def _local(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1_000, SHANGHAI)
