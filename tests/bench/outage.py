"""After a cut: how soon everything is settled, what an act weighs on the wire, and how soon another desk sees it.

    python -m tests.bench.outage [--consoles 20] [--acts 500]

A real district process on a real PostgreSQL, headless consoles of the shipped services. The acts are made while the line is
down, at the machine's own time: what is measured is their number, not eight hours of clocks.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import text

from models import commands as c
from models.organisation import OrganisationKind
from models.reference_files import EDITION, load_reference
from models.rules import Rules
from models.store import outbox
from models.store.engine import open_engine, open_file
from services.sync.machine import Push, Pushed
from tests.bench.measuring import note, say
from tests.bench.start import ROOT
from tests.real import postgres
from tests.whole.bad_line import bad_line
from tests.whole.parties import Centre, Console, initialise

MATTER = f"{EDITION}/matter/09005"
ROUNDS, LIVE_ACTS, WARMING = 200, 100, 10
UNCUT = 1 << 50


class OnPostgres:
    """A district process on PostgreSQL, ended with its server."""

    def __init__(self, folder: Path) -> None:
        self.server = postgres.Server(postgres.prepared_folder(folder / "pg"))
        self.url = self.server.url("outage")
        initialise(self.url)
        self.centre = Centre(self.url)

    def end(self) -> None:
        self.centre.end(signal.SIGKILL)
        self.server.stop("immediate")


def worked(console: Console, acts: int, station: str, market: str) -> None:
    """So many acts of a shift, none handed in: report, file, dispatch, and again."""
    made, case_id = 0, ""
    while made < acts:
        match made % 3:
            case 0:
                report = c.Report("", "volunteer", MATTER, f"店外堆放 {made}", "龙山路口", console.unit, station)
                case_id = console.act(report).case_id
            case 1:
                console.act(c.File(), case_id)
            case _:
                console.act(c.Dispatch(market), case_id)
        made += 1


def unsettled(console: Console) -> int:
    """Acts without a final verdict."""
    return len(console.database(lambda work: outbox.unsettled_ids(work.connection)))


def settled(console: Console) -> None:
    """Hand everything in, and hear of everything."""
    for _ in range(ROUNDS):
        console.settle()
        if not unsettled(console):
            return
    raise AssertionError(f"{console.unit}: {unsettled(console)} acts are still open")


def raw_rows_ms(file: Path, bodies: list[str], at_once: int) -> float:
    """The floor: the same texts into one table of the same disk, so many to a synced transaction."""
    engine = open_file(file)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE raw (body TEXT)"))
    began = time.perf_counter()
    for start in range(0, len(bodies), at_once):
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO raw VALUES (:b)"), [{"b": b} for b in bodies[start : start + at_once]])
    taken = (time.perf_counter() - began) * 1_000
    engine.dispose()
    return taken


def made_at(url: str, device: str = "") -> list[str]:
    """The acts the order holds, of one workstation or of all."""
    engine = open_engine(url)
    with engine.connect().execution_options(read_only=True) as connection:
        rows = connection.execute(text("SELECT device, body FROM log WHERE device <> 'D-centre'")).all()
    engine.dispose()
    return [str(row.body) for row in rows if device in ("", row.device)]


def bench_convergence(folder: Path, district: OnPostgres, rules: Rules, count: int, acts: int) -> None:
    """So many consoles come back at once."""
    towns = [o.code for o in rules.reference.organisations if o.kind is OrganisationKind.SUB_CENTRE]
    consoles = []
    for number in range(count):
        (folder / f"c{number}").mkdir()
        town = towns[number % len(towns)]
        consoles.append(Console(folder / f"c{number}", district.centre, town, f"{town}-clerk-1"))
        consoles[-1].settle()
    for console in consoles:
        worked(console, acts, rules.stations(console.unit)[0].code, f"{console.unit}-market")
    before = len(made_at(district.url))
    began = time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(settled, consoles))
    taken = (time.perf_counter() - began) * 1_000
    bodies = made_at(district.url)
    assert len(bodies) - before == count * acts, "each once"
    floor = raw_rows_ms(folder / "raw.sqlite", bodies, 200)
    say(f"{count} consoles x {acts} acts settled", taken, floor, 0)
    note(f"    {count * acts / taken * 1_000:,.0f} acts a second, consoles and centre on this one machine")
    for console in consoles:
        console.close()


def bench_one_console(folder: Path, district: OnPostgres, rules: Rules, acts: int = 1_000) -> None:
    """One console with a thousand acts, through a counting line; then live acts between two."""
    town = next(o.code for o in rules.reference.organisations if o.kind is OrganisationKind.SUB_CENTRE)
    with bad_line(district.centre.port, UNCUT, 1) as line:
        console = Console(folder, district.centre, town, f"{town}-clerk-2")
        console.line.address = f"http://127.0.0.1:{line.port}"
        console.settle()
        worked(console, acts, rules.stations(town)[0].code, f"{town}-market")
        sent, received = line.sent, line.received
        began = time.perf_counter()
        while console.exchange.do(Push(), console.line) == Pushed(more=True):
            pass
        pushed = (time.perf_counter() - began) * 1_000
        settled(console)
        taken = (time.perf_counter() - began) * 1_000
        up, down = (line.sent - sent) / acts, (line.received - received) / acts
        bodies = made_at(district.url, console.desk.device)
        floor = raw_rows_ms(folder / "one.sqlite", bodies, 200)
        say(f"{acts:,} acts pushed", pushed, floor, 500)
        say(f"{acts:,} acts pushed and settled", taken, floor, 0)
        whole = statistics.fmean(len(b.encode()) for b in bodies)
        note(f"    on the wire an act: {up:.0f} bytes up, {down:.0f} down; its text alone: {whole:.0f}")
        console.line.address = district.centre.address
        _live(folder, district, console, f"{town}-clerk-1")
        console.close()


def _live(folder: Path, district: OnPostgres, console: Console, person: str) -> None:
    """From saved at one console to applied at another that waits, each a process of its own."""
    watching = [sys.executable, "-m", "tests.bench.watching", str(folder), district.centre.address]
    watching += [district.centre.code(console.unit), console.unit, person]
    other = subprocess.Popen(watching, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    try:
        while other.stdout.readline() != "ready\n":
            assert other.poll() is None, "it has ended"
        told: dict[str, float] = {}
        for number in range(-WARMING, LIVE_ACTS):
            report = c.Report("", "volunteer", MATTER, "店外堆放", "龙山路口", console.unit, f"{console.unit}003")
            case_id = console.act(report).case_id
            if number >= 0:
                told[case_id] = time.monotonic()
            console.settle_acts()
            time.sleep(0.1)
        time.sleep(1)
    finally:
        other.kill()
    seen: dict[str, float] = {}
    for line in other.stdout:
        case_id, at = line.split()
        seen.setdefault(case_id, float(at))
    asked = []
    for _ in range(LIVE_ACTS):
        began = time.perf_counter()
        console.line.hello()
        asked.append((time.perf_counter() - began) * 1_000)
    late = sorted((seen[i] - told[i]) * 1_000 for i in told)
    say("live, saved here to applied there, p50", statistics.median(late), 2 * statistics.median(asked), 10)
    say("live, p95", late[int(len(late) * 0.95)], 2 * sorted(asked)[int(len(asked) * 0.95)], 20)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--consoles", type=int, default=20)
    parser.add_argument("--acts", type=int, default=500)
    asked = parser.parse_args()
    rules = Rules(load_reference(ROOT / "resources" / "reference"))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as base:
        folder = Path(base)
        folder.chmod(0o755)
        district = OnPostgres(folder)
        try:
            (folder / "one").mkdir()
            bench_one_console(folder / "one", district, rules)
            bench_convergence(folder, district, rules, asked.consoles, asked.acts)
        finally:
            district.end()


if __name__ == "__main__":
    main()
