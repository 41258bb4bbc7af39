"""Who may sign in without the line after a damaged store was salvaged (models/store/offline_pass.py)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from models.errors import Refused
from models.store.carve import wal_path
from services import session
from tests.store.make_sample import CLERK, Workstation
from tests.store.test_salvage import salvage_of, zero


def test_a_dropped_sign_in_does_not_come_back(tmp_path: Path) -> None:
    """The log still has the page with the verifier of somebody whom the centre no longer lets in, and was cut off then."""
    station = Workstation(tmp_path / "store.sqlite")
    station.case(1)
    power_cut = tmp_path / "cut" / station.file.name
    power_cut.parent.mkdir()
    with station.work() as work:
        session.keep_pass(work, CLERK, "demo-2026", 7)
        session.keep_pass(work, "colleague", "demo-2026", 7)
        session.drop_pass(work, CLERK, "demo-2026", "account_disabled")
        with pytest.raises(Refused, match="no_offline_pass"):
            session.sign_in_offline(work, CLERK, "demo-2026")
    for file in (station.file, wal_path(station.file)):
        shutil.copyfile(file, power_cut.with_name(file.name))
    station.close()
    first_frame = 32 + 24
    zero(first_frame, 8)(wal_path(power_cut))
    again = Workstation(power_cut)
    assert salvage_of(power_cut).acts == 3
    with again.work() as work:
        assert session.sign_in_offline(work, "colleague", "demo-2026").offline
        with pytest.raises(Refused, match="no_offline_pass"):
            session.sign_in_offline(work, CLERK, "demo-2026")
        session.keep_pass(work, CLERK, "demo-2027", 7)
        assert session.sign_in_offline(work, CLERK, "demo-2027").offline, "let in again"
    again.close()
