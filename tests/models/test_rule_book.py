"""What must hold for every act in every order: Hypothesis plays all desks at random against the shipped rule book."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from models import commands as c
from models.case import AssignmentRole, Case, ClockState, State
from models.decide import Outcome, allowed, decide
from models.evidence import Moment, exactly
from models.evolve import apply_effect, effect_of, fold
from models.moves import MOVES, REPORTED_STATES, TABLE
from models.people import DISTRICT_ITSELF
from models.policy import Stage
from models.row import next_step, row_of, scopes_of
from models.wire import decode, decode_command, encode, seal
from tests.models.small_town import DEPARTMENT, MARKET, SMALL_VILLAGE, SQUAD, STALLS, TOWN, VILLAGE, Walk

PEOPLE = ["clerk", "clerk-2", "confirmer", "deputy", "head", "vice", "member-1", "member-2", "squad-leader", "squad-officer", "market-deputy", "market-officer", "water-officer", "operator", "intake", "other-clerk"]  # fmt: skip
UNITS = (SQUAD, MARKET, DEPARTMENT, VILLAGE, SMALL_VILLAGE, TOWN)
OTHER_CASE = "019ab000-0000-7000-8000-000000000002"
ANY = st.integers(0, 99)


def act_for(kind: str, walk: Walk, pick: int, flag: bool) -> c.Args | None:
    """An act of that kind with arguments that often fit the case as it stands."""
    case = walk.case
    assert case is not None
    unit = UNITS[pick % len(UNITS)]
    assignment = case.assignments[pick % len(case.assignments)].id if case.assignments else ""
    request = case.requests[-1].id if case.requests else ""
    person = PEOPLE[pick % len(PEOPLE)]
    typed = person if pick % 7 == 0 else ""
    step = case.history[pick % len(case.history)].cmd_id
    made: dict[str, c.Args] = {
        "case.file": c.File(),
        "case.decline": c.Decline("重复"),
        "case.ask_supplement": c.AskSupplement("缺照片"),
        "case.supplement": c.Supplement(words=f"补{pick}"),
        "case.describe": c.Describe(place=f"路口{pick}"),
        "case.merge": c.Merge(OTHER_CASE),
        "case.transfer_out": c.TransferOut(DEPARTMENT, "非城管"),
        "case.dispatch": c.Dispatch(unit, co=(MARKET,) if flag else ()),
        "case.redispatch": c.Redispatch(unit, "更近"),
        "case.add_co_handler": c.AddCoHandler(unit),
        "case.withdraw_co_handler": c.WithdrawCoHandler(assignment, "不需"),
        "case.ask_ruling": c.AskRuling("多部门"),
        "case.rule": c.Rule(DEPARTMENT, walk.rules.policy.stage(Stage.HANDLING).limit),
        "case.refuse_ruling": c.RefuseRuling("镇有此职能"),
        "case.deliver": c.Deliver(assignment),
        "case.recalculate": c.Recalculate("test-0", "test-1"),
        "case.log_call": c.LogCall(unit, "answered" if flag else "no_answer", assignment=assignment),
        "case.acknowledge": c.Acknowledge(assignment, on_behalf=typed),
        "case.ask_return": c.AskReturn(assignment, "非本单位"),
        "case.answer_return": c.AnswerReturn(request, flag),
        "case.first_response": c.FirstResponse("已围护"),
        "case.arrive": c.Arrive(assignment, on_behalf=typed),
        "case.give_opinion": c.GiveOpinion(assignment, "见", "做", on_behalf=typed),
        "case.note_progress": c.NoteProgress("等料", assignment),
        "case.handled": c.Handled(assignment),
        "case.feedback": c.Feedback(assignment, "已办", on_behalf=typed),
        "case.name_checker": c.NameChecker(person, elsewhere=flag),
        "case.check": c.CheckOnSite(person, flag, "看过"),
        "case.submit_check": c.SubmitCheck(),
        "case.confirm": c.Confirm(),
        "case.refuse_confirm": c.RefuseConfirm("不符"),
        "case.review_self_handled": c.ReviewSelfHandled(flag),
        "case.ask_void": c.AskVoid("错"),
        "case.answer_void": c.AnswerVoid(request, flag and pick % 3 == 0),
        "case.ratify": c.Ratify(step),
        "case.note": c.Note("记"),
    }
    return made.get(kind)


def test_every_kind_of_the_table_is_played() -> None:
    walk = Walk()
    walk.act("clerk", c.Report("LY-1", "grid", STALLS, "店外经营", "路口", TOWN, VILLAGE))
    assert {m.kind for m in TABLE} == {m.kind for m in TABLE if act_for(m.kind, walk, 1, True) is not None}


def play(walk: Walk, draws: list[tuple[int, int, int, bool, int]]) -> None:
    for who, how, pick, flag, minutes in draws:
        person = PEOPLE[who % len(PEOPLE)]
        kinds = allowed(walk.case, walk.actor(person), walk.rules)
        guided = kinds and how % 3
        kind = kinds[how % len(kinds)] if guided else TABLE[how % len(TABLE)].kind
        person = DISTRICT_ITSELF if kind in ("case.deliver", "case.recalculate") else person
        act = act_for(kind, walk, pick, flag)
        assert act is not None
        before = walk.case
        assert before is not None
        walk.now_ms += minutes * 60_000
        wide = Moment(walk.now_ms - 90_000 * (pick % 3), walk.now_ms)
        decision = walk.try_act(person, act, at=wide)
        holds(before, decision, walk, kind)


def holds(before: Case, decision: object, walk: Walk, kind: str) -> None:
    after = walk.case
    assert after is not None
    last = walk.last
    if last.outcome is Outcome.REJECTED:
        assert last.events == () and after is before and last.reason is not None
        return
    late = last.reason is not None and last.reason.code == "late_history"
    if last.outcome is Outcome.ACCEPTED and not late:
        move = MOVES[kind]
        assert before.state in move.states
        leads_on = after.state in move.to and before.state in (move.leaves or move.states)
        assert after.state is before.state or leads_on, (kind, before.state, after.state)
    else:
        assert after.state is before.state
    if last.events:
        assert after.version == before.version + 1
        assert after.history[: len(before.history)] == before.history or kind == "case.ratify"
        effect = effect_of(before, after)
        assert apply_effect(before, effect) == after
        assert apply_effect(before, decode(encode(effect), type(effect))) == after, "over the wire too"
    clocks = [k for k in after.clocks if k.state is ClockState.RUNNING]
    assert len([k for k in clocks if k.stage is Stage.DISPATCH]) <= 1
    assert len({k.id for k in after.clocks}) == len(after.clocks)
    assert all(k.yellow_at is not None and k.due_at is not None and k.yellow_at <= k.due_at for k in clocks)
    if not after.is_open:
        assert all(k.state is ClockState.STOPPED for k in after.clocks) and next_step(after).code == ""
    else:
        assert next_step(after).code != "" and next_step(after).unit != ""
    assert len(after.active(AssignmentRole.LEAD)) <= 1
    if any(k.owner == after.town for k in after.clocks) or after.assignments:
        assert after.town in scopes_of(after), "what a town has had it goes on seeing"
    row_of(after)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.booleans(), st.lists(st.tuples(ANY, ANY, ANY, st.booleans(), st.integers(0, 300)), max_size=40))
def test_any_desks_in_any_order(from_district: bool, draws: list[tuple[int, int, int, bool, int]]) -> None:
    walk = Walk()
    channel = "hotline" if from_district else "grid"
    report = c.Report("LY-1", channel, STALLS, "店外经营", "路口", TOWN, VILLAGE)
    case = walk.act("intake" if from_district else "clerk", report)
    assert case.state in REPORTED_STATES
    assert apply_effect(None, effect_of(None, case)) == case
    play(walk, draws)


def test_what_is_offered_is_accepted_or_asks_for_better_words() -> None:
    """Every kind `allowed` offers must be decided otherwise than by desk or state."""
    walk = Walk()
    walk.act("clerk", c.Report("LY-1", "grid", STALLS, "店外经营", "路口", TOWN, VILLAGE))
    for person in PEOPLE:
        for kind in allowed(walk.case, walk.actor(person), walk.rules):
            act = act_for(kind, walk, 0, True)
            assert act is not None
            decision = decide(
                walk.case, walk.command(person, act), walk.actor(person), walk.rules, exactly(walk.now_ms)
            )
            code = decision.reason.code if decision.reason else ""
            assert code not in ("not_in_this_state", "not_your_level", "unknown_case"), (person, kind, code)


def test_a_command_survives_the_wire_untouched() -> None:
    walk = Walk()
    report = c.Report("LY-1", "grid", STALLS, "店外经营", "路口", TOWN, VILLAGE)
    walk.act("clerk", report)
    for move in TABLE:
        act = act_for(move.kind, walk, 3, True)
        assert act is not None
        command = walk.command("clerk", act)
        assert decode_command(seal(command).body) == command
        assert msgspec.json.decode(seal(command).body)["args"]["type"] == move.kind


def test_decide_touches_nothing_it_was_given() -> None:
    walk = Walk()
    case = walk.act("clerk", c.Report("LY-1", "grid", STALLS, "店外经营", "路口", TOWN, VILLAGE))
    picture = encode(case)
    decision = decide(case, walk.command("clerk", c.File()), walk.actor("clerk"), walk.rules, exactly(walk.now_ms))
    assert encode(case) == picture
    assert fold(case, decision.events) == fold(case, decision.events)
    assert case.state is State.REPORTED
