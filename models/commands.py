"""What one may ask: one frozen value per kind of act (house.md §1). `tag` is the kind on the wire.

An act never carries a requester's name, phone or the caller's own words: those stand in a personal record, and the act
holds its salted hash (D2).
"""

from __future__ import annotations

import msgspec

from models.attachment import Attach as Attach
from models.attachment import AttachmentArrived as AttachmentArrived
from models.check_review import ReviewCheck as ReviewCheck
from models.deadline import Limit
from models.describing import Describe as Describe
from models.describing import Supplement as Supplement
from models.evidence import ClaimedTime
from models.origin import Origin
from models.quarantine import ReviewQuarantined as ReviewQuarantined
from models.time_requests import AnswerExtension as AnswerExtension
from models.time_requests import AnswerSuspension as AnswerSuspension
from models.time_requests import AnswerTimeRuling as AnswerTimeRuling
from models.time_requests import AskExtension as AskExtension
from models.time_requests import AskSuspension as AskSuspension
from models.time_requests import EndSuspension as EndSuspension
from models.time_requests import ProposeTimeRuling as ProposeTimeRuling
from models.tray_acts import CloseEntry as CloseEntry
from models.tray_acts import HandOn as HandOn


class Report(msgspec.Struct, frozen=True, tag="case.report", omit_defaults=True):
    """A problem became known at a level (信息收集, R36). Starts that level's ten minutes. `self_handled`: found and fixed
    by the finder (边发现边处置, R47); it waits for the sub-centre's review instead of dispatch. `reporter` is the staff id
    of whoever found it, when another types it; a resident's name stands in the personal record only (D2)."""

    number: str
    channel: str
    category: str
    title: str
    place: str
    town: str
    station: str = ""
    words: str = ""
    external_number: str = ""
    emergency: bool = False
    personal: str = ""
    reporter: str = ""
    self_handled: bool = False


class File(msgspec.Struct, frozen=True, tag="case.file"):
    """立案: the case meets its filing condition and goes to dispatch."""


class Decline(msgspec.Struct, frozen=True, tag="case.decline"):
    """不予受理, with a reason. Stops the ten minutes."""

    reason: str


class AskSupplement(msgspec.Struct, frozen=True, tag="case.ask_supplement"):
    """退回补充: no place or no photo. A legal, counted stop of the ten minutes."""

    reason: str


class Merge(msgspec.Struct, frozen=True, tag="case.merge"):
    """并案: the same problem is already a case. Both numbers stay; reports count the other one."""

    into: str


class TransferOut(msgspec.Struct, frozen=True, tag="case.transfer_out"):
    """转出(非城管): a hotline case that is not urban management goes to the department's own procedure (R41)."""

    to: str
    reason: str


class Dispatch(msgspec.Struct, frozen=True, tag="case.dispatch", omit_defaults=True):
    """派发 (or 转办, district to town or department): one lead, co-handlers, the handling limit if not the category's."""

    to: str
    co: tuple[str, ...] = ()
    limit: Limit | None = None
    note: str = ""


class Redispatch(msgspec.Struct, frozen=True, tag="case.redispatch", omit_defaults=True):
    """改派: take the case from its lead and send it elsewhere."""

    to: str
    reason: str
    co: tuple[str, ...] = ()


class AddCoHandler(msgspec.Struct, frozen=True, tag="case.add_co_handler", omit_defaults=True):
    """加协办: one more unit with clocks of its own."""

    to: str
    note: str = ""


class WithdrawCoHandler(msgspec.Struct, frozen=True, tag="case.withdraw_co_handler"):
    """撤协办: that unit's duty ends without blame."""

    assignment: str
    reason: str


class AskRuling(msgspec.Struct, frozen=True, tag="case.ask_ruling", omit_defaults=True):
    """提请区中心明确主协办: several departments are needed and the town has no such function (R44, D18)."""

    reason: str
    suggested: tuple[str, ...] = ()


class Rule(msgspec.Struct, frozen=True, tag="case.rule", omit_defaults=True):
    """The district names lead, co-handlers and a mandatory limit (R44)."""

    to: str
    limit: Limit
    co: tuple[str, ...] = ()
    note: str = ""


class RefuseRuling(msgspec.Struct, frozen=True, tag="case.refuse_ruling"):
    """不予明确: the district sends the case back to the town that asked, with the reason."""

    reason: str


