"""The centre's clock is signed, and a workstation takes nobody else's word on the time (services/sync/proved_time.py)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import requests
from sqlalchemy import delete

from district.api import hello
from district.keys import CentreKeys
from models.clock import DAY_MS, HOUR_MS
from models.evidence import Anchor
from models.signed_time import SignedTime, is_signed_time, signed_time
from models.signing import RECEIPT, new_key
from models.store.console_tables import anchor
from models.wire import decode
from services.session import keep_sign_in, sign_in_online
from services.sync import machine
from services.sync.proved_time import ProvedTime
from tests.district.parties import CENTRE_KEY, PASSWORD, District, seeded
from tests.whole.parties import Console

OTHER = new_key(seeded(99))


@pytest.fixture
def made_url(made_file: Path, tmp_path: Path) -> str:
    """Which database it is does not matter here."""
    return f"sqlite:///{shutil.copy(made_file, tmp_path / 'district.sqlite')}"


def anchor_of(desk: Console) -> Anchor | None:
    return desk.database(lambda work: work.anchor())


def forget(desk: Console) -> None:
    """As after the machine was started: no reading in this boot."""
    desk.database(lambda work: (work.connection.execute(delete(anchor)), work.commit()))
    assert anchor_of(desk) is None


def stands_in(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody in the centre's place who has all of it but its key."""
    monkeypatch.setattr(district.centre, "_keys", CentreKeys(OTHER))


def test_it_is_good_for_one_question(district: District) -> None:
    answer: requests.Response = district.ask("GET", "/v1/time?nonce=mine")
    told = decode(answer.content, SignedTime)
    assert told.now_ms == district.clock.now_ms and told.radius_ms == 1
    assert is_signed_time(CENTRE_KEY.public, told, "mine")
    assert not is_signed_time(CENTRE_KEY.public, told, "another") and not is_signed_time(OTHER.public, told, "mine")
    later = SignedTime("mine", told.now_ms + 1, 1, told.sig)
    assert not is_signed_time(CENTRE_KEY.public, later, "mine")
    as_receipt = SignedTime("mine", 5, 1, CENTRE_KEY.sign(RECEIPT, "5|1|mine"))
    assert not is_signed_time(CENTRE_KEY.public, as_receipt, "mine"), "signed for another purpose"
    assert signed_time(CENTRE_KEY, "1|mine", 5).sig != signed_time(CENTRE_KEY, "mine", 51).sig


def test_who_has_not_the_centre_s_key_gives_no_anchor(
    desk: Console, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget(desk)
    stands_in(district, monkeypatch)
    desk.exchange.do(machine.SayHello(), desk.line)
    desk.exchange.do(machine.Pull(), desk.line)
    assert anchor_of(desk) is None
    monkeypatch.undo()
    desk.exchange.do(machine.SayHello(), desk.line)
    assert anchor_of(desk) is not None


def test_who_leaves_the_signature_out_gives_none_either(
    desk: Console, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But an older centre is believed until it has signed once."""
    forget(desk)
    monkeypatch.setattr(hello, "signed_time", lambda _key, nonce, now: SignedTime(nonce, now))
    desk.exchange.do(machine.SayHello(), desk.line)
    assert anchor_of(desk) is None
    desk.database(lambda work: (work.forget_meta("time_signed"), work.commit()))
    desk.exchange.do(machine.SayHello(), desk.line)
    assert anchor_of(desk) is not None


def test_a_reading_that_contradicts_the_signed_one_is_asked_about(desk: Console, district: District) -> None:
    known = anchor_of(desk)
    assert known is not None
    wrong = Anchor(known.server_ms + HOUR_MS, known.sent_mono_ms, known.round_trip_ms, known.boot)
    asked = _questions(desk)
    desk.exchange._time.keep(desk.line, wrong)
    assert asked == ["/v1/time"] and anchor_of(desk).server_ms == district.clock.now_ms  # type: ignore[union-attr]
    desk.exchange.do(machine.Pull(), desk.line)
    assert asked[1:] == ["/v1/pull"], "one that fits is not"
    district.clock.now_ms += DAY_MS + 1
    desk.exchange.do(machine.Pull(), desk.line)
    assert asked[2:] == ["/v1/pull", "/v1/time"], "nor does a signed one vouch for ever"


def test_the_clock_of_a_sign_in_counts_when_it_is_signed(
    desk: Console, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    for is_it in (True, False):
        forget(desk)
        if not is_it:
            stands_in(district, monkeypatch)
        sign_in_online(desk.line, "clerk", PASSWORD, "")
        desk.database(lambda work: keep_sign_in(work, desk.line, "clerk", PASSWORD))
        assert (anchor_of(desk) is not None) is is_it


def test_a_line_that_was_not_greeted_is_asked_once(desk: Console) -> None:
    forget(desk)
    desk.exchange._time = ProvedTime(desk.database)
    asked = _questions(desk)
    for _ in range(2):
        desk.exchange.do(machine.Pull(), desk.line)
    assert asked == ["/v1/pull", "/v1/time", "/v1/pull"] and anchor_of(desk) is not None


def _questions(desk: Console) -> list[str]:
    """What is asked over its line from now on."""
    asked: list[str] = []
    ask = desk.line._session.request

    def noted(method: str, url: str, **how: object) -> requests.Response:
        asked.append(f"/v1/{url.partition('/v1/')[2].partition('?')[0]}")
        return ask(method, url, **how)  # type: ignore[arg-type]

    desk.line._session.request = noted  # type: ignore[method-assign]
    return asked
