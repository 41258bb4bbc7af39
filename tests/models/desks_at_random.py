"""Who could do what now, and an act that fits: how a random walk finds its way to every corner of the rule book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from models import commands as c
from models.attachment import AttachmentKind, Spot
from models.case import ENDED, Assignment, AssignmentRole, Case, RequestKind, hands_of_round
from models.check_review import CHECK_DECISIONS
from models.decide import allowed
from models.decide.breaches import missed, not_final
from models.decide.desks import own_assignments, to_answer
from models.decide.more_time import suspended_of
from models.decide.spoken import spoken_for, to_ratify
from models.decide.time_ruling import to_rule_on
from models.moves import MOVES
from models.organisation import DISTRICT_CODE
from models.people import DISTRICT_ITSELF
from models.rules import Rules
from tests.models.small_town import DEPARTMENT, MARKET, SMALL_VILLAGE, SQUAD, THREE_DAYS, VILLAGE, Walk

OTHER_CASE = "019ab000-0000-7000-8000-000000000002"
NAMEABLE = (SQUAD, MARKET, VILLAGE, SMALL_VILLAGE, DEPARTMENT)


class Offer(NamedTuple):
    """One thing somebody could do now. `typed_for`: the duty a clerk types for (代录)."""

    kind: str
    person: str
    unit: str
    typed_for: str = ""


def desks(walk: Walk) -> list[tuple[str, str]]:
    """Every person at every desk he may sit at, the centre itself included."""
    found = [(p.id, unit) for p in walk.rules.reference.people for unit in (p.unit, *p.seconded_to)]
    return [*found, (DISTRICT_ITSELF, DISTRICT_CODE)]


def offers(walk: Walk) -> list[Offer]:
    """What the rule book offers to anybody now, in the order of the desks."""
    case = walk.case
    assert case is not None
    found: list[Offer] = []
    for person, unit in desks(walk):
        actor = walk.actor(person, unit)
        found += [Offer(kind, person, unit) for kind in allowed(case, actor, walk.rules, walk.now_ms)]
        for duty in spoken_for(case, actor, walk.rules):
            found += [Offer(kind, person, unit, duty.assignment) for kind in duty.kinds]
    if walk.count % 5 == 0:  # always possible, so offered now and then
        may_add = [
            (p, u) for p, u in desks(walk) if "case.note" in allowed(case, walk.actor(p, u), walk.rules, walk.now_ms)
        ]
        found += [Offer("case.attach", person, unit) for person, unit in may_add]
    if walk.count % 5 == 1 and any(a.arrived_at is None for a in case.attachments):
        found.append(Offer("case.attachment_arrived", DISTRICT_ITSELF, DISTRICT_CODE))
    if walk.count % 17 == 2:
        found.append(Offer("case.review_quarantined", DISTRICT_ITSELF, DISTRICT_CODE))
    if walk.count % 17 == 3 and any(check.passed is not None for check in case.checks):
        found.append(Offer("case.review_check", DISTRICT_ITSELF, DISTRICT_CODE))
    if case.is_open:
        found.append(Offer("case.recalculate", DISTRICT_ITSELF, DISTRICT_CODE))
        if missed(case, walk.now_ms):
            found.append(Offer("case.notice_breach", DISTRICT_ITSELF, DISTRICT_CODE))
        if not_final(case):
            found.append(Offer("case.settle_breach", DISTRICT_ITSELF, DISTRICT_CODE))
        if any(a.delivered_at is None and not a.ended for a in case.assignments):
            found.append(Offer("case.deliver", DISTRICT_ITSELF, DISTRICT_CODE))
    return found


def is_an_end(kind: str) -> bool:
    """True for moves that lead nowhere but to an end: a walk that takes them at once sees nothing."""
    return bool(MOVES[kind].to) and set(MOVES[kind].to) <= ENDED and kind != "case.confirm"


def chosen(found: Sequence[Offer], done: set[str], accepted: Mapping[str, int], how: int, which: int) -> Offer:
    """One of the offers: kinds before desks, so that a busy desk does not crowd out a rare act. Two times in four a kind this
    walk has not seen, one time in four the kind all walks have seen least, one time in sixteen an end."""
    kinds = sorted({offer.kind for offer in found})
    ends, goes_on = [k for k in kinds if is_an_end(k)], [k for k in kinds if not is_an_end(k)]
    kinds = (goes_on if how % 16 else ends) or kinds
    new = [kind for kind in kinds if kind not in done]
    kinds = new if new and how % 4 else kinds
    rarest = min(kinds, key=lambda k: accepted.get(k, 0))
    kind = rarest if how % 4 == 3 else kinds[how // 16 % len(kinds)]
    those = [offer for offer in found if offer.kind == kind]
    return those[which % len(those)]


def act_for(
    offer: Offer, walk: Seen, pick: int, nameable: Sequence[str] = NAMEABLE, other_case: str = OTHER_CASE
) -> c.Args:
    """An act of that kind which fits the case and the desk; `pick` chooses among what fits."""
    case = walk.case
    assert case is not None
    choice = _Choice(walk, case, offer, pick)
    choice.nameable, choice.other_case = nameable, other_case
    return _ACTS[offer.kind](choice)


class Seen(Protocol):
    """What somebody who chooses an act has before him: a case of a walk, or of a workstation's screen."""

    @property
    def case(self) -> Case | None: ...
    @property
    def rules(self) -> Rules: ...
    @property
    def now_ms(self) -> int: ...


