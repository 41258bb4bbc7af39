"""The table of allowed moves: which act, from which states, to which, at whose desk (domain.md §2, practice.md §1).

The rule book reads this table, the action bar reads it, and the state diagram in docs/ is generated from it. A row says
what may be asked at all; models/decide says what it means and what else must hold.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType

import msgspec

from models.case import ENDED, State


class Desk(str, Enum):
    """Who makes a move. LEVEL: the desk that must receive and dispatch the case now. GIVER and RECEIVER: of an
    assignment. STATION: the workstation that checks. TOWN: the sub-centre of the place. INVOLVED: any unit whose feed
    carries the case. CENTRE: the district centre's own observation."""

    REPORTER = "reporter"
    LEVEL = "level"
    GIVER = "giver"
    RECEIVER = "receiver"
    STATION = "station"
    TOWN = "town"
    APPROVER = "approver"
    DISTRICT = "district"
    INVOLVED = "involved"
    CENTRE = "centre"


class Move(msgspec.Struct, frozen=True):
    """One kind of act. `to` lists where it may lead; empty: the case stays where it is. `leaves`: the
    states it leads out of, when not all of `states`. `testimony`: kept even when it
    comes too late (sync.md §1); what a unit did about a duty it has counts in every open state, whatever the lead did. `menu`: its place in the action bar, most likely first; 0 is never offered."""

    kind: str
    desk: Desk
    states: frozenset[State]
    to: tuple[State, ...] = ()
    leaves: frozenset[State] = frozenset()
    testimony: bool = False
    menu: int = 50


_S = State
OPEN = frozenset(State) - ENDED
WITH_UNITS = frozenset({_S.DISPATCHED, _S.HANDLING})
WITH_DUTIES = WITH_UNITS | frozenset(
    {_S.AWAITING_DISPATCH, _S.AWAITING_RULING, _S.AWAITING_CHECK, _S.AWAITING_SUBMIT, _S.AWAITING_CONFIRM}
)
"""Where a unit may have a duty: the lead's part may be over, or begun anew, while a co-handler still has its own."""


def _one(*states: State) -> frozenset[State]:
    return frozenset(states)


