"""What a workstation learnt of the time after it had acted (sync.md §3.7): a reading of the centre's clock that comes later in the same
boot proves when an act was made as well as one from before it. It goes beside the acts, which are sealed."""

from __future__ import annotations

from functools import partial

from models.evidence import Anchor
from models.store.work import Work
from models.wire import PushReply, Sealed, UnknownKind, decode_command
from services.sync.database import Database
from services.sync.line import Line

_WITHOUT_ONE = '"anchor":null'


def push(database: Database, line: Line, batch: list[Sealed]) -> PushReply:
    """Hand acts in, with what is known by now of the boots in which some were made without a reading."""
    proved_by_nothing = [sealed for sealed in batch if _WITHOUT_ONE in sealed.body]
    found = database(partial(readings, batch=proved_by_nothing)) if proved_by_nothing else ()
    return line.push(batch, found)


def readings(work: Work, batch: list[Sealed]) -> tuple[Anchor, ...]:
    """The reading of each boot in which one of these acts was made without any, where there has been one since."""
    boots = dict.fromkeys(boot for sealed in batch if (boot := _made_without(sealed)))
    return tuple(found for boot in boots if (found := work.anchor(boot)) is not None)


def _made_without(sealed: Sealed) -> str:
    try:
        time = decode_command(sealed.body).time
    except UnknownKind:
        return ""
    return time.boot if time.anchor is None else ""
