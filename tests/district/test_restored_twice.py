"""Whose acts were lost is known as long as they are waited for, though a copy is put back once more meanwhile, or a workstation
notices before the service does: the old order is kept (sync.md §3.5, decision 0010)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from district import backup, restored
from district.keys import CentreKeys
from district.opening import open_centre, open_database
from district.past import Head, begin_new_epoch, head_of
from district.recovery import LONGEST_MS, UNSURE_MS, Recovery, advance, still_expected, under_way
from models import commands as c
from tests.district.parties import CENTRE_KEY, REPORT, District, open_district
from tests.district.test_put_back_while_serving import copied
from tests.district.test_recovery import WAITS, Two, receipt_of
from tests.models.small_town import TOWN


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with open_district(f"sqlite:///{tmp_path}/district.sqlite") as district:
        yield Two(district, tmp_path)


@pytest.fixture
def keys(two: Two, tmp_path: Path) -> Path:
    """Beside them stands what the service knew before the copy was put back."""
    centre = two.district.centre
    restored.keep_head(tmp_path / "keys", centre.knowing(centre._last, has_chains=True))
    return tmp_path / "keys"


def put_back(two: Two, copy: Path, keys: Path) -> None:
    """By the command."""
    backup.restore(copy, two.district.url, keys, two.district.clock.now_ms)
    two.district.clock.now_ms += 1_000


def waited_for(two: Two) -> Recovery | None:
    """As the database says that stands there now."""
    engine = open_database(two.district.url)
    with engine.connect() as connection:
        found = under_way(connection)
    engine.dispose()
    return found


def served(two: Two, keys: Path) -> bool:
    """The service is started and ended; True when the recovery is over at its first look."""
    url, clock = two.district.url, two.district.clock
    centre = open_centre(open_database(url), clock, keys=CentreKeys(CENTRE_KEY))
    restored.look_for_restore(centre, keys)
    is_over = advance(centre)
    restored.watch_head(centre, keys)
    centre.engine.dispose()
    return is_over


@pytest.mark.parametrize("is_served_between", [False, True])
def test_the_second_time_the_same_are_waited_for(two: Two, keys: Path, is_served_between: bool) -> None:
    lengths = {two.a.device: 3, two.b.device: 1}
    put_back(two, two.saved, keys)
    if is_served_between:
        assert not served(two, keys)
    put_back(two, two.saved, keys)
    found = waited_for(two)
    assert found is not None and (found.epoch, found.expected) == (3, lengths)
    assert not served(two, keys), "with nobody heard"
    known = restored.kept_head(keys)
    assert known is not None and known.devices == lengths


def test_what_the_first_copy_does_not_know_is_waited_for_after_the_second(two: Two, keys: Path) -> None:
    """The wrong copy was put back, and then a newer one."""
    two.offered(two.a, two.first, two.was["a"])
    new, newer = two.district.station(TOWN), two.saved.with_name("newer")
    new.does("clerk", REPORT)
    copied(two.file, newer)
    new.does("clerk", REPORT)
    restored.watch_head(two.district.centre, keys)
    for copy in (two.saved, newer):
        put_back(two, copy, keys)
    found = waited_for(two)
    assert found is not None and found.expected == {two.b.device: 1, new.device: 2}, (
        "the first one's are in the newer copy"
    )


def test_that_others_may_be_missing_is_not_forgotten(two: Two, keys: Path) -> None:
    known = restored.kept_head(keys)
    assert known is not None
    until = two.district.clock.now_ms + UNSURE_MS
    restored.keep_head(keys, msgspec.structs.replace(known, unsure_until_ms=until))
    for _ in range(2):
        put_back(two, two.saved, keys)
        found = waited_for(two)
        assert found is not None and found.not_before_ms == until


def test_put_back_twice_under_the_service(two: Two) -> None:
    """What has come back so far is not all that it had."""
    centre = two.district.centre
    two.offered(two.b, two.second, two.was["b"])
    two.b.push(*(two.b.act("clerk", c.Note(words), two.case_id) for words in ("一", "二")))
    for epoch in (3, 4):
        copied(two.saved, two.file)
        assert two.b.push(two.second).epoch == epoch
        assert centre.recovery is not None and centre.recovery.expected == {two.a.device: 3, two.b.device: 3}
    assert not advance(centre)


def test_put_back_once_more_when_the_waiting_was_to_end(two: Two) -> None:
    """Whoever ends it ends the one he knows of: those whose acts were lost anew are waited for."""
    centre = two.district.centre
    two.offered(two.b, two.second, two.was["b"])
    two.district.clock.now_ms += LONGEST_MS
    copied(two.saved, two.file)
    assert not advance(centre)
    assert centre.recovery is not None and centre.recovery.epoch == centre.epoch == 3
    assert two.offered(two.b, two.second, two.was["b"]) == WAITS
    two.offered(two.a, two.first, two.was["a"])
    assert two.report().differing == 0
    two.district.audited()


def test_noticed_by_the_watch_and_then_by_an_act_they_are_two_histories(two: Two, keys: Path) -> None:
    """With one number for both nothing that was carried would be handed in a second time."""
    restored.watch_head(two.district.centre, keys)
    assert two.district.centre.epoch == 2
    copied(two.saved, two.file)
    assert two.b.push(two.second).epoch == 3
    two.district.audited()


def test_a_workstation_notices_before_the_service_and_whoever_else_has_lost_something_is_waited_for(two: Two) -> None:
    assert two.b.ask("POST", "/v1/witness", json=receipt_of(two.b)).json()["epoch"] == 2
    assert {one.device for one in two.report().missing} == {two.a.device, two.b.device}
    waits = two.district.centre.recovery
    assert waits is not None and waits.not_before_ms == two.district.clock.now_ms, "nobody else can be missing"
    assert two.offered(two.b, two.second, two.was["b"]) == WAITS
    two.district.clock.now_ms += UNSURE_MS
    assert not advance(two.district.centre), "the other one has not called yet"
    two.offered(two.a, two.first, two.was["a"])
    report = two.report()
    assert (report.ends_at, report.back, report.differing) == (None, 2, 0)
    two.district.audited()


def test_a_service_that_has_committed_nothing_yet_notices_as_well(two: Two, keys: Path) -> None:
    """It was started, and the database put back under it at once."""
    two.offered(two.a, two.first, two.was["a"])
    centre = open_centre(open_database(two.district.url), two.district.clock, keys=CentreKeys(CENTRE_KEY))
    copied(two.saved, two.file)
    with centre.in_order():
        pass
    assert centre.epoch == 3 and centre.recovery is not None
    assert centre.recovery.expected == {two.a.device: 3, two.b.device: 1}
    centre.engine.dispose()


def test_either_kind_of_database_tells_how_long_chains_had_been(district: District) -> None:
    town, centre = district.station(TOWN), district.centre
    town.does("clerk", REPORT)
    with centre.writing() as connection:
        here = head_of(connection)
        for _ in range(2):
            begin_new_epoch(connection, head_of(connection), district.clock.now_ms)
            assert head_of(connection).devices == {town.device: 1}, "nothing was lost"
        lost = Head(here.epoch, here.gseq + 4, "0" * 64, {town.device: 5, "D-unknown": 2})
        begin_new_epoch(connection, lost, district.clock.now_ms)
        begin_new_epoch(connection, head_of(connection), district.clock.now_ms)
        found = under_way(connection)
        assert found is not None and found.expected == lost.devices == head_of(connection).devices
        assert still_expected(connection, found) == {town.device: 1}, "the database knows no other"
        centre.keep_up(connection)
    town.does("clerk", REPORT)
    with centre.reading() as connection:
        assert head_of(connection).devices == lost.devices
    assert not advance(centre)
