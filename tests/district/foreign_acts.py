"""How each kind of act can name a case of another unit."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from models import commands as c
from models.attachment import AttachmentKind
from models.deadline import Limit, LimitUnit
from tests.district.parties import REPORT, Station
from tests.models.small_town import DEPARTMENT, MARKET, OTHER_TOWN, SQUAD, START_MS


class Secret(msgspec.Struct):
    """A case of the sub-centre, and every name by which one might ask for it."""

    case_id: str
    cmd_ids: list[str]
    digest: str
    town: Station
    assignment: str = "0.0"
    request: str = ""
    part: str = ""
    photo: str = ""
    chain: str = ""


ACTS: dict[type[msgspec.Struct], Callable[[Secret], c.Args]] = {
    c.Report: lambda s: msgspec.structs.replace(REPORT, town=OTHER_TOWN, station="", personal=s.digest),
    c.File: lambda s: c.File(),
    c.Decline: lambda s: c.Decline("x"),
    c.AskSupplement: lambda s: c.AskSupplement("x"),
    c.Supplement: lambda s: c.Supplement(words="x"),
    c.Describe: lambda s: c.Describe(title="改"),
    c.Merge: lambda s: c.Merge(s.case_id),
    c.TransferOut: lambda s: c.TransferOut(DEPARTMENT, "x"),
    c.Dispatch: lambda s: c.Dispatch(SQUAD),
    c.Redispatch: lambda s: c.Redispatch(SQUAD, "x"),
    c.AddCoHandler: lambda s: c.AddCoHandler(MARKET),
    c.WithdrawCoHandler: lambda s: c.WithdrawCoHandler(s.assignment, "x"),
    c.AskRuling: lambda s: c.AskRuling("x"),
    c.Rule: lambda s: c.Rule(DEPARTMENT, limit=Limit(1, LimitUnit.WORK_DAY)),
    c.RefuseRuling: lambda s: c.RefuseRuling("x"),
    c.Deliver: lambda s: c.Deliver(s.assignment),
    c.Recalculate: lambda s: c.Recalculate("test-1", "test-2"),
    c.NoticeBreach: lambda s: c.NoticeBreach(f"{s.assignment}:arrival"),
    c.SettleBreach: lambda s: c.SettleBreach(f"{s.assignment}:arrival", "grace"),
    c.LogCall: lambda s: c.LogCall(SQUAD, "answered", assignment=s.assignment),
    c.Acknowledge: lambda s: c.Acknowledge(s.assignment),
    c.AskReturn: lambda s: c.AskReturn(s.assignment, "x"),
    c.AnswerReturn: lambda s: c.AnswerReturn(s.request, True),
    c.AskExtension: lambda s: c.AskExtension(s.assignment, "x"),
    c.AnswerExtension: lambda s: c.AnswerExtension(s.request, True),
    c.AskSuspension: lambda s: c.AskSuspension(s.assignment, "seasonal", START_MS + 86_400_000, "x"),
    c.AnswerSuspension: lambda s: c.AnswerSuspension(s.request, True),
    c.EndSuspension: lambda s: c.EndSuspension(s.assignment, "x"),
    c.ProposeTimeRuling: lambda s: c.ProposeTimeRuling(f"{s.assignment}:arrival", "late", "x"),
    c.AnswerTimeRuling: lambda s: c.AnswerTimeRuling(s.request, True),
    c.FirstResponse: lambda s: c.FirstResponse("x"),
    c.Arrive: lambda s: c.Arrive(s.assignment, on_behalf="squad-officer"),
    c.GiveOpinion: lambda s: c.GiveOpinion(s.assignment, "x", "x"),
    c.NoteProgress: lambda s: c.NoteProgress("x", s.assignment),
    c.Handled: lambda s: c.Handled(s.assignment),
    c.Feedback: lambda s: c.Feedback(s.assignment, "x"),
    c.NameChecker: lambda s: c.NameChecker("member-1", elsewhere=True),
    c.CheckOnSite: lambda s: c.CheckOnSite("member-1", True, "x"),
    c.SubmitCheck: lambda s: c.SubmitCheck(),
    c.Confirm: lambda s: c.Confirm(),
    c.RefuseConfirm: lambda s: c.RefuseConfirm("x"),
    c.ReviewSelfHandled: lambda s: c.ReviewSelfHandled(True),
    c.AskVoid: lambda s: c.AskVoid("x"),
    c.AnswerVoid: lambda s: c.AnswerVoid(s.request, True),
    c.Ratify: lambda s: c.Ratify(s.cmd_ids[-1]),
    c.Note: lambda s: c.Note("x"),
    c.Attach: lambda s: c.Attach("0" * 64, 9, "image/jpeg", AttachmentKind.NEAR),
    c.AttachmentArrived: lambda s: c.AttachmentArrived("0" * 64),
    c.ReviewQuarantined: lambda s: c.ReviewQuarantined(s.cmd_ids[2], "0" * 64, s.town.device, True, "operator", "x"),
    c.CloseEntry: lambda s: c.CloseEntry(s.cmd_ids[2], "rejected"),
    c.HandOn: lambda s: c.HandOn(
        s.cmd_ids[2], "rejected", "other-clerk", "x", "case.file", s.case_id, "clerk", START_MS
    ),
    c.ReviewCheck: lambda s: c.ReviewCheck(s.cmd_ids[2], s.cmd_ids[1], "stands", "operator", "x"),
    c.Retract: lambda s: c.Retract(s.cmd_ids[2]),
    c.Publish: lambda s: c.Publish("x", "0" * 64),
    c.Settle: lambda s: c.Settle(s.cmd_ids[2], "accepted"),
}
