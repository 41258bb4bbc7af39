"""The feed as a console takes it in, against the centre's own state: doubled, stale, reordered, altered, cut before the commit, with
own acts and snapshots in between (sync-R1, R10; I9, I10, I14)."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace
from sqlalchemy import select

from district.store.tables import feed, log
from models import commands as c
from models.case import Case
from models.errors import Refused
from models.evolve import apply_effect
from models.row import scopes_of
from models.store import confirmed, cursors, outbox
from models.store.case_table import case_row
from models.store.console_tables import outbox as outbox_table
from models.store.work import Work
from models.wire import Effect, PullReply, PullRequest, Reason, decode, encode
from services import cases
from services.sync import apply, machine
from tests.district.in_process import InProcess
from tests.district.parties import REPORT, Station
from tests.machines import has_not_failed, run
from tests.models.small_town import MARKET, SQUAD, TOWN
from tests.services.console_here import ConsoleHere, Ended
from tests.world.screens import own_acts_show, settled_by_the_feed
from tests.world.town import SMALL, moulds

OFFICER = "squad-officer"


class Truth:
    """The centre's state after each entry, folded from its log: what a unit's console must hold at a place of its feed."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}
        self.said: dict[str, tuple[str, str, int, int]] = {}
        """Of each act in the feed: outcome, reason as a console keeps it, place in the feed, place in the order."""
        self.at: dict[int, dict[str, bytes]] = {0: {}}
        self.places: dict[int, int] = {}
        self._gseq = 0

    def read_on(self, centre: InProcess, unit: str) -> None:
        with centre.centre.reading() as connection:
            rows = connection.execute(select(log).where(log.c.gseq > self._gseq).order_by(log.c.gseq)).all()
            mine = select(feed.c.gseq, feed.c.sseq).where(feed.c.scope == unit, feed.c.gseq > self._gseq)
            self.places |= {int(gseq): int(sseq) for gseq, sseq in connection.execute(mine)}
        for row in rows:
            self._gseq = int(row.gseq)
            if row.effect != "null":
                effect = decode(row.effect, Effect)
                self.cases[effect.case] = apply_effect(self.cases.get(effect.case), effect)
            if self._gseq in self.places:
                reason = decode(row.reason, Reason | None) if row.reason else None  # type: ignore[arg-type]
                told = encode(reason).decode() if reason else ""
                self.said[row.cmd_id] = (row.outcome, told, self.places[self._gseq], self._gseq)
                held = {i: encode(case) for i, case in self.cases.items() if unit in scopes_of(case)}
                self.at[self.places[self._gseq]] = held


