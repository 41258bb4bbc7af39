"""Rules whose lack a world mends before anybody looks, or meets for seconds only: each in the smallest story in which it is missed,
told with the rule and without it (docs/world/README.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from district import breaches, recovered, recovery
from district.api import pull
from models import commands as c
from models.breach import BreachState
from models.case import Verdict
from models.clock import MINUTE_MS
from models.decide import intake
from models.errors import Refused
from models.evidence import Anchor, ClaimedTime
from models.store import outbox
from models.store.case_table import get_case
from models.wire import HeldHead
from services.sync import machine, round, unsent
from tests.district.in_process import InProcess
from tests.district.parties import REPORT, Station, open_district
from tests.district.test_clocks_again import Arrived
from tests.machines import rules_made_once
from tests.models.small_town import SQUAD, TOWN
from tests.services.console_here import ConsoleHere
from tests.world.mutants import rewritten
from tests.world.town import SMALL, moulds

_HAS_ALL = 'if held is None or held.dseq != device.head_dseq or held.hash not in ("", device.head_hash):'


def by_state(patch: pytest.MonkeyPatch) -> None:
    """A workstation sends what it holds for unsent, wherever the centre's head of its chain is (sync-R2)."""
    sent = "outbox.after(work.connection, head_dseq, BATCH, BATCH_BYTES)"
    rewritten(patch, unsent, "next_batch", (sent, "outbox.pending(work.connection)"))
    patch.setattr(round, "next_batch", unsent.next_batch)


def any_word_counts(patch: pytest.MonkeyPatch) -> None:
    """A workstation counts as heard of although it holds acts the centre has not got (sync.md §3.7)."""
    rewritten(patch, breaches, "hear", (_HAS_ALL, "if held is None:"))
    patch.setattr(pull, "hear", breaches.hear)


def by_version(patch: pytest.MonkeyPatch) -> None:
    """Whether a clerk had seen a fact is told by the version of the case that he saw (sync.md §3.6)."""
    named = "as_seen(theirs) != seen if seen is not None else"
    rewritten(patch, intake, "_nobody_else_changed", (named, "as_seen(theirs) != seen if False else"))


def clocks_not_compared(patch: pytest.MonkeyPatch) -> None:
    """An act that came to the same after a restore is not looked at for its clocks (docs/decisions/0010)."""

    class Uncompared:
        def __init__(self, *_told: Any) -> None:
            self.differing: dict[str, Any] = {}
            self.uncompared = 0

    patch.setattr(recovered, "Compared", Uncompared)


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[InProcess]:
    with rules_made_once():
        found = InProcess(tmp_path, moulds(SMALL).district)
        yield found
        found.close()


def stations(centre: InProcess, unit: str, first: int = 0) -> list[Station]:
    """All workstations of a unit from a number on."""
    places = [moulds(SMALL).places[unit, number] for number in range(first, SMALL.consoles)]
    return [Station(centre.ask, centre.clock, p.device, p.token, unit, 0, p.key) for p in places]


@pytest.mark.parametrize("is_broken", [False, True])
def test_it_sends_from_the_head_the_centre_reports(
    centre: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_broken: bool
) -> None:
    """The centre is put back while a workstation is at work and has heard nothing of it. What it does next goes in, after what
    was lost, and nobody is told that its chain has a gap: only then would a person have to come with a code."""
    if is_broken:
        by_state(monkeypatch)
    console = ConsoleHere(tmp_path, centre, TOWN, 1, "clerk")
    console.does(machine.TakeSnapshot())
    copy = centre.copied()
    case_id = console.act(REPORT).case_id
    console.does(machine.Push())
    console.does(machine.Pull())
    centre.put_back(copy)
    console.act(c.File(), case_id)
    if is_broken:
        with pytest.raises(Refused, match="chain_gap"):
            console.does(machine.Push())
    else:
        console.does(machine.Push())
        with centre.centre.reading() as connection:
            found = get_case(connection, case_id)
        assert found is not None and found.filed_at is not None
        assert console.database(lambda work: outbox.unsent(work.connection)).count == 0
    console.close()


