"""What the parts of a day cost at one sub-centre, each beside the least that the same steps take in the same run.

The floors: for what is kept, the same bytes into one table of an encrypted store, in a synced transaction; for what is asked of
the centre, a greeting, which asks it nothing; for what is read, the driver's own cursor with the shortest question that has the
same answer.
"""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from district import breaches
from district.centre import Centre as Service
from models import commands as c
from models.clock import SystemClock
from models.errors import Weather
from models.store import carried, cursors, outbox, past_cases
from models.store.console_tables import outbox as outbox_table
from models.store.engine import open_engine, open_file
from models.store.opening import is_damaged
from models.store.work import Work
from models.views import QueueQuery
from services import attachments, queue, requester
from services.sync.machine import Pull, Pulled, Push
from tests.bench.measuring import in_turn_ms, median_ms, p95, say
from tests.bench.newcomer import KEY
from tests.bench.outage import MATTER, settled, worked
from tests.whole.parties import Console

ACTS, BATCH, PAGE = 60, 200, 500
BATCHES, PAGES, LOOKS = 6, 3, 30
PUT_AWAY_IN = 50
"""One of so many acts of earlier years did not take effect, and was put away."""
SEARCHED = "市场"
_BODIES = text("SELECT body FROM outbox ORDER BY dseq DESC LIMIT :n")
_DOCUMENTS = text("SELECT document FROM case_row ORDER BY reported_at DESC LIMIT :n")


class Raw:
    """One table of an encrypted store."""

    def __init__(self, file: Path) -> None:
        self._engine = open_file(file, KEY)
        with self._engine.begin() as connection:
            connection.execute(text("CREATE TABLE raw (body BLOB)"))

    def keep(self, bodies: list[Any]) -> None:
        """These bytes, synced."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("INSERT INTO raw VALUES (?)", [(body,) for body in bodies])
            connection.commit()

    def close(self) -> None:
        self._engine.dispose()


def own_past(console: Console, database: str, acts: int) -> None:
    """So many acts that this workstation made in earlier years: rows of its outbox, copied from three it made now. The centre is
    told where their chain ends, and has not got them."""
    worked(console, 3, f"{console.unit}003", f"{console.unit}-market")
    settled(console)
    console.line.head = None
    with console.engine.begin() as connection:
        columns = [column.name for column in outbox_table.columns]
        last, head = connection.execute(text("SELECT dseq, hash FROM outbox ORDER BY dseq DESC LIMIT 1")).one()
        given = {
            "dseq": f"{last} + n",
            "cmd_id": "cmd_id || '-' || n",
            "case_id": "case_id || '-' || n",
            "outcome": f"CASE WHEN n % {PUT_AWAY_IN} THEN outcome ELSE 'rejected' END",
            "closed_at": f"CASE WHEN n % {PUT_AWAY_IN} THEN NULL ELSE made_at END",
            "hash": f"CASE WHEN n = {acts} THEN '{head}' ELSE hash END",
        }
        connection.execute(
            text(
                f"WITH RECURSIVE some(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM some WHERE n < {acts})"
                f" INSERT INTO outbox ({', '.join(columns)}) SELECT {', '.join(given.get(x, x) for x in columns)}"
                f" FROM some JOIN outbox ON dseq = {last} - n % 3"
            )
        )
    engine = open_engine(database)
    with engine.begin() as connection:
        end = {"d": console.desk.device, "n": last + acts}
        connection.execute(text("UPDATE device SET head_dseq = :n WHERE id = :d"), end)
    engine.dispose()


def read(console: Console, job: Callable[[Work], object]) -> Callable[[], object]:
    """The job, as it is asked of the console's database thread."""
    return lambda: console.database(job)


def raw(console: Console, question: str) -> Callable[[], object]:
    """A question past everything but the driver."""

    def asked() -> object:
        with console.engine.connect().execution_options(read_only=True) as connection:
            return connection.exec_driver_sql(question).fetchall()

    return asked


def newest(console: Console, question: Any, many: int) -> list[Any]:
    """The bytes that the last acts were, or the last cases are."""
    return console.database(lambda work: list(work.connection.execute(question, {"n": many}).scalars()))


def _greeted(console: Console) -> None:
    """A connection that has been idle may be closed at the very moment: nobody measures the next one."""
    with contextlib.suppress(Weather):
        console.line.hello()


def _saving(one: Console, floor: Raw) -> None:
    report = c.Report("", "volunteer", MATTER, "店外堆放", "龙山路口", one.unit, f"{one.unit}003")
    one.act(report)
    same = [*newest(one, _BODIES, 1), *newest(one, _DOCUMENTS, 1)]
    least, took = [], []
    for _ in range(ACTS):
        least.append(median_ms(lambda: floor.keep(same), 1))
        took.append(median_ms(lambda: one.act(report), 1))
    say("an act, click to durable", statistics.median(took), statistics.median(least), 0)
    say("an act, click to durable, p95", p95(took), p95(least), 0)


def _pushing(one: Console, floor: Raw) -> None:
    settled(one)
    took, least = [], []
    for _ in range(BATCHES):
        worked(one, BATCH, f"{one.unit}003", f"{one.unit}-market")
        bodies = newest(one, _BODIES, BATCH)
        _greeted(one)
        least.append(median_ms(lambda same=bodies: (one.line.hello(), floor.keep(same)), 1))  # type: ignore[misc]
        took.append(median_ms(lambda: one.exchange.do(Push(), one.line), 1))
        assert not one.database(lambda work: outbox.unsent(work.connection).count)
    say(f"{BATCH} acts pushed", statistics.median(took), statistics.median(least), 0)


