"""Separation looks both ways (D17): who handled may not check, and who has checked may not turn out to have handled.

A co-handler may still be at work while its own station looks. What somebody who has looked says then of his own part in
the handling is a testimony, so it is kept (sync.md §1); but it meets no duty and makes nobody a handler, and the check
stands: another of the unit must have done it.
"""

from __future__ import annotations

from collections.abc import Iterable

from models.case import AssignmentRole
from models.decide.situation import Kept, Situation


def must_not_have_checked(s: Situation, named: Iterable[str]) -> None:
    """Keep without effect a part in the handling of a round by somebody who has checked it."""
    looked = who_looked(s, s.case.round)
    for person in named:
        if person in looked:
            raise Kept("checker_may_not_handle", person=person)


def who_looked(s: Situation, round_: int) -> frozenset[str]:
    """Who has checked that round, or one that was not over when this was done: a co-handler's word may be about an earlier one."""
    looked = s.checkers_of_round(round_)
    for later in s.case.assignments:
        begins = later.role is AssignmentRole.LEAD and 1 < later.round <= round_
        if begins and s.at.hi <= later.assigned_at.hi:
            looked |= s.checkers_of_round(later.round - 1)
    return looked
