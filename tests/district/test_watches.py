"""What the service looks after by itself goes on, whatever goes wrong once."""

from __future__ import annotations

import asyncio
import logging
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from district import app, restored
from district.app import create_app
from district.keys import CentreKeys
from district.opening import open_centre, open_database
from district.store.documents import write_meta
from models.blob_folder import BlobFolder
from tests.district.parties import CENTRE_KEY, HandClock


async def _until(is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came")


@pytest.mark.parametrize("ends_in_trouble", [False, True])
def test_a_folder_that_cannot_be_written_for_a_while_is_written_again(
    made_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    ends_in_trouble: bool,
) -> None:
    """Nothing else remembers outside the database how far the order had come."""
    monkeypatch.setattr(app, "_HEAD_EVERY_SECONDS", 0.02)
    copy, folder = shutil.copy(made_file, tmp_path / "district.sqlite"), tmp_path / "keys"
    engine = open_database(f"sqlite:///{copy}")
    centre = open_centre(engine, HandClock(), keys=CentreKeys(CENTRE_KEY), blobs=BlobFolder(tmp_path / "blobs"))
    served = create_app(centre, head_folder=folder)

    async def serve() -> None:
        async with served.router.lifespan_context(served):
            await _until(lambda: restored.kept_head(folder) is not None)
            shutil.rmtree(folder)
            monkeypatch.setattr(restored, "kept_head", lambda _folder: None)
            monkeypatch.setattr(restored, "write_whole", _full)
            await _until(lambda: "a watch failed" in caplog.text)
            if not ends_in_trouble:
                monkeypatch.undo()
                await _until(lambda: restored.kept_head(folder) is not None)

    with caplog.at_level(logging.ERROR, "district"):
        asyncio.run(serve())
    assert not Path(f"{copy}-wal").exists(), "ended in order"
    caplog.clear()


def test_a_file_is_whole_by_itself_although_a_watch_was_at_work_at_the_end(
    made_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever copies the file of a service that has ended in order copies everything."""
    monkeypatch.setattr(app, "_LOOK_EVERY_SECONDS", 0.02)
    copy, looks = shutil.copy(made_file, tmp_path / "district.sqlite"), threading.Event()
    engine = open_database(f"sqlite:///{copy}")
    centre = open_centre(engine, HandClock(), keys=CentreKeys(CENTRE_KEY), blobs=BlobFolder(tmp_path / "blobs"))
    served = create_app(centre, head_folder=tmp_path / "keys")

    def slow() -> None:
        with centre.reading() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM log").scalar()
            looks.set()
            time.sleep(0.3)

    monkeypatch.setattr(centre, "look_for_news", slow)

    async def serve() -> None:
        async with served.router.lifespan_context(served):
            with centre.writing() as connection:
                write_meta(connection, "something", "new")
            await _until(looks.is_set)

    asyncio.run(serve())
    assert not Path(f"{copy}-wal").exists()


def _full(*_words: object) -> None:
    raise OSError(28, "No space left on device")
