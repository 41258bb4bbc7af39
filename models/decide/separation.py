"""Separation looks both ways (D17): who handled may not check, and who has checked may not turn out to have handled."""

from __future__ import annotations

from collections.abc import Iterable

from models.decide.situation import Situation


def must_not_have_checked(s: Situation, named: Iterable[str]) -> None:
    """Reject a part in the handling of a round by somebody who has checked it: a co-handler may still be at work while
    its own station looks."""
    for person in named:
        if person in s.checkers_of_round():
            s.reject("checker_may_not_handle", person=person)
