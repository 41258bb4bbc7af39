"""Sending photographs and files: one piece at a time, from where the centre stands, after every act (sync.md §3.9).

A piece takes about a second on the line as it is, so that an act made meanwhile waits no longer than that. Where an upload
stands is asked of the centre after any failure, never remembered over one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from models.blob_folder import BlobFolder
from models.errors import Refused, Weather
from models.store import blobs
from models.store.blobs import Held
from models.store.work import Work
from services.sync.database import Database
from services.sync.line import Line

SMALLEST, LARGEST = 16 * 1024, 256 * 1024
"""Bytes of a piece."""

_AIM_MS = 1_000
_NOT_NAMED = "no_such_attachment"
"""No case names the file, as far as the centre knows."""

_AGAIN_MS = {"centre_full": 60_000, _NOT_NAMED: 600_000}
_SOON_MS = 30_000
_OF_THE_DEVICE = frozenset({"unknown_device", "device_revoked", "address_unusable", "plain_line"})
"""Refusals that are not about the file: they are the line's to tell."""

_UNREADABLE = "attachment_unreadable"
_NOT_AS_NAMED = frozenset({"wrong_hash", "attachment_spoilt", _UNREADABLE})
"""Refusals of a file that is perhaps not what the act named."""

_STEPS_SHOWN = 20
"""An upload is told to the screens so many times."""


class _PutOff(NamedTuple):
    """A file is left alone until then (by the line's counter), because the centre said so (a code)."""

    until_ms: int
    why: str


class Uploads:
    """The uploads of one store. Without a folder there are none; while `holds` says so (a metered line) they wait."""

    def __init__(self, database: Database, folder: BlobFolder | None, holds: Callable[[], bool]) -> None:
        self._holds = holds
        self._database = database
        self._folder = folder
        self._stands: tuple[str, str, int] | None = None
        self._piece = 4 * SMALLEST
        self._paused: dict[tuple[str, str], _PutOff] = {}
        self._looked = False

    def is_due(self, now_ms: int) -> bool:
        """True when something that was put off may be tried again; `now_ms` by the counter of the line."""
        return not self._holds() and any(put_off.until_ms <= now_ms for put_off in self._paused.values())

    def heard_of_cases(self, now_ms: int) -> None:
        """The centre told something new of cases: one of them may name by now a file that it knew none of (the act that adds it
        waited at a restored centre, say)."""
        for key, put_off in self._paused.items():
            if put_off.why == _NOT_NAMED:
                self._paused[key] = put_off._replace(until_ms=now_ms)

    def step(self, line: Line) -> bool:
        """Send one piece of what waits longest; True while there may be more. Weather of the line passes through."""
        folder = self._folder
        if folder is None or self._holds():
            return False
        if not self._looked:
            self._database(lambda work: _enter_forgotten(work, folder))
            self._looked = True
        now_ms = line.mono_ms()
        self._paused = {key: put_off for key, put_off in self._paused.items() if put_off.until_ms > now_ms}
        paused = tuple(self._paused)
        held = self._database(lambda work: blobs.next_to_send(work.connection, paused))
        if held is None:
            return False
        try:
            self._send(line, folder, held)
        except (Refused, Weather) as error:
            self._stands = None
            self._put_off(error, line, folder, held)
        return True

    def _send(self, line: Line, folder: BlobFolder, held: Held) -> None:
        known = self._stands
        if known is None or known[:2] != (held.case_id, held.sha256):
            offset, whole = line.blob_stands(held.case_id, held.sha256)
        else:
            offset, whole = known[2], False
        if not whole:
            body = _piece_of(folder, held, offset, self._piece)
            began = line.mono_ms()
            offset, whole = line.send_piece(held.case_id, held.sha256, offset, body)
            self._learn(len(body), line.mono_ms() - began)
        self._stands = None if whole else (held.case_id, held.sha256, offset)
        self._database(lambda work: _told(work, held, offset, whole))

    def _learn(self, size: int, took_ms: int) -> None:
        """Pieces grow while the line carries them in half the time, and shrink when it takes twice."""
        if took_ms < _AIM_MS // 2 and size == self._piece:
            self._piece = min(LARGEST, self._piece * 2)
        elif took_ms > _AIM_MS * 2:
            self._piece = max(SMALLEST, self._piece // 2)

    def _put_off(self, error: Refused | Weather, line: Line, folder: BlobFolder, held: Held) -> None:
        """What is wrong with one file holds up no other, and no act."""
        of_the_file = isinstance(error, Refused) or error.code == "centre_full"
        if not of_the_file or error.code in _OF_THE_DEVICE:
            self._piece = max(SMALLEST, self._piece // 2)
            raise error
        if error.code == "offset_differs":
            wait_ms = 1_000
        elif error.code in _NOT_AS_NAMED and _is_lost(folder, held, error.code):
            # Nobody here can send what the act named. It stays listed as awaited (I17).
            self._database(lambda work: _gone(work, held))
            return
        elif error.code == _NOT_NAMED and self._is_refused(line, held):
            self._database(lambda work: _given_up(work, held))
            return
        else:
            wait_ms = _AGAIN_MS.get(error.code, _SOON_MS)
        self._paused[held.case_id, held.sha256] = _PutOff(line.mono_ms() + wait_ms, error.code)

    def _is_refused(self, line: Line, held: Held) -> bool:
        """True when the centre has refused the act that names it, of which nothing is here that would hear of it."""
        act = self._database(lambda work: blobs.act_elsewhere(work.connection, held))
        return bool(act) and any(outcome == "rejected" for _act, outcome, *_rest in line.status([act]).known)


def _is_lost(folder: BlobFolder, held: Held, code: str) -> bool:
    """The file is here no more, or is not what it was. One that is here and cannot be read now may be read later."""
    return not (folder.has(held.sha256) if code == _UNREADABLE else folder.is_sound(held.sha256))


def _piece_of(folder: BlobFolder, held: Held, offset: int, size: int) -> bytes:
    try:
        return folder.read(held.sha256, offset, size)
    except OSError as error:
        raise Refused(_UNREADABLE) from error


def _told(work: Work, held: Held, sent: int, whole: bool) -> None:
    blobs.mark_sent(work.connection, held, sent, whole=whole)
    work.commit()
    if whole or sent * _STEPS_SHOWN // held.size != held.sent * _STEPS_SHOWN // held.size:
        work.changed.add(held.case_id)


def _given_up(work: Work, held: Held) -> None:
    blobs.give_up(work.connection, held.case_id, held.sha256)
    work.commit()
    work.changed.add(held.case_id)


def _gone(work: Work, held: Held) -> None:
    blobs.let_go(work.connection, held.sha256)
    work.commit()
    work.changed.add(held.case_id)


def _enter_forgotten(work: Work, folder: BlobFolder) -> None:
    """After a salvage the acts are here and the list of files is not: what still lies in the folder is asked about again."""
    for case_id, cmd_id, told in blobs.without_row(work.connection):
        if folder.has(told.sha256):
            blobs.enter(work.connection, case_id, told, cmd_id, work.clock.wall_ms())
    work.commit()
