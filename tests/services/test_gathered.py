"""What goes into a 交接包, and what somebody is told who has nothing of his own to put into one (docs/decisions/0016)."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from models.errors import Refused
from models.rules import Rules
from models.store import carried, outbox
from models.store.carried import Carried, CarriedAct
from services import handover
from tests.ui.every_state import EveryState


@pytest.fixture
def acts(tmp_path: Path, rules: Rules) -> tuple[CarriedAct, ...]:
    """One act of another workstation."""
    folder = tmp_path / "other"
    folder.mkdir()
    store = EveryState(folder, rules)
    store.reported()
    with store.work() as work:
        return tuple(carried.carried_act(sealed) for sealed in outbox.pending(work.connection))


def refused(tmp_path: Path, rules: Rules, *others: Carried) -> Refused:
    store = EveryState(tmp_path, rules)
    with store.work() as work:
        work.write_meta("public_key", "x")
        for one in others:
            carried.put(work.connection, one)
        with pytest.raises(Refused) as found:
            handover.gather(work)
    return found.value


def test_only_those_are_named_of_whom_something_waits(
    tmp_path: Path, rules: Rules, acts: tuple[CarriedAct, ...]
) -> None:
    came = tuple(replace(act, outcome="accepted", gseq=4) for act in acts)
    found = refused(tmp_path, rules, Carried("D-a", "A", came), Carried("D-b", "B", acts))
    assert (found.code, found.args_by_name) == ("handover_only_carried", {"count": 1, "of": "B"})


def test_what_the_centre_would_not_take_for_a_hole_waits(
    tmp_path: Path, rules: Rules, acts: tuple[CarriedAct, ...]
) -> None:
    found = refused(tmp_path, rules, Carried("D-b", "B", acts, refusal=carried.GAP))
    assert (found.code, found.args_by_name) == ("handover_only_carried", {"count": 1, "of": "B"})
