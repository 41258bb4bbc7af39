"""Whose word on the time counts: a reading of the centre's clock becomes an anchor only if it agrees with one that the centre's own key
has signed (sync.md §3.4, §3.7). Whoever stands in the centre's place, with a stolen certificate or on this machine's loopback, moves no
deadline.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

from models.clock import DAY_MS
from models.errors import Refused, Weather
from models.evidence import Anchor
from models.ids import SYSTEM_RANDOM, RandomBytes, new_token
from models.signed_time import SignedTime, is_signed_time
from models.store.work import Work
from services.sync.database import Database
from services.sync.kept_anchor import keep_anchor
from services.sync.line import Line
from services.sync.replies import Hello
from services.sync.time_anchor import agree

GOOD_FOR_MS = DAY_MS
"""So long a signed reading vouches for later ones: the counter may have run away by 17 s then."""

_SIGNS = "time_signed"
_log = logging.getLogger("sync")


class Told(NamedTuple):
    """What the centre said of the time when it was asked with this nonce (None: nothing), and the reading that the answer gives."""

    nonce: str
    said: SignedTime | None
    reading: Anchor | None


def ask(line: Line, random_bytes: RandomBytes = SYSTEM_RANDOM) -> Told:
    """Ask for the time, signed. Weather; Refused."""
    nonce = new_token(random_bytes)
    said = line.time(nonce)
    found, line.anchor = line.anchor, None
    return Told(nonce, said, found)


def counts(work: Work, told: Told) -> bool:
    """True when it is the centre's word. An older centre signs nothing, and is believed until this one has signed once: so nobody
    gets round the signature by leaving it out. A store of the time before keys has nothing to check with."""
    key = work.read_meta("centre_key")
    if not key:
        return True
    if told.said is None or not told.said.sig:
        return not work.read_meta(_SIGNS)
    is_its = is_signed_time(key, told.said, told.nonce)
    if is_its and not work.read_meta(_SIGNS):
        work.write_meta(_SIGNS, "1")
        work.commit()
    return is_its


class ProvedTime:
    """The readings of one store's lines."""

    def __init__(self, database: Database, random_bytes: RandomBytes = SYSTEM_RANDOM) -> None:
        self._database = database
        self._random_bytes = random_bytes
        self._signed: Anchor | None = None
        self._is_believed: bool | None = None
        """As was heard last, also without a signature; None: nobody was asked yet."""

    def greet(self, line: Line) -> Hello:
        """Greet, and hear the time signed with the same answer."""
        nonce = new_token(self._random_bytes)
        said = line.hello(nonce)
        self._hear(Told(nonce, said.time, line.anchor))
        return said

    def keep(self, line: Line, found: Anchor) -> None:
        """A reading has come over this line: keep it, if it is the centre's word and better than what is known."""
        if self._is_believed is None or (self._signed is not None and not self._vouches(found)):
            found = self._asked_again(line) or found
        if self._is_believed and (self._signed is None or self._vouches(found)):
            self._database(lambda work: keep_anchor(work, found))

    def _vouches(self, found: Anchor) -> bool:
        signed = self._signed
        if signed is None or signed.boot != found.boot:
            return False
        return found.sent_mono_ms - signed.sent_mono_ms <= GOOD_FOR_MS and agree(signed, found)

    def _asked_again(self, line: Line) -> Anchor | None:
        """The centre's clock was set, or somebody else says so; or it is long since it was signed."""
        try:
            self._hear(told := ask(line, self._random_bytes))
        except (Weather, Refused):
            return None
        return told.reading

    def _hear(self, told: Told) -> None:
        self._is_believed = self._database(lambda work: counts(work, told))
        is_signed = self._is_believed and told.said is not None and bool(told.said.sig)
        self._signed = told.reading if is_signed else None
        if not self._is_believed:
            _log.warning(
                "the time of the centre is not signed by the key this workstation knows it by: it is not taken"
            )
