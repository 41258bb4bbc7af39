"""待补证据: a duty that was met in time owes its photograph until the centre has it; nobody is late or excused by that (sync.md §3.6)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import msgspec
import pytest
from msgspec.structs import replace

from models import commands as c
from models.attachment import AttachmentKind
from models.case import Case, StageClock, State, Verdict
from models.evidence import Grade, Moment, exactly
from models.evolve import apply_effect, effect_of, fold
from models.light import Light, light_of
from models.organisation import DISTRICT_CODE
from models.owed_evidence import acts_unproved, as_shown, is_owed, owed_by
from models.people import DISTRICT_ITSELF
from models.policy import Policy, Stage
from models.row import row_of
from models.rules import Rules
from models.wire import decode_case, encode
from tests.models.small_town import MARKET, SMALL_VILLAGE, SQUAD, STALLS, TOWN, VILLAGE, Walk, reference
from tests.models.test_case_walk import checked, dispatched, handled
from tests.models.test_separation import handled_by

AFTER, NEAR, BEFORE, DURING = (AttachmentKind(name) for name in ("after", "near", "before", "during"))


def asking(*stages: Stage) -> Rules:
    """The small town, where these duties owe a photograph."""
    found = reference()
    rules = tuple(replace(rule, photo_required=rule.stage in stages) for rule in found.policy.stages)
    return Rules(replace(found, policy=replace(found.policy, version="asks", stages=rules)))


def photo(letter: str = "a", kind: AttachmentKind = AFTER) -> c.Attach:
    return c.Attach(letter * 64, 300_000, "image/jpeg", kind)


def arrives(walk: Walk, letter: str = "a") -> Case:
    return walk.act(DISTRICT_ITSELF, c.AttachmentArrived(letter * 64))


def shown(case: Case | None, stage: Stage, owner: str = SQUAD) -> Verdict | None:
    assert case is not None
    return next(as_shown(case, k).verdict for k in reversed(case.clocks) if (k.stage, k.owner) == (stage, owner))


def clock(case: Case, stage: Stage) -> StageClock:
    return next(k for k in case.clocks if k.stage is stage and k.owner in (SQUAD, VILLAGE))


def test_met_in_time_it_is_owed_until_the_photograph_is_at_the_centre() -> None:
    walk = Walk(asking(Stage.ARRIVAL))
    handled(walk)
    case = walk.case
    assert case is not None and clock(case, Stage.ARRIVAL).verdict is Verdict.ON_TIME, "the clock keeps its own verdict"
    assert shown(case, Stage.ARRIVAL) is Verdict.EVIDENCE_OWED and shown(case, Stage.HANDLING) is Verdict.ON_TIME
    assert light_of(as_shown(case, clock(case, Stage.ARRIVAL)), 0, 0) is Light.EVIDENCE_OWED
    assert row_of(case).evidence_owed and owed_by(case, SQUAD) and not owed_by(case, MARKET)
    assert clock(case, Stage.ARRIVAL).stopped_by in acts_unproved(case)
    added = walk.act("squad-officer", photo())
    assert shown(added, Stage.ARRIVAL) is Verdict.EVIDENCE_OWED, "saved is not arrived"
    assert added.attachments[0].id in acts_unproved(added)
    before, after = added, arrives(walk)
    assert (
        shown(after, Stage.ARRIVAL) is Verdict.ON_TIME and not row_of(after).evidence_owed and not acts_unproved(after)
    )
    assert after.clocks == before.clocks, "nothing is judged anew"
    told = apply_effect(before, effect_of(before, after))
    assert told == after and row_of(told) == row_of(after), "the very effect that brings the photograph clears the row"


def test_a_policy_that_does_not_ask_owes_nothing() -> None:
    walk = Walk()
    checked(walk)
    assert walk.case is not None and not is_owed(walk.case)
    old = decode_case(encode(walk.case).replace(b'"photo_required":true', b""))
    assert old == walk.case and not is_owed(old)


def test_a_clock_keeps_what_its_policy_asked_of_it() -> None:
    asks = asking(Stage.ARRIVAL)
    walk = Walk(asks)
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=1)
    since = replace(reference(), former_policies=(asks.policy,))
    walk.rules = Rules(since)
    case = walk.act("squad-officer", c.Arrive(lead), minutes=20)
    assert shown(case, Stage.ARRIVAL) is Verdict.EVIDENCE_OWED


@pytest.mark.parametrize(
    ("who", "unit", "kind", "counts"),
    [
        ("squad-leader", "", AFTER, True),  # of the unit, whoever took it
        ("squad-officer", "", BEFORE, True),
        ("squad-officer", "", DURING, True),
        ("squad-officer", "", AttachmentKind.PAPER, False),
        ("squad-officer", "", AttachmentKind.OTHER, False),
        ("market-officer", "", AFTER, False),  # a co-handler's is the co-handler's
        ("clerk", "", AFTER, False),
        ("vice", "", AFTER, False),
    ],
)
def test_which_photograph_proves_an_arrival(who: str, unit: str, kind: AttachmentKind, counts: bool) -> None:
    walk = Walk(asking(Stage.ARRIVAL))
    handled(walk)
    walk.act(who, photo(kind=kind), unit=unit)
    case = arrives(walk)
    assert (shown(case, Stage.ARRIVAL) is Verdict.ON_TIME) is counts


def test_how_it_was_found_does_not_prove_how_it_was_left() -> None:
    walk = Walk(asking(Stage.HANDLING))
    handled(walk)
    for letter, kind, seen in (
        ("a", BEFORE, Verdict.EVIDENCE_OWED),
        ("b", DURING, Verdict.EVIDENCE_OWED),
        ("c", NEAR, Verdict.ON_TIME),
    ):
        walk.act("squad-officer", photo(letter, kind))
        assert shown(arrives(walk, letter), Stage.HANDLING) is seen


def test_a_file_that_was_on_the_case_before_proves_nothing_a_second_time() -> None:
    walk = Walk(asking(Stage.ARRIVAL))
    walk.act("squad-officer", c.Report("LY-1", "grid", STALLS, "店外经营", "龙山路口", TOWN, VILLAGE))
    walk.act("squad-officer", photo("a", BEFORE))
    arrives(walk)
    walk.act("clerk", c.File(), minutes=1)
    lead = walk.act("clerk", c.Dispatch(SQUAD), minutes=2).lead
    assert lead is not None
    walk.act(DISTRICT_ITSELF, c.Deliver(lead.id), minutes=1)
    assert shown(walk.act("squad-officer", c.Arrive(lead.id), minutes=20), Stage.ARRIVAL) is Verdict.EVIDENCE_OWED
    again = walk.act("squad-officer", photo("a", NEAR))
    assert again.attachments[-1].arrived_at is not None
    assert shown(again, Stage.ARRIVAL) is Verdict.EVIDENCE_OWED, "the reporter's own picture, under another name"
    walk.act("squad-officer", photo("b", NEAR))
    assert shown(arrives(walk, "b"), Stage.ARRIVAL) is Verdict.ON_TIME


def test_whoever_owes_it_has_the_doubt_about_when_it_was_added() -> None:
    walk = Walk(asking(Stage.ARRIVAL))
    handled(walk)
    assert walk.case is not None and walk.case.lead is not None
    given = walk.case.lead.assigned_at
    unsure = Moment(given.lo - 9_000_000, given.hi, Grade.DOUBTFUL)
    walk.act("squad-officer", photo("a"), at=unsure)
    assert shown(arrives(walk), Stage.ARRIVAL) is Verdict.ON_TIME
    walk = Walk(asking(Stage.ARRIVAL))
    handled(walk)
    walk.act("squad-officer", photo("a"), at=Moment(given.lo - 9_000_000, given.lo - 1))
    assert shown(arrives(walk), Stage.ARRIVAL) is Verdict.EVIDENCE_OWED


def test_each_round_owes_its_own() -> None:
    walk = Walk(asking(Stage.HANDLING))
    checked(walk, passed=False)
    case = walk.case
    assert case is not None and case.round == 2 and case.lead is not None
    assert shown(case, Stage.HANDLING) is None and is_owed(case)
    assert owed_by(case, SQUAD) == (), "of the first round nothing can be handed in any more"
    lead = case.lead.id
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=1)
    walk.act("squad-officer", c.Arrive(lead), minutes=20)
    walk.act("squad-officer", c.Feedback(lead, "再次清理"), minutes=10)
    walk.act("squad-officer", photo())
    case = arrives(walk)
    first, second = [k for k in case.clocks if k.stage is Stage.HANDLING and k.owner == SQUAD]
    assert as_shown(case, first).verdict is Verdict.EVIDENCE_OWED, "that it was left well now says nothing of before"
    assert as_shown(case, second).verdict is Verdict.ON_TIME


def test_the_check_owes_one_by_somebody_who_looked() -> None:
    walk = Walk(asking(Stage.CHECK))
    handled(walk)
    walk.act("head", photo("a"))
    arrives(walk)
    walk.act("vice", c.NameChecker("member-1"), minutes=5)
    walk.act("member-1", c.CheckOnSite("member-1", True, "门前干净"), minutes=30)
    case = walk.act("vice", c.SubmitCheck(), minutes=5)
    assert shown(case, Stage.CHECK, VILLAGE) is Verdict.ON_TIME and not owed_by(case, VILLAGE)
    walk = Walk(asking(Stage.CHECK))
    checked(walk)
    walk.act("squad-officer", photo("b"))
    case = arrives(walk, "b")
    assert shown(case, Stage.CHECK, VILLAGE) is Verdict.EVIDENCE_OWED and owed_by(case, VILLAGE)
    walk.act("member-1", photo("b", NEAR))
    assert walk.case is not None and shown(walk.case, Stage.CHECK, VILLAGE) is Verdict.ON_TIME, (
        "it came after the result"
    )


def test_no_hand_of_the_round_proves_its_check() -> None:
    walk = Walk(asking(Stage.CHECK))
    handled_by(walk, VILLAGE, "head")
    walk.act("vice", c.NameChecker("lone-head", elsewhere=True))
    walk.act("lone-head", c.CheckOnSite("lone-head", True, "干净"), minutes=20)
    walk.act("vice", c.SubmitCheck(), minutes=5)
    assert walk.case is not None and owed_by(walk.case, SMALL_VILLAGE)
    walk.act("head", photo("a"))
    assert shown(arrives(walk, "a"), Stage.CHECK, VILLAGE) is Verdict.EVIDENCE_OWED, "he handled it himself"
    walk.act("lone-head", photo("b"))
    assert shown(arrives(walk, "b"), Stage.CHECK, VILLAGE) is Verdict.ON_TIME


def test_each_check_owes_its_own() -> None:
    walk = Walk(asking(Stage.CHECK))
    lead = checked(walk, passed=False)
    assert walk.case is not None and walk.case.lead is not None and walk.case.lead.id != lead
    lead = walk.case.lead.id
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=1)
    walk.act("squad-officer", c.Arrive(lead), minutes=20)
    walk.act("squad-officer", c.Feedback(lead, "再次清理"), minutes=10)
    walk.act("vice", c.NameChecker("member-1"), minutes=5)
    walk.act("member-1", c.CheckOnSite("member-1", True, "门前干净"), minutes=30)
    walk.act("vice", c.SubmitCheck(), minutes=5)
    walk.act("vice", photo())
    case = arrives(walk)
    first, second = [as_shown(case, k).verdict for k in case.clocks if k.stage is Stage.CHECK]
    assert (first, second) == (Verdict.EVIDENCE_OWED, Verdict.ON_TIME)


def test_before_the_result_there_is_nothing_to_check() -> None:
    walk = Walk(asking(Stage.CHECK))
    walk.act("vice", c.Report("LY-1", "grid", STALLS, "店外经营", "龙山路口", TOWN, VILLAGE))
    walk.act("clerk", c.File(), minutes=1)
    case = walk.act("clerk", c.Dispatch(SQUAD), minutes=2)
    walk.act("vice", photo())
    arrives(walk)
    assert case.lead is not None
    lead = case.lead.id
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=1)
    walk.act("squad-officer", c.Arrive(lead), minutes=20)
    walk.act("squad-officer", c.Feedback(lead, "已搬回店内"), minutes=10)
    walk.act("vice", c.NameChecker("member-1"), minutes=5)
    walk.act("member-1", c.CheckOnSite("member-1", True, "门前干净"), minutes=30)
    assert shown(walk.act("vice", c.SubmitCheck(), minutes=5), Stage.CHECK, VILLAGE) is Verdict.EVIDENCE_OWED


def sent_by_the_town(walk: Walk) -> Case:
    """The squad came, whom the town had sent, to which the district had handed the case."""
    walk.act("intake", c.Report("Q-1", "hotline", STALLS, "店外经营", "龙山路口", TOWN, VILLAGE), unit=DISTRICT_CODE)
    walk.act("operator", c.File(), minutes=1)
    town = walk.act("operator", c.Dispatch(TOWN), minutes=1).town_assignment
    assert town is not None
    walk.act(DISTRICT_ITSELF, c.Deliver(town.id), minutes=1)
    lead = walk.act("clerk", c.Dispatch(SQUAD), minutes=1).lead
    assert lead is not None
    walk.act(DISTRICT_ITSELF, c.Deliver(lead.id), minutes=1)
    return walk.act("squad-officer", c.Arrive(lead.id), minutes=20)


def test_a_towns_hour_is_proved_by_whom_it_sent() -> None:
    walk = Walk(asking(Stage.ARRIVAL))
    case = sent_by_the_town(walk)
    assert shown(case, Stage.ARRIVAL, TOWN) is shown(case, Stage.ARRIVAL) is Verdict.EVIDENCE_OWED
    assert owed_by(case, SQUAD) and not owed_by(case, TOWN), "the town has nothing to hand in itself"
    walk.act("clerk", photo("a"))
    assert shown(arrives(walk, "a"), Stage.ARRIVAL, TOWN) is Verdict.EVIDENCE_OWED
    walk.act("squad-officer", photo("b", DURING))
    case = arrives(walk, "b")
    assert shown(case, Stage.ARRIVAL, TOWN) is shown(case, Stage.ARRIVAL) is Verdict.ON_TIME


@pytest.mark.parametrize("order", list(permutations(("arrives", "adds", "told"))), ids="-".join)
def test_it_does_not_hang_on_what_is_heard_first(order: tuple[str, ...]) -> None:
    walk = Walk(asking(Stage.ARRIVAL))
    lead = dispatched(walk)
    told = {
        "arrives": ("squad-officer", c.Arrive(lead), exactly(walk.now_ms + 20 * 60_000)),
        "adds": ("squad-leader", photo(kind=DURING), exactly(walk.now_ms + 25 * 60_000)),
        "told": (DISTRICT_ITSELF, c.Deliver(lead), exactly(walk.now_ms + 60_000)),
    }
    for name in order:
        person, args, at = told[name]
        walk.act(person, args, at=at)
    assert shown(walk.case, Stage.ARRIVAL) is Verdict.EVIDENCE_OWED
    assert shown(arrives(walk), Stage.ARRIVAL) is Verdict.ON_TIME


def test_each_time_a_town_has_it_is_proved_by_whom_it_sent_then() -> None:
    walk = Walk(asking(Stage.ARRIVAL))
    case = sent_by_the_town(walk)
    again, over = walk.now_ms + 60_000, exactly(walk.now_ms + 30_000)
    first = [replace(a, ended="reassigned", ended_at=over) for a in case.assignments]
    second = [replace(a, id=f"{a.id}-2", assigned_at=exactly(again)) for a in case.assignments]
    clocks = [replace(k, id=f"{k.id}-2", assignment=f"{k.assignment}-2") for k in case.clocks if k.assignment]
    case = replace(case, assignments=(*first, *second), clocks=(*case.clocks, *clocks))

    def owed(at_ms: int) -> list[str]:
        walk.case, walk.now_ms = case, at_ms
        walk.act("squad-officer", photo())
        added = arrives(walk)
        towns = (k for k in added.clocks if (k.stage, k.owner) == (Stage.ARRIVAL, TOWN))
        return [k.id[-2:] for k in towns if as_shown(added, k).verdict is Verdict.EVIDENCE_OWED]

    assert owed(again - 1) == ["-2"] and owed(again + 1) == ["al"]


def late(walk: Walk, lead: str) -> Case:
    return walk.act("squad-officer", c.Arrive(lead), minutes=90)


def typed(walk: Walk, lead: str) -> Case:
    return walk.act("clerk", c.Arrive(lead, on_behalf="squad-officer"), minutes=20)


def void(walk: Walk, lead: str) -> Case:
    walk.act("squad-officer", c.Arrive(lead), minutes=20)
    asked = walk.act("clerk", c.AskVoid("重复立案"), minutes=1).requests[-1]
    case = walk.act("deputy", c.AnswerVoid(asked.id, True), minutes=1)
    assert case.state is State.VOID
    return case


def unmet(walk: Walk, lead: str) -> Case:
    walk.now_ms += 90 * 60_000
    assert walk.case is not None
    return walk.case


@pytest.mark.parametrize("story", [late, typed, void, unmet], ids=lambda story: story.__name__)
def test_only_what_counts_as_met_in_time_owes_one(story: Callable[[Walk, str], Case]) -> None:
    walk = Walk(asking(Stage.ARRIVAL))
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=1)
    case = story(walk, lead)
    mine = clock(case, Stage.ARRIVAL)
    assert as_shown(case, mine) is mine and not row_of(case).evidence_owed, (
        "late stays late, what waits goes on waiting"
    )
    if story is typed:
        case = walk.act("squad-officer", c.Ratify(case.history[-1].cmd_id), minutes=1)
        assert shown(case, Stage.ARRIVAL) is Verdict.EVIDENCE_OWED, "judged now"


def test_what_it_shows_is_kept_nowhere() -> None:
    walk = Walk(asking(Stage.ARRIVAL, Stage.HANDLING, Stage.CHECK))
    checked(walk)
    assert walk.case is not None and is_owed(walk.case)
    assert Verdict.EVIDENCE_OWED.value.encode() not in encode(walk.case)
    assert fold(walk.case, ()) is walk.case


def test_a_policy_of_an_older_centre_asks_for_none() -> None:
    plain = msgspec.to_builtins(reference().policy)
    for rule in plain["stages"]:
        del rule["photo_required"]
    assert msgspec.convert(plain, Policy) == reference().policy