class _Choice:
    nameable: Sequence[str] = NAMEABLE
    other_case = OTHER_CASE

    def __init__(self, walk: Seen, case: Case, offer: Offer, pick: int) -> None:
        self.walk, self.case, self.offer, self.pick = walk, case, offer, pick
        self.yes = bool(pick % 3)

    def one(self, found: Sequence[str], otherwise: str = "") -> str:
        return found[self.pick % len(found)] if found else otherwise

    def duty(self, lacks: str = "", role: AssignmentRole | None = None) -> str:
        """A duty of the desk that still lacks that fact; typed: the duty typed for."""
        if self.offer.typed_for:
            return self.offer.typed_for
        mine = [a for a in own_assignments(self.case, self.offer.unit) if role is None or a.role is role]
        open_ = [a for a in mine if not lacks or getattr(a, lacks) is None]
        return self.one([a.id for a in open_ or mine], "none")

    def spoke(self) -> str:
        """Somebody of the unit a clerk types for, else ""."""
        duty = self.case.assignment(self.offer.typed_for)
        return self.one([p.id for p in self.walk.rules.staff(duty.receiver)]) if duty else ""

    def unit(self, skip: Sequence[str] = ()) -> str:
        giver = self.offer.unit
        ruled = giver == DISTRICT_CODE and self.case.is_ruled
        rules, town = self.walk.rules, self.case.town
        may = [u for u in self.nameable if (rules.may_rule(u, town) if ruled else rules.may_name(giver, u))]
        return self.one([u for u in may if u not in skip], "none")

    def to(self) -> str:
        """Whom to dispatch to: the district now and then hands down to the town."""
        if self.offer.unit == DISTRICT_CODE and self.pick % 2:
            return self.case.town
        return self.unit()

    def co(self, lead: str) -> tuple[str, ...]:
        other = self.unit(skip=[lead])
        return (other,) if self.pick % 5 == 0 and other != "none" and lead != self.case.town else ()

    def lead(self) -> str:
        return self.case.lead.receiver if self.case.lead else ""

    def request(self, kind: RequestKind) -> str:
        return self.one([r.id for r in to_answer(self.case, self.offer.unit, kind)], "none")

    def undelivered(self) -> str:
        return self.one([a.id for a in self.case.assignments if a.delivered_at is None and not a.ended], "none")

    def withdrawable(self) -> str:
        return self.one([a.id for a in self.case.active(AssignmentRole.CO) if a.giver == self.offer.unit], "none")

    def checker(self) -> tuple[str, bool]:
        """Somebody of the station without a hand in it, or when nobody is left somebody from next door."""
        check, rules = self.case.check, self.walk.rules
        assert check is not None
        hands = hands_of_round(self.case)
        own = [p.id for p in rules.staff(check.station) if p.id not in hands]
        leaders = any(
            r.value.startswith("station_") for p in rules.staff(check.station) if p.id in own for r in p.roles
        )
        if own and leaders and self.pick % 4:
            return self.one(own), False
        busy = {a.receiver for a in self.case.assignments if a.round == self.case.round and a.ended != "returned"}
        near = [o.code for o in rules.neighbours(check.station) if o.code not in busy]
        others = [p.id for unit in near for p in rules.staff(unit) if p.id not in hands]
        return self.one(others, self.one(own, "none")), bool(others)

    def seen(self) -> c.CheckOnSite:
        check = self.case.check
        assert check is not None
        away = self.offer.unit != check.station
        who = self.offer.person if away or not check.checker or self.pick % 2 else check.checker
        return c.CheckOnSite(who, self.yes, "看过")

    def call(self) -> c.LogCall:
        given = [a for a in self.case.assignments if not a.ended]
        target: Assignment | None = given[self.pick % len(given)] if given else None
        result = ("answered", "no_answer", "passed_on")[self.pick % 3]
        return c.LogCall(target.receiver if target else VILLAGE, result, assignment=target.id if target else "")

    id = "none"

    def doubtful(self) -> str:
        return self.one([clock.id for clock in to_rule_on(self.case)], "none")

    def photo(self) -> c.Attach:
        """One of a few pictures, so that the same comes twice and as another kind."""
        kind = tuple(AttachmentKind)[self.pick % 7]
        spot = Spot(29_712_345, 118_317_890) if self.yes else None
        return c.Attach(f"{self.pick % 5:064x}", 1000 + self.pick % 5, "image/jpeg", kind, self.walk.now_ms, spot)

    def check_reviewed(self) -> c.ReviewCheck:
        first = self.one([step.cmd_id for step in self.case.history if step.kind == "case.check"], "none")
        decision = CHECK_DECISIONS[self.pick % 2]
        return c.ReviewCheck(f"refused-{len(self.case.history)}", first, decision, "operator", "照片为证")

    def reviewed(self) -> c.ReviewQuarantined:
        cmd_id = self.one([step.cmd_id for step in self.case.history], "none")
        return c.ReviewQuarantined(cmd_id, "0" * 64, "D-gone", True, "operator", "核对属实")

    def awaited(self) -> str:
        return self.one([a.sha256 for a in self.case.attachments if a.arrived_at is None], "0" * 64)

    def suspended(self) -> str:
        found = suspended_of(self.case, self.offer.unit, self.walk.now_ms)
        return found.id if found else "none"

    def to_ratify(self) -> str:
        return self.one(to_ratify(self.case, self.offer.unit, self.walk.rules), "none")


