"""The outbox against a plain list: whatever is acted, taken back, sent, settled, lost at the centre and crashed in between, in any
order, no act is lost, counted twice or told wrongly (sync-R1, R3, R6, R7)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models import commands as c
from models.errors import Refused
from models.reference_files import EDITION
from models.store import outbox
from models.store.outbox import PENDING, SENT, SETTLED
from models.store.work import Work
from models.wire import GENESIS, Reason, chain_hash, decode_command
from services import cases
from tests.store.make_sample import STATION, TOWN, Workstation

REPORT = c.Report("", "grid", f"{EDITION}/matter/09005", "店外堆放", "龙山路口", TOWN, STATION)
VERDICTS = ("accepted", "merged", "rejected", "deferred")
WAITING = ("", "deferred")


class Act(msgspec.Struct):
    """What is to be known of an act."""

    cmd_id: str
    case_id: str
    state: str = PENDING
    outcome: str = ""
    retracted: bool = False
    is_put_away: bool = False
    takes_back: str = ""

    @property
    def waits(self) -> bool:
        return self.state != SETTLED or self.outcome == "deferred"


class OutboxMachine(RuleBasedStateMachine):
    """`acts` is the model; every step is a transaction of its own, or one that never comes to its commit."""

    template: Path

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="outbox-"))
        shutil.copytree(self.template, self.folder, dirs_exist_ok=True)
        self.seed = 1
        self.acts: list[Act] = []
        self.place = 0
        self.open()

    def open(self) -> None:
        self.seed += 1
        self.station = Workstation(self.folder / "store.sqlite", seed=self.seed)

    def teardown(self) -> None:
        if hasattr(self, "station"):
            self.station.close()
            shutil.rmtree(self.folder)

    def do(self, job: Callable[[Work], Any]) -> Any:
        with self.station.work() as work:
            found = job(work)
            work.commit()
            return found

    # Made here

    @rule()
    def report(self) -> None:
        made = self.station.act(REPORT)
        self.acts.append(Act(made.cmd_id, made.case_id))

    @precondition(lambda self: self.acts)
    @rule(data=st.data())
    def note(self, data: st.DataObject) -> None:
        alive = sorted({a.case_id for a in self.acts if a.takes_back == ""})
        case_id = data.draw(st.sampled_from(alive))
        with self.station.work() as work:
            try:
                made = cases.act(work, self.station.desk, c.Note("补记"), case_id)
            except Refused:
                return  # the case was taken back or refused: nothing was added, the invariants say so
            work.commit()
        self.acts.append(Act(made.cmd_id, case_id))

    @precondition(lambda self: any(self.can_be_taken_back(a) for a in self.acts))
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        act = data.draw(st.sampled_from([a for a in self.acts if self.can_be_taken_back(a)]))
        with self.station.work() as work:
            try:
                cases.undo(work, self.station.desk, act.cmd_id)
            except Refused:
                return
            work.commit()
            (last,) = outbox.every_id(work.connection)[-1:]
        act.retracted = True
        self.acts.append(Act(last, act.case_id, takes_back=act.cmd_id))

    def can_be_taken_back(self, act: Act) -> bool:
        return act.state == PENDING and not act.retracted and not act.takes_back

    # Said by the centre

    @precondition(lambda self: self.acts)
    @rule(data=st.data())
    def the_centre_has_got(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.acts)))
        self.do(lambda work: outbox.mark_sent(work.connection, number))
        for act in self.acts[:number]:
            act.state = SENT if act.state == PENDING else act.state

    @precondition(lambda self: self.acts)
    @rule(data=st.data(), outcome=st.sampled_from(VERDICTS))
    def a_verdict_comes(self, data: st.DataObject, outcome: str) -> None:
        self._settled(data.draw(st.sampled_from(self.acts)), outcome)

    def _settled(self, act: Act, outcome: str) -> None:
        self.place += 1
        reason = Reason("not_allowed") if outcome == "rejected" else None
        assert self.do(lambda work: outbox.settle(work.connection, act.cmd_id, outcome, reason, self.place))
        act.is_put_away = act.is_put_away and act.outcome == outcome
        act.state, act.outcome = SETTLED, outcome
        act.retracted = act.retracted and outcome not in ("accepted", "merged")

    @precondition(lambda self: any(a.is_put_away for a in self.acts))
    @rule(data=st.data(), outcome=st.sampled_from(VERDICTS[:3]))
    def another_verdict_comes_for_what_was_put_away(self, data: st.DataObject, outcome: str) -> None:
        self._settled(data.draw(st.sampled_from([a for a in self.acts if a.is_put_away])), outcome)

    @precondition(lambda self: any(a.retracted for a in self.acts))
    @rule(data=st.data(), outcome=st.sampled_from(VERDICTS[:3]))
    def a_verdict_comes_for_what_was_taken_back(self, data: st.DataObject, outcome: str) -> None:
        self._settled(data.draw(st.sampled_from([a for a in self.acts if a.retracted])), outcome)

    @rule(data=st.data())
    def the_centre_has_lost_its_newest(self, data: st.DataObject) -> None:
        head = data.draw(st.integers(0, len(self.acts)))
        lost = [a for a in self.acts[head:] if a.state != PENDING]
        assert self.do(lambda work: outbox.reopen(work.connection, head, 1)) == len(lost)
        for act in lost:
            act.state, act.outcome = PENDING, ""

    @precondition(lambda self: any(a.outcome in ("rejected", "merged") for a in self.acts))
    @rule(data=st.data())
    def put_away(self, data: st.DataObject) -> None:
        act = data.draw(st.sampled_from([a for a in self.acts if a.outcome in ("rejected", "merged")]))
        self.do(lambda work: outbox.put_away(work.connection, act.cmd_id, 1))
        act.is_put_away = True

    @rule()
    def a_foreign_verdict_changes_nothing(self) -> None:
        assert not self.do(lambda work: outbox.settle(work.connection, "of nobody here", "accepted", None, 1))

    # Crashed

    @rule(number=st.integers(0, 3))
    def crash_before_the_commit(self, number: int) -> None:
        """Everything at once, and the process is gone."""
        with self.station.work() as work:
            for _ in range(number):
                cases.act(work, self.station.desk, REPORT)
            outbox.mark_sent(work.connection, len(self.acts) + number)
            outbox.reopen(work.connection, 0, 1)
            for act in self.acts:
                outbox.settle(work.connection, act.cmd_id, "rejected", None, 1)
        self.station.close()
        self.open()

    # What must hold

    @invariant()
    def it_says_what_the_list_says(self) -> None:
        if not hasattr(self, "station"):
            return
        with self.station.work() as work:
            at = work.connection
            assert outbox.every_id(at) == [a.cmd_id for a in self.acts]
            for act in self.acts:
                row = outbox.find(at, act.cmd_id)
                assert row is not None
                told = (row.state, row.outcome, bool(row.retracted), row.closed_at is not None and act.outcome != "")
                assert told == (act.state, act.outcome, act.retracted, act.is_put_away and act.outcome != "")
            assert outbox.unsent(at).count == sum(a.state == PENDING for a in self.acts)
            assert outbox.unsettled_ids(at) == [a.cmd_id for a in self.acts if a.waits]
            on_top = outbox.unsettled_of_cases(at, {a.case_id for a in self.acts})
            assert on_top.keys() == {a.case_id for a in self.acts if a.waits and not a.retracted}
            shown = [r.cmd_id for r in outbox.not_effective(at)]
            lost = [a for a in self.acts if a.outcome in ("rejected", "merged") and not a.retracted]
            assert shown == [a.cmd_id for a in reversed(lost) if not a.is_put_away]

    @invariant()
    def its_chain_is_dense_and_what_waits_is_sent_in_order(self) -> None:
        if not hasattr(self, "station"):
            return
        with self.station.work() as work:
            sealed = outbox.after(work.connection, 0, 10_000, 1 << 30)[: len(self.acts)]
            previous = GENESIS
            for number, one in enumerate(sealed, 1):
                command = decode_command(one.body)
                assert (command.dseq, command.prev) == (number, previous)
                assert one.hash == chain_hash(previous, one.body)
                previous = one.hash
            assert outbox.head(work.connection) == (len(self.acts), previous)
            pending = [decode_command(one.body).cmd_id for one in outbox.pending(work.connection)]
            assert pending == [a.cmd_id for a in self.acts if a.state == PENDING]


def test_the_outbox_is_a_list_that_survives_everything(tmp_path: Path) -> None:
    Workstation(tmp_path / "store.sqlite").close()
    machine = type("Machine", (OutboxMachine,), {"template": tmp_path})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=8, stateful_step_count=25, deadline=None, phases=[Phase.generate])
    )
