"""Who may sign in without the line after a damaged store was salvaged (models/store/offline_pass.py)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from models.errors import Refused
from models.store.carve import wal_path
from models.store.present_mark import MARK
from services import session
from tests.store.make_sample import CLERK, Workstation
from tests.store.test_salvage import PAGE, salvage_of, zero


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


def test_wrong_guesses_are_not_forgotten_with_the_damage(tmp_path: Path) -> None:
    """Spoiling the first page of the file would be the cheapest way to guess on at once."""
    station = Workstation(tmp_path / "store.sqlite")
    with station.work() as work:
        session.keep_pass(work, CLERK, "demo-2026", 7)
        for _ in range(5):
            with pytest.raises(Refused):
                session.sign_in_offline(work, CLERK, "nonsense")
        mark = work.read_meta(MARK)
    station.close()
    zero(0, PAGE)(station.file)
    again = Workstation(station.file)
    with again.work() as work:
        assert work.read_meta(MARK) == mark
        with pytest.raises(Refused, match="offline_guesses"):
            session.sign_in_offline(work, CLERK, "demo-2026")
    again.close()
