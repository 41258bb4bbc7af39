"""Acts made up at random yet sealed like real ones: of every kind, on cases in every state, some with one part spoilt."""

from __future__ import annotations

import json
import types
from collections.abc import Callable
from typing import Any, get_args, get_type_hints

import msgspec
from hypothesis import strategies as st

from models import commands as c
from models.attachment import AttachmentKind, Spot
from models.deadline import Limit, LimitUnit
from models.wire import GENESIS, UNSIGNED, Sealed, chain_hash, seal
from tests.district.parties import DISTRICT, REPORT, Station
from tests.models.small_town import DEPARTMENT, MARKET, SQUAD, STALLS, START_MS, TOWN, VILLAGE

GONE = "<no such field>"
ODD: tuple[Any, ...] = (
    *(GONE, None, True, 0, -1, 1.5, 2**53 - 1, 2**53, 10**30, float("inf")),
    *("", "\x00", "\ud800", "x" * 9_000, "'; drop table log", "２０２６", "case.of_tomorrow", "D-centre", TOWN),
    *([], {}, [[]], {"type": "case.note"}, json.loads("[" * 200 + "]" * 200)),
)
PARTS = (
    *(
        ("v",),
        ("cmd_id",),
        ("device",),
        ("dseq",),
        ("prev",),
        ("actor",),
        ("unit",),
        ("subject",),
        ("args",),
        ("time",),
    ),
    *(("capacity",), ("expect",), ("session",), ("app",), ("subject", "type"), ("subject", "id"), ("args", "type")),
    *(("time", "wall_ms"), ("time", "boot"), ("time", "mono_ms"), ("time", "anchor")),
)
KINDS: tuple[type[msgspec.Struct], ...] = get_args(c.Args)
_LIMITS = (
    Limit(2, LimitUnit.WORK_DAY),
    Limit(0, LimitUnit.MINUTE),
    Limit(-5, LimitUnit.WORK_HOUR),
    Limit(10**9, LimitUnit.WORK_DAY),
)
_MADE: dict[Any, tuple[Any, ...]] = {
    Limit: tuple(map(msgspec.to_builtins, _LIMITS)),
    int: (START_MS, 0, 2**53 - 1),
    bool: (True, False),
    AttachmentKind: ("before", "paper"),
    Spot: ([29_712_345, 118_317_890], [10**9, 0]),
}
_UNITS = (TOWN, VILLAGE, MARKET, SQUAD, DEPARTMENT, DISTRICT, "", "nowhere")
_TEXTS = ("", "好", "answered", "accepted", "x" * 3_000)


class Stage(msgspec.Struct):
    """A real case of the district ("": one to be reported), with its lead assignment ("" before dispatch), the acts that
    brought it so far, and what would come next: whose move it is, and the act as it should be."""

    case_id: str
    lead: str = ""
    cmd_ids: list[str] = []
    person: str = ""
    move: dict[str, Any] = {}


class Act(msgspec.Struct):
    """An act before it has a place in a chain. `spoilt`: the part to replace, and what by."""

    person: str
    case_id: str
    args: dict[str, Any]
    spoilt: tuple[tuple[str, ...], Any] | None


def cases_in_every_state(town: Station, market: Station, village: Station) -> list[Stage]:
    """One case brought up to every state between 信息收集 and 结案; the first one is not known to anybody yet."""
    new = Stage("", person="clerk", move=msgspec.to_builtins(REPORT))
    return [new, *(_case(steps, town, market, village) for steps in range(1, 12))]


def _case(steps: int, town: Station, market: Station, village: Station) -> Stage:
    found = Stage(town.new_id())
    way: tuple[tuple[Station, str, Callable[[], c.Args]], ...] = (
        (town, "clerk", lambda: REPORT),
        (town, "clerk", c.File),
        (town, "clerk", lambda: c.Dispatch(MARKET)),
        (market, "market-officer", lambda: c.Acknowledge(found.lead)),
        (market, "market-officer", lambda: c.Arrive(found.lead)),
        (market, "market-officer", lambda: c.GiveOpinion(found.lead, "占道", "劝离")),
        (market, "market-officer", lambda: c.Feedback(found.lead, "已清理")),
        (village, "vice", lambda: c.NameChecker("member-1")),
        (village, "member-1", lambda: c.CheckOnSite("member-1", True, "干净")),
        (village, "vice", c.SubmitCheck),
        (town, "confirmer", c.Confirm),
    )
    for station, person, args in way[:steps]:
        command = station.command(person, args(), found.case_id)
        (known,) = station.push(station.sealed(seal(command))).known
        assert known[1] == "accepted", known
        found.cmd_ids.append(command.cmd_id)
        if len(found.cmd_ids) == 3:
            found.lead = f"{command.cmd_id.replace('-', '')[-12:]}.0"
    if steps < len(way):
        _, found.person, move = way[steps]
        found.move = msgspec.to_builtins(move())
    return found