def _pulling(one: Console, other: Console, floor: Raw) -> None:
    took, least = [], []
    for _ in range(PAGES):
        settled(one)
        other.settle()
        while _behind(other, one) < PAGE:
            worked(one, BATCH, f"{one.unit}003", f"{one.unit}-market")
            settled(one)
        _greeted(other)
        took.append(median_ms(lambda: other.exchange.do(Pull(), other.line), 1))
        same = newest(other, _DOCUMENTS, PAGE // 3)
        least.append(median_ms(lambda rows=same: (other.line.hello(), floor.keep(rows)), 1))  # type: ignore[misc]
    say(f"a page of {PAGE} entries taken in", statistics.median(took), statistics.median(least), 0)
    other.settle()


def _place(console: Console) -> cursors.Cursor:
    found = console.database(lambda work: cursors.read(work.connection, console.unit))
    assert found is not None
    return found


def _behind(console: Console, other: Console) -> int:
    return _place(other).sseq - _place(console).sseq


def _hearing(one: Console, other: Console) -> None:
    report = c.Report("", "volunteer", MATTER, "店外堆放", "龙山路口", one.unit, f"{one.unit}003")
    took, least = [], []
    _greeted(one)
    for _ in range(ACTS // 2):
        one.act(report)
        least.append(median_ms(lambda: (one.line.hello(), other.line.hello()), 1))
        began = time.perf_counter()
        one.settle_acts()
        fact = other.exchange.do(Pull(), other.line)
        took.append((time.perf_counter() - began) * 1_000)
        assert isinstance(fact, Pulled) and fact.has_news
    say("an act handed in and heard of", statistics.median(took), statistics.median(least), 0)
    say("an act handed in and heard of, p95", p95(took), p95(least), 0)


def _looking(one: Console) -> None:
    def opened(work: Work) -> None:
        queue.page(work, one.desk, QueueQuery(), 0, 50)
        queue.counts(work, one.desk)

    def found(work: Work) -> object:
        return queue.page(work, one.desk, QueueQuery(chip="all", text=SEARCHED), 0, 50)

    def told(work: Work) -> object:
        return (
            outbox.unsent(work.connection),
            outbox.not_effective(work.connection),
            carried.not_effective(work.connection),
        )

    page = "SELECT * FROM case_row WHERE is_open = 1 ORDER BY due_sort, id LIMIT 50"
    both = raw(one, page), raw(one, "SELECT count(*), sum(length(state)) FROM case_row")
    least, took = in_turn_ms(lambda: [part() for part in both], read(one, opened), LOOKS)
    say("the queue opened: page and figures", took, least, 0)
    scan = raw(one, f"SELECT count(*) FROM case_search WHERE plain LIKE '%{SEARCHED}%'")
    least, took = in_turn_ms(scan, read(one, found), LOOKS)
    say("searched by two letters", took, least, 0)
    least, took = in_turn_ms(raw(one, "SELECT value FROM meta LIMIT 1"), read(one, told), LOOKS)
    say("what the line's light says, each exchange", took, least, 0)


def _tidying(one: Console, floor: Raw) -> None:
    def job(work: Work) -> None:
        attachments.tidy(work, one.blobs)
        requester.erase_old(work, Path("none"))
        past_cases.let_go(work.connection, SystemClock().wall_ms(), 500)
        work.commit()

    least, took = in_turn_ms(lambda: [floor.keep([b"1"]) for _ in range(3)], read(one, job), LOOKS)
    say("the day's tidying on a workstation", took, least, 0)


def _opening(one: Console) -> None:
    """At each start every page is looked at once."""
    file = Path(str(one.engine.url.database))
    assert not is_damaged(file, KEY)
    least, took = in_turn_ms(file.read_bytes, lambda: is_damaged(file, KEY), 5)
    say(f"the store looked at, at a start ({file.stat().st_size / 1e6:.0f} MB)", took, least, 0)


def _told_where(one: Console) -> None:
    place = _place(one)
    _greeted(one)
    tell = lambda: one.line.checkpoint(place.epoch, one.unit, (place.sseq, place.chain), ())  # noqa: E731
    assert tell().agrees
    least, took = in_turn_ms(one.line.hello, tell, LOOKS)
    say("a checkpoint", took, least, 0)


def _at_the_centre(one: Console, database: str) -> None:
    engine = open_engine(database)
    service = Service(engine, SystemClock())

    def due() -> None:
        with service.reading() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM case_row WHERE is_open = 1").fetchall()

    least, took = in_turn_ms(due, lambda: breaches.findings(service), LOOKS)
    say("the centre's watch over due times", took, least, 0)
    least, took = in_turn_ms(due, lambda: Service(engine, SystemClock()), 5)
    say("the centre's reading at its start", took, least, 0)
    engine.dispose()


def _snapshot_anew(one: Console) -> None:
    """After each change: what a second workstation of the unit, or one that has lost its place, waits for."""
    report = c.Report("", "volunteer", MATTER, "店外堆放", "龙山路口", one.unit, f"{one.unit}003")
    took = []
    for _ in range(5):
        one.act(report)
        settled(one)
        took.append(median_ms(one.line.snapshot, 1))
    say("the sub-centre's snapshot made anew", statistics.median(took), median_ms(one.line.hello, LOOKS), 0)


def bench_day(folder: Path, one: Console, other: Console, database: str) -> None:
    """Every line, one after another: two desks of one unit, both in step with the centre."""
    floor = Raw(folder / "raw.sqlite")
    _snapshot_anew(one)
    _saving(one, floor)
    _pushing(one, floor)
    _pulling(one, other, floor)
    _hearing(one, other)
    _looking(one)
    _tidying(one, floor)
    _opening(one)
    settled(one)
    _told_where(one)
    _at_the_centre(one, database)
    floor.close()
