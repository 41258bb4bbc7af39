"""Makes the sample store of this version: `python -m tests.store.make_sample`. The same bytes of acts every time.

A sample is what a workstation of this version leaves behind when it is updated before the line was back: its own acts,
unsent, made through the shipped code; the reference data; a requester's record; an act taken back. Never change a sample
that was committed: a later version must open it as it is.
"""

from __future__ import annotations

import hashlib
import lzma
import random
import tempfile
from pathlib import Path

from sqlalchemy import insert

from models import commands as c
from models.clock import SECOND_MS
from models.ids import id_source
from models.reference_files import EDITION, load_reference
from models.rules import Rules
from models.store.console_tables import document
from models.store.opening import open_store
from models.store.store_key import StoreKey
from models.store.work import Work
from models.wire import encode
from services import cases
from services.desk import Desk

ROOT = Path(__file__).parents[2]
SAMPLES = Path(__file__).parent / "samples"
VERSIONS = {
    "first": "0001",
    "second": "0002",
    "third": "0003",
    "fourth": "0004",
    "fifth": "0005",
    "sixth": "0006",
    "seventh": "0007",
}
"""The samples, and the version of the store in each; the last is of today's program."""

REFERENCE = ROOT / "resources" / "reference"
TOWN = "341002102"
STATION = f"{TOWN}003"
MARKET = f"{TOWN}-market"
CLERK = f"{TOWN}-clerk-1"
STALLS = f"{EDITION}/matter/09005"
DEVICE, SLOT = "D-sample", "S"
CASES = 9
UNSENT = 3 * CASES + 1
"""Report, file, dispatch of each case, and one dispatch taken back."""


class SteadyClock:
    """A clock that moves one second each time the wall is read."""

    def __init__(self, start_ms: int = 1_795_399_200_000) -> None:
        self._now = start_ms

    def wall_ms(self) -> int:
        self._now += SECOND_MS
        return self._now

    def mono_ms(self) -> int:
        return self._now - 1_795_000_000_000

    def boot_id(self) -> str:
        return "sample-boot"


class Workstation:
    """A store and the clerk who acts on it, through the shipped code."""

    def __init__(self, file: Path, device: str = DEVICE, seed: int = 1, key: StoreKey | None = None) -> None:
        self.file = file
        self.clock = SteadyClock()
        self._new_id = id_source(self.clock, random.Random(seed).randbytes)
        reference = load_reference(REFERENCE)
        self.rules = Rules(reference)
        self.desk = Desk(CLERK, TOWN, device, SLOT)
        self.engine = open_store(file, self.clock.wall_ms(), key)
        body = encode(reference)
        with self.work() as work:
            if not work.read_meta("device"):
                for name, value in (("device", device), ("unit", TOWN), ("slot", SLOT)):
                    work.write_meta(name, value)
                work.connection.execute(insert(document).values(name="reference", body=body))
                work.write_meta("reference", hashlib.sha256(body).hexdigest())
                work.commit()

    def work(self) -> Work:
        return Work(self.engine, self.rules, self.clock, self._new_id)

    def act(self, args: c.Args, case_id: str | None = None) -> cases.Acted:
        with self.work() as work:
            acted = cases.act(work, self.desk, args, case_id)
            work.commit()
            return acted

    def case(self, number: int, requester: dict[str, str] | None = None) -> cases.Acted:
        """Report, file, dispatch: three acts. Returns the dispatch."""
        report = c.Report(
            "", "grid", STALLS, f"店外堆放{number}", f"龙山路口{number}号", TOWN, STATION, words="占道" * 20
        )
        with self.work() as work:
            case_id = cases.report(work, self.desk, report, requester or {}).case_id
            work.commit()
        self.act(c.File(), case_id)
        return self.act(c.Dispatch(MARKET), case_id)

    def undo(self, cmd_id: str) -> None:
        with self.work() as work:
            cases.undo(work, self.desk, cmd_id)
            work.commit()

    def close(self) -> None:
        self.engine.dispose()


def unpacked(folder: Path, name: str = "first") -> Path:
    """A copy of a sample as a file of its own."""
    file = folder / "store.sqlite"
    file.write_bytes(lzma.decompress(sample_file(name).read_bytes()))
    return file


def sample_file(name: str) -> Path:
    """Where a sample lies."""
    return SAMPLES / f"{name}.sqlite.xz"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = Workstation(Path(folder) / "store.sqlite")
        for number in range(1, CASES):
            made.case(number)
        last = made.case(CASES, {"name": "某甲", "phone": "100-0000-0000"})
        made.undo(last.cmd_id)
        made.close()
        whole = made.file.read_bytes()
    packed = sample_file(list(VERSIONS)[-1])
    assert not packed.exists(), "a sample that was committed is never changed: name the next one in VERSIONS"
    SAMPLES.mkdir(exist_ok=True)
    packed.write_bytes(lzma.compress(whole, preset=9 | lzma.PRESET_EXTREME))
    print(f"{packed.relative_to(ROOT)}: {packed.stat().st_size} bytes, {len(whole)} unpacked, {UNSENT} unsent acts")


if __name__ == "__main__":
    main()
