"""A real console tells a restored centre how the clocks of its acts were judged, and operators read where they came out otherwise."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from models import commands as c
from models.errors import Weather
from models.policy import Stage
from models.recovery import CLOCK_STARTED_ANEW
from services.sync.machine import TakeSnapshot
from tests.district.test_put_back_while_serving import copied
from tests.whole.parties import Centre, Console
from tests.whole.test_restore import MARKET, desks, district, end_recovery, file_of, put_back, reported

__all__ = ["desks", "put_back"]


@pytest.mark.parametrize("in_copy", [True, False], ids=["delivered_in_the_copy", "delivered_anew"])
def test_the_clock_an_arrival_had_stopped(
    centre: Centre, desks: tuple[Console, Console], tmp_path: Path, put_back: Callable[[], None], in_copy: bool
) -> None:
    clerk, market = desks
    case_id = reported(clerk)
    clerk.act(c.File(), case_id)
    clerk.act(c.Dispatch(MARKET), case_id)
    clerk.settle()
    if in_copy:
        market.settle()
    centre.end()
    shutil.copyfile(file_of(centre), tmp_path / "copy.sqlite")
    centre.start()
    market.settle()
    case = market.case(case_id)
    assert case is not None and case.lead is not None
    market.act(c.Arrive(case.lead.id), case_id)
    market.settle()
    case = market.case(case_id)
    assert case is not None and case.lead is not None
    was = case.clock_of(case.lead.id, Stage.ARRIVAL)
    assert was is not None and was.verdict is not None
    put_back()
    for console in (market, clerk, market):
        console.settle()
    end_recovery(centre)
    words = district("recovery", "--database", centre.database_url).stdout
    assert "1 acts offered again, 1 decided" in words and "the clocks of 0 could not be compared" in words
    if in_copy:
        assert "0 differ" in words
    else:
        assert "1 differ by a clock only" in words and f"now accepted {CLOCK_STARTED_ANEW}" in words
        assert f"arrival clock: was {was.verdict.value}, now" in words


@pytest.mark.landing
def test_a_receipt_is_shown_to_a_centre_put_back_while_it_serves(
    centre: Centre, desks: tuple[Console, Console], tmp_path: Path
) -> None:
    """Nobody greets it again; of what it forgot it sees the receipt all the same, before the act comes."""
    clerk, _ = desks
    case_id = reported(clerk)
    clerk.settle()
    copied(file_of(centre), tmp_path / "copy.sqlite")
    clerk.act(c.File(), case_id)
    clerk.settle()
    copied(tmp_path / "copy.sqlite", file_of(centre))
    try:
        clerk.exchange.do(TakeSnapshot(), clerk.line)
    except Weather:  # once a second the centre looks by itself: it noticed while it was being asked
        clerk.exchange.do(TakeSnapshot(), clerk.line)
    shown = centre.asked("SELECT value FROM meta WHERE name LIKE 'receipts_shown:%'")
    assert len(shown) == 1 and '"dseq":2' in shown[0][0]


@pytest.mark.landing
def test_what_acts_had_come_to_is_told_to_a_centre_put_back_while_it_serves(
    centre: Centre, desks: tuple[Console, Console], tmp_path: Path
) -> None:
    """Whoever acts first greets it no more, and hands in what it forgot: in the old order too, and compared as everybody's."""
    clerk, _ = desks
    case_id = reported(clerk)
    clerk.settle()
    copied(file_of(centre), tmp_path / "copy.sqlite")
    filed = clerk.act(c.File(), case_id).cmd_id
    clerk.settle()
    copied(tmp_path / "copy.sqlite", file_of(centre))
    clerk.act(c.Note("又一条"), case_id)
    clerk.settle_acts()
    assert centre.asked("SELECT cmd_id, epoch, outcome FROM lost") == [(filed, 1, "accepted")]
    (shown,) = centre.asked("SELECT value FROM meta WHERE name LIKE 'receipts_shown:%'")
    assert '"dseq":2' in str(shown[0])
    clerk.settle()
    words = district("recovery", "--database", centre.database_url).stdout
    assert "1 acts offered again, 1 decided, 0 differ" in words
