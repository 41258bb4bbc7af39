"""What is spared of a requester in what is read out and printed, and what is no number of anybody and stays (D2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models.store.case_table import get_case
from services.spared import HIDDEN, spared
from tests.store.make_sample import Workstation

RECORD = {"name": "钱小乙", "phone": "８８1-2345 067", "note": "儿子 (0559) 0000-998;家里 2317654;2026-11-30 来过"}

NUMBERS = [
    "13905590001", "139 0559 0001", "139-0559-0001", "139 05590001", "1390559 0001", "139 055 90001",
    "+86 139-0559-0001", "8613905590001", "013905590001", "0559-2310000", "0559 2310000", "05592310000", "010-62310000",
    "0551-6284 1234", "0559-231-0000", "＋８６　１３９０５５９０００１", "１３９０５５９０００１", "139－0559－0001",
    "１３９－０５５９－０００１", "139—0559—0001", "139——0559——0001", "139.0559.0001", "139．0559．0001",
    "139。0559。0001", "139·0559·0001", "139　0559　0001", "139（0559）0001", "0559－2310000", "0559—2310000",
    "０５５９—２３１００００", "0559）2310000", "0559) 2310000", "0559.2310000", "0559 – 231 0000",
]  # fmt: skip
"""Anybody's, as they are typed."""

OWN = [
    "8812345067", "８８１２３４５０６７", "881-2345-067", "８８１－２３４５－０６７", "881—2345—067", "88 12 34 50 67",
    "881/2345/067", "881、2345、067", "0559-0000998", "（0559）0000998", "0559 0000 998", "2317654", "２３１７６５４", "231-7654",
    "231—7654", "231 76 54",
]  # fmt: skip
"""The record's, in spellings that it has not and that no number of anybody has to have."""

NONE = [
    "2026-11-30", "2026.11.30", "２０２６－１１－３０", "2026年11月30日", "20261130-0012", "２０２６１１３０－００１２", "20261130",
    "黎阳-20261130-A001", "341002102", "341002102006", "39.5 元", "３９．５元", "1380.50元", "1500.00-15000 元", "150—300",
    "10:30", "１０：３０", "10:30-11:30", "8.30—11.30 13.30—17.30", "0830-1130 1330-1730", "2026-11-30 10:30",
    "拨打110 2026-11-30 10:30", "已报119。2026-11-30", "门牌156 2026-11-30", "13 幢 1390 室", "118.317800", "12345", "2026",
    "12,500,000 元", "20261130-0012 2026-11-30", "第 139 号 0559", "881", "2317", "23176540", "12317654",
]  # fmt: skip
"""Dates, amounts, case numbers, codes, hours."""


@pytest.fixture(scope="module")
def spare(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    made = Workstation(tmp_path_factory.mktemp("spared") / "store.sqlite")
    case_id = made.case(1, RECORD).case_id
    with made.work() as work:
        case = get_case(work.connection, case_id)
        assert case is not None
        found = spared(work, case)
    made.close()
    return found


@pytest.mark.parametrize("number", [*NUMBERS, *OWN])
def test_a_number_is_spared_however_it_is_typed(spare: Callable[[str], str], number: str) -> None:
    for around in ("{}", "请打 {} 找人", "电话{}。", "2026-11-30 {},10:30", "39.5 元 {}"):
        left = around.format(HIDDEN if number[0] != "（" else f"（{HIDDEN}")
        assert spare(around.format(number)) == left
    assert spare(f"{number}，{number}、13905590002").count(HIDDEN) == 3


@pytest.mark.parametrize("words", NONE)
def test_what_is_no_telephone_number_stays(spare: Callable[[str], str], words: str) -> None:
    for around in ("{}", "于{}办", "钱 {}。", "{} 13905590001", "0559-2310000 {}"):
        told = spare(around.format(words))
        assert words in told, told
    assert spare(f"{words} 找钱小乙") == f"{words} 找{HIDDEN}"
