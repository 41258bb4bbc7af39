"""A console whose store was damaged speaks with a real centre again: what was read is sent once, and acting goes on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from models import commands as c
from models.case import State
from models.reference_files import EDITION
from models.store import outbox
from models.store.engine import open_engine
from models.store.fresh import Salvage, salvage_to_tell
from models.store.identity import keep_identity
from models.store.opening import is_damaged, open_store
from models.store.rechain import CHAIN_UNSURE
from services import cases, tray
from services.sync.machine import Phase, Sync
from services.sync.round import Exchange
from tests.whole.parties import Centre, Console

TOWN = "341002102"
STATION = f"{TOWN}003"
MARKET = f"{TOWN}-market"
CLERK = f"{TOWN}-clerk-1"
STALLS = f"{EDITION}/matter/09005"
PAGE = 4096


@pytest.fixture
def centre(demo_url: str) -> Iterator[Centre]:
    found = Centre(demo_url)
    yield found
    found.end(signal.SIGKILL)


@pytest.fixture
def clerk(centre: Centre, tmp_path: Path) -> Iterator[Console]:
    (tmp_path / "clerk").mkdir()
    made = Console(tmp_path / "clerk", centre, TOWN, CLERK)
    keep_identity(store_of(made), made.identity)
    assert made.settle().phase is Phase.ONLINE
    yield made
    made.close()


def store_of(console: Console) -> Path:
    return Path(str(console.engine.url.database))


def report_and_dispatch(console: Console, number: int) -> list[str]:
    """Three acts; returns their ids."""
    reported = console.act(c.Report("", "grid", STALLS, f"事项{number}", "路口", TOWN, STATION, words="占道" * 60))
    filed = console.act(c.File(), reported.case_id)
    return [reported.cmd_id, filed.cmd_id, console.act(c.Dispatch(MARKET), reported.case_id).cmd_id]


def reopen(console: Console) -> Salvage:
    """The program starts again on the damaged file."""
    file = store_of(console)
    console.engine.dispose()
    assert is_damaged(file)
    console.engine = open_store(file, console.clock.wall_ms())
    console.exchange = Exchange(console.database, console.unit, console._rules_arrived, wait_seconds=0)
    console.sync = Sync()
    told = console.database(lambda work: salvage_to_tell(work.connection))
    assert told is not None
    return told


def overwrite_page_of(console: Console, dseq: int) -> None:
    with console.engine.connect().execution_options(read_only=True) as connection:
        body = connection.execute(text("SELECT body FROM outbox WHERE dseq = :n"), {"n": dseq}).scalar()
    console.engine.dispose()
    file = store_of(console)
    raw = bytearray(file.read_bytes())
    at = raw.index(str(body).encode()) // PAGE * PAGE
    raw[at : at + PAGE] = bytes(range(256)) * (PAGE // 256)
    file.write_bytes(bytes(raw))


def at_centre(centre: Centre, device: str) -> list[tuple[int, str, str]]:
    """(place, id, outcome) of every act in the centre's order that this device handed in."""
    engine = open_engine(centre.database_url)
    with engine.connect().execution_options(read_only=True) as connection:
        asked = text("SELECT dseq, cmd_id, outcome FROM log WHERE device = :device ORDER BY gseq")
        rows = [(int(r.dseq), str(r.cmd_id), str(r.outcome)) for r in connection.execute(asked, {"device": device})]
    engine.dispose()
    return rows


