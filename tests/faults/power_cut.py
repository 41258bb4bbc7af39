"""Power cuts of a workstation's real store: traced while people act, cut at random instants, opened again by the shipped code
(sync.md §5)."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from sqlalchemy import select, text

from models.store import outbox
from models.store.case_table import get_case
from models.store.console_tables import outbox as outbox_table
from models.store.opening import open_store
from models.store.store_key import StoreKey, new_store_key
from models.wire import GENESIS, chain_hash, decode_command
from tests.faults.disk_image import Disk, Step, steps
from tests.faults.processes import ROOT
from tests.invariants.at_rest import Violation, must

ACTS = 150
CALLS = "trace=openat,pwrite64,write,ftruncate,fsync,fdatasync,unlink,unlinkat"
NOW_MS = 1_795_402_800_000


def traced(folder: Path, key: StoreKey | None, acts: int = ACTS, synchronous: str = "") -> tuple[Disk, list[Step]]:
    """The folder as it was before, and everything that was done to it since."""
    store = folder / "store.sqlite"
    open_store(store, NOW_MS, key).dispose()
    before, trace = Disk(folder), folder.parent / "trace"
    command = ["strace", "-f", "-y", "-xx", "-s", "1000000", "-e", CALLS, "-o", str(trace), sys.executable, "-m"]
    command += ["tests.faults.writing", str(store), str(acts), key.secret if key else "", synchronous]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == acts
    return before, list(steps(trace.read_text(encoding="ascii", errors="replace"), folder))


def cut(before: Disk, done: list[Step], images: int, chance: random.Random, key: StoreKey | None) -> Counter[str]:
    """So many power cuts; Violation("I22") with the first that lost what was told, or left no sound store."""
    played = Counter[str]()
    instants = sorted(chance.randrange(len(done)) for _ in range(images))
    disk, told, place = before, set[str](), 0
    for instant in instants:
        for step in done[place:instant]:
            if step.what == "said":
                told.add(step.data.decode().strip())
            else:
                disk.take(step)
        place = instant
        with tempfile.TemporaryDirectory(prefix="cut-") as found:
            disk.after_a_cut(chance, Path(found))
            more = recovered(Path(found), told, key)
        played["power cut"] += 1
        played["acts there that nobody had been told of"] += more
    played["acts told at the last cut"] = len(told)
    return played


def recovered(folder: Path, told: set[str], key: StoreKey | None) -> int:
    """Open what is left: sound, with every act that was told, in one chain, each on its case's row. How many more."""
    store = folder / "store.sqlite"
    engine = open_store(store, NOW_MS, key)
    try:
        aside = [file.name for file in folder.iterdir() if "damaged" in file.name]
        must(not aside, "I22", f"taken for damaged: {aside}")
        with engine.connect() as connection:
            sound = str(connection.execute(text("PRAGMA integrity_check")).scalar())
            must(sound == "ok", "I22", sound)
            rows = connection.execute(select(outbox_table).order_by(outbox_table.c.dseq)).all()
            here = {row.cmd_id for row in rows}
            must(told <= here, "I22", f"{len(told - here)} of {len(told)} acts that were told saved are gone")
            head = GENESIS
            for number, row in enumerate(rows, start=1):
                must(row.dseq == number and decode_command(row.body).prev == head, "I2", f"the chain parts at {number}")
                head = row.hash
                must(chain_hash(decode_command(row.body).prev, row.body) == head, "I4", f"{number} is another act")
                case = get_case(connection, row.case_id)
                shown = case is not None and row.cmd_id in {step.cmd_id for step in case.history}
                must(shown and row.state == outbox.PENDING, "I14", f"{row.kind} {row.cmd_id} is not on its case")
        return len(here - told)
    finally:
        engine.dispose()


def play(images: int, seed: int, encrypted: bool) -> Counter[str]:
    """A store written and cut; and once more with SQLite told not to wait for the disk, which must be seen to lose acts."""
    chance = random.Random(f"power {seed}")
    key = new_store_key(chance.randbytes) if encrypted else None
    with tempfile.TemporaryDirectory(prefix="traced-") as place:
        folder = Path(place) / "station"
        folder.mkdir()
        return cut(*traced(folder, key), images, chance, key)


def control(seed: int, synchronous: str) -> bool:
    """True when the harness sees what is lost by a store that does not wait for the disk."""
    chance = random.Random(f"power {seed}")
    with tempfile.TemporaryDirectory(prefix="traced-") as place:
        folder = Path(place) / "station"
        folder.mkdir()
        try:
            cut(*traced(folder, None, synchronous=synchronous), 40, chance, None)
        except Violation as violation:
            return violation.rule == "I22"
    return False
