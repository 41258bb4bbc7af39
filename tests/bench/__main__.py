"""Every figure, one after another."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from models.reference_files import load_reference
from models.rules import Rules
from tests.bench.deadlines import bench_deadline
from tests.bench.first_sync import bench_first_sync
from tests.bench.queue_pages import bench_store
from tests.bench.rebase import bench_rebase
from tests.bench.signing import bench_signing
from tests.bench.start import ROOT, bench_start
from tests.bench.tick import bench_tick


def main() -> None:
    application = QApplication([])
    qInstallMessageHandler(lambda *_: None)
    rules = Rules(load_reference(ROOT / "resources" / "reference"))
    with tempfile.TemporaryDirectory() as base:
        bench_deadline(rules)
        bench_signing()
        page, work = bench_store(Path(base), rules)
        bench_tick(application, page)
        work.__exit__(None, None, None)
        bench_start(Path(base))
        bench_first_sync(Path(base))
        (Path(base) / "rebase").mkdir()
        bench_rebase(Path(base) / "rebase")
    del application


if __name__ == "__main__":
    main()
