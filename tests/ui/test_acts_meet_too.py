"""More of what both clerks see when their acts meet (test_acts_meet.py): what goes well together, and evidence that is owed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from models import commands as c
from models.attachment import AttachmentKind
from models.store.work import Work
from services import attachments
from services.sync.uploads import Uploads
from tests.ui.conftest import until
from tests.ui.test_acts_meet import (
    CLERK_1,
    MARKET,
    MEMBER_1,
    MEMBER_2,
    SAID,
    STATION,
    TOWN,
    TWO_CLERKS,
    VICE,
    Begin,
    Meeting,
    filed,
    to_check,
)
from tests.ui.test_acts_meet import begin as begin
from tests.whole.parties import ROOT, Centre
from ui import words

pytestmark = pytest.mark.landing


def test_05_the_village_checks_twice_alike(begin: Begin) -> None:
    m = begin((STATION, VICE), (STATION, f"{STATION}-head"))
    case_id = to_check(m)
    m.acts(0, c.CheckOnSite(MEMBER_1, True, "路面干净"), case_id)
    m.acts(1, c.CheckOnSite(MEMBER_2, True, "已无堆放"), case_id)
    m.back(0, 1)
    assert m.verdict(0, case_id) == [("accepted", "")]
    assert m.verdict(1, case_id) == [("merged", "already_checked")]
    m.sees(0, "cases", "路面干净", case_id)
    assert "先办的是:龙山社区工作站 " in m.sees(1, "tray", SAID["already_checked"]), "both are named"


def test_08_both_correct_different_facts(begin: Begin) -> None:
    m = begin(*TWO_CLERKS)
    case_id = filed(m)
    m.acts(0, c.Describe(place="龙山路 12 号门口"), case_id)
    m.acts(1, c.Describe(title="店外堆放冰柜"), case_id)
    m.back(0, 1)
    assert [m.verdict(number, case_id) for number in (0, 1)] == [[("accepted", "")]] * 2
    for number in (0, 1):
        until(lambda n=number: (k := m.case(m.windows[n], case_id)) is not None and "12 号" in k.place, 30)
        told = m.sees(number, "cases", "龙山路 12 号门口", case_id)
        assert "店外堆放冰柜" in told, "neither has overwritten the other"


@pytest.fixture
def asking(centre: Centre, tmp_path: Path) -> Path:
    """The district puts a policy into force by which whoever comes in time owes a photograph."""
    folder = tmp_path / "reference"
    shutil.copytree(ROOT / "resources" / "reference", folder)
    policy = folder / "policy.toml"
    said = policy.read_text(encoding="utf-8").replace(
        '[stages.arrival]\nsource = "四(四)"\n', '[stages.arrival]\nsource = "四(四)"\nphoto_required = true\n'
    )
    policy.write_text(said.replace("-demo-policy", "-photo-policy"), encoding="utf-8")
    command = [sys.executable, "-m", "district", "reference", str(folder), "--database", centre.database_url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_11_evidence_that_is_owed(asking: Path, begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    m = begin((TOWN, CLERK_1), (MARKET, f"{MARKET}-officer-2"))
    case_id = m.dispatched()
    lead = m.lead(case_id)
    m.cut(case_id)
    with monkeypatch.context() as held:
        held.setattr(Uploads, "step", lambda *_: False)
        m.acts(1, c.Arrive(lead, "已到店外"), case_id)
        _photographs(m, 1, case_id)
        m.back(0, 1)
        QTest.qWait(1_500)
        for number in (0, 1):
            _open_ended(m, number, case_id)
            assert words.VERDICTS["evidence_owed"] in m.sees(number, "cases", "到场", case_id)
        assert m.verdict(1, case_id) == [("evidence_owed", "")] * 2
    m.row = f"{m.row}-and-comes"
    m.windows[1].work_offline(True)
    m.back(1)
    until(lambda: m.verdict(1, case_id) == [("accepted", "")] * 2, 60)
    until(lambda: (k := m.case(m.windows[0], case_id)) is not None and bool(k.attachments[0].arrived_at), 30)
    for number in (0, 1):
        told = m.sees(number, "cases", "到场", case_id)
        assert words.VERDICTS["evidence_owed"] not in told and words.VERDICTS["on_time"] in told


def _photographs(m: Meeting, number: int, case_id: str) -> None:
    photo = m.folder / "photo.jpg"
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    image.fill(0x6B8E9B)
    assert image.save(str(photo))
    window = m.windows[number]
    found = attachments.prepare(window.file.station.blobs, photo, 1 << 20)

    def add(work: Work) -> None:
        attachments.attach(work, window.desk, case_id, found, AttachmentKind.BEFORE)
        work.commit()

    m.ask(window, add)


def _open_ended(m: Meeting, number: int, case_id: str) -> None:
    """The clocks that have stopped are shown one by one."""
    window = m.windows[number].window
    window.resize(1366, 960)
    window.show()
    window.open_case(case_id)
    until(lambda: window.panel.sheet.ended is not None, 15)
    window.panel.sheet.ended.setChecked(True)
