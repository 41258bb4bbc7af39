"""Who serves a district is told in time that a year has no holiday notice: such due times turn no light red (decision 0003)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from district import __main__, serving
from models.clock import SystemClock


@pytest.mark.parametrize(
    ("day", "missing"), [("2026-11-30", ""), ("2026-12-01", "2027"), ("2026-12-31", "2027"), ("2027-06-01", "2027")]
)
def test_it_is_told_when_the_service_starts(
    day: str, missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    noon = datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    clock = f"{int(noon.timestamp() * 1000)}:{SystemClock().mono_ms()}:1"
    served: list[object] = []
    monkeypatch.setattr(serving, "serve", lambda *asked: served.append(asked[0]))
    monkeypatch.setattr(__main__.logs, "set_up", lambda _file: None)
    at = ("--database", f"sqlite:///{tmp_path}/district.sqlite", "--keys", str(tmp_path / "keys"))
    for words in (("init", *at, "--demo"), ("serve", *at, "--demo-clock", clock)):
        monkeypatch.setattr("sys.argv", ["district", *words])
        assert __main__.main() == 0
    assert len(served) == 1
    told = [line for line in capsys.readouterr().err.splitlines() if "holiday notice" in line]
    assert [line.startswith(f"the holiday notice of {missing} is not in") for line in told] == (
        [True] if missing else []
    )
