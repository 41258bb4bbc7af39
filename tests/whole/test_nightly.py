"""A service has its record audited at its hour, and tells its operator (district/nightly.py). Real processes."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from models.clock import DAY_MS, HOUR_MS, SystemClock
from models.organisation import DISTRICT_CODE
from models.workstations import Audited
from services import enrolment
from services.sync import operator_calls
from services.sync.line import Credentials, Line
from tests.whole import centre_process
from tests.whole.parties import OPERATOR, PASSWORD, Centre, keys_of

FOUR_MS = 20_605 * DAY_MS - 4 * HOUR_MS
"""Four in the morning in Beijing."""


@pytest.mark.landing
def test_a_service_does_it_at_its_hour_and_its_operator_is_told(centre: Centre) -> None:
    centre.end(signal.SIGKILL)
    words = ["serve", "--database", centre.database_url, "--keys", str(keys_of(centre.database_url)), "--port", "0"]
    clock = f"{FOUR_MS - 9_000}:{SystemClock().mono_ms()}:1"
    process, line = centre_process.start([*words, "--audit-hour", "4", "--demo-clock", clock])
    try:
        address = line.split()[-1]
        made = enrolment.enrol(address, centre.code(DISTRICT_CODE), SystemClock(), DISTRICT_CODE)
        told = Line(address, SystemClock(), Credentials(made.registered.device, made.registered.token, made.key))
        session = told.sign_in(OPERATOR, PASSWORD).session
        last = _last_of(told, session)
        assert last.contradictions == 0 and last.at_ms >= FOUR_MS and last.gseq >= 1
        sheets = Path(centre.database_url.removeprefix("sqlite:///")).with_suffix(".audits")
        assert last.head in (sheets / last.sheet).read_text(encoding="utf-8")
        told.close()
    finally:
        process.terminate()
        process.join(20)


def _last_of(told: Line, session: str) -> Audited:
    for _ in range(80):
        audits = operator_calls.workstations(told, session).audits
        if audits is not None and audits.last is not None:
            return audits.last
        time.sleep(0.5)
    raise AssertionError("no audit was made")
