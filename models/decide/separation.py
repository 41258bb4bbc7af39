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
    for later in range(2, round_ + 1):
        leads = (a for a in s.case.assignments if a.role is AssignmentRole.LEAD and a.round == later)
        begins = next(leads, None)  # who led it after a 改派 did not begin it
        if begins is not None and s.at.hi <= begins.assigned_at.hi:
            looked |= s.checkers_of_round(later - 1)
    return looked
