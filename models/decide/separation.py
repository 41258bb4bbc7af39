"""Separation looks both ways (D17): who handled may not check, and who has checked may not turn out to have handled.

A co-handler may still be at work while its own station looks. What somebody who has looked says then of his own part in
the handling is a testimony, so it is kept (sync.md §1); but it meets no duty and makes nobody a handler, and the check
stands: another of the unit must have done it.
"""

from __future__ import annotations

from collections.abc import Iterable

from models.decide.situation import Kept, Situation


def must_not_have_checked(s: Situation, named: Iterable[str]) -> None:
    """Keep without effect a part in the handling of a round by somebody who has checked it."""
    looked = s.checkers_of_round()
    for check in s.case.checks:  # a co-handler's word may be about a round that is over
        if check.submitted_at is not None and s.at.hi <= check.submitted_at.hi:
            looked |= s.checkers_of_round(check.round)
    for person in named:
        if person in looked:
            raise Kept("checker_may_not_handle", person=person)
