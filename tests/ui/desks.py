"""One store and a clock moved by hand, for the screens' tests; what takes long to fill is filled once and copied."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from models import commands as c
from models.case import Case
from models.evidence import Anchor
from models.ids import id_source
from models.rules import Rules
from models.store.case_table import get_case
from models.store.engine import open_file
from models.store.migrate import migrate
from models.store.work import Work
from services import cases
from services.desk import Desk
from services.sync.kept_anchor import keep_anchor
from tests.district.parties import HandClock

TOWN = "341002102"
START_MS = 1_795_399_200_000


class Copy(NamedTuple):
    """A store's file, and when it was taken (ms UTC)."""

    body: bytes
    now_ms: int


class Desks:
    """One store, acted on as the sub-centre's people at instants the test chooses."""

    def __init__(self, folder: Path, rules: Rules) -> None:
        self.clock = HandClock(START_MS)
        self.rules = rules
        self.file = folder / "store.sqlite"
        self.engine = open_file(self.file)
        migrate(self.engine)
        self.desk = Desk(f"{TOWN}-clerk-1", TOWN, "D-test", "A")
        with self.work() as work:
            keep_anchor(work, Anchor(START_MS, START_MS, 2, "hand"))

    def work(self) -> Work:
        return Work(self.engine, self.rules, self.clock, id_source(self.clock))

    def act(self, args: c.Args, case_id: str | None = None) -> str:
        with self.work() as work:
            done = cases.act(work, self.desk, args, case_id)
            work.commit()
        return done.case_id

    def all_cases(self, ids: list[str]) -> list[Case]:
        with self.work() as work:
            found = [get_case(work.connection, i) for i in ids]
        return [f for f in found if f is not None]

    def copied(self) -> Copy:
        """All that is in the store now, and the time."""
        self.engine.dispose()
        assert not self.file.with_name(self.file.name + "-wal").exists(), "closed, with nothing left in a log beside it"
        return Copy(self.file.read_bytes(), self.clock.now_ms)

    def take(self, copy: Copy) -> None:
        """Be as that store was."""
        self.engine.dispose()
        assert not self.file.with_name(self.file.name + "-wal").exists(), "somebody is reading"
        self.file.write_bytes(copy.body)
        self.clock.now_ms = copy.now_ms
