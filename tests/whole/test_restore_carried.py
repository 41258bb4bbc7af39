"""A centre put back to last night's copy decides what a colleague carries (交接包) in the order it had, as it does everybody's own
acts (D14, docs/decisions/0010, 0016). The one who made it comes back no more."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models import commands as c
from models.errors import Refused
from models.recovery import Was
from models.store import carried
from models.store.work import Work
from services import tray
from services.sync import carrying
from services.sync.machine import Phase
from tests.whole.conftest import TOWN
from tests.whole.parties import Centre, Console
from tests.whole.test_handover import (
    carrier,
    maker,
    taken_in,
    written,
)
from tests.whole.test_let_in_again import REPORT
from tests.whole.test_restore import (
    MARKET,
    STATION,
    district,
    end_recovery,
    file_of,
    lead_of,
    put_back,
    verdicts,
)

__all__ = ["carrier", "maker", "put_back"]

Dispatched = tuple[Console, str, str]


def copied(centre: Centre, tmp_path: Path) -> None:
    """What `put_back` puts back."""
    centre.end()
    shutil.copyfile(file_of(centre), tmp_path / "copy.sqlite")
    centre.start()


@pytest.fixture
def dispatched(
    centre: Centre,
    maker: Console,
    carrier: Console,
    tmp_path: Path,
) -> Iterator[Dispatched]:
    """A dead workstation dispatched a case, and a colleague carried that in; a third desk dispatched it too late and to another.
    The third desk, the case, the carried act."""
    second = Console(tmp_path, centre, TOWN, f"{TOWN}-clerk-2")
    second.settle()
    case_id = second.act(REPORT).case_id
    second.act(c.File(), case_id)
    for console in (second, maker, carrier, second):
        console.settle()
    copied(centre, tmp_path)
    first = maker.act(c.Dispatch(MARKET), case_id).cmd_id
    taken_in(carrier, written(maker))
    maker.close()
    second.act(c.Dispatch(STATION), case_id)
    for console in (carrier, second, carrier, second):
        console.settle()
    assert verdicts(second, case_id)[-1] == ("rejected", "already_dispatched_to")
    yield second, case_id, first
    second.close()


@pytest.mark.parametrize("carrier_comes", ["first", "last"])
def test_what_was_carried_is_decided_where_it_stood(
    centre: Centre,
    carrier: Console,
    dispatched: Dispatched,
    put_back: Callable[[], None],
    carrier_comes: str,
) -> None:
    second, case_id, _ = dispatched
    before = verdicts(second, case_id)
    put_back()
    order = (carrier, second) if carrier_comes == "first" else (second, carrier)
    for console in order * 3:
        assert console.settle().phase is Phase.ONLINE
    assert lead_of(second, case_id) == lead_of(carrier, case_id) == MARKET
    assert verdicts(second, case_id) == before
    told = district("recovery", "--database", centre.database_url).stdout
    assert "2 acts offered again, 2 decided, 0 differ, 0 wait" in told
    assert "the clocks of 0 could not be compared" in told


def test_without_the_carriers_word_it_is_decided_last(
    carrier: Console, dispatched: Dispatched, put_back: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule taken away: worlds miss it in one of forty, as a maker who comes back tells of the same."""
    monkeypatch.setattr(carrying, "tell_lost", lambda _line, _lost: None)
    second, case_id, _ = dispatched
    put_back()
    for console in (second, carrier) * 3:
        assert console.settle().phase is Phase.ONLINE
    assert lead_of(second, case_id) == STATION


def test_only_what_was_lost_is_told_of(
    centre: Centre,
    carrier: Console,
    dispatched: Dispatched,
    put_back: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, _, first = dispatched
    (was,) = [act for found in carrier.database(lambda w: carried.every(w.connection)) for act in found.acts]
    told: list[Was] = []
    tell = carrier.line.tell_lost

    def heard(lost: list[Was]) -> None:
        told.extend(lost)
        tell(lost)

    monkeypatch.setattr(carrier.line, "tell_lost", heard)
    put_back()
    carrier.settle()
    (one,) = told
    assert (one.cmd_id, one.epoch, one.gseq, one.outcome) == (first, 1, was.gseq, "accepted") and was.gseq > 0
    assert [clock.stage for clock in one.clocks.values()] == ["dispatch"], "its maker may never come to tell"
    told.clear()

    def another_past(work: Work) -> None:
        carried.offer_again(work.connection, 2)
        work.commit()

    end_recovery(centre)
    carrier.settle()
    carrier.database(another_past)
    carrier.settle()
    assert told == [], "the centre has it: asked by its id, it said so"


def test_an_older_centre_takes_them_although_it_knows_no_such_word(
    carrier: Console,
    dispatched: Dispatched,
    put_back: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(_lost: list[Was]) -> None:
        raise Refused("no_such_call")

    monkeypatch.setattr(carrier.line, "tell_lost", unknown)
    put_back()
    assert carrier.settle().phase is Phase.ONLINE
    (found,) = carrier.database(lambda w: carried.every(w.connection))
    assert found.handed and not found.refusal


def test_one_put_away_stays_away_while_it_comes_to_the_same(
    centre: Centre,
    maker: Console,
    carrier: Console,
    put_back: Callable[[], None],
    tmp_path: Path,
) -> None:
    case_id = carrier.act(REPORT).case_id
    for console in (carrier, maker):
        console.settle()
    copied(centre, tmp_path)
    late = maker.act(c.Decline("不属城管"), case_id).cmd_id
    carrier.act(c.File(), case_id)
    carrier.settle()
    taken_in(carrier, written(maker))
    for _ in range(2):
        carrier.settle()
    carrier.database(lambda work: (tray.close(work, carrier.desk, late), work.commit()))
    maker.close()
    put_back()
    for _ in range(4):
        carrier.settle()
    ((found,),) = [one.acts for one in carrier.database(lambda w: carried.every(w.connection))]
    assert (found.outcome, found.was) == ("rejected", Was(late, 1, found.was.gseq if found.was else 0, *found.verdict))
    assert carrier.database(lambda work: tray.items(work, carrier.desk)) == ()