class Deliver(msgspec.Struct, frozen=True, tag="case.deliver", omit_defaults=True):
    """The centre saw the unit's console receive the assignment (接到指派任务, R43), or a duty that hangs on none, which took a while
    on its way: then `assignment` is "" and `clock` names it. Acted by the district itself. `awake_at` (ms UTC): since when that
    console had been running, as it said itself."""

    assignment: str
    awake_at: int | None = None
    clock: str = ""


class Recalculate(msgspec.Struct, frozen=True, tag="case.recalculate"):
    """The calendar changed: running clocks are reckoned anew, stopped ones stay as judged (D13). The district's own act."""

    calendar_was: str
    calendar: str


class NoticeBreach(msgspec.Struct, frozen=True, tag="case.notice_breach"):
    """The centre saw a clock's due time pass without the act that meets it. Acted by the district itself."""

    clock: str


class SettleBreach(msgspec.Struct, frozen=True, tag="case.settle_breach", omit_defaults=True):
    """A breach is final: no act that met the clock can turn up any more ("watermark"), or the grace is over ("grace") with
    these workstations `silent`. Acted by the district itself."""

    clock: str
    basis: str
    silent: tuple[str, ...] = ()


class LogCall(msgspec.Struct, frozen=True, tag="case.log_call", omit_defaults=True):
    """A telephone call about the case: `result` "answered", "no_answer" or "passed_on" (转告). An answered call about an
    undelivered assignment is its 电话已通知 and starts that unit's clocks (D7)."""

    unit: str
    result: str
    who: str = ""
    assignment: str = ""
    note: str = ""
    claimed_at: int | None = None


class Acknowledge(msgspec.Struct, frozen=True, tag="case.acknowledge", omit_defaults=True):
    """签收: the unit has it and names who goes."""

    assignment: str
    handler: str = ""
    on_behalf: str = ""


class AskReturn(msgspec.Struct, frozen=True, tag="case.ask_return", omit_defaults=True):
    """申请退单: not this unit's duty, with the basis. The clock runs on until the giver rules."""

    assignment: str
    reason: str
    basis: str = ""


class AnswerReturn(msgspec.Struct, frozen=True, tag="case.answer_return", omit_defaults=True):
    """同意退单 / 不予退单, by whoever gave the assignment."""

    request: str
    granted: bool
    note: str = ""


class FirstResponse(msgspec.Struct, frozen=True, tag="case.first_response", omit_defaults=True):
    """先期处置: dissuade, cordon, photograph (R46). A testimony: stops nobody's clock (D19)."""

    note: str
    on_behalf: str = ""
    claimed_at: int | None = None


class Arrive(msgspec.Struct, frozen=True, tag="case.arrive", omit_defaults=True):
    """到场. `on_behalf` names the officer whose telephone word is typed (代录); it waits for 追认."""

    assignment: str
    note: str = ""
    on_behalf: str = ""
    claimed_at: int | None = None


class GiveOpinion(msgspec.Struct, frozen=True, tag="case.give_opinion", omit_defaults=True):
    """初步意见 (R6): what was found, what is done, what is planned, and when it should be finished."""

    assignment: str
    finding: str
    measure: str
    plan: str = ""
    expected_at: int | None = None
    on_behalf: str = ""


class NoteProgress(msgspec.Struct, frozen=True, tag="case.note_progress", omit_defaults=True):
    """A line of progress or of trouble (R12); `problem` marks trouble."""

    note: str
    assignment: str = ""
    problem: bool = False
    on_behalf: str = ""


class Handled(msgspec.Struct, frozen=True, tag="case.handled", omit_defaults=True):
    """A co-handler is done with its part (D19). Only the lead feeds back."""

    assignment: str
    note: str = ""
    on_behalf: str = ""


class Feedback(msgspec.Struct, frozen=True, tag="case.feedback", omit_defaults=True):
    """办结反馈: the lead hands in the result (R48). The handling clock stops; the station's check clock starts."""

    assignment: str
    result: str
    handlers: tuple[str, ...] = ()
    on_behalf: str = ""


class NameChecker(msgspec.Struct, frozen=True, tag="case.name_checker", omit_defaults=True):
    """The station (its deputy head) sends somebody to look (R49). `elsewhere`: a neighbouring station or a patrol."""

    checker: str
    elsewhere: bool = False


class CheckOnSite(msgspec.Struct, frozen=True, tag="case.check", omit_defaults=True):
    """核查: passed or not, what was seen. `checker` is who stood there; the deputy may type it for a grid member."""

    checker: str
    passed: bool
    seen: str
    claimed_at: int | None = None


