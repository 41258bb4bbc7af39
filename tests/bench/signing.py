"""A batch of 200 acts signed, and verified, each against the floor of hashing it (sync.md §6: the signature check counts)."""

from __future__ import annotations

from models.signing import is_signed, new_key
from models.wire import GENESIS, UNSIGNED, Sealed, chain_hash
from tests.bench.measuring import in_turn_ms, say

ACTS = 200
MS_FOR_ONE = 1.0
"""What signing one act may take at most."""


def bench_signing() -> None:
    key = new_key()
    body = "x" * 700  # as long as a usual act
    plain = [Sealed(body, chain_hash(GENESIS, f"{n}"), UNSIGNED) for n in range(ACTS)]
    signed = [key.signed(sealed) for sealed in plain]

    def hashing() -> None:
        for sealed in plain:
            chain_hash(GENESIS, sealed.body)

    def signing() -> None:
        for sealed in plain:
            key.signed(sealed)

    def verifying() -> None:
        assert all(is_signed(sealed, key.public) for sealed in signed)

    floor, taken = in_turn_ms(hashing, signing, 9)
    say(f"{ACTS} acts signed", taken, floor, round(MS_FOR_ONE * ACTS / floor))
    floor, taken = in_turn_ms(hashing, verifying, 9)
    say(f"{ACTS} acts verified", taken, floor, round(MS_FOR_ONE * ACTS / floor))
