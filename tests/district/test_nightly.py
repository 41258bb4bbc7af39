"""The nightly audit: made once a night by a process of its own, kept on a sheet, told at the operator's desk (district/nightly.py)."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from district.nightly import Nightly, command_of
from district.sheets import audits, folder_of, keep, look, remember
from models.clock import DAY_MS, HOUR_MS, MINUTE_MS, SystemClock
from models.store.engine import open_engine
from models.workstations import Audited, Audits
from tests.district.parties import HandClock

MIDNIGHT_MS = 1_780_243_200_000 // DAY_MS * DAY_MS - 8 * HOUR_MS
"""Beijing time."""


def made(at_ms: int, contradictions: int = 0) -> Audited:
    return Audited(at_ms, 1, 3, "f" * 64, 2, contradictions, ["gseq 2: not dense"][:contradictions], "audit-1.txt")


def test_it_is_due_once_a_night_or_as_soon_as_there_is_a_service_again(tmp_path: Path) -> None:
    clock = HandClock(MIDNIGHT_MS + 10 * HOUR_MS)
    nightly = Nightly(tmp_path, [], clock)  # type: ignore[arg-type]
    assert not nightly.is_due() and audits(tmp_path) == Audits(clock.now_ms), "the first waits for the night"
    clock.now_ms += 16 * HOUR_MS + 59 * MINUTE_MS
    assert not nightly.is_due()
    clock.now_ms += MINUTE_MS
    assert nightly.is_due() and clock.now_ms == MIDNIGHT_MS + DAY_MS + 3 * HOUR_MS
    remember(tmp_path, Audits(1, made(clock.now_ms)))
    assert not nightly.is_due()
    clock.now_ms += DAY_MS - 1
    assert not nightly.is_due()
    clock.now_ms += 5 * DAY_MS
    assert nightly.is_due(), "it was switched off for five nights"
    clock.now_ms -= 7 * DAY_MS
    assert nightly.is_due(), "the clock was set back: what was noted is no reason to wait a week"
    clock.now_ms += 7 * DAY_MS
    assert Nightly(tmp_path, [], clock, at_hour=2).is_due()  # type: ignore[arg-type]


def night(folder: Path, url: str, at_ms: int) -> Nightly:
    """The service's, at that instant."""
    words = f"{at_ms}:{SystemClock().mono_ms()}:1"
    return Nightly(folder, command_of(url, folder, words), HandClock(at_ms + MINUTE_MS))  # type: ignore[arg-type]


def test_a_sheet_is_kept_of_every_night_and_a_contradiction_is_said_aloud(
    made_file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url, at = f"sqlite:///{shutil.copy(made_file, tmp_path / 'district.sqlite')}", MIDNIGHT_MS + 3 * HOUR_MS
    folder = folder_of(url, tmp_path, None)
    assert folder == tmp_path / "district.audits"
    remember(folder, Audits(at - DAY_MS))
    engine = open_engine(url)
    keep(folder, look(engine, at))
    found = audits(folder)
    assert found is not None and found.last is not None and found.since_ms == at - DAY_MS
    assert (found.last.gseq, found.last.cases, found.last.contradictions) == (1, 0, 0)
    sheet = (folder / found.last.sheet).read_text(encoding="utf-8")
    for wanted in (
        "北京时间",
        "03:00:00",
        found.last.head,
        "核对人签字",
        "contradictions:     0",
        "epoch:              1",
        "last entry:     1",
    ):
        assert wanted in sheet
    with engine.begin() as connection:
        connection.execute(text("UPDATE log SET outcome = 'rejected' WHERE gseq = 1"))
    engine.dispose()
    with caplog.at_level(logging.ERROR, "district"):
        asyncio.run(night(folder, url, at + DAY_MS).look(asyncio.Event()))
    told = audits(folder)
    assert told is not None and told.last is not None and told.last.contradictions > 0
    assert told.last.first[0] == "gseq 1: the district's chain does not fit" and told.last.first[0] in caplog.text
    assert "chain does not fit" in (folder / told.last.sheet).read_text(encoding="utf-8")
    assert (folder / found.last.sheet).read_text(encoding="utf-8") == sheet, "the old one stays as it was"
    caplog.clear()


def test_one_that_does_not_come_to_an_end_is_told_and_not_tried_again_at_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remember(tmp_path, Audits(MIDNIGHT_MS))
    clock = HandClock(MIDNIGHT_MS + 3 * HOUR_MS)
    nightly = Nightly(tmp_path, [sys.executable, "-c", "raise SystemExit(2)"], clock)  # type: ignore[arg-type]
    with caplog.at_level(logging.ERROR, "district"):
        for _ in range(2):
            asyncio.run(nightly.look(asyncio.Event()))
        assert caplog.text.count("did not come to an end") == 1
        clock.now_ms += HOUR_MS
        asyncio.run(nightly.look(asyncio.Event()))
    assert caplog.text.count("did not come to an end") == 2
    caplog.clear()


def test_a_service_that_ends_waits_for_no_audit(tmp_path: Path) -> None:
    remember(tmp_path, Audits(MIDNIGHT_MS))
    clock = HandClock(MIDNIGHT_MS + 3 * HOUR_MS)
    left = tmp_path / "left"
    program = f"import time; time.sleep(20); open({str(left)!r}, 'w')"
    nightly = Nightly(tmp_path, [sys.executable, "-c", program], clock)  # type: ignore[arg-type]

    async def ends_soon() -> None:
        ending = asyncio.Event()
        looks = asyncio.create_task(nightly.look(ending))
        await asyncio.sleep(0.3)
        assert not looks.done()
        ending.set()
        await asyncio.wait_for(looks, 10)

    asyncio.run(ends_soon())
    assert not left.exists()