class FeedMachine(RuleBasedStateMachine):
    """The workstation is one of the squad's, which is given cases and loses them again; `pages` are answers to its pulls, each of
    which may come at any time, as often as it likes."""

    desks_changed: frozenset[str] = frozenset()

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="feed-"))
        self.centre = InProcess(self.folder, moulds(SMALL).district)
        self.town, self.other = (self._station(unit) for unit in (TOWN, SQUAD))
        self.console = ConsoleHere(self.folder, self.centre, SQUAD, 1, OFFICER)
        self.truth = Truth()
        self.given: list[str] = []
        self.pages: list[PullReply] = []
        self.console.does(machine.TakeSnapshot())
        for _ in range(2):
            self.the_town_gives_the_squad_a_case()
        self.console.does(machine.Pull())

    def _station(self, unit: str) -> Station:
        place = moulds(SMALL).places[unit, 0]
        return Station(self.centre.ask, self.centre.clock, place.device, place.token, unit, 0, place.key)

    def teardown(self) -> None:
        if hasattr(self, "console"):
            try:
                if has_not_failed():
                    self.in_the_end_both_hold_the_same()
            finally:
                self.console.close()
                self.centre.close()
                shutil.rmtree(self.folder)

    # Elsewhere

    def the_town_gives_the_squad_a_case(self) -> None:
        case_id = self.town.new_id()
        acts = [self.town.act("clerk", args, case_id) for args in (REPORT, c.File(), c.Dispatch(SQUAD))]
        assert [told[1] for told in self.town.push(*acts).known] == ["accepted"] * 3
        self.given.append(case_id)

    @rule(data=st.data(), number=st.integers(1, 3))
    def the_town_acts(self, data: st.DataObject, number: int) -> None:
        """It gives another case, takes one away or gives it back, or says something; the same happens at the colleague's."""
        for kind in data.draw(st.lists(st.sampled_from("+<><>.c"), min_size=number, max_size=number)):
            case_id = data.draw(st.sampled_from(self.given))
            self.truth.read_on(self.centre, SQUAD)
            if kind == "+":
                self.the_town_gives_the_squad_a_case()
            elif kind == "c":
                done = what_is_done(self.truth.cases[case_id], data.draw(st.integers(0, 2)))
                self.other.does("squad-leader", done, case_id)
            else:
                to = {"<": c.Redispatch(MARKET, "更近"), ">": c.Redispatch(SQUAD, "还是中队")}
                self.town.does("clerk", to.get(kind, c.Note("请快")), case_id)

    # Here

    @precondition(lambda self: self._shown())
    @rule(data=st.data(), number=st.integers(1, 3), how=st.sampled_from(["", "", "", "before", "after"]))
    def act(self, data: st.DataObject, number: int, how: str) -> None:
        """Some acts; at the last the program perhaps ends."""
        for left in reversed(range(number)):
            shown = self._shown()
            if shown:
                case_id, kind = data.draw(st.tuples(st.sampled_from(shown), st.integers(0, 3)))
                self._act(case_id, kind, "" if left else how)

    def _act(self, case_id: str, kind: int, how: str) -> None:
        case = self.console.case(case_id)
        assert case is not None
        self.console.ends_at_commit = how
        try:
            self.console.act(what_is_done(case, kind), case_id)
        except Refused:
            self.console.ends_at_commit = ""  # the rule book said no: nothing was made, the invariants say so
        except Ended:
            self.console.restart()

    @precondition(lambda self: self._shown())
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        case_id = data.draw(st.sampled_from(self._shown()))

        def job(work: Work) -> None:
            cases.undo_last(work, self.console.desk, case_id)
            work.commit()

        try:
            self.console.database(job)
        except Refused:
            return

    @precondition(lambda self: self.console.database(lambda work: outbox.unsent(work.connection).count))
    @rule(how=st.sampled_from(["", "", "", "before", "after"]))
    def hand_in(self, how: str) -> None:
        self.console.ends_at_commit = how
        self.console.does(machine.Push())
        self.console.ends_at_commit = ""

    @rule(
        limit=st.integers(1, 4),
        back=st.sampled_from([0, 0, 0, 1, 2]),
        which=st.sampled_from([1, 1, 1, 2, 3, 5]),
        how=st.sampled_from(["", "", "", "before", "after"]),
    )
    def an_answer_comes(self, limit: int, back: int, which: int, how: str) -> None:
        """A pull is answered, perhaps one that was asked from an earlier place; and an answer comes: this one, or an earlier one,
        at last or once more."""
        sseq = max(0, self._place().sseq - back)
        self.pages.append(self.console.line.pull(PullRequest(1, {SQUAD: sseq}, limit, 0)))
        page = self.pages[-min(which, len(self.pages))]
        fits = page.after[SQUAD] == self._place().sseq
        self.console.ends_at_commit = how
        try:
            taken = self.console.database(lambda work: taken_in(work, page))
            assert taken == (len(page.items.get(SQUAD, [])) if fits else 0)
        except Refused as error:
            raise AssertionError("R10: a stale answer is passed over, nothing is broken") from error
        except Ended:
            self.console.restart()

    @rule(data=st.data(), how=st.sampled_from(["swapped", "one missing", "one twice", "altered", "of another place"]))
    def an_answer_comes_that_is_not_as_it_was_sent(self, data: st.DataObject, how: str) -> None:
        place = self._place().sseq
        page = self.console.line.pull(PullRequest(1, {SQUAD: place}, 4, 0))
        items = list(page.items.get(SQUAD, []))
        if len(items) < 2:
            return
        at = data.draw(st.integers(0, len(items) - 2))
        if how == "swapped":
            items[at], items[at + 1] = items[at + 1], items[at]
        elif how == "one missing":
            del items[at]
        elif how == "one twice":
            items.insert(at, items[at])
        elif how == "altered":
            items[at] = replace(items[at], entry=replace(items[at].entry, outcome="merged"))
        else:
            items[at] = replace(items[at], sseq=items[at].sseq + 7)
        code = ""
        try:
            self.console.database(lambda work: taken_in(work, replace(page, items={SQUAD: items})))
        except Refused as error:
            code = error.code
        assert code == "feed_broken"

    @rule(how=st.sampled_from(["", "before", "after"]), kind=st.sampled_from(["snapshot", "pull", "pull"]))
    def an_exchange(self, how: str, kind: str) -> None:
        """Asked and taken in at once."""
        self.console.ends_at_commit = how
        self.console.does(machine.TakeSnapshot() if kind == "snapshot" else machine.Pull())
        self.console.ends_at_commit = ""

    # How

    def _place(self) -> cursors.Cursor:
        found = self.console.database(lambda work: cursors.read(work.connection, SQUAD))
        assert found is not None
        return found

    def _shown(self) -> list[str]:
        rows = self.console.database(lambda work: work.connection.execute(select(case_row.c.id)).scalars().all())
        return sorted(str(found) for found in rows)

    # As tests/world/screens.py asks

    def epoch(self) -> int:
        return self.centre.centre.epoch

    def place_of(self, scope: str, gseq: int) -> int | None:
        return self.truth.places.get(gseq)

    def end_of(self, scope: str) -> int:
        return max(self.truth.places.values(), default=0)

    # What must hold

    @invariant()
    def the_base_is_the_centres_state_at_that_place_and_own_acts_are_what_it_said_by_then(self) -> None:
        if not hasattr(self, "truth"):
            return
        self.truth.read_on(self.centre, SQUAD)
        self.console.database(self._look)

    def _look(self, work: Work) -> None:
        place = cursors.read(work.connection, SQUAD)
        assert place is not None and base(work) == self.truth.at[place.sseq], "I9"
        for row in work.connection.execute(select(outbox_table)).all():
            said = self.truth.said.get(row.cmd_id)
            is_here = said is not None and said[2] <= place.sseq
            believed = (row.outcome, row.reason, row.gseq)
            assert (row.state == outbox.SETTLED) == is_here, f"I10: {row.kind} is {row.state}, the centre said {said}"
            assert not is_here or believed == (said[0], said[1], said[3]), f"I10: {believed}, and not {said}"
        own_acts_show(work, "here", place, self, {})
        settled_by_the_feed(work, "here", place, self)

    def in_the_end_both_hold_the_same(self) -> None:
        """The line is good again: all is handed in and taken in (I9, I19)."""
        for _ in range(60):
            fact = self.console.exchange.do(machine.Push(), self.console.line)
            assert isinstance(fact, machine.Pushed)
            before = self._place().sseq
            self.console.exchange.do(machine.Pull(), self.console.line)
            self.truth.read_on(self.centre, SQUAD)
            if not fact.more and before == self._place().sseq == self.end_of(SQUAD):
                break
        wanted = self.truth.at[self.end_of(SQUAD)]

        def look(work: Work) -> None:
            assert confirmed.touched(work.connection) == [] and outbox.unsettled_ids(work.connection) == []
            rows = work.connection.execute(select(case_row.c.id, case_row.c.document))
            assert {row.id: bytes(row.document) for row in rows} == wanted, "I9"

        self.console.database(look)


def what_is_done(case: Case, kind: int) -> c.Args:
    """Something an officer does: all but the first only while he has the case."""
    lead = case.lead.id if case.lead is not None else ""
    return (c.Note("现场已看"), c.Arrive(lead), c.FirstResponse("已围护"), c.AskReturn(lead, "不属中队"))[kind]


def taken_in(work: Work, page: PullReply) -> int:
    """As services/sync/round.py takes a page in."""
    items = page.items.get(SQUAD, [])
    taken = apply.apply_items(work, SQUAD, page.epoch, page.after[SQUAD], items) if items else 0
    work.commit()
    return taken


def base(work: Work) -> dict[str, bytes]:
    """What the centre said of every case, whatever lies on top."""
    rows = work.connection.execute(select(case_row.c.id, case_row.c.document))
    held = {str(row.id): bytes(row.document) for row in rows}
    for case_id in confirmed.touched(work.connection):
        found = confirmed.confirmed(work.connection, case_id)
        held.pop(case_id, None)
        held |= {case_id: encode(found)} if found is not None else {}
    return held


def test_the_base_is_the_centres_state_whatever_comes_in_whatever_order() -> None:
    run(FeedMachine, examples=8, steps=35)
