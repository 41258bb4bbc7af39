"""200 MB by hand, once a release: `python -m tests.whole.large_file [MEGABYTES]` sends one file over a good line and over one
that is cut, and says what it took. The figures stand in docs/sync.md."""

from __future__ import annotations

import hashlib
import random
import signal
import sys
import tempfile
from pathlib import Path

from models import commands as c
from models.blob_folder import BlobFolder
from models.clock import SystemClock
from models.reference_files import EDITION
from models.store import blobs
from services.sync.driver import settle
from services.sync.line import Line
from services.sync.machine import Sync
from tests.whole.bad_line import BadLine, bad_line
from tests.whole.parties import Centre, Console, initialise

TOWN = "341002102"
REPORT = c.Report("", "grid", f"{EDITION}/matter/09005", "店外堆放", "龙山路口", TOWN, f"{TOWN}003")
MEGABYTE = 1024 * 1024
GOOD_LINE = 1 << 40
TRIES = 2_000


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory(prefix="large-") as made:
        folder, url = Path(made), f"sqlite:///{made}/district.sqlite"
        initialise(url)
        centre = Centre(url)
        clerk = Console(folder, centre, TOWN, f"{TOWN}-clerk-1")
        clerk.settle()
        case_id = clerk.act(REPORT).case_id
        clerk.settle()
        for seed, mean in ((1, GOOD_LINE), (2, 4 * MEGABYTE)):
            _send(folder, centre, clerk, case_id, size, seed, mean)
        clerk.close()
        centre.end(signal.SIGKILL)


def _send(folder: Path, centre: Centre, clerk: Console, case_id: str, size: int, seed: int, mean: int) -> None:
    file, chance, digest = folder / f"{seed}.mp4", random.Random(seed), hashlib.sha256()
    with file.open("wb") as opened:
        for _ in range(size):
            opened.write(piece := chance.randbytes(MEGABYTE))
            digest.update(piece)
    counter = SystemClock()
    began = counter.mono_ms()
    clerk.attach(case_id, file)
    added = counter.mono_ms()
    with bad_line(centre.port, mean, seed) as line:
        _all_of_it(clerk, case_id, digest.hexdigest(), line)
    took = counter.mono_ms() - added
    kept = BlobFolder(folder / "district.blobs").is_sound(digest.hexdigest())
    cuts = sum(line.cuts.values())
    told = f"{size} MB: added in {(added - began) / 1000:.1f} s, sent in {took / 1000:.1f} s"
    sys.stdout.write(
        f"{told}, {cuts} cuts, {line.sent / size / MEGABYTE:.3f} of its size sent, whole at the centre: {kept}\n"
    )


def _all_of_it(clerk: Console, case_id: str, sha256: str, bad: BadLine) -> None:
    line = Line(f"http://127.0.0.1:{bad.port}", clerk.clock, clerk.line._known)
    for _ in range(TRIES):
        settle(clerk.exchange, line, Sync(), lambda: 0.5, 10_000)
        held = clerk.database(lambda work: blobs.of_case(work.connection, case_id))[sha256]
        if held.state == blobs.SENT:
            break
    line.close()


if __name__ == "__main__":
    main()
