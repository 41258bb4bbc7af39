"""One exchange with the centre: what the machine asked for, done on the line and in the store.

`database` runs a function of a unit of work on the one database thread and returns its value; the line is used outside
it, so no transaction ever waits for the network (house.md §4.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from models.blob_folder import BlobFolder
from models.errors import Refused, Weather
from models.recovery import Was
from models.rules import Reference, Rules
from models.store import blobs, carried, cursors, documents, outbox, people_then, personal
from models.store.identity import Identity, read_identity
from models.store.rechain import CHAIN_UNSURE, rechain
from models.store.work import Work
from models.wire import PROTOCOL, HeldHead, PullRequest, PushReply, decode
from services.cases import replay
from services.receipts import keep_receipt, newest_signed
from services.sync import machine, succession
from services.sync.answered import answered, portions
from services.sync.apply import apply_items, apply_snapshot
from services.sync.carrying import hand_in_carried
from services.sync.database import Database, as_asked
from services.sync.heart import Heart
from services.sync.later_reading import push
from services.sync.line import Line
from services.sync.lost import tell_lost
from services.sync.once_an_hour import OnceAnHour
from services.sync.proved_time import ProvedTime
from services.sync.replies import Hello, StatusReply
from services.sync.unsent import (
    at_once,
    decided_before,
    from_place,
    has_unsent,
    in_doubt,
    is_unsure,
    next_batch,
    remembered,
    unsettled_ids,
)
from services.sync.uploads import Uploads
from services.sync.verdicts import settle_all

_OF_THE_RECORD = ("too_large", "wrong_hash", "malformed")  # refused whoever hands it in
REVOKED = "device_revoked"
WAIT_SECONDS = 5
"""How long the centre may hold a pull that has nothing new: also how soon a console knows that it is there no more."""


class Exchange:
    """The exchanges of one store with its centre, for one unit. `rules_arrived` is told of new reference data, `trusts` of whom the
    line is to trust from now on; `wait_seconds` is how long the centre may hold a pull that has nothing new; `blobs` where
    photographs and files lie; `holds_files` says that those wait for now (a metered line), asked on any thread."""

    def __init__(
        self,
        database: Database,
        unit: str,
        rules_arrived: Callable[[Rules], None],
        wait_seconds: int = WAIT_SECONDS,
        blobs: BlobFolder | None = None,
        trusts: Callable[[Identity], None] = lambda _identity: None,
        holds_files: Callable[[], bool] = lambda: False,
    ) -> None:
        self.holds_files = holds_files
        self._trusts = trusts
        self._wait_seconds = wait_seconds
        self._database = database
        self._uploads = Uploads(database, blobs, holds_files)
        self._once_an_hour = OnceAnHour(database, unit)
        self.unit = unit
        self._rules_arrived = rules_arrived
        self._reference = ""
        self._heart = Heart(database)
        self._time = ProvedTime(database)
        self.cut = False
        """Somebody has cut the line by the switch: what is still under way brings nothing in any more."""

    def do(self, effect: machine.Effect, line: Line) -> machine.Fact:
        """Carry out one effect; Weather and Refused pass through to the caller, who makes facts of them."""
        self._heart.beat(line)
        try:
            return self._do(effect, line)
        finally:
            found, line.anchor = line.anchor, None
            if found is not None and not self.cut:
                self._time.keep(line, found)

    def _do(self, effect: machine.Effect, line: Line) -> machine.Fact:
        match effect:
            case machine.SayHello():
                return self._hello(line)
            case machine.FetchReference():
                return self._fetch_reference(line)
            case machine.Push():
                return self._push(line)
            case machine.Upload():
                return machine.Uploaded(self._uploads.step(line))
            case machine.TakeSnapshot():
                return self._snapshot(line)
            case machine.Pull():
                return self._pull(line)
            case machine.Wait():
                return machine.TimerFired()

    def _hello(self, line: Line) -> machine.Fact:
        line.head = None
        found = self._time.greet(line)
        self._follow_authority(line, found)
        epoch = self._epoch(line, found.epoch)
        self._reference, place = self._database(
            lambda work: (work.read_meta("reference"), cursors.read(work.connection, self.unit))
        )
        usable = place is not None and place.epoch == epoch and not place.is_doubted
        if place is not None and not usable:
            self._offer_again(line)
        if not found.speaks_ours:
            self._hand_in(line)
            raise Refused("console_older", centre=found.oldest_protocol, console=PROTOCOL)
        return machine.HelloAnswered(not self._reference, self._database(has_unsent), usable)

    def _follow_authority(self, line: Line, said: Hello) -> None:
        trusted = succession.followed(line, said, self._database(read_identity))
        if trusted is not None:
            self._database(lambda work: succession.keep(work, trusted))
            self._trusts(trusted)

    def _epoch(self, line: Line, said: int) -> int:
        """The number of the centre's history, after it was shown the newest receipt it gave (D14): one that has forgotten what
        it signed begins another."""
        receipt = self._database(newest_signed)
        if receipt is None:
            return said
        try:
            return line.witness(receipt)
        except Refused as error:
            if error.code not in ("no_such_call", "receipt_wrong"):
                raise
            return said  # an older centre, or one with another key: neither can be convinced

    def _hand_in(self, line: Line) -> None:
        """The centre does not speak our version any more: no act is stranded here, and nothing more is fetched (sync.md
        §3.9)."""
        while self._database(has_unsent) and isinstance(fact := self._push(line), machine.Pushed) and fact.more:
            pass

    def _fetch_reference(self, line: Line) -> machine.Fact:
        name, body = line.reference()
        rules = Rules(edition := decode(body, Reference))

        def keep(work: Work) -> bool:
            before = documents.read(work.connection, documents.REFERENCE)
            if before is not None:
                people_then.keep(work.connection, decode(before, Reference).people, edition.people)
            documents.put(work.connection, documents.REFERENCE, body)
            work.write_meta("reference", name)
            work.commit()
            return has_unsent(work)

        unsent = self._database(keep)
        self._reference = name
        self._rules_arrived(rules)
        return machine.ReferenceTaken(unsent)

    def _push(self, line: Line) -> machine.Fact:
        head, line.head = line.head, None  # whatever goes wrong from here on: the next push asks
        if head is not None:
            batch = self._database(partial(at_once, unit=self.unit, head_dseq=head[0], head_hash=head[1]))
            if batch:
                reply = push(self._database, line, batch)
                if not reply.error and reply.head_hash in {sealed.hash for sealed in batch}:
                    return self._arrived(line, reply, head[0], [])
        return self._push_after_asking(line)

    def _push_after_asking(self, line: Line) -> machine.Fact:
        """Everything that may wait here goes, from where the centre says that it has come (sync-R2)."""
        handed = self._push_personal(line)
        with _although_revoked():
            hand_in_carried(self._database, self.unit, line)
        if self._database(is_unsure):
            self._follow_the_centre(line)
            if self._database(is_unsure):  # a store that holds nothing: what is made next goes after the centre's head
                return self._arrived(line, None, 0, handed)
        status = line.status([])
        job = partial(next_batch, unit=self.unit, head_dseq=status.head_dseq, head_hash=status.head_hash)
        doubt, batch, lost = as_asked(self._database, line, job)
        if doubt:
            raise Refused(f"chain_{doubt}", want=status.head_dseq + 1)
        reply: PushReply | None = None
        if lost:
            self._epoch(line, 0)  # put back since the greeting: the receipt says until when they had come
            with _although_revoked():
                tell_lost(line, lost)
        if batch:
            reply = push(self._database, line, batch)
            if reply.error == "revoked":
                self._hand_over(line, reply.want)
            if reply.error:
                raise Refused(f"chain_{reply.error}", want=reply.want)
        return self._arrived(line, reply, status.head_dseq, handed)

    def _decided_no_more(self, line: Line, status: StatusReply) -> list[Was]:
        """Of acts that a centre which was put back has, and keeps undecided (world 6268), or has decided otherwise before this
        workstation called: what it had decided."""
        asked = partial(decided_before, unit=self.unit, epoch=status.epoch, head_dseq=status.head_dseq)
        was = self._database(asked)
        differ = [found[0] for found in answered(line, list(was), set()).known if found[1] != was[found[0]]]
        return self._database(partial(remembered, unit=self.unit, ids=differ)) if differ else []

    def _arrived(self, line: Line, reply: PushReply | None, head: int, handed: list[str]) -> machine.Fact:
        """The centre has the acts up to where its answer says; up to `head` when nothing was sent."""

        def passed(work: Work) -> bool:
            if reply is not None:
                keep_receipt(work, reply)
            outbox.mark_sent(work.connection, head if reply is None else reply.head_dseq)
            for digest in handed:
                personal.mark_sent(work.connection, digest)
            work.commit()
            return outbox.unsent(work.connection).count > 0

        more = as_asked(self._database, line, passed)
        if reply is not None:
            line.head = (reply.head_dseq, reply.head_hash)
        return machine.Pushed(more)

    def _push_personal(self, line: Line) -> list[str]:
        """Hand in requesters' records; returns which. They count as handed in together with their acts: only what has a
        place in the order is missed when the centre is put back. One that the centre will not take stays here, and holds up
        nothing."""
        handed = []
        for digest, record in self._database(lambda work: personal.unsent(work.connection)):
            try:
                line.put_personal(digest, record)
                handed.append(digest)
            except Refused as error:
                if error.code not in (*_OF_THE_RECORD, REVOKED):
                    raise
        return handed

    def _hand_over(self, line: Line, want: int) -> None:
        """The device is revoked: what it still has is kept at the centre, for a person to look at, and stays here."""
        while batch := as_asked(self._database, line, partial(from_place, dseq=want)):
            reply = push(self._database, line, batch)
            if reply.error != "revoked" or reply.want <= want:
                return
            want = reply.want

    def _follow_the_centre(self, line: Line) -> None:
        """After a salvage: what the centre has not got goes after its head of this device's chain."""
        status = line.status([])
        ids = self._database(unsettled_ids)
        arrived = {known[0] for part in portions(ids) for known in line.status(part).known}

        def place(work: Work) -> None:
            if rechain(work.connection, work.read_meta("device"), status.head_dseq, status.head_hash, arrived):
                work.forget_meta(CHAIN_UNSURE)
            # In the order they have now: what was made first may come last (world 1173).
            replay(work, *outbox.waiting_cases(work.connection))
            work.commit()

        as_asked(self._database, line, place)

    def _offer_again(self, line: Line) -> set[int]:
        """What the centre had of ours and has no more is unsent again; when its past is another than the one we know, so
        is every requester's record, which no chain tells of. Returns the epochs of the past that was asked: one, unless
        the centre was put back meanwhile."""
        line.head = None
        status = line.status([])
        former = self._database(lambda work: outbox.former_ids(work.connection))
        answers = [line.status(part) for part in portions(former)]
        known = {found[0] for answer in answers for found in answer.known}
        lost = [cmd_id for cmd_id in former if cmd_id not in known]
        tell_lost(line, self._decided_no_more(line, status))

        def reopen(work: Work) -> None:
            place = cursors.read(work.connection, self.unit)
            epoch_was = place.epoch if place is not None else status.epoch
            other_past = epoch_was != status.epoch
            if lost:
                outbox.reopen_these(work.connection, lost, epoch_was)
                work.write_meta(CHAIN_UNSURE, "former")
            if outbox.reopen(work.connection, status.head_dseq, epoch_was) or lost or other_past:
                personal.offer_again(work.connection)
            blobs.offer_again(work.connection)
            if other_past:
                carried.offer_again(work.connection, epoch_was)
            work.commit()

        as_asked(self._database, line, reopen)
        return {status.epoch, *(answer.epoch for answer in answers)}

    def _snapshot(self, line: Line) -> machine.Fact:
        self._epoch(line, 0)  # put back since the greeting: it has not seen the receipt of what it forgot
        epochs = self._offer_again(line)
        doubtful = self._database(partial(in_doubt, unit=self.unit, epoch=max(epochs)))
        told = answered(line, doubtful, epochs)
        manifest = line.snapshot()
        if manifest.scope != self.unit:
            raise Refused("not_your_scope")
        if told != answered(line, doubtful, epochs) or epochs != {manifest.epoch}:
            # It decided one of our acts, or was put back, while we asked: what it said of them is not of the state it shows us
            # now, and no feed would tell us again.
            raise Weather("answer_unreadable", "of two states")
        parts = [line.snapshot_part(part.sha256) for part in manifest.parts]

        def take(work: Work) -> bool:
            settle_all(work, told)
            apply_snapshot(work, manifest, parts)
            work.commit()
            return has_unsent(work)

        return machine.SnapshotTaken(self._database(take))

    def _pull(self, line: Line) -> machine.Fact:
        place, held = self._database(lambda work: (cursors.read(work.connection, self.unit), _held(work)))
        if place is None or place.is_doubted:
            return machine.SnapshotNeeded()
        up_ms = line.mono_ms() - self._heart.began_ms
        here, wait = {self.unit: place.sseq}, self._wait_seconds
        asked = PullRequest(place.epoch, here, 500, wait, self._reference, up_ms, held)
        lacks, may_send = False, False
        try:
            reply = line.pull(asked)
            items = [] if self.cut else reply.items.get(self.unit, [])

            def take(work: Work) -> bool:
                apply_items(work, self.unit, reply.epoch, reply.after.get(self.unit, 0), items)
                work.commit()
                return blobs.next_to_send(work.connection) is not None

            if items:
                may_send = self._database(take)
                self._uploads.heard_of_cases(line.mono_ms())
            elif not self.cut and not reply.more:
                self._once_an_hour.perhaps(line, reply.now_ms)
            if reply.records_awaited and not self.cut:
                lacks = self._database(partial(_offer_records, digests=reply.records_awaited))
        except Refused as error:
            if error.code in ("epoch", "compacted", "feed_broken"):
                return machine.SnapshotNeeded()
            raise
        due = may_send or self._uploads.is_due(line.mono_ms())
        return machine.Pulled(reply.reference_version != self._reference, due, lacks, bool(items))


def _held(work: Work) -> HeldHead | None:
    """The time is read before the head: whatever is made later is later than that. None while acts of a former device may
    wait for their place in the chain."""
    if is_unsure(work):
        return None
    time = work.claimed_time()
    dseq, last = outbox.head(work.connection)
    return HeldHead(dseq, time, last)


def _offer_records(work: Work, digests: list[str]) -> bool:
    """The centre was put back between a requester's record and the act that names it (docs/sync.md)."""
    found = personal.offer_these(work.connection, digests)
    work.commit()
    return found


@contextmanager
def _although_revoked() -> Iterator[None]:
    """What the centre takes from no revoked workstation stays here; the acts of its own are handed over all the same."""
    try:
        yield
    except Refused as error:
        if error.code != REVOKED:
            raise
