"""Broken on purpose: patches of the shipped code, each taking one rule of sync.md §3.5 away. None of them is a switch in it.

A patch of a source text must find its text: a mutant that no longer fits the code fails loudly.
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from sqlalchemy import delete

from district import journal as order
from district import judge as judging
from district import past, recovery, restored
from district.api import pull as pulling
from district.centre import Centre
from district.feeds import items_after
from district.journal import Journal
from district.judge import moment_at_centre
from district.store.reader import Reader
from district.store.rows import write
from models import stage_clock
from models.decide import intake
from models.organisation import DISTRICT_CODE
from models.store import cursors, outbox
from models.store.console_tables import outbox as outbox_table
from models.store.engine import take_order_lock
from services import cases
from services.sync import apply, carrying, round, unsent

Patch = Callable[[pytest.MonkeyPatch], None]


class Mutant(NamedTuple):
    """A broken rule. `force`: the faults a world must have for it to matter; `caught_by`: which invariants may find it;
    `first_seed`: worlds are played from there on, where those before do not meet it and take minutes."""

    break_it: Patch
    force: dict[str, float]
    caught_by: tuple[str, ...]
    first_seed: int = 7_000


def rewritten(patch: pytest.MonkeyPatch, owner: Any, name: str, *changes: tuple[str, str]) -> None:
    """Put a function in the place of the shipped one that differs in these texts only."""
    shipped = getattr(owner, name)
    source = textwrap.dedent(inspect.getsource(shipped))
    for old, new in changes:
        assert source.count(old) == 1, f"{name} no longer says {old!r}"
        source = source.replace(old, new)
    names: dict[str, Any] = {}
    exec(compile(source, f"<{name} broken>", "exec"), sys.modules[shipped.__module__].__dict__, names)
    patch.setattr(owner, name, names[name])


def no_dedup(patch: pytest.MonkeyPatch) -> None:
    """An id that was seen is taken for new (R3, R8)."""
    patch.setattr(Journal, "_seen_act", lambda self, cmd_id: None)


def trusted_reply(patch: pytest.MonkeyPatch) -> None:
    """What the reply to a push says settles an act, before the feed does (R1)."""
    keep = round.keep_receipt

    def and_settle(work: Any, reply: Any) -> None:
        keep(work, reply)
        for cmd_id, outcome, _code, gseq in reply.known:
            outbox.settle(work.connection, cmd_id, outcome, None, gseq)

    patch.setattr(round, "keep_receipt", and_settle)


def no_rebase(patch: pytest.MonkeyPatch) -> None:
    """What is pending is not folded again on what came."""
    rewritten(patch, apply, "replay_on", ("carried.all_waiting(connection, bases)", "dict[str, list[Command]]()"))


def no_epoch(patch: pytest.MonkeyPatch) -> None:
    """A centre that has forgotten does not notice it (R6, D14)."""
    patch.setattr(restored, "has_forgotten", lambda connection, known: False)


def no_second_offer(patch: pytest.MonkeyPatch) -> None:
    """What a restored centre has forgotten is not offered again (R6)."""
    patch.setattr(outbox, "reopen", lambda *_of_the_centre: 0)


def no_tray(patch: pytest.MonkeyPatch) -> None:
    """A refused act is thrown away (P4)."""
    settle = outbox.settle

    def and_forget(connection: Any, cmd_id: str, outcome: str, reason: Any, gseq: int) -> bool:
        found = settle(connection, cmd_id, outcome, reason, gseq)
        if outcome in ("rejected", "merged"):
            connection.execute(delete(outbox_table).where(outbox_table.c.cmd_id == cmd_id))
        return found

    patch.setattr(outbox, "settle", and_forget)


def no_chain(patch: pytest.MonkeyPatch) -> None:
    """Neither side looks whether an act follows the one before it (R4)."""
    rewritten(patch, Journal, "push", ("if parsed.prev != head.hash:", "if False:"))
    patch.setattr(unsent, "trouble", lambda connection, head_dseq, head_hash: "")


def loose_cursor(patch: pytest.MonkeyPatch) -> None:
    """The place in the feed is written in a transaction of its own, before the rows it stands for (pouchdb #1240)."""
    moved = "sseq, chain = place.sseq, place.chain\n"
    early = (
        "cursors.write(work.connection, Cursor(scope, epoch, items[-1].sseq, items[-1].scope_chain)); work.commit()\n"
    )
    rewritten(patch, apply, "apply_items", (f"    {moved}", f"    {early}    {moved}"))
    patch.setattr(round, "apply_items", apply.apply_items)


_R10 = "if place is None or place.epoch != epoch or place.sseq != asked_after:"


def stale_reply(patch: pytest.MonkeyPatch) -> None:
    """An answer to an earlier question is taken for the present one (R10)."""
    rewritten(patch, apply, "apply_items", (_R10, "if place is None:"))
    patch.setattr(round, "apply_items", apply.apply_items)


def blind_feed(patch: pytest.MonkeyPatch) -> None:
    """Whatever a pull brings is taken: no place, no number, no chain is looked at."""
    changes = ((_R10, "if place is None:"), ("if item.sseq != sseq + 1:", "if False:"))
    rewritten(patch, apply, "apply_items", *changes, ("if chain != item.scope_chain:", "if False:"))
    patch.setattr(round, "apply_items", apply.apply_items)


def early_unlock(patch: pytest.MonkeyPatch) -> None:
    """The order's lock is given back before what was judged under it is written (R9)."""

    @contextmanager
    def in_order(self: Any) -> Iterator[Journal]:
        with self.engine.begin() as connection:
            take_order_lock(connection)
            self.keep_up(connection)
            journal = Journal(Reader(connection), self.rules, self.epoch, self.clock.wall_ms(), self.new_id)
            yield journal
        self.clock.let_others_in()
        with self.engine.begin() as connection:
            write(connection, journal.rows)
        self._wake(journal.touched)

    patch.setattr(Centre, "in_order", in_order)


def lost_when_let_in_again(patch: pytest.MonkeyPatch) -> None:
    """What the centre has not got gets no place in the chain of the new device (R4)."""
    patch.setattr(round, "rechain", lambda connection, device, head_dseq, head_hash, arrived: True)


def born_when_let_in(patch: pytest.MonkeyPatch) -> None:
    """An act is taken to be no older than the device that hands it in, whatever it says of where it was made."""
    patch.setattr(
        order, "made_at", lambda source, parsed, head, at_ms: moment_at_centre(parsed.time, head.proven_lo, at_ms)
    )


def carried_and_not_told(patch: pytest.MonkeyPatch) -> None:
    """What the centre had before it was carried is not looked for: its entry may lie behind the carrier's place."""
    patch.setattr(cursors, "doubt", lambda connection, scope: None)


def as_they_call(patch: pytest.MonkeyPatch) -> None:
    """What comes back after a restore is decided as workstations happen to call."""
    patch.setattr(recovery, "in_old_order", lambda connection, deferrals: deferrals)


def never_asked_for(patch: pytest.MonkeyPatch) -> None:
    """An act names a requester's record that the centre has not got, and nobody is asked for it."""
    patch.setattr(Reader, "lacks_record", lambda self, digest, unit: False)


def by_the_desk_of_now(patch: pytest.MonkeyPatch) -> None:
    """What somebody did is judged by what he is now, whenever he did it (sync.md, editions)."""
    patch.setattr(judging, "acting", lambda command, rules, at, standing: rules.actor(command.actor, command.unit))


def shown_by_the_desk_of_now(patch: pytest.MonkeyPatch) -> None:
    """What somebody did shows as long as he may still do it (I14)."""
    patch.setattr(cases, "people_then", lambda connection: {})


def undone_after_all(patch: pytest.MonkeyPatch) -> None:
    """The centre does not ask whether an act that is taken back had taken effect before a restore (D3)."""
    patch.setattr(Reader, "had_effect", lambda self, cmd_id, unit: False)


def undone_at_the_desk(patch: pytest.MonkeyPatch) -> None:
    """Whatever waits to be handed in, again or not, may be undone at its desk (D3)."""
    patch.setattr(outbox, "may_be_undone", lambda row: row.state == outbox.PENDING)


def last_writer_wins(patch: pytest.MonkeyPatch) -> None:
    """A correction overwrites what another workstation has set, seen or not (§3.6)."""
    rewritten(patch, intake, "_nobody_else_changed", ("    if unseen:", "    if False:"))


def undone_in_its_place_only(patch: pytest.MonkeyPatch) -> None:
    """Who carries acts sends what takes one of them back where it stands, and not with it (D3)."""
    ahead = "[taking_back[act.cmd_id] for act in batch if act.cmd_id in taking_back]"
    rewritten(patch, carrying, "_batches", (ahead, "[]"))


def revocations_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Who was revoked after the copy was made is trusted again when it is put back (docs/decisions/0010)."""
    for name in ("revoke_again", "trusted_again"):
        patch.setattr(past, name, lambda connection, known: [])


def in_time_while_in_doubt(patch: pytest.MonkeyPatch) -> None:
    """Whoever may have been in time was (D8)."""
    rewritten(patch, stage_clock, "judged", ("if stopped.hi <= due_at:", "if stopped.lo <= due_at:"))


def late_without_a_word(patch: pytest.MonkeyPatch) -> None:
    """What comes late to its desk without an assignment is not said to have come late (D6)."""
    say = order.delivery
    patch.setattr(
        order,
        "delivery",
        lambda case, given, *of: None if case is not None and case.clock(given) else say(case, given, *of),
    )


def everybody_is_sent_everything(patch: pytest.MonkeyPatch) -> None:
    """Whoever pulls is sent what stands in the district's own feed as well."""
    look = pulling._look

    def with_more(centre: Any, *asked: Any) -> Any:
        page = look(centre, *asked)
        with centre.reading() as connection:
            if not page.items:
                return page
            page.items["beside"] = items_after(connection, DISTRICT_CODE, 0, 100)[0]
        return page

    patch.setattr(pulling, "_look", with_more)


_LOSSES = {"lose_answer": 0.25, "lose_request": 0.1, "double": 0.2}
_BACK = {"restores_centre": 2}

MUTANTS: dict[str, Mutant] = {
    "no dedup of ids": Mutant(no_dedup, _LOSSES, ("I21", "I19", "I2", "I11", "bug")),
    "a push reply is trusted": Mutant(trusted_reply, {"slow": 0.2, "cut_hours": 2}, ("R1", "I10", "I14")),
    "no rebase": Mutant(no_rebase, {"cut_hours": 2}, ("I14",)),
    "no epoch": Mutant(no_epoch, _BACK, ("I1", "I9", "I14", "I19", "R10")),
    "no second offer": Mutant(no_second_offer, _BACK, ("I1", "I10", "I19", "R1")),
    "the order of who calls": Mutant(as_they_call, _BACK, ("R6",), 7_002),
    "refused acts are dropped": Mutant(no_tray, {"cut_hours": 2}, ("I11",)),
    "no chain": Mutant(no_chain, {"restores_disk": 2}, ("R4", "I1", "I4")),
    "the cursor is written apart": Mutant(loose_cursor, {"crash_at_commit": 0.05}, ("I9", "I18", "R10", "bug")),
    "a stale reply is taken": Mutant(stale_reply, {"old_answer": 0.3}, ("R10",)),
    "a feed is applied blindly": Mutant(
        blind_feed, {"old_answer": 0.3}, ("I9", "I10", "I18", "I14", "I19", "R10", "bug")
    ),
    "let in again, with nothing": Mutant(
        lost_when_let_in_again, {"restores_disk": 2, "cut_hours": 2}, ("R4", "I1", "I16", "I19")
    ),
    "no act is older than its device": Mutant(born_when_let_in, {"restores_disk": 2, "cut_hours": 2}, ("I15",)),
    "carried, and not told what became of it": Mutant(carried_and_not_told, {"handovers": 2}, ("I9", "I10", "I19")),
    "a record is not asked for": Mutant(never_asked_for, {"copy_at_record": 0.5}, ("I1",)),
    "judged by the desk of now": Mutant(by_the_desk_of_now, {"desk_changes": 4, "cut_hours": 2}, ("I7",)),
    "shown by the desk of now": Mutant(
        shown_by_the_desk_of_now, {"desk_changes": 8, "cut_hours": 2}, ("I14", "I9"), 7_002
    ),
    "undone after all": Mutant(undone_after_all, {**_BACK, "late_undos": 10, "lose_answer": 0.25}, ("D3",), 7_017),
    "undone at the desk": Mutant(undone_at_the_desk, {**_BACK, "late_undos": 6}, ("D3",)),
    "the last writer wins": Mutant(last_writer_wins, {"corrections": 6, "cut_hours": 2}, ("3.6",)),
    "a carried undo goes where it stands": Mutant(undone_in_its_place_only, {"thick_files": 2}, ("D3",)),
    "revoked, and trusted again": Mutant(revocations_forgotten, {"thefts": 1}, ("D14",)),
    "in time while in doubt": Mutant(in_time_while_in_doubt, {"reboot_hours": 1}, ("D8",)),
    "late, and not a word": Mutant(late_without_a_word, {"outages": 12}, ("D6",), 7_016),
    "everybody is sent everything": Mutant(everybody_is_sent_everything, {}, ("I18",)),
    "the lock is given back early": Mutant(early_unlock, {"double": 0.2}, ("bug", "I3", "I4", "I6")),
}
"""Every mutant that must be caught."""