_LEAD, _CO = AssignmentRole.LEAD, AssignmentRole.CO
_ACTS = {
    "case.file": lambda x: c.File(),
    "case.decline": lambda x: c.Decline("重复"),
    "case.ask_supplement": lambda x: c.AskSupplement("缺照片"),
    "case.supplement": lambda x: c.Supplement(words=f"补{x.pick}"),
    "case.describe": lambda x: c.Describe(place=f"路口{x.pick}"),
    "case.merge": lambda x: c.Merge(x.other_case),
    "case.transfer_out": lambda x: c.TransferOut(DEPARTMENT, "非城管"),
    "case.dispatch": lambda x: c.Dispatch(x.to(), co=x.co(x.to())),
    "case.redispatch": lambda x: c.Redispatch(x.unit(skip=[x.lead()]), "更近"),
    "case.add_co_handler": lambda x: c.AddCoHandler(
        x.unit(skip=[a.receiver for a in x.case.assignments if not a.ended])
    ),
    "case.withdraw_co_handler": lambda x: c.WithdrawCoHandler(x.withdrawable(), "不需"),
    "case.ask_ruling": lambda x: c.AskRuling("多部门", (DEPARTMENT,)),
    "case.rule": lambda x: c.Rule(x.unit(), THREE_DAYS, x.co(x.unit())),
    "case.refuse_ruling": lambda x: c.RefuseRuling("镇有此职能"),
    "case.deliver": lambda x: c.Deliver(x.undelivered(), (None, x.walk.now_ms, x.walk.now_ms - 600_000)[x.pick % 3]),
    "case.recalculate": lambda x: c.Recalculate("test-0", "test-1"),
    "case.notice_breach": lambda x: c.NoticeBreach(x.one([k.id for k in missed(x.case, x.walk.now_ms)], "none")),
    "case.settle_breach": lambda x: c.SettleBreach(
        x.one([b.id for b in not_final(x.case)], "none"), ("watermark", "grace")[x.pick % 2]
    ),
    "case.log_call": lambda x: x.call(),
    "case.acknowledge": lambda x: c.Acknowledge(x.duty("acknowledged_at"), on_behalf=x.spoke()),
    "case.ask_return": lambda x: c.AskReturn(x.duty(), "非本单位"),
    "case.answer_return": lambda x: c.AnswerReturn(x.request(RequestKind.RETURN), x.yes),
    "case.ask_extension": lambda x: c.AskExtension(x.duty(), "等料"),
    "case.answer_extension": lambda x: c.AnswerExtension(x.request(RequestKind.EXTENSION), x.yes),
    "case.ask_suspension": lambda x: c.AskSuspension(
        x.duty(role=_LEAD), "seasonal", x.walk.now_ms + (1 + x.pick % 3) * 3_600_000, "雨季"
    ),
    "case.answer_suspension": lambda x: c.AnswerSuspension(x.request(RequestKind.SUSPENSION), x.yes),
    "case.end_suspension": lambda x: c.EndSuspension(x.suspended(), "天晴"),
    "case.propose_time_ruling": lambda x: c.ProposeTimeRuling(
        x.doubtful(), ("on_time", "late")[x.pick % 2], "有照片为证"
    ),
    "case.answer_time_ruling": lambda x: c.AnswerTimeRuling(
        (x.case.open_request(RequestKind.TIME_RULING) or x).id, x.yes
    ),
    "case.first_response": lambda x: c.FirstResponse("已围护", on_behalf=x.spoke()),
    "case.arrive": lambda x: c.Arrive(x.duty("arrived_at"), on_behalf=x.spoke()),
    "case.give_opinion": lambda x: c.GiveOpinion(x.duty(role=_LEAD), "见", "做", on_behalf=x.spoke()),
    "case.note_progress": lambda x: c.NoteProgress("等料", x.duty(), on_behalf=x.spoke()),
    "case.handled": lambda x: c.Handled(x.duty("handled_at", _CO), on_behalf=x.spoke()),
    "case.feedback": lambda x: c.Feedback(x.duty(role=_LEAD), "已办", on_behalf=x.spoke()),
    "case.name_checker": lambda x: c.NameChecker(*x.checker()),
    "case.check": lambda x: x.seen(),
    "case.submit_check": lambda x: c.SubmitCheck(),
    "case.confirm": lambda x: c.Confirm(),
    "case.refuse_confirm": lambda x: c.RefuseConfirm("不符"),
    "case.review_self_handled": lambda x: c.ReviewSelfHandled(x.yes),
    "case.ask_void": lambda x: c.AskVoid("错"),
    "case.answer_void": lambda x: c.AnswerVoid(x.request(RequestKind.VOID), x.pick % 6 == 0),
    "case.ratify": lambda x: c.Ratify(x.to_ratify()),
    "case.note": lambda x: c.Note("记"),
    "case.attach": lambda x: x.photo(),
    "case.attachment_arrived": lambda x: c.AttachmentArrived(x.awaited()),
    "case.review_quarantined": lambda x: x.reviewed(),
    "case.review_check": lambda x: x.check_reviewed(),
}
"""How each kind of act is filled in."""

KINDS = tuple(_ACTS)
