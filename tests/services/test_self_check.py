"""自检: each thing is judged by what was found of it, and what is wrong is never called right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from models.calendar import working_calendar
from models.clock import DAY_MS, MINUTE_MS
from models.errors import Refused, Weather
from models.evidence import Grade, Moment, exactly
from models.reference_files import load_reference
from models.store.engine import open_file
from models.store.health import StoreHealth, look
from models.store.opening import open_store
from models.stored_zip import unpack
from models.views import Kept, LineState
from services import self_check
from services.diagnostics import MOST_OF_A_LOG_BYTES, packed
from services.secrets import Secrets
from services.self_check import Finding, Level
from services.vault import Vault

T = TypeVar("T")
NOW = 1_795_404_600_000
YEAR_2027_MS = 1_798_732_800_000
SHIPPED = working_calendar(load_reference(Path(__file__).parents[2] / "resources" / "reference").calendar)
ONLINE = LineState("online", NOW, NOW, 0, None, 0, 100)
SOUND = StoreHealth("", "0001", 3, 2, 1)


def refusing(error: Exception) -> Callable[[], int]:
    def ask() -> int:
        raise error

    return ask


def nowhere(call: Callable[[], T], seconds: float) -> T:
    raise TimeoutError


def said(finding: Finding) -> tuple[Level, str]:
    return finding.level, finding.code


def test_a_store() -> None:
    assert said(self_check.of_store(SOUND, Kept(store="encrypted"))) == (Level.GOOD, "store_sound")
    assert said(self_check.of_store(SOUND, Kept(store="plain"))) == (Level.CARE, "store_plain")
    assert said(self_check.of_store(StoreHealth("page 7"), Kept(store="encrypted"))) == (Level.BAD, "store_damaged")


def test_a_disk() -> None:
    levels = [self_check.of_disk(free).level for free in (100_000_000, 1_000_000_000, 50_000_000_000)]
    assert levels == [Level.BAD, Level.CARE, Level.GOOD]


def test_a_line() -> None:
    assert self_check.of_line(ONLINE, NOW, lambda: 12).args == {"took_ms": 12}
    cut = LineState("work_offline", NOW, NOW, 0, None, 0, 100)
    never_asked = refusing(AssertionError("asked during a drill"))
    assert said(self_check.of_line(cut, NOW, never_asked)) == (Level.CARE, "line_switched_off")
    down = refusing(Weather("line_down"))
    assert said(self_check.of_line(ONLINE, NOW + MINUTE_MS, down)) == (Level.CARE, "line_down")
    assert said(self_check.of_line(ONLINE, NOW + 3 * 86_400_000, down)) == (Level.BAD, "line_down")
    assert said(self_check.of_line(None, NOW, down)) == (Level.BAD, "line_down")
    assert said(self_check.of_line(ONLINE, NOW, refusing(Refused("device_revoked")))) == (Level.BAD, "line_refused")
    forked = LineState("refused", NOW, NOW, 0, None, 0, 100, reason="chain_fork")
    assert said(self_check.of_line(forked, NOW, lambda: 12)) == (Level.BAD, "line_refused"), "hello is not all"


@pytest.mark.parametrize(
    ("wall_ms", "zone", "code", "minutes"),
    [
        (NOW, 480, "clock_right", 0),
        (NOW + 59_000, 480, "clock_right", 0),
        (NOW + 3 * MINUTE_MS, 480, "clock_ahead", 3),
        (NOW - 90 * MINUTE_MS, 480, "clock_behind", 90),
        (NOW, 0, "clock_elsewhere", 0),
    ],
)
def test_a_clock(wall_ms: int, zone: int, code: str, minutes: int) -> None:
    found = self_check.of_clock(exactly(NOW), wall_ms, zone)
    assert found.code == code and found.args.get("minutes", 0) == minutes
    assert (found.level is Level.GOOD) == (code == "clock_right")
    doubtful = Moment(NOW, NOW, Grade.DOUBTFUL)
    assert said(self_check.of_clock(doubtful, wall_ms, zone)) == (Level.CARE, "clock_unproven")
    put_back = self_check.of_clock(doubtful, wall_ms, zone, 3 * MINUTE_MS)
    assert (put_back.code, put_back.args) == ("clock_put_back", {"minutes": 3})


@pytest.mark.parametrize(
    ("now_ms", "code", "year"),
    [
        (YEAR_2027_MS - 32 * DAY_MS, "calendar_official", 2026),
        (YEAR_2027_MS - 31 * DAY_MS, "calendar_without_notice", 2027),
        (YEAR_2027_MS + 90 * DAY_MS, "calendar_without_notice", 2027),
    ],
)
def test_a_calendar(now_ms: int, code: str, year: int) -> None:
    """The one we ship has the notices of 2025 and 2026."""
    found = self_check.of_calendar(SHIPPED, exactly(now_ms))
    assert (found.code, found.args) == (code, {"year": year})
    assert (found.level is Level.CARE) == (code == "calendar_without_notice")


def test_a_keyring_that_does_not_answer(tmp_path: Path) -> None:
    away = Secrets(tmp_path, "https://centre.example:8443", Vault(nowhere))
    assert said(self_check.of_keyring(away)) == (Level.BAD, "key_nowhere")
    here = Secrets(tmp_path, "http://127.0.0.1:8000", Vault(nowhere))
    assert said(self_check.of_keyring(here)) == (Level.CARE, "key_in_file")
    kept: list[str] = []

    def keeps(call: Callable[[], T], seconds: float) -> T:
        """A keyring that gives back what was kept: the last argument of the call. The library is not loaded."""
        if call.__closure__ is None:
            return call()
        kept.append(call.__closure__[1].cell_contents)
        return kept[-1]  # type: ignore[return-value]

    good = Secrets(tmp_path, "https://centre.example:8443", Vault(keeps))
    assert said(self_check.of_keyring(good)) == (Level.GOOD, "key_in_keyring") and len(kept[0]) == 16
    assert list(tmp_path.iterdir()) == [], "nothing was left lying about"


def test_a_damaged_page_is_found_while_the_store_is_open(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    engine = open_store(file, NOW)
    assert look(engine).damage == "" and look(engine).version
    engine.dispose()
    raw = bytearray(file.read_bytes())
    for place in range(len(raw) // 2, len(raw), 4096):
        raw[place : place + 64] = b"\xa5" * 64
    file.write_bytes(raw)
    damaged = open_file(file)
    assert look(damaged).damage
    damaged.dispose()


def test_a_bundle_names_no_home_and_holds_the_end_of_a_long_log(tmp_path: Path) -> None:
    home = tmp_path / "zhangsan"
    logs = home / "logs"
    logs.mkdir(parents=True)
    (logs / "console.log").write_bytes(b"first\n" + b"x" * MOST_OF_A_LOG_BYTES + b"\nlast " + str(home).encode())
    (logs / "console.log.1").write_bytes(b"older")
    (logs / "picture.png").write_bytes(b"no log")
    raw = packed([f"disk {home}"], {"python": "3", "where": str(home)}, SOUND, list(logs.iterdir()), home)
    members = dict(unpack(raw))
    assert set(members) == {
        "read-me.txt", "self-check.txt", "versions.json", "store.json", "logs/console.log", "logs/console.log.1",
    }  # fmt: skip
    assert b"zhangsan" not in raw and members["self-check.txt"] == b"disk ~\n"
    assert members["logs/console.log"].endswith(b"\nlast ~") and b"first" not in members["logs/console.log"]
