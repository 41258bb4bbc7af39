"""What of this store waits for the centre: to be handed in, or to have its verdict."""

from __future__ import annotations

from models.recovery import Was
from models.store import carried, cursors, outbox, personal, tray_words
from models.store.rechain import CHAIN_UNSURE, trouble
from models.store.work import Work
from models.wire import Sealed
from services.sync.carrying import BATCH, BATCH_BYTES


def has_unsent(work: Work) -> bool:
    """Acts, own or carried, or requesters' records, that the centre has not got; or it is to be asked where the chain goes on."""
    return _waits_beside_acts(work) or outbox.unsent(work.connection).count > 0


def is_unsure(work: Work) -> bool:
    """The centre is to be asked where this chain goes on, before anything of it is sent."""
    return bool(work.read_meta(CHAIN_UNSURE))


def _waits_beside_acts(work: Work) -> bool:
    return bool(carried.to_hand_in(work.connection)) or bool(personal.unsent(work.connection)) or is_unsure(work)


def next_batch(work: Work, unit: str, head_dseq: int, head_hash: str) -> tuple[str, list[Sealed], list[Was]]:
    """What of this chain the centre has not got, with what it had said of it before it was put back; or why it cannot follow
    what the centre has."""
    doubt = trouble(work.connection, head_dseq, head_hash)
    if doubt:
        return doubt, [], []
    batch, place = outbox.after(work.connection, head_dseq, BATCH, BATCH_BYTES), cursors.read(work.connection, unit)
    epoch = place.epoch if place is not None else 0
    return "", batch, outbox.lost_after(work.connection, head_dseq, len(batch), epoch)


def at_once(work: Work, unit: str, head_dseq: int, head_hash: str) -> list[Sealed]:
    """What can be sent without asking first, after the head that the centre's last answer named (sync-R2); nothing when
    anything but acts of this chain waits, or the chain does not fit that head."""
    if _waits_beside_acts(work):
        return []
    doubt, batch, lost = next_batch(work, unit, head_dseq, head_hash)
    return [] if doubt or lost else batch


def from_place(work: Work, dseq: int) -> list[Sealed]:
    """What comes from that place of the chain on, as one push takes it."""
    return outbox.after(work.connection, dseq - 1, BATCH, BATCH_BYTES)


def in_doubt(work: Work, unit: str, epoch: int) -> list[str]:
    """Acts whose verdict is still to come, and those whose entry may have been closed elsewhere; of another past than the one we know
    it may be another for every act, also for one that reached it without our doing."""
    place, foreign = cursors.read(work.connection, unit), sorted(carried.waiting_ids(work.connection))
    entries = tray_words.open_ids(work.connection)
    own = outbox.every_id if place is not None and place.epoch != epoch else outbox.unsettled_ids
    return [*dict.fromkeys((*own(work.connection), *foreign, *entries))]


def decided_before(work: Work, unit: str, epoch: int, head_dseq: int) -> dict[str, str]:
    """Of acts that the centre has: what it had decided of them in a past that is another than its present one (`epoch`)."""
    place = cursors.read(work.connection, unit)
    return {} if place is None or place.epoch == epoch else outbox.decided(work.connection, head_dseq)


def remembered(work: Work, unit: str, ids: list[str]) -> list[Was]:
    """What these had come to before; kept, for a centre that is put back once more."""
    place = cursors.read(work.connection, unit)
    if place is None:
        return []
    found = outbox.remember(work.connection, ids, place.epoch)
    work.commit()
    return found


def unsettled_ids(work: Work) -> list[str]:
    """Acts of this store whose verdict is still to come."""
    return outbox.unsettled_ids(work.connection)
