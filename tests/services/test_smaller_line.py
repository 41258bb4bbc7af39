"""What a console sends and is sent is compressed, once the centre has said that it takes that."""

from __future__ import annotations

import pytest

from district.api import answers, smaller
from models.compressed import compressed, plain
from tests.district.parties import REPORT, Address
from tests.services.test_versions import console, here
from tests.whole.parties import Console

__all__ = ["console", "here"]


def test_acts_and_the_feed(here: Address, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[int, int]] = []
    told: list[tuple[int, int]] = []

    def taken(body: bytes, limit: int) -> bytes:
        found = plain(body, limit)
        sent.append((len(body), len(found)))
        return found

    def given(body: bytes) -> bytes:
        found = compressed(body)
        told.append((len(found), len(body)))
        return found

    monkeypatch.setattr(answers, "plain", taken)
    monkeypatch.setattr(smaller, "compressed", given)
    for _ in range(20):
        console.act(REPORT)
    console.settle()
    assert sum(small for small, _ in sent) * 3 < sum(whole for _, whole in sent), sent
    assert sum(small for small, _ in told) * 3 < sum(whole for _, whole in told), told
