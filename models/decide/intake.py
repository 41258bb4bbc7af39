"""Report, file, decline, 退回补充, merge, transfer out (plan §四(二)(三), R36, R41; practice.md §1.3)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from models.case import Case, Described, Request, RequestKind, State
from models.commands import Command, Report
from models.decide.situation import Rejected, Situation
from models.describing import FACTS, as_seen
from models.events import CaseOpened, RequestSet
from models.evidence import Moment
from models.ids import is_id
from models.organisation import DISTRICT_CODE, OrganisationKind
from models.people import Actor
from models.rules import Rules


def report(
    command: Command, args: Report, actor: Actor, rules: Rules, at: Moment, heard_ms: int | None = None
) -> Situation:
    """A problem became known. The level it reached owes dispatch within ten minutes of receiving it (D6); what was
    found and fixed waits for its town, whoever reported it (R47)."""
    level = DISTRICT_CODE if actor.unit == DISTRICT_CODE and not args.self_handled else args.town
    _must_be_known(args, actor, rules)
    case = Case(
        id=command.subject.id,
        number=args.number,
        version=0,
        state=State.AWAITING_REVIEW if args.self_handled else State.REPORTED,
        level=level,
        channel=args.channel,
        category=args.category,
        title=args.title.strip(),
        place=args.place.strip(),
        town=args.town,
        station=args.station,
        words=args.words.strip(),
        external_number=args.external_number,
        emergency=args.emergency,
        personal=args.personal,
        reported_at=at,
        reported_by=args.reporter or actor.person,
        reporter_unit=actor.unit,
    )
    situation = Situation(case, command, actor, rules, at, heard_ms)
    situation.events.append(CaseOpened(case))
    situation.note(to=level, result="self_handled" if args.self_handled else "")
    if not args.self_handled:
        situation.open_dispatch_cycle(level, situation.reaches(level), "received")
    return situation


def _must_be_known(args: Report, actor: Actor, rules: Rules) -> None:
    if not args.title.strip():
        raise Rejected("title_missing")
    if args.category not in rules.categories:
        raise Rejected("unknown_category", category=args.category)
    if args.channel not in rules.channels:
        raise Rejected("unknown_channel", channel=args.channel)
    if rules.kind(args.town) is not OrganisationKind.SUB_CENTRE:
        raise Rejected("unknown_town", town=args.town)
    station = rules.organisations.get(args.station)
    if args.station and (station is None or station.town != args.town):
        raise Rejected("station_not_in_town", station=args.station)
    if actor.unit not in (DISTRICT_CODE, args.town) and rules.town_of(actor.unit) != args.town:
        raise Rejected("not_your_town", town=args.town)
    if args.self_handled and not args.station:
        raise Rejected("station_missing")
    if args.reporter and not _is_staff(args, actor, rules):
        raise Rejected("reporter_not_staff")


def _is_staff(args: Report, actor: Actor, rules: Rules) -> bool:
    """True when the reporter named is one of the town's people, or of the desk that types it. Anybody else is a
    requester, whose name has no place in an act (D2)."""
    person = rules.people.get(args.reporter)
    if person is None:
        return False
    return person.unit == actor.unit or rules.town_of(person.unit) == args.town


def file(s: Situation) -> None:
    """立案. The ten minutes go on: they measure receipt to dispatch (practice.md §1.3)."""
    s.set_facts(filed_at=s.at, filed_by=s.actor.person)
    s.move(State.AWAITING_DISPATCH)
    s.note()


def decline(s: Situation) -> None:
    """不予受理 with a reason."""
    _reason(s, s.args.reason)
    s.stop_dispatch()
    s.set_facts(closed_at=s.at, close_kind="declined")
    s.move(State.DECLINED)
    s.note(note=s.args.reason)


def ask_supplement(s: Situation) -> None:
    """退回补充: stops the ten minutes, counted by itself."""
    _reason(s, s.args.reason)
    s.stop_dispatch()
    s.move(State.AWAITING_SUPPLEMENT)
    s.note(to=s.case.reporter_unit, note=s.args.reason)


def supplement(s: Situation) -> None:
    """The missing facts came; a new ten minutes begins."""
    describe_facts(s)
    s.open_dispatch_cycle(s.case.level, s.reaches(s.case.level), "received")
    s.move(State.REPORTED)
    s.note()


def describe(s: Situation) -> None:
    """Correct plain facts."""
    describe_facts(s)
    s.note()


def describe_facts(s: Situation) -> None:
    """Check and set the filled fields of Supplement or Describe."""
    values: dict[str, Any] = {}
    for name in FACTS:
        given = getattr(s.args, name, "").strip()
        if given and given != getattr(s.case, name):
            values[name] = given
    if not values:
        s.reject("nothing_changed")
    if "category" in values and values["category"] not in s.rules.categories:
        s.reject("unknown_category", category=values["category"])
    station = s.rules.organisations.get(values.get("station", ""))
    if "station" in values and (station is None or station.town != s.case.town):
        s.reject("station_not_in_town", station=values["station"])
    for name, value in values.items():
        _nobody_else_changed(s, name, value)
    version = s.case.version + 1
    kept = tuple(d for d in s.case.described if d.field not in values)
    fresh = tuple(Described(name, version, s.command.device) for name in values)
    s.set_facts(**values, described=(*kept, *fresh))


def _nobody_else_changed(s: Situation, name: str, value: str) -> None:
    """Never the last writer wins (sync.md §3.6): a fact that another workstation set is not overwritten unseen; the refusal
    shows both values. A workstation that has become another device since is no other. What the clerk saw is the value his act
    names: the numbers of versions come again after a restore. Older consoles name the version alone."""
    origin = s.command.origin
    here = (s.command.device, origin.device if origin is not None else s.command.device)
    last = next((d for d in s.case.described if d.field == name), None)
    if last is None or last.device in here:
        return
    theirs, seen, version = getattr(s.case, name), s.args.seen.get(name), s.command.expect
    unseen = as_seen(theirs) != seen if seen is not None else version is not None and last.version > version
    if unseen:
        s.reject("field_changed", field=name, mine=value, theirs=theirs)


def merge(s: Situation) -> None:
    """并案: both numbers stay, reports count the survivor (I12). Whether the other case exists, only who keeps the cases
    can say: services/cases.py for the console, district/judge.py for the centre, both by `merge_refused`."""
    if s.args.into == s.case.id:
        s.reject("merge_into_itself")
    if not is_id(s.args.into):
        s.reject("merge_target_unknown")
    s.stop_dispatch()
    s.end_everything("merged", keep_verdicts=False)
    s.set_facts(duplicate_of=s.args.into, closed_at=s.at, close_kind="merged")
    s.move(State.MERGED)
    s.note(to=s.args.into)


def merge_refused(into: Case | None) -> str:
    """Why nothing can be merged into that case; "" when it can. None: not known to whoever asks."""
    if into is None:
        return "merge_target_unknown"
    if into.state is State.VOID:
        return "merge_target_void"  # the survivor is what reports count (I12), and a void case is in none
    return "merge_target_merged" if into.state is State.MERGED else ""


def transfer_out(s: Situation) -> None:
    """转出(非城管): hotline cases only (practice.md §1.3). Leaves the arrival and opinion rates, not the ten minutes."""
    channel = s.rules.channels.get(s.case.channel)
    if channel is None or not channel.hotline:
        s.reject("not_a_hotline_case")
    if s.args.to not in s.rules.organisations:
        s.reject("unknown_unit", unit=s.args.to)
    _reason(s, s.args.reason)
    s.stop_dispatch()
    s.end_everything("transferred", keep_verdicts=False)
    s.set_facts(transferred_to=s.args.to, closed_at=s.at, close_kind="transferred_out")
    s.move(State.TRANSFERRED_OUT)
    s.note(to=s.args.to, note=s.args.reason)


def finders(case: Case) -> frozenset[str]:
    """Who found and fixed it, and who entered it: neither may say that it counts."""
    return frozenset({case.reported_by, *(step.actor for step in case.history[:1])})


def review_self_handled(s: Situation) -> None:
    """The third pair of eyes on found-and-fixed: patrol, station, grid member cannot count their own (practice.md §1.8)."""
    if s.actor.person in finders(s.case):
        s.reject("handler_may_not_confirm")
    if s.args.accepted:
        s.set_facts(filed_at=s.at, filed_by=s.actor.person, closed_at=s.at, close_kind="self_handled")
        s.move(State.CLOSED)
    else:
        s.set_facts(filed_at=s.at, filed_by=s.actor.person)
        s.open_dispatch_cycle(s.case.town, s.at.hi, "received")
        s.move(State.AWAITING_DISPATCH)
    s.note(note=s.args.note, result="accepted" if s.args.accepted else "refused")


def asked_as(case: Case, kind: RequestKind, name: str) -> Request | None:
    """The open request of that kind: by its own name, or by that of one which was merged with it (`beside`), as whoever answers at the
    desk of the one who asked second knows it."""
    waiting = {asked.id: asked for asked in case.open_requests(kind)}
    merged = (waiting.get(r.beside) for r in case.requests if r.id == name and r.kind is kind)
    return waiting.get(name) or next(merged, None)


def answer_request(s: Situation, kind: RequestKind, granted: bool) -> str:
    """Close an open request of that kind; returns the assignment it was about. Rejects when there is none."""
    asked = asked_as(s.case, kind, s.args.request)
    if asked is None:
        s.reject("no_such_request")
    s.emit(RequestSet(replace(asked, granted=granted, answered_at=s.at)))
    return asked.assignment


def _reason(s: Situation, text: str) -> None:
    if not text.strip():
        s.reject("reason_missing")