@pytest.mark.parametrize("is_broken", [False, True])
def test_a_word_counts_only_when_no_act_is_missing(
    centre: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_broken: bool
) -> None:
    """Somebody arrived in time and said so; his workstation asks for news before it has handed that in. With the rule the breach
    stays provisional and is taken back; without it, it becomes final by the word of the very workstation that holds the act."""
    if is_broken:
        any_word_counts(monkeypatch)
    town, console = stations(centre, TOWN)[0], ConsoleHere(tmp_path, centre, SQUAD, 1, "squad-officer")
    case_id = town.new_id()
    town.push(*[town.act("clerk", args, case_id) for args in (REPORT, c.File(), c.Dispatch(SQUAD))])
    console.does(machine.TakeSnapshot())
    console.does(machine.Pull())
    lead = console.case(case_id).lead  # type: ignore[union-attr]
    assert lead is not None and lead.delivered_at is not None
    centre.clock.now_ms += 30 * MINUTE_MS
    console.does(machine.Pull())
    console.act(c.Arrive(lead.id), case_id)
    centre.clock.now_ms += 31 * MINUTE_MS
    assert breaches.look(centre.centre) == 1
    for station in (town, *stations(centre, TOWN, 1), stations(centre, SQUAD)[0], *stations(centre, SQUAD, 2)):
        says_that_it_holds_no_more(station)
    for _ in range(2):  # the notice of the breach, and then: it has come
        console.does(machine.Pull())
    breaches.look(centre.centre)
    assert state_of(centre, case_id, f"{lead.id}:arrival") is (
        BreachState.FINAL if is_broken else BreachState.PROVISIONAL
    )
    console.does(machine.Push())
    assert state_of(centre, case_id, f"{lead.id}:arrival") is BreachState.WITHDRAWN, "whenever it comes"
    console.does(machine.Pull())
    clock = console.case(case_id).clock(f"{lead.id}:arrival")  # type: ignore[union-attr]
    assert clock is not None and clock.verdict is Verdict.ON_TIME
    console.close()


@pytest.mark.parametrize("is_broken", [False, True])
def test_a_value_is_seen_by_itself_and_not_by_the_version_of_its_case(
    centre: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_broken: bool
) -> None:
    """The centre is put back, and what had made the case's versions is lost for good. One clerk corrects its place; another, who
    has heard of nothing and has a higher version on his screen, corrects what stood there before. A world must lose a workstation
    for that, and wait until nobody expects it back."""
    if is_broken:
        by_version(monkeypatch)
    first = ConsoleHere(tmp_path, centre, TOWN, 1, "clerk")
    first.does(machine.TakeSnapshot())
    case_id = first.act(REPORT).case_id
    first.does(machine.Push())
    copy = centre.copied()
    cut_off = ConsoleHere(tmp_path, centre, TOWN, 2, "clerk-2")
    cut_off.does(machine.TakeSnapshot())
    for _ in range(3):
        first.act(c.Note("记"), case_id)
    first.does(machine.Push())
    first.close()
    cut_off.does(machine.Pull())
    centre.put_back(copy)
    centre.clock.now_ms += recovery.LONGEST_MS
    recovery.advance(centre.centre)
    other = ConsoleHere(tmp_path, centre, TOWN, 3, "clerk")
    other.does(machine.TakeSnapshot())
    other.act(c.Describe(place="东门"), case_id)
    other.does(machine.Push())
    cut_off.act(c.Describe(place="西门"), case_id)
    cut_off.does(machine.Push())
    with centre.centre.reading() as connection:
        found = get_case(connection, case_id)
    assert found is not None and found.place == ("西门" if is_broken else "东门")
    for console in (cut_off, other):
        console.close()


@pytest.mark.parametrize("is_broken", [False, True])
def test_clocks_are_compared_after_a_restore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_broken: bool) -> None:
    """A late arrival becomes one in time, since its delivery was made anew: without the rule nothing is said to differ."""
    if is_broken:
        clocks_not_compared(monkeypatch)
    with open_district(f"sqlite:///{tmp_path}/district.sqlite") as district:
        arrived = Arrived(district, tmp_path)
        arrived.save()
        arrived.squad.pull()
        act, was = arrived.arrives(75)
        was = arrived.knowing(was)
        arrived.put_back()
        report = arrived.again(act, was)
        assert arrived.clock.verdict is Verdict.ON_TIME and was[0].clocks[arrived.clock.id].verdict == "late"
        assert report.differing == (0 if is_broken else 1)


def says_that_it_holds_no_more(station: Station) -> None:
    now = station.now()
    held = HeldHead(station.dseq, ClaimedTime(now, "b", now, Anchor(now, now, 0, "b")))
    station.pull(held=msgspec.to_builtins(held))


def state_of(centre: InProcess, case_id: str, clock: str) -> BreachState:
    with centre.centre.reading() as connection:
        case = get_case(connection, case_id)
    assert case is not None
    found = case.breach(clock)
    assert found is not None
    return found.state
