"""The district's authority gives way to the next one, with real processes: workstations follow by themselves, and whoever has the key of
the first cannot choose what is trusted after it (sync.md §3.9: the pin and a spare one)."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from district import certificates
from models.clock import SystemClock
from models.errors import Refused
from models.files import write_whole
from models.store.identity import read_identity
from services.sync.machine import Phase, SayHello
from tests.whole.parties import Centre, Console
from tests.whole.test_tls import HERE, REPORT, _renewed, in_its_place, unsent


@pytest.fixture
def centre(demo_sqlite_url: str, keys: Path) -> Iterator[Centre]:
    found = Centre(demo_sqlite_url, keys, HERE)
    yield found
    found.end(signal.SIGKILL)


def pins(clerk: Console) -> tuple[str, str]:
    """Whom the store says that it trusts, and what it told whoever makes its lines."""
    kept = clerk.database(read_identity)
    assert kept == clerk.identity
    return kept.authority, kept.next_authority


def handed_on(centre: Centre, keys: Path) -> tuple[str, str]:
    """The next authority takes over while the service is down; the authorities from then on."""
    centre.end()
    done = _renewed(keys, "--next-authority")
    assert done.returncode == 0, done.stderr
    centre.start()
    return certificates.authority_of(keys), certificates.next_authority_of(keys)


def test_workstations_follow_without_being_enrolled_anew(centre: Centre, keys: Path, clerk: Console) -> None:
    first, following = certificates.authority_of(keys), certificates.next_authority_of(keys)
    assert pins(clerk) == (first, following) and first != following
    clerk.act(REPORT)
    (keys / "authority.key").unlink()
    assert handed_on(centre, keys)[0] == following, "the lost key is needed for nothing"
    assert clerk.settle().phase is Phase.ONLINE
    assert unsent(clerk) == 0
    assert pins(clerk) == (following, certificates.next_authority_of(keys))
    third, fourth = handed_on(centre, keys)
    assert clerk.settle().phase is Phase.ONLINE
    assert pins(clerk) == (third, fourth) and len({first, following, third, fourth}) == 4


@pytest.mark.landing
def test_the_first_authority_is_worth_nothing_after_it(
    centre: Centre, keys: Path, clerk: Console, tmp_path: Path
) -> None:
    stolen = Path(shutil.copytree(keys, tmp_path / "stolen"))
    handed_on(centre, keys)
    assert clerk.settle().phase is Phase.ONLINE
    thief = in_its_place(centre, centre.database_url, stolen)
    try:
        state = clerk.settle()
        assert (state.phase, state.reason) == (Phase.REFUSED, "certificate_refused")
    finally:
        thief.end(signal.SIGKILL)
    centre.start()
    assert clerk.settle().phase is Phase.ONLINE


@pytest.mark.landing
@pytest.mark.parametrize("claims", ["another_next_one", "that_the_next_one_has_taken_over"])
def test_whoever_has_the_first_key_cannot_choose_what_follows(
    centre: Centre, keys: Path, clerk: Console, tmp_path: Path, claims: str
) -> None:
    before = pins(clerk)
    stolen = Path(shutil.copytree(keys, tmp_path / "stolen"))
    for name in ("next-authority.key", "next-authority.pem"):
        (stolen / name).unlink()
    certificates.make(stolen, [HERE], SystemClock().wall_ms())
    if claims == "that_the_next_one_has_taken_over":
        write_whole(stolen / "authority.pem", before[1].encode())
    thief = in_its_place(centre, centre.database_url, stolen)
    try:
        clerk.settle()
        assert pins(clerk) == before
    finally:
        thief.end(signal.SIGKILL)
    centre.start()
    following = handed_on(centre, keys)
    assert clerk.settle().phase is Phase.ONLINE
    assert pins(clerk) == following


def test_a_workstation_from_before_hears_of_it_at_its_next_greeting(centre: Centre, keys: Path, clerk: Console) -> None:
    clerk.database(lambda work: (work.write_meta("next_authority", ""), work.commit()))
    clerk.line.close()
    clerk._trusts(clerk.database(read_identity))
    clerk.exchange.do(SayHello(), clerk.line)
    assert pins(clerk) == (certificates.authority_of(keys), certificates.next_authority_of(keys))


def test_a_district_from_before_has_none_until_its_certificate_is_renewed(
    centre: Centre, keys: Path, clerk: Console
) -> None:
    centre.end()
    known = [(keys / name).read_bytes() for name in ("next-authority.key", "next-authority.pem")]
    for name in ("next-authority.key", "next-authority.pem"):
        (keys / name).unlink()
    refused = _renewed(keys, "--next-authority")
    assert refused.returncode == 2 and "refused (next_authority_missing): " in refused.stderr
    centre.start()
    before = pins(clerk)
    assert clerk.settle().phase is Phase.ONLINE
    assert pins(clerk) == before
    assert _renewed(keys).returncode == 0
    made = [(keys / name).read_bytes() for name in ("next-authority.key", "next-authority.pem")]
    assert made != known and (keys / "next-authority.key").stat().st_mode & 0o077 == 0
    (keys / "next-authority.key").unlink()
    assert _renewed(keys).returncode == 0, "its key may lie elsewhere: no other is made for that"
    assert (keys / "next-authority.pem").read_bytes() == made[1]


@pytest.mark.landing
@pytest.mark.parametrize("after", ["authority.key", "authority.pem", "server.key", "server.pem"])
def test_broken_off_anywhere_it_is_done_by_doing_it_again(
    keys: Path, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    following = certificates.next_authority_of(keys)
    write = certificates.write_whole

    def broken_off(file: Path, body: bytes, *rest: int) -> None:
        write(file, body, *rest)
        if file.name == after:
            raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr(certificates, "write_whole", broken_off)
        with pytest.raises(KeyboardInterrupt):
            certificates.hand_on(keys, [HERE], SystemClock().wall_ms())
    if after == "authority.key":
        with pytest.raises(Refused, match="authority_lost"):
            certificates.issue(keys, [HERE], SystemClock().wall_ms())
    certificates.hand_on(keys, [HERE], SystemClock().wall_ms())
    assert certificates.authority_of(keys) == following != certificates.next_authority_of(keys)
    assert certificates.server_files(keys)
