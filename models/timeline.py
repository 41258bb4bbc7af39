"""时间线, a case's history as a paper to read beside its evidence (R78): made of what the centre's signature covers.

Frozen values, drawn by ui/papers. Nothing of a requester stands in it (D2). Instants in ms UTC."""

from __future__ import annotations

import msgspec

from models.case import StageClock
from models.evidence import Moment
from models.wire import Reason


class TimelineAct(msgspec.Struct, frozen=True):
    """One entry of the order: what was done, by whom, when; what it came to and why. `signed`: "device", "centre" (the centre's
    own act), "none" (a workstation registered before there were keys). `mark`: the beginning of the act's hash, by which
    it is found in the file."""

    gseq: int
    kind: str
    at: Moment
    received_at: int
    unit_name: str
    person_name: str
    on_behalf_name: str
    to_name: str
    result: str
    note: str
    outcome: str
    reason: Reason | None
    signed: str
    mark: str


class Timeline(msgspec.Struct, frozen=True):
    """The paper. `whole`: everything the centre keeps, not only what the unit may see. `manifest` is the SHA-256 of the file's
    manifest, `fingerprint` that of the centre's key. `source` is what the reference data calls itself when it is not real
    (演示数据), else ""."""

    number: str
    title: str
    place: str
    category_name: str
    town_name: str
    state: str
    whole: bool
    clocks: tuple[tuple[StageClock, str], ...]
    acts: tuple[TimelineAct, ...]
    names: dict[str, str]
    made_at: int
    head_gseq: int
    manifest: str
    fingerprint: str
    source: str
    operator_name: str
    printed_at: int
