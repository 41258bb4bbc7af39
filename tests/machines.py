"""Running a Hypothesis machine: the same steps in every run, and nothing shrunk; or running it to see that it misses a rule."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from sqlalchemy.exc import IntegrityError

from district import centre
from services.sync import round
from tests.world.engines import rules_of

MISSED = (AssertionError, IntegrityError, msgspec.ValidationError)
"""What a machine ends with when a rule is gone: one of its own words, the database's, or an effect that fits no case."""


@contextmanager
def rules_made_once() -> Iterator[pytest.MonkeyPatch]:
    """The rules of one edition are made once for all examples: laying out a calendar takes longer than a step."""
    with pytest.MonkeyPatch.context() as patch:
        for with_rules in (centre, round):
            patch.setattr(with_rules, "Rules", rules_of)
        yield patch


def run(machine: type[RuleBasedStateMachine], examples: int, steps: int, **given: Any) -> None:
    """So many examples of so many steps at most. `given`: what the machine finds as its own."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    with rules_made_once():
        run_state_machine_as_test(type(machine.__name__, (machine,), given), settings=chosen)


def has_not_failed() -> bool:
    """Asked when a machine ends: True when it ran to its end, so that the end is worth a look."""
    return sys.exc_info()[0] is None


def misses(machine: type[RuleBasedStateMachine], examples: int, steps: int, **given: Any) -> str:
    """With a rule taken away the machine must fail; the words it fails with."""
    with pytest.raises(MISSED) as caught:
        run(machine, examples, steps, **given)
    return str(caught.value)
