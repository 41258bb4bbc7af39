"""Photographs and files: I17."""

from __future__ import annotations

from district.blobs import holdings, missing
from models.store import blobs
from models.store.work import Work
from tests.invariants.at_rest import AtRest, must
from tests.invariants.history import History


def files_are_there(rest: AtRest, history: History) -> None:
    """Every file a case names is at the centre with that hash and size, or awaited from the unit that owes it; and awaited is
    none whose bytes a workstation has."""
    named = holdings(history.cases.values())
    folder = rest.district.blobs if named.kept else None
    lost = missing(folder, named.kept) if folder is not None else []
    must(not lost, "I17", f"{len(lost)} files are named and not there: {lost[:2]}")
    for sha256, size in named.kept.items():
        assert folder is not None
        must(folder.file_of(sha256).stat().st_size == size, "I17", f"{sha256} is not of the size the case says")
    here = set(rest.witness.files).difference(rest.witness.lost)
    for case in history.cases.values():
        for found in case.attachments:
            owed = found.arrived_at is None
            must(bool(found.unit), "I17", f"nobody owes {found.sha256} of {case.id}")
            must(not owed or found.id not in here, "I17", f"{found.sha256} of {case.id} never came from {found.unit}")
    for console in rest.consoles:
        waiting = console.database(_waiting)
        must(waiting is None, "I19", f"{console.name}: a file waits to be sent: {waiting}")


def _waiting(work: Work) -> blobs.Held | None:
    return blobs.next_to_send(work.connection)