TABLE: tuple[Move, ...] = (
    Move("case.file", Desk.LEVEL, _one(_S.REPORTED), (_S.AWAITING_DISPATCH,), menu=1),
    Move("case.dispatch", Desk.LEVEL, _one(_S.AWAITING_DISPATCH), (_S.AWAITING_DISPATCH, _S.DISPATCHED), menu=2),
    Move("case.ask_supplement", Desk.LEVEL, _one(_S.REPORTED), (_S.AWAITING_SUPPLEMENT,), menu=20),
    Move("case.supplement", Desk.REPORTER, _one(_S.AWAITING_SUPPLEMENT), (_S.REPORTED,), menu=3),
    Move("case.decline", Desk.LEVEL, _one(_S.REPORTED), (_S.DECLINED,), menu=22),
    Move("case.merge", Desk.LEVEL, _one(_S.REPORTED, _S.AWAITING_DISPATCH), (_S.MERGED,), menu=24),
    Move("case.transfer_out", Desk.LEVEL, _one(_S.REPORTED, _S.AWAITING_DISPATCH), (_S.TRANSFERRED_OUT,), menu=25),
    Move("case.describe", Desk.LEVEL, OPEN, menu=40),
    Move("case.ask_ruling", Desk.LEVEL, _one(_S.AWAITING_DISPATCH), (_S.AWAITING_RULING,), menu=10),
    Move("case.rule", Desk.DISTRICT, _one(_S.AWAITING_RULING), (_S.DISPATCHED,), menu=2),
    Move("case.refuse_ruling", Desk.DISTRICT, _one(_S.AWAITING_RULING), (_S.AWAITING_DISPATCH,), menu=9),
    Move("case.redispatch", Desk.GIVER, WITH_UNITS, (_S.DISPATCHED,), menu=30),
    Move("case.add_co_handler", Desk.GIVER, WITH_UNITS, menu=12),
    Move(
        "case.withdraw_co_handler",
        Desk.GIVER,
        WITH_UNITS | _one(_S.AWAITING_DISPATCH, _S.AWAITING_RULING),  # heard after the district was asked
        menu=32,
    ),
    Move("case.deliver", Desk.CENTRE, frozenset(State), menu=0),
    Move("case.recalculate", Desk.CENTRE, OPEN, menu=0),
    Move("case.notice_breach", Desk.CENTRE, OPEN, menu=0),
    Move("case.settle_breach", Desk.CENTRE, OPEN, menu=0),
    Move("case.log_call", Desk.INVOLVED, OPEN, testimony=True, menu=13),
    Move("case.acknowledge", Desk.RECEIVER, WITH_DUTIES, testimony=True, menu=4),
    Move("case.ask_return", Desk.RECEIVER, WITH_DUTIES, menu=26),
    Move(
        "case.answer_return",
        Desk.GIVER,
        WITH_DUTIES,
        (_S.AWAITING_DISPATCH, _S.AWAITING_RULING),
        WITH_UNITS | _one(_S.AWAITING_DISPATCH),
        menu=1,
    ),
    Move("case.ask_extension", Desk.RECEIVER, WITH_DUTIES, menu=18),
    Move("case.answer_extension", Desk.GIVER, frozenset(State), menu=1),
    Move(
        "case.ask_suspension",
        Desk.RECEIVER,
        _one(_S.HANDLING, _S.AWAITING_CHECK, _S.AWAITING_SUBMIT, _S.AWAITING_CONFIRM),  # heard after a late result
        menu=19,
    ),
    Move("case.answer_suspension", Desk.GIVER, frozenset(State), menu=1),
    Move("case.end_suspension", Desk.GIVER, _one(_S.HANDLING), menu=31),
    Move("case.propose_time_ruling", Desk.DISTRICT, frozenset(State), menu=16),
    Move("case.answer_time_ruling", Desk.DISTRICT, frozenset(State), menu=3),
    Move("case.first_response", Desk.INVOLVED, OPEN, testimony=True, menu=35),
    Move("case.arrive", Desk.RECEIVER, WITH_DUTIES, (_S.HANDLING,), _one(_S.DISPATCHED), testimony=True, menu=5),
    Move("case.give_opinion", Desk.RECEIVER, WITH_DUTIES, testimony=True, menu=6),
    Move("case.note_progress", Desk.RECEIVER, WITH_DUTIES, testimony=True, menu=15),
    Move("case.handled", Desk.RECEIVER, WITH_DUTIES, testimony=True, menu=8),
    Move("case.feedback", Desk.RECEIVER, WITH_UNITS, (_S.AWAITING_CHECK,), _one(_S.HANDLING), testimony=True, menu=7),
    Move(
        "case.name_checker",
        Desk.STATION,
        _one(_S.AWAITING_CHECK, _S.AWAITING_SUBMIT),
        (_S.AWAITING_CHECK,),
        menu=3,
    ),
    Move("case.check", Desk.STATION, _one(_S.AWAITING_CHECK), (_S.AWAITING_SUBMIT,), testimony=True, menu=4),
    Move("case.submit_check", Desk.STATION, _one(_S.AWAITING_SUBMIT), (_S.AWAITING_CONFIRM, _S.DISPATCHED), menu=5),
    Move("case.confirm", Desk.TOWN, _one(_S.AWAITING_CONFIRM), (_S.CLOSED,), menu=1),
    Move("case.refuse_confirm", Desk.TOWN, _one(_S.AWAITING_CONFIRM), (_S.DISPATCHED,), menu=9),
    Move(
        "case.review_self_handled",
        Desk.TOWN,
        _one(_S.AWAITING_REVIEW),
        (_S.CLOSED, _S.AWAITING_DISPATCH),
        menu=1,
    ),
    Move("case.ask_void", Desk.LEVEL, OPEN, menu=42),
    Move("case.answer_void", Desk.APPROVER, OPEN, (_S.VOID,), menu=2),
    Move("case.ratify", Desk.RECEIVER, frozenset(State), menu=28),
    Move("case.note", Desk.INVOLVED, frozenset(State), testimony=True, menu=45),
    Move("case.attach", Desk.INVOLVED, frozenset(State), testimony=True, menu=0),
    Move("case.attachment_arrived", Desk.CENTRE, frozenset(State), menu=0),
    Move("case.review_quarantined", Desk.CENTRE, frozenset(State), menu=0),
    Move("case.review_check", Desk.CENTRE, frozenset(State), menu=0),
)
"""Every move on an existing case. `case.report` makes a case, `act.retract` takes an act back, and what is about the tray
(models/tray_acts.py) is about an act that moved none: no moves."""

OF_THE_CENTRE = frozenset(move.kind for move in TABLE if move.desk is Desk.CENTRE)
"""What the centre itself observes: no desk's act."""

MOVES = MappingProxyType({move.kind: move for move in TABLE})

REPORTED_STATES = (State.REPORTED, State.AWAITING_REVIEW)
"""Where `case.report` may put a new case: the ordinary road, or found-and-fixed waiting for its review."""
