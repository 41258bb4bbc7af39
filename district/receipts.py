"""Signed receipts (sync.md §3.4): the clerk's proof that acts were handed in, checked and kept by the workstation.

None is kept while the log holds its acts: from that and the key each can be made again, letter for letter. What a restored
backup forgot the workstations still hold (D14), and show (district/receipts_shown.py).
"""

from __future__ import annotations

from models.signing import RECEIPT, SigningKey
from models.wire import PushReply, Receipt, Receipted, encode


def receipt(key: SigningKey, device: str, reply: PushReply, gseq: int, chain: str) -> Receipt:
    """The receipt for a push that is committed: signed outside the order's lock. `gseq` and `chain` are where the order
    ended then."""
    return receipt_of(key, Receipted(device, reply.head_dseq, reply.head_hash, gseq, chain, reply.epoch, reply.now_ms))


def receipt_of(key: SigningKey, said: Receipted) -> Receipt:
    """What is said, signed."""
    body = encode(said).decode()
    return Receipt(body, key.sign(RECEIPT, body))
