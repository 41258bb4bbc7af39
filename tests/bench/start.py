"""From nothing to a window: the console against a hello-world window of the same toolkit, each a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from desktop.station import Station
from models.clock import SystemClock
from models.reference_files import load_reference
from models.store import documents
from models.wire import encode
from tests.bench.measuring import median_ms, say

ROOT = Path(__file__).parents[2]

HELLO = (
    "from PySide6.QtWidgets import QApplication, QWidget; a=QApplication([]); w=QWidget(); w.show(); a.processEvents()"
)
CONSOLE = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
a = QApplication([])
from desktop.console import Console
from desktop.station import Station
from models.clock import SystemClock
from models.store.identity import Identity
from services.session import Entered
s = Station(Path(sys.argv[1]), "http://127.0.0.1:9", SystemClock())
s.identity = Identity("D", "341002102", "A")
c = Console(s, Entered("341002102-clerk-1", "", True))
c.window.show(); a.processEvents(); c.end()
"""


OPENING = """
import sys
from PySide6.QtWidgets import QApplication
from desktop import commands
from desktop.opening import Opening
a = commands._application()
Opening(a)
"""


def bench_start(folder: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}

    def start(code: str, *arguments: str) -> None:
        subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, env=environment, check=True, timeout=60)

    station = Station(folder / "start", "http://127.0.0.1:9", SystemClock())
    with station.work() as work:
        body = encode(load_reference(ROOT / "resources" / "reference"))
        documents.put(work.connection, documents.REFERENCE, body)
        work.commit()
    station.engine.dispose()
    start(CONSOLE, str(folder / "start"))
    hello = median_ms(lambda: start(HELLO), 7)
    say("cold start to the opening window (no store yet)", median_ms(lambda: start(OPENING), 7), hello, 1.4)
    whole = median_ms(lambda: start(CONSOLE, str(folder / "start")), 7)
    say("cold start to the queue (empty store)", whole, hello, 1.4)
