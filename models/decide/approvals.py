"""What a second person answers for: void (domain.md §2), and acts that were kept apart (sync.md §3.9)."""

from __future__ import annotations

from models.case import RequestKind, State, Step
from models.decide.intake import answer_request
from models.decide.situation import Merged, Situation
from models.events import Noted
from models.organisation import DISTRICT_CODE
from models.people import Role


def ask_void(s: Situation) -> None:
    """Ask; the case goes on until somebody else answers."""
    if not s.args.reason.strip():
        s.reject("reason_missing")
    asked = s.case.open_request(RequestKind.VOID)
    if asked is not None:
        s.ask(RequestKind.VOID, s.args.reason, to=asked.to, granted=False, beside=asked.id)
        raise Merged("void_already_asked", s.first_act(("case.ask_void",)))
    request = s.ask(RequestKind.VOID, s.args.reason, to=_who_answers(s))
    s.note(to=request.to, note=s.args.reason)


def _who_answers(s: Situation) -> str:
    """The desk whose move the request is: that of the level the case is at; where nobody is left beside whoever asks, the
    district."""
    town = [s.case.town] if s.case.level == s.case.town else []
    for unit in (*town, DISTRICT_CODE):
        wanted = Role.DISTRICT_OPERATOR if unit == DISTRICT_CODE else Role.DEPUTY_DIRECTOR
        if any(wanted in p.roles and p.id != s.actor.person for p in s.rules.staff(unit)):
            return unit
    return ""


def answer_void(s: Situation) -> None:
    """作废, or not. A void case keeps its number and its history; its clocks carry no verdict."""
    answer_request(s, RequestKind.VOID, s.args.granted)
    if s.args.granted:
        s.end_everything("void", keep_verdicts=False)
        s.set_facts(closed_at=s.at, close_kind="void")
        s.move(State.VOID)
    s.note(note=s.args.note, result="granted" if s.args.granted else "refused")


def remark(s: Situation) -> None:
    """A remark changes nothing else."""
    if not s.args.note.strip():
        s.reject("note_missing")
    s.note(note=s.args.note)


def review_quarantined(s: Situation) -> None:
    """The history says of an act which a revoked workstation had handed in that it was admitted, by whom and why."""
    args = s.args
    if not args.admitted or not any(step.cmd_id == args.cmd_id for step in s.case.history):
        s.reject("no_such_act")
    s.emit(
        Noted(
            Step(
                cmd_id=s.command.cmd_id,
                kind=s.kind,
                actor=args.by,
                unit=DISTRICT_CODE,
                at=s.at,
                to=args.cmd_id,
                note=args.reason,
                result="admitted",
            )
        )
    )
