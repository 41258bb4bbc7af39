"""On a metered line photographs and files wait, acts do not (sync.md §3.9)."""

from __future__ import annotations

from pathlib import Path

from models.store import blobs, outbox
from models.store.work import Work
from services.sync.machine import Phase
from services.sync.round import Exchange
from tests.district.parties import REPORT, District
from tests.whole.parties import Console


def waits(desk: Console) -> tuple[int, int]:
    """Files, and acts, that the centre has not got."""

    def job(work: Work) -> tuple[int, int]:
        return blobs.count_unsent(work.connection), outbox.unsent(work.connection).count

    return desk.database(job)


def test_files_wait_while_the_line_is_metered_and_go_when_it_is_another(
    district: District, desk: Console, tmp_path: Path
) -> None:
    is_metered = [True]
    told = (desk.database, desk.unit, desk._rules_arrived)
    desk.exchange = Exchange(*told, wait_seconds=0, blobs=desk.blobs, holds_files=lambda: is_metered[0])
    file = tmp_path / "1.jpg"
    file.write_bytes(b"\xff\xd8" * 50_000)
    desk.attach(desk.act(REPORT).case_id, file)
    for _ in range(2):
        assert desk.settle().phase is Phase.ONLINE
        assert waits(desk) == (1, 0)
    is_metered[0] = False
    desk.settle()
    assert waits(desk) == (0, 0)
