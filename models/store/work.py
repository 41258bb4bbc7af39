"""A unit of work: one gesture, one transaction, rolled back unless committed (house.md §4.2)."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, update

from models.clock import Clock
from models.errors import Bug
from models.evidence import Anchor, ClaimedTime, Moment, moment_by_anchor, unproven
from models.ids import NewId
from models.rules import Rules
from models.store.console_tables import anchor, meta

# Made once: every gesture asks them.
_META = select(meta.c.value).where(meta.c.name == bindparam("name"))
_SET_META = update(meta).where(meta.c.name == bindparam("of")).values(value=bindparam("value"))
_NEW_META = insert(meta)
_ANCHOR = select(anchor).where(anchor.c.boot == bindparam("boot"))
_PROVEN = select(func.max(anchor.c.server_ms))
_FORGET_ANCHOR = delete(anchor).where(anchor.c.boot == bindparam("of"))
_KEEP_ANCHOR = insert(anchor)


class Work:
    """Opened on the one database thread. `changed` collects the ids of cases whose rows moved, for the screens."""

    def __init__(self, engine: Engine, rules: Rules | None, clock: Clock, new_id: NewId) -> None:
        self._engine = engine
        self._rules = rules
        self.clock = clock
        self.new_id = new_id
        self.changed: set[str] = set()
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        self._connection = self._engine.connect()
        self._connection.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._connection is not None
        self._connection.close()
        self._connection = None

    @property
    def connection(self) -> Connection:
        """The open connection."""
        if self._connection is None:
            raise Bug("a unit of work is used outside its block")
        return self._connection

    @property
    def rules(self) -> Rules:
        """The reference data in force; Bug before the first one arrived."""
        if self._rules is None:
            raise Bug("no reference data yet")
        return self._rules

    def commit(self) -> None:
        """Make everything of this gesture durable."""
        self.connection.commit()

    # Small facts

    def read_meta(self, name: str, default: str = "") -> str:
        """A named fact of this store."""
        found = self.connection.execute(_META, {"name": name}).scalar()
        return default if found is None else str(found)

    def write_meta(self, name: str, value: str) -> None:
        """Set a named fact of this store."""
        changed = self.connection.execute(_SET_META, {"of": name, "value": value})
        if changed.rowcount == 0:
            self.connection.execute(_NEW_META, {"name": name, "value": value})

    def forget_meta(self, name: str) -> None:
        """The store no longer says anything by that name."""
        self.connection.execute(delete(meta).where(meta.c.name == name))

    # Time

    def anchor(self, boot: str = "") -> Anchor | None:
        """The best reading of the centre's clock in a boot, in this one when none is named."""
        found = self.connection.execute(_ANCHOR, {"boot": boot or self.clock.boot_id()}).first()
        return None if found is None else Anchor(found.server_ms, found.sent_mono_ms, found.round_trip_ms, found.boot)

    def keep_anchor(self, best: Anchor) -> None:
        """Keep a reading of the centre's clock in place of the one of the same boot."""
        self.connection.execute(_FORGET_ANCHOR, {"of": best.boot})
        values = {"server_ms": best.server_ms, "sent_mono_ms": best.sent_mono_ms, "round_trip_ms": best.round_trip_ms}
        self.connection.execute(_KEEP_ANCHOR, {"boot": best.boot, **values})

    def claimed_time(self) -> ClaimedTime:
        """What this workstation knows of the time now."""
        return ClaimedTime(self.clock.wall_ms(), self.clock.boot_id(), self.clock.mono_ms(), self.anchor())

    def proven_ms(self) -> int:
        """The latest instant the centre's clock has told this store, in whatever boot: surely past."""
        return int(self.connection.execute(_PROVEN).scalar() or 0)

    def present(self) -> Moment:
        """The present as far as it is known here: by anchor, else doubtful, after what is surely past (P6)."""
        return present(self.clock, self.anchor(), self.proven_ms())


def present(clock: Clock, last: Anchor | None, proven_ms: int) -> Moment:
    """The present, from the last anchor of this boot; without one, doubtful, and surely not before `proven_ms`."""
    proven = None if last is None else moment_by_anchor(clock.mono_ms(), clock.boot_id(), last)
    return unproven(clock.wall_ms(), proven_ms) if proven is None else proven
