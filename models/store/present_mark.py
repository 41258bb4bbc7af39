"""Where a store keeps the latest instant that has surely come, and each person's wrong guesses without the line: among its facts, so
that the salvage of a damaged store brings them along."""

from __future__ import annotations

from typing import TypeVar

from models.evidence import Moment
from models.guesses import Guesses
from models.present_mark import Mark, corrected, raised, surely_ms
from models.store.work import Work
from models.wire import Malformed, decode, encode

T = TypeVar("T")
MARK, GUESSES = "present_mark", "guesses:"


def surely(work: Work) -> int:
    """Not before this instant is it now (ms UTC): by the mark, and by the centre's clock as this boot knows it."""
    mark, present = _mark(work), work.present()
    return max(surely_ms(mark, work.clock.boot_id(), work.clock.mono_ms()), _lo(work, mark, present))


def raise_mark(work: Work) -> None:
    """Keep what is sure by now. Does not commit."""
    mark = _mark(work)
    _keep(work, raised(mark, work.clock.boot_id(), work.clock.mono_ms(), _lo(work, mark, work.present())))


def hear(work: Work, heard: Moment) -> None:
    """The centre has just said that it is `heard` now. Does not commit."""
    _keep(work, corrected(_mark(work), work.clock.boot_id(), work.clock.mono_ms(), heard))


def guesses(work: Work, person: str) -> Guesses:
    """The person's wrong passwords in a row."""
    return _read(work, GUESSES + person, Guesses) or Guesses()


def keep_guesses(work: Work, person: str, found: Guesses) -> None:
    """Count them so from now on; none leaves an empty value, for the salvage (models/store/offline_pass.py). Does not commit."""
    if found.count or work.read_meta(GUESSES + person):
        work.write_meta(GUESSES + person, encode(found).decode())


def _lo(work: Work, mark: Mark | None, present: Moment) -> int:
    """What is sure beside the mark. Without a reading in this boot that is what the centre told in earlier ones: the mark knows of
    that, and of its being taken back."""
    return present.lo if mark is None or work.anchor() is not None else 0


def _mark(work: Work) -> Mark | None:
    return _read(work, MARK, Mark)


def _keep(work: Work, mark: Mark) -> None:
    work.write_meta(MARK, encode(mark).decode())


def _read(work: Work, name: str, kind: type[T]) -> T | None:
    """One that cannot be read was never written: it costs nobody his way in."""
    try:
        return decode(work.read_meta(name).encode(), kind)
    except Malformed:
        return None
