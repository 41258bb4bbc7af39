"""A receipt shown to the centre: what it had signed and has forgotten begins a new epoch; nothing else does (D14)."""

from __future__ import annotations

from pathlib import Path

import pytest
from requests import Response
from sqlalchemy import text

from models.signing import RECEIPT, new_key
from models.wire import Receipt, Receipted, decode, encode
from tests.district.parties import CENTRE_KEY, REPORT, District, Station
from tests.models.small_town import MARKET, TOWN


def shown(station: Station, receipt: Receipt) -> Response:
    return station.ask("POST", "/v1/witness", data=encode(receipt))


def given(said: Receipted) -> Receipt:
    """As the centre signs it."""
    body = encode(said).decode()
    return Receipt(body, CENTRE_KEY.sign(RECEIPT, body))


def epoch(district: District) -> int:
    return int(district.ask("GET", "/v1/hello").json()["epoch"])


@pytest.fixture
def receipt(district: District) -> tuple[Station, Receipted]:
    """A workstation with an act in the order, and what its receipt says."""
    town = district.station(TOWN)
    town.does("clerk", REPORT)
    assert town.receipt is not None
    return town, town.receipt


def test_what_stands_in_the_order_changes_nothing(district: District, receipt: tuple[Station, Receipted]) -> None:
    town, said = receipt
    town.does("clerk", REPORT)
    answer = shown(town, given(said))
    assert (answer.status_code, answer.json()["epoch"], epoch(district)) == (200, 1, 1)


def test_what_was_forgotten_begins_a_new_epoch_once(district: District, receipt: tuple[Station, Receipted]) -> None:
    town, said = receipt
    beyond = Receipted(said.device, said.dseq + 1, "1" * 64, said.gseq + 5, "2" * 64, said.epoch, said.at)
    other = Receipted(said.device, said.dseq, said.hash, said.gseq, "3" * 64, said.epoch, said.at)
    assert shown(town, given(beyond)).json()["epoch"] == 2
    for again in (beyond, other, said):
        assert shown(town, given(again)).json()["epoch"] == 2, "of a history that has ended: noticed once"
    assert epoch(district) == 2
    with district.centre.reading() as connection:
        kept = connection.execute(text("SELECT value FROM meta WHERE name = 'restorations'")).scalar()
    assert len(decode(str(kept), list)) == 1


def test_nobody_else_can_make_one(district: District, receipt: tuple[Station, Receipted]) -> None:
    town, said = receipt
    beyond = encode(Receipted(said.device, 9, "1" * 64, said.gseq + 5, "2" * 64, said.epoch, said.at)).decode()
    forger = new_key(lambda count: b"f" * count)
    honest = given(said)
    for forged in (Receipt(beyond, forger.sign(RECEIPT, beyond)), Receipt(beyond, honest.sig), Receipt(beyond, "")):
        answer = shown(town, forged)
        assert (answer.status_code, answer.json()["error"]) == (403, "receipt_wrong")
    assert epoch(district) == 1
    assert district.ask("POST", "/v1/witness", data=encode(honest)).status_code == 401, "a workstation of ours shows it"
    assert shown(district.station(MARKET), honest).status_code == 200, "whichever"


def test_the_order_goes_on_after_it(district: District, receipt: tuple[Station, Receipted], tmp_path: Path) -> None:
    town, said = receipt
    shown(town, given(Receipted(said.device, 9, "1" * 64, said.gseq + 5, "2" * 64, said.epoch, said.at)))
    assert town.does("clerk", REPORT)[1] == "accepted"
    assert town.receipt is not None and town.receipt.epoch == 2
    district.audited()
