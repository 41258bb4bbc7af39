"""What stands on the screen is found by typing it: full names and short ones, initials, in whatever width the keyboard writes."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from sqlalchemy import text

from desktop.open_file import OpenFile
from desktop.station import Station
from models import commands as c
from models.clock import SystemClock
from models.pinyin import initials
from models.rules import Rules
from models.store.search import plain_text, renew_portion
from models.views import QueueQuery
from services import queue, roster
from services.similar import find_cases
from tests.store.make_sample import CASES, unpacked
from tests.store.make_sample import CLERK as SAMPLE_CLERK
from tests.ui.conftest import until
from tests.ui.every_state import CLERK, DEPUTY, SQUAD, STALLS, TOWN, EveryState
from ui.dialogs.open_unit import OpenUnitDialog, UnitChoice
from ui.dialogs.palette import Entry, Palette
from ui.forms import Choice, Field
from ui.widgets.choice_box import choice_box, settle

VILLAGE = f"{TOWN}002"
"""Of 隆阜（3）社区, as the reference data writes it."""

FOUND = (
    "黎阳城管执法中队", "城管中队", "lycgzfzd", "cgzd", "黎阳镇分中心", "lyzfzx",
    "隆阜（3）社区工作站", "隆阜(3)社区", "隆阜（３）社区", "lf3sq", "LF3SQ", "ｌｆ３ｓｑ", "lf（3）sq", "lf(3)sq",
    "大道１２-３号", "大道12-3号", "大道12－3号", "dd12-3h", "A座", "ａ座", "隆阜(3)\u3000大道１２",
)  # fmt: skip
NOT_FOUND = (
    "隆阜(4)社区",
    "lf4sq",
    "大道13",
    "大道123",
    "dd123h",
    "黎阳派出所",
    "%",
    "％",
    "大道12_3号",
    "隆阜(3) 大道13",
)


def wide(narrow: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in narrow)


def by_input_method(line: QLineEdit, typed: str) -> None:
    given = QInputMethodEvent()
    given.setCommitString(typed)
    QApplication.sendEvent(line, given)


def found(store: EveryState, typed: str) -> set[str]:
    with store.work() as work:
        return {row.row.id for row in queue.page(work, store.desk, QueueQuery(text=typed), 0, 100).rows}


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


@pytest.fixture
def case_id(store: EveryState) -> str:
    made = store.does(DEPUTY, c.Report("", "grid", STALLS, "占道", "黄山大道１２-３号Ａ座", TOWN, VILLAGE))
    store.does(CLERK, c.File(), made)
    return store.does(CLERK, c.Dispatch(SQUAD), made)


def test_a_case_is_found_by_what_is_read_of_it_and_by_nothing_else(store: EveryState, case_id: str) -> None:
    number = store.case(case_id).number
    for typed in (*FOUND, number, wide(number), wide(number[-3:])):
        assert found(store, typed) == {case_id}, typed
    assert not [typed for typed in NOT_FOUND if found(store, typed)]


def test_a_short_name_within_the_full_one_is_not_kept_twice(store: EveryState, case_id: str) -> None:
    kept = plain_text(store.case(case_id), store.rules)
    assert kept.count("隆阜(3)社区") == 1 and kept.count("黎阳镇分中心") == 1
    assert kept.count("城管中队") == kept.count("黎阳城管执法中队") == 1


def test_a_case_to_merge_into_is_found_in_either_width_the_one_with_that_number_first(
    store: EveryState, case_id: str
) -> None:
    number = store.case(case_id).number
    names_it = store.does(DEPUTY, c.Report("", "grid", STALLS, f"另见{number}", "别处", TOWN, VILLAGE))
    with store.work() as work:
        assert [case.id for case in find_cases(work, wide(number), "")] == [case_id, names_it]


def test_the_roster_is_filtered_in_either_width(store: EveryState) -> None:
    head = next(p for p in store.rules.people.values() if p.unit == VILLAGE)
    phone = store.rules.organisations[VILLAGE].duty_phone
    with store.work() as work:
        for typed in ("隆阜(3)社区", "隆阜（３）", "lf3sq", " LF(3)SQ ", wide(phone)):
            assert [row.code for row in roster.stations(work, store.desk, typed)] == [VILLAGE], typed
        assert VILLAGE in {row.code for row in roster.stations(work, store.desk, wide(initials(head.name)))}
        assert not roster.stations(work, store.desk, "lf5sq") and len(roster.stations(work, store.desk, "")) > 5


@pytest.mark.parametrize(
    "typed", ["隆阜(3)", "隆阜（３）", "lf3sq", "LF3", "ｌｆ３", "lf(3)sq", "0904", "０９０４", "隆阜(3)社区工作站"]
)
def test_a_choice_is_found_in_either_width(application: QApplication, typed: str) -> None:
    names = ("隆阜（4）社区", "龙山社区", "傍霞村", "新江村", "隆阜（3）社区工作站", "闵口村", "高枧村")
    choices = tuple(Choice(f"U{n}", name, f"09０{n}") for n, name in enumerate(names))
    box = choice_box(Field("to", "主办单位", "choice", choices, prompt="选"))
    line = box.lineEdit()
    assert isinstance(line, QLineEdit)
    by_input_method(line, typed)
    settle(box)
    assert box.currentText() == names[4]
    line.clear()
    by_input_method(line, "lf5sq")
    settle(box)
    assert box.currentText() == "lf5sq", "means none"
    box.deleteLater()


def test_acts_and_units_are_found_in_either_width(application: QApplication) -> None:
    palette = Palette([Entry("one", "派给隆阜（3）社区", "F5"), Entry("other", "派给龙山社区", "F6")])
    units = OpenUnitDialog([UnitChoice(VILLAGE, "隆阜（3）社区工作站", True), UnitChoice("x", "龙山社区工作站", True)])
    for typed in ("隆阜(3)", "lf3sq", "ＬＦ３"):
        palette.line.setText(typed)
        units.search.setText(typed)
        assert palette.list.count() == units.list.count() == 1, typed
        assert "隆阜（3）" in palette.list.item(0).text() and "隆阜（3）" in units.list.item(0).text()
    palette.deleteLater()
    units.deleteLater()


def renamed(rules: Rules, person: str, name: str) -> Rules:
    """The next edition, in which somebody has another name."""
    reference = rules.reference
    people = tuple(msgspec.structs.replace(p, name=name) if p.id == person else p for p in reference.people)
    return Rules(msgspec.structs.replace(reference, version=f"{reference.version}-next", people=people))


def test_after_another_edition_a_case_is_found_by_the_new_name(store: EveryState, case_id: str) -> None:
    was = store.rules.people[CLERK].name
    for _ in range(2):
        with store.work() as work:
            assert not renew_portion(work)
    store.rules = renamed(store.rules, CLERK, "欧阳修远")
    assert found(store, was) and not found(store, "欧阳修远")
    with store.work() as work:
        assert not renew_portion(work), "there is but this portion"
    assert found(store, "欧阳修远") == found(store, "oyxy") == {case_id} and not found(store, was)


def test_an_edition_that_arrives_at_work_renews_every_text_behind_the_screen(
    application: QApplication, tmp_path: Path
) -> None:
    unpacked(tmp_path)
    station = Station(tmp_path, "http://127.0.0.1:9", SystemClock())
    assert station.rules is not None
    asked = text("SELECT count(*) FROM case_search WHERE plain LIKE :name")

    def known(name: str) -> int:
        with station.work() as work:
            return int(work.connection.execute(asked, {"name": f"%{name}%"}).scalar_one())

    file = OpenFile(station, station.rules)
    until(lambda: known(initials(station.rules.people[SAMPLE_CLERK].name)) == CASES)  # type: ignore[union-attr]
    edition = renamed(station.rules, SAMPLE_CLERK, "欧阳修远")
    line = threading.Thread(target=file._rules_arrived, args=(edition,))
    line.start()
    line.join()
    until(lambda: known("欧阳修远") == CASES)
    file.end()
