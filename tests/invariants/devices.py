"""Chains of workstations and signatures under them: I2, I4, I5."""

from __future__ import annotations

from collections import defaultdict

from district.journal import CENTRE_DEVICE
from district.store.audit import aliases, reviewed
from models.signing import is_signed
from models.wire import GENESIS, Sealed, chain_hash, decode_any
from tests.invariants.at_rest import AtRest, must
from tests.invariants.history import History


def chains_and_signatures(rest: AtRest, history: History) -> None:
    """Every act once, at a place of its own, after the one before it, signed by the key of its workstation."""
    places: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
    seen: set[str] = set()
    for entry in history.entries:
        row, command = entry.row, entry.command
        must(row.cmd_id not in seen, "I2", f"{row.cmd_id} twice")
        seen.add(row.cmd_id)
        must(row.dseq not in places[row.device], "I2", f"{row.device} {row.dseq} twice")
        places[row.device][row.dseq] = (command.prev, row.hash)
        must(row.hash == chain_hash(command.prev, row.body), "I4", f"{row.cmd_id} is not what its hash says")
        if row.device != CENTRE_DEVICE:
            key = history.devices[row.device].public_key
            signed = is_signed(Sealed(row.body, row.hash, row.alg, row.sig), key)
            must(bool(key) and signed, "I5", f"{row.cmd_id} is not signed by {row.device}")
    with rest.district.reading() as connection:
        for alias in aliases(connection):
            places[alias.device][alias.dseq] = ("", alias.hash)
        for row in reviewed(connection):
            if row.passed_over:
                places[row.device][row.dseq] = (str(decode_any(row.body)["prev"]), row.hash)
    for device, chain in places.items():
        head = GENESIS
        for dseq in range(1, len(chain) + 1):
            must(dseq in chain, "I2", f"{device} has no {dseq}")
            prev, found = chain[dseq]
            must(prev in ("", head), "I4", f"{device} {dseq} follows another act")
            head = found
        must(history.devices[device].head_hash == head, "I4", f"the head of {device} is not its last act")
