"""A workstation in a process of its own that makes acts with no line, writes its 交接包, and waits to be killed.

`python -m tests.whole.dying_console FOLDER`, with what it needs to know in FOLDER/told.json.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from models.blob_folder import BlobFolder
from models.clock import SystemClock
from models.files import write_pieces
from models.ids import id_source
from models.rules import Reference, Rules
from models.signing import SigningKey
from models.store import documents
from models.store.engine import open_file
from models.store.work import Work
from models.wire import decode
from services import cases, handover
from services.desk import Desk
from tests.whole.test_let_in_again import REPORT


def main() -> None:
    told = decode(Path(sys.argv[1], "told.json").read_bytes(), dict[str, str])
    clock, engine = SystemClock(), open_file(Path(told["store"]))
    desk = Desk(told["person"], told["unit"], told["device"], told["slot"])
    with Work(engine, None, clock, id_source(clock)) as work:
        body = documents.read(work.connection, documents.REFERENCE)
    assert body is not None
    rules = Rules(decode(body, Reference))
    ids = []
    for _ in range(5):
        with Work(engine, rules, clock, id_source(clock)) as work:
            ids.append(cases.act(work, desk, REPORT).cmd_id)
            work.commit()
    with Work(engine, rules, clock, id_source(clock)) as work:
        gathered = handover.gather(work)
    folder = BlobFolder(Path(told["store"] + ".blobs"))
    packed = handover.packed(gathered, folder, SigningKey(told["secret"]), told["passphrase"])
    write_pieces(Path(told["file"]), packed.pieces, 0o600)
    with Work(engine, rules, clock, id_source(clock)) as work:
        cases.act(work, desk, REPORT)
        work.commit()
    sys.stdout.write(" ".join(ids) + "\n")
    sys.stdout.flush()
    time.sleep(60)


if __name__ == "__main__":
    main()
