"""One unit's file on this workstation before anybody sits at it: opened, migrated, registered with its centre (D21)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from desktop.workers import within
from models.blob_folder import BlobFolder
from models.clock import Clock
from models.errors import Refused
from models.ids import id_source
from models.rules import Reference, Rules
from models.sealed_blobs import SealedBlobFolder
from models.store import confirmed, documents
from models.store.fresh import salvage_to_tell, salvage_was_told
from models.store.identity import Identity, keep_identity, read_identity
from models.store.locked import is_plain
from models.store.opening import open_store
from models.store.work import Work
from models.views import Kept
from models.wire import Malformed, decode
from services import enrolment
from services.cases import replay
from services.enrolment import Enrolled
from services.secrets import Secrets
from services.store_keys import key_of
from services.sync import succession
from services.sync.line import Line
from services.vault import Vault

T = TypeVar("T")
STORE_FILE, ATTACHMENTS = "store.sqlite", "attachments"


class Station:
    """A workstation's file before anybody sits at it: opened, migrated, registered with its centre."""

    def __init__(self, folder: Path, address: str, clock: Clock, secrets: Secrets | None = None) -> None:
        """Asks `secrets` (the keyring's, unless others are given) for the store's key: may take seconds. Refused as
        models/store/opening.py and services/store_keys.py say."""
        self.folder = folder
        self.address = address
        self.clock = clock
        self._file = folder / STORE_FILE
        self.secrets = secrets or Secrets(folder, address, Vault(within))
        key = key_of(self.secrets, self._file)
        self.engine = open_store(self._file, clock.wall_ms(), key)
        self._has_key = key is not None
        lie = folder / ATTACHMENTS
        sealed = key is not None and not is_plain(self._file)
        self.blobs = SealedBlobFolder(lie, key.raw) if key is not None and sealed else BlobFolder(lie)
        self.rules: Rules | None = None
        with self.work() as work:
            self.identity = read_identity(work)
            body = documents.read(work.connection, documents.REFERENCE)
            self.salvage = salvage_to_tell(work.connection)
        if self.device:
            with contextlib.suppress(Refused, OSError):  # the next start will do
                keep_identity(self._file, self.identity)
        if body is not None:
            self._read_reference(body)

    @property
    def device(self) -> str:
        """Its id; "" before enrolment."""
        return self.identity.device

    @property
    def unit(self) -> str:
        """The unit whose feed it reads."""
        return self.identity.unit

    @property
    def slot(self) -> str:
        """The letter of its case numbers."""
        return self.identity.slot

    def kept(self) -> Kept:
        """How what must not be read lies on this workstation."""
        is_open = is_plain(self._file)
        store = "encrypted" if not is_open else "waiting" if self._has_key else "plain"
        secrets = self.secrets
        file = str(secrets.file) if secrets.plain else ""
        return Kept(file, secrets.is_sealed, store, is_movable=secrets.vault.file is not None)

    def _read_reference(self, body: bytes) -> None:
        """A document that cannot be read is fetched again, like one that was never there."""
        try:
            self.rules = Rules(decode(body, Reference))
        except Malformed:
            with self.work() as work:
                documents.forget(work.connection, documents.REFERENCE)
                work.forget_meta("reference")
                work.commit()

    def salvage_was_told(self) -> None:
        """The person knows what the damage took."""
        with self.work() as work:
            self.show_salvaged(work)
        self.salvage = None

    def show_salvaged(self, work: Work) -> None:
        """What was salvaged shows on the screen before the centre answers."""
        if self.rules is not None:
            replay(work, *confirmed.touched(work.connection))
        salvage_was_told(work.connection)
        work.commit()

    def work(self) -> Work:
        """A unit of work for the time before the database thread runs."""
        return Work(self.engine, self.rules, self.clock, id_source(self.clock))

    def line(self) -> Line:
        """A connection as this device. Refused("token_unreadable") when its token or key cannot be read; may take
        seconds."""
        if not self.device:
            return Line(self.address, self.clock)
        known = enrolment.credentials(self.secrets, self.device, self.identity.public_key)
        return Line(self.address, self.clock, known, succession.trusted(self.identity))

    def ask(self, call: Callable[[Line], T]) -> T:
        """One question on a line of its own. Refused("token_unreadable") and what the question says; may take seconds."""
        line = self.line()
        try:
            return call(line)
        finally:
            line.close()

    def keep_registration(self, made: Enrolled) -> None:
        """Remember who this device is; its token and its key go to the keyring."""
        enrolment.keep_secrets(self.secrets, made)
        with self.work() as work:
            enrolment.keep(work, made, self.address)
            work.commit()
        self.became(made)

    def became(self, made: Enrolled) -> None:
        """The store says that it is this device; so does the note beside it from now on."""
        self.trusts(enrolment.identity_of(made))

    def trusts(self, identity: Identity) -> None:
        """So says the store by now; lines that are made from here on trust whom it says."""
        self.identity = identity
        keep_identity(self._file, identity)

    def fetch_reference(self) -> Rules:
        """The reference data: from the file, or the first time from the centre."""
        if self.rules is None:
            name, body = self.ask(lambda line: line.reference())
            rules = Rules(decode(body, Reference))
            with self.work() as work:
                documents.put(work.connection, documents.REFERENCE, body)
                work.write_meta("reference", name)
                work.commit()
            self.rules = rules
        return self.rules
