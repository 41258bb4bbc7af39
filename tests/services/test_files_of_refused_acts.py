"""A file that came in a 交接包 without its act, which the centre has: when that act is refused nothing here hears of it, and the file must
not wait for ever (world 90)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.blob_folder import BlobFolder
from models.errors import Refused
from models.rules import Rules
from models.store import blobs
from services.sync.replies import StatusReply
from services.sync.uploads import Uploads
from tests.ui.every_state import EveryState

ACT, SHA256 = "an act of another workstation", "a" * 64


class Centre:
    """No case names the file; of the act it says this."""

    def __init__(self, outcome: str) -> None:
        self._known: list[Any] = [(ACT, outcome, None, 7)] if outcome else []

    def mono_ms(self) -> int:
        return 0

    def blob_stands(self, _case_id: str, _sha256: str) -> tuple[int, bool]:
        raise Refused("no_such_attachment")

    def status(self, ids: list[str]) -> StatusReply:
        assert ids == [ACT]
        return StatusReply(self._known, 0, "", 1, 0)


@pytest.mark.parametrize("outcome, waits", [("rejected", False), ("deferred", True), ("accepted", True), ("", True)])
def test_it_waits_as_long_as_its_act_may_stand(tmp_path: Path, rules: Rules, outcome: str, waits: bool) -> None:
    store = EveryState(tmp_path, rules)
    case_id = store.reported()
    with store.work() as work:
        blobs.enter_carried(work.connection, case_id, SHA256, 10, ACT, 1)
        work.commit()
        line: Any = Centre(outcome)
        Uploads(lambda job: job(work), BlobFolder(tmp_path / "blobs"), lambda: False).step(line)
        assert (blobs.next_to_send(work.connection) is not None) is waits
