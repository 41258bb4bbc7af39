"""What the centre takes at most of one thing: a desk refuses more while it can still be shortened, for what the centre refuses
is never sent."""

from __future__ import annotations

RECORD_BYTES = 16 * 1024
"""A requester's record, as it travels."""
ACT_BYTES = 64 * 1024
"""An act, as it is sealed: some twenty thousand Chinese characters. A push takes four times as much."""
