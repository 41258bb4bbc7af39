"""Photographs on their way to the centre: whatever fails on the way, at either end or on a disk, what the centre names has that
hash, what it has not got stays here, and in the end all of it is there or told to be missing (I17; sync-R6, R7)."""

from __future__ import annotations

import hashlib
import random
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from district import recovery
from district.audit import audit
from district.backed_up import note
from models import commands as c
from models.attachment import AttachmentKind
from models.case import Case
from models.clock import DAY_MS, MINUTE_MS
from models.errors import Refused, Weather
from models.store import blobs, cursors, outbox
from models.store.case_table import case_row
from models.store.console_tables import blob
from models.store.work import Work
from models.wire import decode_case
from services import attachments, cases
from services.sync import machine, uploads
from services.sync.driver import settle
from services.sync.machine import Sync
from tests.district.in_process import InProcess
from tests.district.parties import REPORT, Station
from tests.machines import has_not_failed, run
from tests.models.small_town import MARKET, SQUAD, TOWN
from tests.services.console_here import ConsoleHere, Ended
from tests.world.town import ROOM, SMALL, moulds

BODIES = [random.Random(size).randbytes(size) for size in (9, 40, 90)]
SHAS = [hashlib.sha256(body).hexdigest() for body in BODIES]
SMALLEST, LARGEST = 4, 32
"""Bytes of a piece here: the files come in one to five."""

KINDS = (AttachmentKind.AFTER, AttachmentKind.NEAR)
HOW = st.sampled_from(["", "", "", "before", "after"])
THEN = ["", "push", "push", "spoilt push"]
ELSE = [
    "spoilt",
    "lost",
    "take back",
    "room",
    "room in a month",
    "room enough",
    "restart",
    "copy",
    "taken away",
    "given back",
]
LATER_MS = 11 * MINUTE_MS
"""What was put off may be tried again."""


