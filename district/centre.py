"""The district centre as the API sees it: a database, the rules in force, and the seams for time and chance."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from district import recovery, reference
from district.journal import Journal
from district.judge import REFERENCE_SCOPE
from district.keys import CentreKeys
from district.past import EPOCH, FIRST_EPOCH, Head, Restoration, begin_new_epoch, has_forgotten, head_of
from district.store import Connection, Engine
from district.store.devices import count_devices, every_revocation
from district.store.documents import read_metas
from district.store.people import every_disabled
from district.store.reader import Reader
from district.store.records import Revocation
from district.store.rows import write
from models.blob_folder import BlobFolder
from models.clock import Clock
from models.errors import Bug
from models.ids import SYSTEM_RANDOM, RandomBytes, id_source, new_token
from models.people import CENTRE_DEVICE
from models.rules import Rules
from models.store.engine import take_order_lock

HEAD = "0015"
"""The version of district databases that this program writes."""

SCRIPTS = Path(__file__).parent / "migrations"

_LOOKS: dict[str, Any] = {"read_only": True}
_READS = {**_LOOKS, "isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_ASKS = {**_LOOKS, "isolation_level": "AUTOCOMMIT"}


class Centre:
    """Made once per process. Time comes from `clock`, every id, token and salt from `random_bytes`: with both recorded,
    the same requests give the same rows. `keys` it has to serve and to make evidence, the folder of `blobs` to serve: other
    verbs of the command line sign nothing and hand out nothing."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        random_bytes: RandomBytes = SYSTEM_RANDOM,
        keys: CentreKeys | None = None,
        blobs: BlobFolder | None = None,
    ) -> None:
        self._keys = keys
        self._blobs = blobs
        self.engine = engine
        self._reads, self._asks = one_view(engine), _ASKS if engine.dialect.name == "postgresql" else _LOOKS
        self.clock = clock
        self.random_bytes = random_bytes
        self.new_id = id_source(clock, random_bytes)
        self.waiting: dict[str, set[asyncio.Event]] = {}
        self.loop: asyncio.AbstractEventLoop | None = None
        self.closing = False
        self.listens_since_ms = self.latest_ms = clock.wall_ms()
        """`latest_ms`: the latest that its clock has shown to whoever watches over due times."""
        self.heard: dict[str, int] = {}
        """Up to when (ms UTC) each workstation has surely handed in all it made (district/breaches.py)."""
        with self.reading() as connection:
            self.recovery = recovery.under_way(connection)
            self._last = head_of(connection)
            self.epoch, self._heads, self._revoked = self._last.epoch, self._last.devices, self._last.revoked
            self._disabled, self._let_in = self._last.disabled, self._last.let_in
            self._newest_epoch = self.epoch
            self._unsure_until_ms = self._last.unsure_until_ms
            self.reference_name, self.reference_body = reference.in_force(connection)
            self.rules = Rules(reference.load(connection))

    @property
    def keys(self) -> CentreKeys:
        """What it proves itself with; Bug when it was opened without."""
        if self._keys is None:
            raise Bug("a centre without keys is to sign")
        return self._keys

    @property
    def blobs(self) -> BlobFolder:
        """Where photographs and files lie; Bug when it was opened without, not to serve."""
        if self._blobs is None:
            raise Bug("a centre without a folder of attachments is to serve")
        return self._blobs

    def new_token(self) -> str:
        """A token for a workstation or a session."""
        return new_token(self.random_bytes)

    # Transactions

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view that waits for nobody."""
        with self.engine.connect().execution_options(**self._reads) as connection:
            yield connection

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """For one question, which needs no view: the server is not told that a transaction begins and ends."""
        with self.engine.connect().execution_options(**self._asks) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that appends nothing to the order: accounts, sessions, personal records. One writer at a time,
        so nothing read in it can change before it commits; `rules` are those in force. Commits unless it raises."""
        with self.engine.begin() as connection:
            take_order_lock(connection)
            self.keep_up(connection)
            yield connection

    @contextmanager
    def in_order(self) -> Iterator[Journal]:
        """A place in the one order: lock first, then read, append, commit; then wake whoever waits (D1, sync-R9)."""
        with self.engine.begin() as connection:
            take_order_lock(connection)
            self.keep_up(connection)
            journal = self._journal(connection)
            if self._forgets(connection, journal):
                journal = self._journal(connection)
            yield journal
            write(connection, journal.rows)
            moved = journal.rows.devices
            ends = Head(self.epoch, journal.gseq, journal.chain)
        self._last = ends
        heads = {head.id: head.dseq for head in moved.values() if head.id != CENTRE_DEVICE}
        # While it recovers, a chain that is coming back is still as long as it was.
        self._heads.update(heads if self.recovery is None else recovery.longest(heads, self._heads))
        self._wake(journal.touched)

    def _journal(self, connection: Connection) -> Journal:
        since = None if self.recovery is None else self.recovery.from_gseq
        return Journal(Reader(connection), self.rules, self.epoch, self.clock.wall_ms(), self.new_id, since)

    def _forgets(self, connection: Connection, journal: Journal) -> bool:
        """The database lacks what this very process committed: it was put back while the service went on running. Nothing
        more is judged under the number of a history that has ended."""
        last = self._last
        if (last.gseq, last.chain) == (journal.gseq, journal.chain) or not has_forgotten(connection, last):
            return False
        self.begin_new_epoch(connection, self.knowing(last, has_chains=True))
        return True

    def has_lost(self, connection: Connection, shown: Head) -> None:
        """A receipt shows that the order lacks this place. When it lacks also what this process knew last, the process knows whose
        acts were lost; otherwise the database was put back before it began, and there may be others."""
        last = self._last
        if (last.epoch, last.gseq) < (shown.epoch, shown.gseq) or not has_forgotten(connection, last):
            last = msgspec.structs.replace(shown, unsure_until_ms=self.clock.wall_ms() + recovery.UNSURE_MS)
        self.begin_new_epoch(connection, self.knowing(last, has_chains=True))

    def begin_new_epoch(self, connection: Connection, was: Head) -> Restoration:
        """What was known there is forgotten. No history had this number before: the one that is forgotten now may have begun
        since this process last wrote."""
        numbered = msgspec.structs.replace(was, epoch=max(was.epoch, self._newest_epoch))
        found = begin_new_epoch(connection, numbered, self.clock.wall_ms())
        self.keep_up(connection)
        return found

    def knowing(self, known: Head, *, has_chains: bool) -> Head:
        """That place of the order, with all this process knows beside it: the database may have forgotten it. `has_chains`: how
        long they were is known (otherwise this process began with a database that had forgotten it)."""
        return msgspec.structs.replace(
            known,
            devices=recovery.longest(known.devices, self._heads) if has_chains else {},
            revoked={**known.revoked, **self._revoked},
            disabled={**known.disabled, **self._disabled},
            unsure_until_ms=max(known.unsure_until_ms, self._unsure_until_ms),
            let_in=max(known.let_in, self._let_in) if known.epoch == self.epoch else known.let_in,
        )

    def note_workstations(self) -> None:
        """Keep in mind how many were let in, and who is revoked, outside the database: asked after somebody was."""
        with self.reading() as connection:
            self._let_in = max(self._let_in, count_devices(connection))
            self.note_revoked(every_revocation(connection))

    def note_revoked(self, known: Mapping[str, Revocation]) -> None:
        """These are, whatever a database says that is put back."""
        self._revoked.update(known)

    def _note_disabled(self, connection: Connection) -> None:
        """Keep in mind whose account is disabled, as this database says: an account may be enabled again. One that was put back
        says it of the past, and is not asked until that is noticed."""
        if not has_forgotten(connection, self.knowing(self._last, has_chains=True)):
            self._disabled = every_disabled(connection)

    def keep_up(self, connection: Connection) -> None:
        """Take in an edition that another process (the command line) has put into force, and tell whoever waits. Only by whoever
        holds the order's lock: a view from before a new epoch was committed would set this process back into the former."""
        epoch, name = _in_force(connection)
        if epoch != self.epoch:
            self.listen_anew()  # what was handed in then may have been forgotten
            self._let_in = count_devices(connection)
        if epoch != self.epoch or self.recovery is not None:  # it begins with an epoch, and never otherwise
            self.recovery = recovery.under_way(connection)
            if self.recovery is not None:
                self._unsure_until_ms = max(self._unsure_until_ms, self.recovery.not_before_ms)
        self.epoch, self._newest_epoch = epoch, max(epoch, self._newest_epoch)
        if name != self.reference_name:
            rules = Rules(reference.load(connection))
            self.reference_name, self.reference_body = reference.in_force(connection)
            self.rules = rules
            self._wake({REFERENCE_SCOPE})

    def listen_anew(self) -> None:
        """What workstations have said of how far they had handed in is worth nothing any more."""
        self.listens_since_ms = self.latest_ms = self.clock.wall_ms()
        self.heard.clear()

    def look_for_news(self) -> None:
        """Has another process put an edition into force, revoked a workstation, disabled an account? Asked once a second by the
        service (district/app.py)."""
        with self.reading() as connection:
            has_news = _in_force(connection) != (self.epoch, self.reference_name)
            self._note_disabled(connection)
        if has_news or self.recovery is not None:
            with self.writing():
                pass  # which keeps up
        self.note_workstations()

    # Waiting for something new

    def bell(self, scopes: tuple[str, ...]) -> asyncio.Event:
        """An event that rings when one of these feeds moves. Hang it up before the first look: nothing is missed."""
        found = asyncio.Event()
        for scope in scopes:
            self.waiting.setdefault(scope, set()).add(found)
        if self.closing:
            found.set()
        return found

    def take_down(self, bell: asyncio.Event, scopes: tuple[str, ...]) -> None:
        """Nobody waits for this one any more."""
        for scope in scopes:
            self.waiting.get(scope, set()).discard(bell)

    def close(self) -> None:
        """Answer everybody who waits now: the service ends."""
        self.closing = True
        self._ring(frozenset(self.waiting))

    def _wake(self, scopes: set[str]) -> None:
        loop = self.loop
        if scopes and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._ring, frozenset(scopes))

    def _ring(self, scopes: frozenset[str]) -> None:
        for scope in self.waiting if REFERENCE_SCOPE in scopes else scopes:
            for event in self.waiting.get(scope, ()):
                event.set()


def one_view(engine: Engine) -> dict[str, Any]:
    """How a connection is opened that sees one instant of the database, whatever is written meanwhile, and waits for nobody."""
    return _READS if engine.dialect.name == "postgresql" else _LOOKS


def _in_force(connection: Connection) -> tuple[int, str]:
    """The number of the history and the name of the edition that the database says are in force."""
    found = read_metas(connection, EPOCH, reference.IN_FORCE)
    return int(found.get(EPOCH, FIRST_EPOCH)), found.get(reference.IN_FORCE, "")