class SubmitCheck(msgspec.Struct, frozen=True, tag="case.submit_check", omit_defaults=True):
    """提交分中心: the station puts its name to the check (station_submit, R50). A failed check starts rework. `passed`: as whoever
    signs saw it; older consoles do not say."""

    note: str = ""
    passed: bool | None = None


class Confirm(msgspec.Struct, frozen=True, tag="case.confirm", omit_defaults=True):
    """确认结案 by the sub-centre: the loop is closed (R50)."""

    note: str = ""
    close_kind: str = "done"


class RefuseConfirm(msgspec.Struct, frozen=True, tag="case.refuse_confirm"):
    """不予确认, with the reason: back to the unit for rework."""

    reason: str


class ReviewSelfHandled(msgspec.Struct, frozen=True, tag="case.review_self_handled", omit_defaults=True):
    """The sub-centre's review of a found-and-fixed case: it counts, or becomes an ordinary case to dispatch."""

    accepted: bool
    note: str = ""


class AskVoid(msgspec.Struct, frozen=True, tag="case.ask_void"):
    """Ask to void a case; somebody else approves."""

    reason: str


class AnswerVoid(msgspec.Struct, frozen=True, tag="case.answer_void", omit_defaults=True):
    """作废, approved or not, by the deputy director (town) or a district operator; never by who asked."""

    request: str
    granted: bool
    note: str = ""


class Ratify(msgspec.Struct, frozen=True, tag="case.ratify"):
    """追认: the unit stands by an act that was typed for it; the clock it stopped is judged from now on."""

    cmd_id: str


class Note(msgspec.Struct, frozen=True, tag="case.note"):
    """A remark on the case (口头交办, 我在跟). Changes nothing else."""

    note: str


class Retract(msgspec.Struct, frozen=True, tag="act.retract"):
    """Undo (D3): takes back an own act the centre has not accepted yet; both stay on record."""

    cmd_id: str


class Publish(msgspec.Struct, frozen=True, tag="reference.publish"):
    """The district put a new edition of the reference data into force (D13); `sha256` addresses its document."""

    version: str
    sha256: str


class Settle(msgspec.Struct, frozen=True, tag="act.settle", omit_defaults=True):
    """The centre decides an act it had deferred (D12). Acted by the district itself; the settled act's effect travels along."""

    cmd_id: str
    outcome: str
    code: str = ""
    args: dict[str, str | int] = {}
    by: str = ""


Args = (
    Report | File | Decline | AskSupplement | Supplement | Describe | Merge | TransferOut | Dispatch | Redispatch | AddCoHandler
    | WithdrawCoHandler | AskRuling | Rule | RefuseRuling | Deliver | LogCall | Acknowledge | AskReturn | AnswerReturn | FirstResponse
    | Arrive | GiveOpinion | NoteProgress | Handled | Feedback | NameChecker | CheckOnSite | SubmitCheck | Confirm | RefuseConfirm
    | ReviewSelfHandled | AskVoid | AnswerVoid | Ratify | Note | Retract | Publish | Settle | Recalculate | AskExtension | AnswerExtension
    | AskSuspension | AnswerSuspension | EndSuspension | ProposeTimeRuling | AnswerTimeRuling | NoticeBreach | SettleBreach | Attach
    | AttachmentArrived | ReviewQuarantined | CloseEntry | HandOn | ReviewCheck
)  # fmt: skip


class Subject(msgspec.Struct, frozen=True):
    """What an act is about. `decide` is chosen by `type`: "case", or "act" (models/tray_acts.py)."""

    type: str
    id: str


class Command(msgspec.Struct, frozen=True, omit_defaults=True):
    """An act as it was made on one device: who, for which unit, about what, on which version, when by which clocks.
    `dseq` and `prev` place it in the device's own chain; `expect` is the case version the actor saw (None: none); `origin`
    is the place it was made at, when its workstation has become another device since.
    """

    v: int
    cmd_id: str
    device: str
    dseq: int
    prev: str
    actor: str
    unit: str
    subject: Subject
    args: Args
    time: ClaimedTime
    capacity: str = "own_unit"
    expect: int | None = None
    session: str = ""
    app: str = ""
    origin: Origin | None = None


def kind_of(args: Args) -> str:
    """The kind of an act as the wire writes it, e.g. "case.dispatch"."""
    return str(type(args).__struct_config__.tag)


_NAMING = ("checker", "handler", "on_behalf", "reporter")


def named_in(args: Args) -> list[str]:
    """The persons an act names beside whoever makes it, by id: who checked, who goes there, who spoke, who found it."""
    return sorted({str(name) for field in _NAMING if (name := getattr(args, field, ""))})
