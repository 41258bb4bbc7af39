"""A console in a process of its own that sends its files one piece for each line it is given: to be killed in the middle.

`python -m tests.whole.uploading_console FOLDER`, with what it needs to know in FOLDER/told.json.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from models.clock import SystemClock
from models.ids import id_source
from models.rules import Reference, Rules
from models.sealed_blobs import SealedBlobFolder
from models.signing import SigningKey
from models.store import documents
from models.store.engine import open_file
from models.store.work import Work
from models.wire import decode
from services.sync import machine
from services.sync.line import Credentials, Line
from services.sync.round import Exchange
from tests.whole.parties import BLOBS_KEY


class Told(msgspec.Struct):
    address: str
    store: str
    blobs: str
    unit: str
    device: str
    token: str
    secret: str


def main() -> None:
    told = decode(Path(sys.argv[1], "told.json").read_bytes(), Told)
    clock, engine = SystemClock(), open_file(Path(told.store))

    def database(job):  # type: ignore[no-untyped-def]
        with Work(engine, rules, clock, id_source(clock)) as work:
            return job(work)

    rules = None
    body = database(lambda work: documents.read(work.connection, documents.REFERENCE))
    rules = Rules(decode(body, Reference))
    exchange = Exchange(database, told.unit, lambda _rules: None, blobs=SealedBlobFolder(Path(told.blobs), BLOBS_KEY))
    line = Line(told.address, clock, Credentials(told.device, told.token, SigningKey(told.secret)))
    for _ in sys.stdin:
        fact = exchange.do(machine.Upload(), line)
        assert isinstance(fact, machine.Uploaded)
        sys.stdout.write(f"{fact.more}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