def test_what_was_read_is_sent_once_in_order_around_a_hole(centre: Centre, clerk: Console) -> None:
    first = [i for n in range(4) for i in report_and_dispatch(clerk, n)]
    clerk.settle()
    centre.end(signal.SIGKILL)
    made = [i for n in range(4, 16) for i in report_and_dispatch(clerk, n)]
    overwrite_page_of(clerk, 30)
    told = reopen(clerk)
    assert told.missing and told.acts == 36 - told.missing
    kept = clerk.database(
        lambda work: (
            work.connection.execute(text("SELECT cmd_id FROM outbox WHERE state='pending' ORDER BY dseq"))
            .scalars()
            .all()
        )
    )
    assert kept == [i for i in made if i in set(kept)]
    later = report_and_dispatch(clerk, 99)
    centre.start()
    assert clerk.settle().phase is Phase.ONLINE
    clerk.settle()
    arrived = at_centre(centre, clerk.desk.device)
    assert [i for _, i, _ in arrived] == [*first, *kept, *later], "each once, in the order they were made"
    assert [dseq for dseq, _, _ in arrived] == list(range(1, len(arrived) + 1)), "the chain has no hole"
    assert clerk.database(lambda work: outbox.unsent(work.connection)).count == 0
    assert clerk.database(lambda work: work.read_meta(CHAIN_UNSURE)) == ""
    refused = [i for _, i, outcome in arrived if outcome == "rejected"]
    shown = clerk.database(lambda work: tray.items(work, clerk.desk))
    assert {item.cmd_id for item in shown} == set(refused), "what hung on a lost act waits in the tray"
    assert clerk.database(lambda work: states(work)) == {"settled"}


def states(work) -> set[str]:  # type: ignore[no-untyped-def]
    return set(work.connection.execute(text("SELECT state FROM outbox")).scalars())


def test_acts_that_had_arrived_without_an_answer_are_not_counted_twice(centre: Centre, clerk: Console) -> None:
    """The centre has them, this store does not know: killed between the push and its reply, then damaged."""
    made = [i for n in range(3) for i in report_and_dispatch(clerk, n)]
    file = store_of(clerk)
    clerk.engine.dispose()
    before = file.read_bytes()
    clerk.settle()
    more = [i for n in range(3, 5) for i in report_and_dispatch(clerk, n)]
    clerk.settle()
    clerk.engine.dispose()
    file.write_bytes(bytes(100) + before[100:])
    told = reopen(clerk)
    assert (told.acts, told.missing) == (9, 0), "the last six are not in this image at all"
    after = report_and_dispatch(clerk, 6)
    assert clerk.settle().phase is Phase.ONLINE
    clerk.settle()
    arrived = at_centre(centre, clerk.desk.device)
    assert [i for _, i, _ in arrived] == [*made, *more, *after]
    assert all(outcome == "accepted" for _, _, outcome in arrived)
    rows = clerk.database(
        lambda work: work.connection.execute(text("SELECT count(*) FROM case_row WHERE state='dispatched'")).scalar()
    )
    assert rows == 6, "the base came back from the centre"


def test_a_store_lost_with_everything_goes_on_as_the_same_device(centre: Centre, clerk: Console) -> None:
    made = report_and_dispatch(clerk, 1)
    clerk.settle()
    clerk.engine.dispose()
    store_of(clerk).write_bytes(b"")
    told = reopen(clerk)
    assert told == Salvage(told.file, 0, None) and told.file
    clerk.settle()
    (case_id,) = clerk.database(lambda work: work.connection.execute(text("SELECT id FROM case_row")).scalars().all())
    seen = clerk.case(case_id)
    assert seen is not None and seen.state is State.DISPATCHED
    after = report_and_dispatch(clerk, 2)
    assert clerk.settle().phase is Phase.ONLINE
    assert [i for _, i, _ in at_centre(centre, clerk.desk.device)] == [*made, *after]


def test_an_act_taken_back_stays_taken_back(centre: Centre, clerk: Console) -> None:
    centre.end(signal.SIGKILL)
    ids = report_and_dispatch(clerk, 1)

    def undo(work):  # type: ignore[no-untyped-def]
        done = cases.undo(work, clerk.desk, ids[-1])
        work.commit()
        return done

    taken_back = clerk.database(undo).cmd_id
    clerk.engine.dispose()
    raw = store_of(clerk).read_bytes()
    store_of(clerk).write_bytes(bytes(PAGE) + raw[PAGE:])
    assert reopen(clerk).acts == 4
    centre.start()
    assert clerk.settle().phase is Phase.ONLINE
    outcomes = {i: outcome for _, i, outcome in at_centre(centre, clerk.desk.device)}
    assert outcomes == {ids[0]: "accepted", ids[1]: "accepted", ids[2]: "rejected", taken_back: "accepted"}
