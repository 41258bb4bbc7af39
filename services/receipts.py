"""The centre's signed receipts: checked when they come, the newest kept, proof that acts were handed in (sync.md §3.4)."""

from __future__ import annotations

from models.errors import Refused
from models.signing import RECEIPT, is_signature
from models.store.work import Work
from models.wire import PushReply, Receipt, Receipted, decode, encode

_KEPT = "receipt"


def keep_receipt(work: Work, reply: PushReply) -> None:
    """Check the receipt and keep it when it is the newest. Refused("receipt_wrong") when it is not the centre's, or not
    for what this device handed in. A store of the time before keys knows no key to check with, and keeps none."""
    key = work.read_meta("centre_key")
    if not key:
        return
    if reply.receipt is None or not is_signature(key, reply.receipt.sig, RECEIPT, reply.receipt.body):
        raise Refused("receipt_wrong")
    said = decode(reply.receipt.body, Receipted)
    if (said.device, said.dseq, said.hash) != (work.read_meta("device"), reply.head_dseq, reply.head_hash):
        raise Refused("receipt_wrong")
    newest = newest_receipt(work)
    if newest is None or (said.epoch, said.gseq) >= (newest.epoch, newest.gseq):  # whichever device this was then
        work.write_meta(_KEPT, encode(reply.receipt).decode())


def newest_signed(work: Work) -> Receipt | None:
    """The centre's newest receipt as it was given; None when there is none yet."""
    kept = work.read_meta(_KEPT)
    return decode(kept, Receipt) if kept else None


def newest_receipt(work: Work) -> Receipted | None:
    """What the centre's newest receipt says; None when there is none yet."""
    kept = newest_signed(work)
    return decode(kept.body, Receipted) if kept is not None else None
