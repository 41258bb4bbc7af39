"""A deadline of one working day, against an empty call."""

from __future__ import annotations

from collections.abc import Callable

from models.deadline import Limit, LimitUnit, deadline
from models.rules import Rules
from tests.bench.measuring import median_ms, say
from tests.bench.queue_pages import NOW_MS


def bench_deadline(rules: Rules) -> None:
    limit = Limit(1, LimitUnit.WORK_DAY)

    def empty() -> None:
        return None

    def thousand(call: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            for _ in range(1000):
                call()

        return run

    due = thousand(lambda: deadline(rules.calendar, NOW_MS, limit))
    say("1,000 deadlines of one working day", median_ms(due, 20), median_ms(thousand(empty), 20), 10)
