"""What must hold for every act in every order: all desks at random, led so that every move of the rule book is made."""

from __future__ import annotations

import random
from collections import Counter

import msgspec

from models import commands as c
from models.case import State
from models.decide import Outcome, decide
from models.evidence import Moment, exactly
from models.evolve import apply_effect, effect_of, fold
from models.moves import OF_THE_CENTRE, REPORTED_STATES, TABLE
from models.organisation import DISTRICT_CODE
from models.people import DISTRICT_ITSELF
from models.wire import decode_command, encode, seal
from tests.models.desks_at_random import KINDS, Offer, act_for, chosen, desks, offers
from tests.models.invariants import Witness, kept_only
from tests.models.small_town import NOISE, SMALL_VILLAGE, STALLS, TOWN, VILLAGE, WASTE, Walk

WALKS, STEPS = 200, range(25, 61)
STEPS_AFTER_THE_END = 4
"""What comes too late is tried too, but a closed case is not the place to spend a walk."""

WORDS_MISSING = {
    "not_assignable", "already_has_it", "named_twice", "no_such_assignment", "nothing_changed", "station_missing",
    "checker_handled", "unknown_person", "not_arrived", "not_your_assignment", "assignment_ended", "units_at_work",
    "checker_may_not_handle", "check_from_elsewhere_needed", "checker_unit_handled", "nobody_there_submits", "returned_twice", "not_the_station",
    "town_takes_no_co_handlers", "handler_may_not_check", "no_such_request", "already_checked", "lead_feeds_back",
    "already_the_lead", "checker_from_elsewhere", "limit_is_over", "no_limit_running",
    "suspension_out_of_range", "decided_since",
}  # fmt: skip
"""Why an act that was offered may still be refused: what it was filled in with did not fit."""


def test_every_kind_of_the_table_is_played() -> None:
    assert set(KINDS) == {m.kind for m in TABLE}


def test_any_desks_in_any_order() -> None:
    """Over the whole run every move of the table is accepted at least once, and after every act everything holds."""
    accepted: Counter[str] = Counter()
    reached: Counter[State] = Counter()

    for number in range(WALKS):
        try:
            play(random.Random(number), accepted, reached)
        except BaseException as error:
            error.add_note(f"in walk {number}")
            raise
    assert {m.kind for m in TABLE} - set(accepted) == set(), "moves no walk has made"
    assert set(State) - set(reached) == set(), "states no walk has come to"


def play(chance: random.Random, accepted: Counter[str], reached: Counter[State]) -> None:
    """One case from its report to some steps after its end."""
    walk = opened(chance)
    witness, done, ended_for = Witness(walk.rules), set[str](), 0
    for _ in range(chance.choice(STEPS)):
        how, which, pick = (chance.randrange(1000) for _ in range(3))
        minutes, odd = chance.choice((0, 1, 5, chance.randrange(400))), chance.randrange(16)
        walk.now_ms += minutes * 60_000
        offer = anything(walk, how, which) if odd < 3 else chosen(offers(walk), done, accepted, how, which)
        kind = played(walk, witness, offer, pick, odd)
        if kind:
            done.add(kind)
            accepted[kind] += 1
        assert walk.case is not None
        reached[walk.case.state] += 1
        ended_for += not walk.case.is_open
        if ended_for > STEPS_AFTER_THE_END:
            break


def opened(chance: random.Random) -> Walk:
    walk = Walk()
    person, channel = chance.choice((("clerk", "grid"), ("member-1", "grid"), ("intake", "hotline")))
    category = chance.choice((STALLS, NOISE, WASTE))
    station = chance.choice((VILLAGE, VILLAGE, SMALL_VILLAGE, ""))
    fixed, emergency = bool(station) and chance.random() < 0.125, chance.random() < 0.5
    args = c.Report("LY-1", channel, category, "某事", "路口", TOWN, station, emergency=emergency, self_handled=fixed)
    case = walk.act(person, args)
    assert case.state in REPORTED_STATES
    assert apply_effect(None, effect_of(None, case)) == case
    return walk


def anything(walk: Walk, how: int, which: int) -> Offer:
    """Any kind of act at any desk, allowed or not."""
    person, unit = desks(walk)[which % len(desks(walk))]
    kind = KINDS[how % len(KINDS)]
    no_check = kind in ("case.check", "case.name_checker") and (walk.case is None or walk.case.check is None)
    return Offer("case.confirm" if no_check else kind, person, unit)


def played(walk: Walk, witness: Witness, offer: Offer, pick: int, odd: int) -> str:
    """Make the act, look at everything; returns its kind when it was accepted for what it is."""
    before = walk.case
    assert before is not None
    if offer.kind in OF_THE_CENTRE:
        offer = offer._replace(person=DISTRICT_ITSELF, unit=DISTRICT_CODE)
    command = walk.command(offer.person, act_for(offer, walk, pick), offer.unit)
    unsure = {12: Moment(walk.now_ms - 5_400_000, walk.now_ms), 13: Moment(walk.now_ms - 90_000, walk.now_ms)}
    at = {**unsure, 14: exactly(walk.now_ms - 3_600_000)}.get(odd)
    at = at or exactly(walk.now_ms)
    actor = walk.actor(offer.person, offer.unit)
    decision = decide(before, command, actor, walk.rules, at)
    after = fold(before, decision.events)
    assert decision.after == (after if decision.events else None)
    walk.case = after
    witness.saw(before, command, actor, at, decision, after, walk.rules)
    code = decision.reason.code if decision.reason else ""
    if odd >= 3 and decision.outcome is Outcome.REJECTED:
        assert code in WORDS_MISSING, (offer, code)
    return offer.kind if decision.outcome is Outcome.ACCEPTED and not kept_only(decision) else ""


def test_a_command_survives_the_wire_untouched() -> None:
    walk = Walk()
    report = c.Report("LY-1", "grid", STALLS, "店外经营", "路口", TOWN, VILLAGE)
    walk.act("clerk", report)
    for move in TABLE:
        checked = move.kind in ("case.check", "case.name_checker")
        act = c.CheckOnSite("member-1", True, "看过") if checked else act_for(Offer(move.kind, "clerk", TOWN), walk, 3)
        command = walk.command("clerk", act)
        assert decode_command(seal(command).body) == command
        assert checked or msgspec.json.decode(seal(command).body)["args"]["type"] == move.kind


def test_decide_touches_nothing_it_was_given() -> None:
    walk = Walk()
    case = walk.act("clerk", c.Report("LY-1", "grid", STALLS, "店外经营", "路口", TOWN, VILLAGE))
    picture = encode(case)
    decision = decide(case, walk.command("clerk", c.File()), walk.actor("clerk"), walk.rules, exactly(walk.now_ms))
    assert encode(case) == picture
    assert fold(case, decision.events) == fold(case, decision.events)
    assert case.state is State.REPORTED