class UploadsMachine(RuleBasedStateMachine):
    """Two workstations of the squad with the same few files. `excused`: (workstation, hash) whose bytes are no more there, by a
    disk that was spoilt, or let go because the centre had them then."""

    @initialize()
    def begin(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(uploads, "SMALLEST", SMALLEST)
        self.patch.setattr(uploads, "LARGEST", LARGEST)
        self.folder = Path(tempfile.mkdtemp(prefix="uploads-", dir=ROOM))
        self.centre = InProcess(self.folder, moulds(SMALL).district)
        self.consoles = [
            ConsoleHere(self.folder, self.centre, SQUAD, 1, "squad-officer"),
            ConsoleHere(self.folder, self.centre, SQUAD, 2, "squad-leader"),
        ]
        place = moulds(SMALL).places[TOWN, 0]
        known = (place.device, place.token, TOWN, 0, place.key)
        self.town = Station(self.centre.ask, self.centre.clock, *known)
        self.given = [self._given() for _ in range(2)]
        self.excused: set[tuple[str, str]] = set()
        self.have_sent = False
        self.senders: list[ConsoleHere] = []
        """Those that have something to send."""
        self.stood: dict[tuple[str, str], int] = {}
        self.copy_the_centre()
        for number, console in enumerate(self.consoles):
            console.does(machine.TakeSnapshot())
            self._add(console, self.given[0], number + 1, KINDS[0])
            console.does(machine.Push())

    def _given(self) -> str:
        case_id = self.town.new_id()
        acts = [self.town.act("clerk", args, case_id) for args in (REPORT, c.File(), c.Dispatch(SQUAD))]
        assert [told[1] for told in self.town.push(*acts).known] == ["accepted"] * 3
        return case_id

    def teardown(self) -> None:
        if hasattr(self, "centre"):
            try:
                if has_not_failed():
                    self.in_the_end_all_is_there_or_told()
            finally:
                for console in self.consoles:
                    console.close()
                self.centre.close()
                shutil.rmtree(self.folder)
                self.patch.undo()

    # At a workstation

    @rule(data=st.data(), which=st.integers(0, 1), file=st.integers(0, 2), how=HOW, then=st.sampled_from(THEN))
    def add(self, data: st.DataObject, which: int, file: int, how: str, then: str) -> None:
        """A file, which is perhaps spoilt soon, its act perhaps handed in at once; the program perhaps ends at the commit."""
        console, case_id = self.consoles[which], data.draw(st.sampled_from(self.given))
        console.ends_at_commit = how
        try:
            self._add(console, case_id, file, data.draw(st.sampled_from(KINDS)))
        except Refused:
            console.ends_at_commit = ""  # it is on the case already, or the case is not here: no row was made
        except Ended:
            console.restart()
        if then.startswith("spoilt"):
            self._spoil(console, SHAS[file], lost=False)
        if then.endswith("push"):
            self._does(console, machine.Push())

    def _add(self, console: ConsoleHere, case_id: str, file: int, kind: AttachmentKind) -> None:
        """It is copied in, and the act made."""
        found = attachments.prepare_bytes(console.blobs, BODIES[file], 1_000)
        self.excused.discard((console.device, found.sha256))

        def job(work: Work) -> None:
            attachments.add(work, console.blobs, console.desk, case_id, found, kind)
            work.commit()

        console.database(job)

    def _take_back(self, console: ConsoleHere, case_id: str) -> None:
        try:
            console.database(lambda work: (cases.undo_last(work, console.desk, case_id), work.commit()))
        except Refused:
            return

    @rule(data=st.data(), which=st.integers(0, 1), how=HOW, what=st.sampled_from(["exchange", "exchange", *ELSE]))
    def something_else(self, data: st.DataObject, which: int, how: str, what: str) -> None:
        """What happens beside adding and sending."""
        console, case_id = self.consoles[which], data.draw(st.sampled_from(self.given))
        if what == "take back":
            self._take_back(console, case_id)
        elif what.startswith("room"):
            if what == "room in a month":
                self._looks_at_what_it_looks_at_once_an_hour(console)
            self._make_room(console, 31 if what == "room in a month" else 0, 10_000 if what == "room enough" else 0)
        elif what in ("spoilt", "lost"):
            self._spoil(console, data.draw(st.sampled_from(SHAS)), what == "lost")
        elif what == "restart":
            console.restart()
        elif what == "copy":
            self.copy_the_centre()
        elif what in ("taken away", "given back"):
            self._moved(case_id, MARKET if what == "taken away" else SQUAD)
        else:
            console.ends_at_commit = how
            self._does(console, machine.Push())
            self._does(console, machine.Pull())
            console.ends_at_commit = ""

    @precondition(lambda self: self.senders)
    @rule(data=st.data(), times=st.integers(1, 4), room=st.booleans())
    def upload_over_a_good_line(self, data: st.DataObject, times: int, room: bool) -> None:
        """Some pieces; and perhaps room is made."""
        console = data.draw(st.sampled_from(self.senders))
        self.centre.clock.now_ms += LATER_MS
        for _ in range(times):
            self._does(console, machine.Upload())
        if room:
            self._make_room(console, 0)

    @precondition(lambda self: self.senders)
    @rule(
        data=st.data(),
        faults=st.lists(st.sampled_from(["", "", "before", "half", "after"]), max_size=3),
        how=HOW,
        falls=st.booleans(),
        times=st.integers(1, 3),
    )
    def upload_over_a_bad_line(self, data: st.DataObject, faults: list[str], how: str, falls: bool, times: int) -> None:
        """A line that fails; the program perhaps ends when it has heard of a piece, the centre before it has written down
        that a file is whole."""
        console = data.draw(st.sampled_from(self.senders))
        console.way.faults, console.ends_at_commit, self.centre.falls_at_commit = faults, how, falls
        for _ in range(times):
            self._does(console, machine.Upload())
        console.way.faults, console.ends_at_commit, self.centre.falls_at_commit = [], "", False

    def _make_room(self, console: ConsoleHere, days: int, at_most: int = 0) -> None:
        """Everything that may be let go is, so many days later (sync-R7), or what is more than `at_most` bytes."""
        before, sent = set(console.blobs.names()), self._rows(console, blobs.SENT)
        waiting = {held.sha256 for held, _act in console.database(lambda work: blobs.waiting(work.connection))}
        self.centre.clock.now_ms += days * DAY_MS
        console.database(lambda work: attachments.tidy(work, console.blobs, at_most))
        self.centre.clock.now_ms -= days * DAY_MS
        gone = before.difference(console.blobs.names())
        assert not gone & waiting, "what the centre has not got is never let go"
        assert days or not gone & sent, "own ones are kept for 30 days"
        copied = {file.name for file in (self.folder / "copy.blobs").glob("??/*")}
        assert gone & sent <= copied, "and until a copy that was read through holds them"
        self.excused |= {(console.device, sha256) for sha256 in gone}

    def _looks_at_what_it_looks_at_once_an_hour(self, console: ConsoleHere) -> None:
        """How far the centre's copies reach, among other things."""
        console.exchange._once_an_hour._tells_at = 0
        self._does(console, machine.Pull())

    def _spoil(self, console: ConsoleHere, sha256: str, lost: bool) -> None:
        """A disk fails: what lies under a name is no more what the name says, or nothing is there."""
        file = console.blobs.file_of(sha256)
        if not file.exists():
            return
        body = file.read_bytes()
        file.unlink()
        if not lost:
            file.write_bytes(bytes([body[0] ^ 1]) + body[1:])
        self.excused.add((console.device, sha256))

    # At the centre, and in the town

    def _parts(self) -> list[Path]:
        """What has come of files that have no name yet: under a name all is synced."""
        return [part for part in sorted(self.centre.blobs.folder.glob("parts/*")) if part.stat().st_nlink == 1]

    @precondition(lambda self: self._parts())
    @rule(data=st.data(), how=st.sampled_from(["spoilt", "spoilt", "shorter", "lost"]))
    def the_centre_starts_anew_with_a_damaged_part(self, data: st.DataObject, how: str) -> None:
        """What was not synced when the power went: no part of a file is trusted before its hash was looked at."""
        self.centre.restart(in_order=False)
        parts = self._parts()
        part = data.draw(st.sampled_from(parts))
        body = part.read_bytes()
        if how == "spoilt":
            part.write_bytes(bytes(len(body)))
        elif how == "shorter":
            part.write_bytes(body[: len(body) // 2])
        else:
            part.unlink()
        self.stood.clear()

    def copy_the_centre(self) -> None:
        """Its database and its files, as of now, read through."""
        self.copy = self.centre.copied()
        shutil.rmtree(files := self.folder / "copy.blobs", ignore_errors=True)
        if self.centre.blobs.folder.exists():
            shutil.copytree(self.centre.blobs.folder, files)
        with self.centre.centre.reading() as connection:
            found = audit(connection)
        note(self.centre.centre.engine, found, self.centre.clock.now_ms, with_files=True)

    @precondition(lambda self: self.have_sent)
    @rule(with_files=st.booleans())
    def put_the_centre_back(self, with_files: bool) -> None:
        """The database is put back to its copy, and the files with it, or they are those of today."""
        if with_files:
            shutil.rmtree(self.centre.blobs.folder, ignore_errors=True)
            if (files := self.folder / "copy.blobs").exists():
                shutil.copytree(files, self.centre.blobs.folder)
        self.centre.put_back(self.copy)
        self.stood.clear()

    def _moved(self, case_id: str, to: str) -> None:
        """The town takes a case away, or gives it back: what the squad adds before it has heard of that may be refused."""
        status = self.town.ask("POST", "/v1/status", json={"ids": []}).json()
        self.town.dseq, self.town.head = status["head_dseq"], status["head_hash"]
        self.town.does("clerk", c.Redispatch(to, "更近"), case_id)

    # How

    def _does(self, console: ConsoleHere, effect: machine.Effect) -> None:
        try:
            console.does(effect)
        except (Weather, Refused) as error:
            # The machine waits and asks again: settled in the end. No disk of a workstation was put back: every chain fits.
            assert not error.code.startswith("chain_"), error.code

    def _rows(self, console: ConsoleHere, *states: str) -> set[str]:
        with_them = select(blob.c.sha256).where(blob.c.state.in_(states))
        return set(console.database(lambda work: work.connection.execute(with_them).scalars().all()))

    def _cases(self) -> list[Case]:
        with self.centre.centre.reading() as connection:
            return [decode_case(bytes(row)) for row in connection.execute(select(case_row.c.document)).scalars()]

    # What must hold

    @invariant()
    def what_the_centre_names_has_that_hash(self) -> None:
        if not hasattr(self, "stood"):
            return
        folder = self.centre.blobs
        for sha256 in folder.names():
            assert folder.is_sound(sha256), "nothing has its name before its hash was looked at"
        for case in self._cases():
            for found in case.attachments:
                if found.arrived_at is not None:
                    assert folder.has(found.sha256) and folder.size_of(found.sha256) == found.size, "I17"

    @invariant()
    def a_file_the_centre_has_not_got_is_never_let_go(self) -> None:
        if not hasattr(self, "stood"):
            return
        arrived = {(case.id, a.sha256) for case in self._cases() for a in case.attachments if a.arrived_at is not None}
        self.senders, self.have_sent = [], False
        for console in self.consoles:
            rows, place, next_one = console.database(
                lambda work: (
                    work.connection.execute(select(blob)).all(),
                    cursors.read(work.connection, SQUAD),
                    blobs.next_to_send(work.connection),
                )
            )
            self.senders += [console] * (next_one is not None)
            self.have_sent = self.have_sent or any(row.state == blobs.SENT for row in rows)
            assert place is not None
            for row in rows:
                is_here = console.blobs.is_sound(row.sha256) or (console.device, row.sha256) in self.excused
                assert is_here, f"{row.state} and not here"
                knows = place.epoch == self.centre.centre.epoch
                assert row.state != blobs.SENT or not knows or (row.case_id, row.sha256) in arrived

    @invariant()
    def offsets_never_go_backwards_but_by_a_loss(self) -> None:
        if not hasattr(self, "stood"):
            return
        said_wrong = any("wrong_hash" in words for console in self.consoles for words in console.way.refused)
        for console in self.consoles:
            console.way.refused.clear()
            for sha256 in SHAS:
                now = self.centre.blobs.part_size(sha256, console.device)
                was = self.stood.get((console.device, sha256), 0)
                assert now >= was or said_wrong or self.centre.blobs.has(sha256), f"{was} bytes, and then {now}"
                self.stood[console.device, sha256] = now

    def in_the_end_all_is_there_or_told(self) -> None:
        """All is healed (I17, I19)."""
        for done in range(8):
            if done > 1 and not self.senders:
                break
            self.centre.clock.now_ms += LATER_MS
            recovery.advance(self.centre.centre)
            for console in self.consoles:
                sync = settle(console.exchange, console.line, Sync(), lambda: 0.5)
                assert sync.phase is machine.Phase.ONLINE, sync.reason
            self.a_file_the_centre_has_not_got_is_never_let_go()
        for console in self.consoles:
            assert console.database(lambda work: outbox.unsettled_ids(work.connection)) == []
            assert console.database(lambda work: blobs.next_to_send(work.connection)) is None, "I19"
        with self.centre.centre.reading() as connection:
            assert audit(connection).contradictions == []
        for case in self._cases():
            for found in case.attachments:
                if found.arrived_at is None:
                    owner = next(k for k in self.consoles if k.person == found.by)
                    held = owner.database(lambda work, at=case.id: blobs.of_case(work.connection, at))  # type: ignore[misc]
                    assert (owner.device, found.sha256) in self.excused, f"{found.sha256[:8]} never came"
                    assert found.sha256 not in held, "told: it is not here either"


def test_every_file_arrives_whole_or_is_told_to_be_missing() -> None:
    run(UploadsMachine, examples=8, steps=30)