@st.composite
def batches(draw: st.DrawFn, stages: list[Stage], people: list[str]) -> list[Act]:
    """Up to four acts for one push, at most one of them spoilt."""
    made = draw(st.lists(_acts(stages, people), min_size=1, max_size=4))
    if draw(st.integers(0, 2)) == 0:
        victim = made[draw(st.integers(0, len(made) - 1))]
        parts = (*PARTS, *(("args", name) for name in victim.args))
        victim.spoilt = (draw(st.sampled_from(parts)), draw(st.sampled_from(ODD)))
    return made


@st.composite
def _acts(draw: st.DrawFn, stages: list[Stage], people: list[str]) -> Act:
    """Any kind on any case by anybody, or what would come next by whose move it is."""
    next_ones = [s for s in stages if s.person in people]
    if next_ones and draw(st.booleans()):
        stage = draw(st.sampled_from(next_ones))
        return Act(stage.person, stage.case_id, stage.move, None)
    if draw(st.integers(0, 15)) == 15:
        # On the case that is over: what is undecided holds up everything after it.
        return Act(people[0], stages[-1].case_id, {"type": "case.of_tomorrow"}, None)
    kind, stage = draw(st.sampled_from(KINDS)), draw(st.sampled_from(stages))
    args = {"type": str(kind.__struct_config__.tag)}
    for name, hint in get_type_hints(kind).items():
        args[name] = draw(_values(name, hint, stage, people))
    case_id = "" if kind is c.Report and draw(st.booleans()) else stage.case_id
    return Act(draw(st.sampled_from(people)), case_id, args, None)


def _values(name: str, hint: Any, stage: Stage, people: list[str]) -> st.SearchStrategy[Any]:
    """What stands in a field of an act: by its name when the name says whom or what it means, else by its type."""
    texts: dict[str, tuple[str, ...]] = {
        **dict.fromkeys(("to", "unit", "town", "station", "co", "suggested"), _UNITS),
        **dict.fromkeys(("handlers", "handler", "checker", "on_behalf", "reporter", "who"), (*people, "member-2", "")),
        **dict.fromkeys(("request", "cmd_id"), (*stage.cmd_ids, "no-such-act")),
        "assignment": (stage.lead, "no-such.0"),
        "into": (stage.case_id, "no-such-case"),
        "sha256": ("a" * 64, "A" * 64),
        "media_type": ("image/jpeg", "text/html; x"),
        "category": (STALLS, "E/matter/0"),
        "channel": ("grid", "hotline", "no-such"),
    }
    choice = st.sampled_from(texts.get(name, _TEXTS))
    if hint is str:
        return choice
    if hint == tuple[str, ...]:
        return st.lists(choice, max_size=3)
    if hint == dict[str, str]:
        return st.dictionaries(st.sampled_from(("title", "place", "words", "no_field")), choice, max_size=2)
    if hint == dict[str, str | int]:
        return st.just({})
    kinds = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    assert kinds[0] in _MADE, f"{name}: {hint} is nothing this test can make up"
    found = _MADE[kinds[0]]
    return st.sampled_from((*found, None) if type(None) in kinds else found)


def sealed(station: Station, batch: list[Act]) -> list[dict[str, str]]:
    """The acts as they travel: each at its place of the station's chain, each with the hash of its own text."""
    lines: list[dict[str, str]] = []
    dseq, prev = station.dseq, station.head
    for act in batch:
        dseq += 1
        made = station.command(act.person, c.Note(""), act.case_id or station.new_id(), dseq=dseq, prev=prev)
        plain = {**msgspec.to_builtins(made), "args": dict(act.args)}
        if act.spoilt is not None:
            _spoil(plain, *act.spoilt)
        body = json.dumps(plain)
        claimed = plain.get("prev")
        prev = chain_hash(claimed if isinstance(claimed, str) and claimed.isascii() else GENESIS, body)
        lines.append(msgspec.to_builtins(station.signed(Sealed(body, prev, UNSIGNED))))
    return lines


def _spoil(plain: dict[str, Any], part: tuple[str, ...], value: Any) -> None:
    holder = plain if len(part) == 1 else plain[part[0]]
    if value is GONE:
        holder.pop(part[-1], None)
    else:
        holder[part[-1]] = value
