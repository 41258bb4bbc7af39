"""A workstation whose store is encrypted seals the photographs that lie beside it in plain, in the background, at its start."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop.open_file import OpenFile
from desktop.station import ATTACHMENTS, Station
from desktop.workers import within
from models.blob_folder import BlobFolder
from models.clock import SystemClock
from models.rules import Rules
from models.sealed_blobs import SealedBlobFolder
from services.sealed_file import new_sealed_file
from services.secrets import Secrets
from services.vault import Vault
from tests.store.make_sample import unpacked
from tests.ui.conftest import until

ELSEWHERE = "https://127.0.0.1:9"
PHOTOS = [bytes([number]) * (50_000 * number) for number in range(1, 6)]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(within, new_sealed_file(tmp_path / "secrets.sealed", "old bridge at the river 1984"))


def test_photographs_from_before_are_sealed_while_work_goes_on(
    application: QApplication, rules: Rules, vault: Vault, tmp_path: Path
) -> None:
    folder = tmp_path / "station"
    folder.mkdir()
    unpacked(folder)
    plain = BlobFolder(folder / ATTACHMENTS)
    names = [plain.take_bytes(body, 1 << 30).sha256 for body in PHOTOS]
    station = Station(folder, ELSEWHERE, SystemClock(), Secrets(folder, ELSEWHERE, vault))
    assert isinstance(station.blobs, SealedBlobFolder) and station.kept().store == "encrypted"
    assert [station.blobs.read(name, 0, 1 << 20) for name in names] == PHOTOS, "at once, as they lie"
    file = OpenFile(station, rules)
    until(lambda: not any(plain.has(name) for name in names))
    assert [station.blobs.read(name, 0, 1 << 20) for name in names] == PHOTOS
    lying = [f for f in (folder / ATTACHMENTS).rglob("*") if f.is_file()]
    for found in lying:
        assert not any(body[:1_000] in found.read_bytes() for body in PHOTOS), found
        assert not any(name in str(found) for name in names), "nor can anybody look a photograph up by its hash"
    file.end()
    station.engine.dispose()
    again = Station(folder, ELSEWHERE, SystemClock(), Secrets(folder, ELSEWHERE, vault))
    assert [again.blobs.read(name, 0, 1 << 20) for name in names] == PHOTOS
    again.engine.dispose()


def test_beside_a_store_that_stays_plain_nothing_is_sealed(tmp_path: Path) -> None:
    """Its key would be found by nobody at the next start."""
    folder = tmp_path / "station"
    folder.mkdir()
    unpacked(folder)
    station = Station(folder, "http://127.0.0.1:9", SystemClock(), Secrets(folder, "http://127.0.0.1:9", Vault(None)))
    assert station.kept().store == "plain" and not isinstance(station.blobs, SealedBlobFolder)
    station.engine.dispose()
