"""The centre's watch over due times: what was missed is noticed, and becomes final when no workstation can hold an act that
met it (sync.md §3.7, models/decide/breaches.py). Asked every few seconds by the service.

Every pull says where the workstation's chain ends and when that was so. When the centre has the whole chain, nothing made
before that instant can turn up from there any more: the workstation's watermark. It is kept in memory only, since a
workstation that is there says it again within seconds. All are forgotten when the centre's clock is found to have been set
back: workstations reckon by its readings, and what was heard by the wrong ones is of a time that has not come.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from district.centre import Centre
from district.devices import Device
from district.store import Connection
from district.store.devices import active_devices
from district.store.feeds import open_deferrals
from district.store.reader import overdue_cases
from models.case import Case
from models.clock import HOUR_MS
from models.commands import NoticeBreach, SettleBreach
from models.decide.breaches import BY_GRACE, BY_WATERMARK, could_testify, missed, not_final
from models.evidence import Grade, moment_of_act
from models.wire import HeldHead

Finding = tuple[str, NoticeBreach | SettleBreach]
TO_BE_HEARD_MS = HOUR_MS
"""So long after the service started, was put back, or had its clock set back, nobody is called silent: what it had heard before it does
not know."""
_STEP_MS = 1_000
"""A clock that goes back by less is kept right, not set back."""
MOST_AT_ONCE = 200
"""Findings put into the order in one go: the rest follows seconds later, and nobody waits long behind them."""


def hear(centre: Centre, device: Device, held: HeldHead | None) -> None:
    """A workstation that pulls says what it holds; it counts when the centre has all of it."""
    if held is None or held.dseq != device.head_dseq or held.hash not in ("", device.head_hash):
        return  # an older disk may have come as far again, with acts the centre has not got (sync-R4)
    now = _now_ms(centre)
    at = moment_of_act(held.time, 0, now)
    if at.grade is Grade.ANCHORED and at.lo < now:  # else it reckons by a clock that was set back meanwhile
        centre.heard[device.id] = max(centre.heard.get(device.id, 0), at.lo)


def look(centre: Centre) -> int:
    """Notice what was missed, settle what is certain; returns how many findings went into the order."""
    found = findings(centre)
    return record(centre, found) if found else 0


def findings(centre: Centre) -> list[Finding]:
    """What is to be noticed or settled now; reads only. Nothing while acts that were lost are coming back: one of them may
    have met it."""
    if centre.recovery is not None:
        return []
    with centre.reading() as connection:
        return list(islice(_findings(centre, connection), MOST_AT_ONCE))


def record(centre: Centre, found: list[Finding]) -> int:
    """Put findings into the order, as far as they still hold; returns how many did."""
    with centre.in_order() as journal:
        if centre.recovery is not None:
            return 0  # it was put back since they were looked for, and who had handed in what is forgotten
        return sum(journal.observe(case_id, args) for case_id, args in found)


def _now_ms(centre: Centre) -> int:
    """What the clock shows. When it was set back since it was last looked at, what was heard by it is worth nothing."""
    latest, now = centre.latest_ms, centre.clock.wall_ms()
    if now < latest - _STEP_MS:
        centre.listen_anew()
    centre.latest_ms = now
    return now


def _findings(centre: Centre, connection: Connection) -> Iterator[Finding]:
    now = _now_ms(centre)
    cases = overdue_cases(connection, now)
    open_ones = any(not_final(case) for case in cases)
    devices = active_devices(connection) if open_ones else {}
    undecided = {act.case_id for act in open_deferrals(connection)} if open_ones else set()
    for case in cases:
        for clock in missed(case, now):
            yield case.id, NoticeBreach(clock.id)
        for args in _certain(centre, case, devices, now) if case.id not in undecided else ():
            yield case.id, args  # what is kept undecided may have met it


def _certain(centre: Centre, case: Case, devices: dict[str, list[str]], now_ms: int) -> Iterator[SettleBreach]:
    for breach in not_final(case):
        clock = case.clock(breach.id)
        assert clock is not None and clock.due_at is not None
        concerned = [d for unit in could_testify(case, clock) for d in devices.get(unit, ())]
        silent = tuple(sorted(d for d in concerned if centre.heard.get(d, 0) <= clock.due_at))
        grace_ms = centre.rules.policy_of(clock.policy).breach_grace_hours * HOUR_MS
        # Noticed in a future that was none, by a clock that was set back since.
        noticed_at = breach.noticed_at if breach.noticed_at <= now_ms else centre.listens_since_ms
        could_call_since = max(clock.due_at, noticed_at)
        if concerned and not silent:
            yield SettleBreach(clock.id, BY_WATERMARK)
        elif now_ms > could_call_since + grace_ms and now_ms > centre.listens_since_ms + TO_BE_HEARD_MS:
            yield SettleBreach(clock.id, BY_GRACE, silent)
