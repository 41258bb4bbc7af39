"""What only a console keeps: its unsent acts, its place in the feeds, confirmed rows of touched cases (sync.md §3.2)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, MetaData, Table, Text

metadata = MetaData()
"""The console's own tables; `case_row` stands in models/store/case_table.py, for both sides."""

outbox = Table(
    "outbox",
    metadata,
    Column("dseq", BigInteger, primary_key=True),
    Column("cmd_id", Text, nullable=False, unique=True),
    Column("device", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),  # pending | sent | settled
    Column("outcome", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("gseq", BigInteger),
    Column("retracted", Boolean, nullable=False, default=False),
    Column("closed_at", BigInteger),
    Column("was", Text, nullable=False, server_default=""),
)
"""`was`: the verdict of a past that the centre has lost (JSON of a Was), "" for most."""
Index("outbox_state", outbox.c.state, outbox.c.dseq)
Index("outbox_case", outbox.c.case_id)
Index("outbox_outcome", outbox.c.outcome, outbox.c.closed_at)

case_confirmed = Table(
    "case_confirmed",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("document", LargeBinary),  # NULL: the centre does not know the case yet
)

cursor = Table(
    "cursor",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("sseq", BigInteger, nullable=False),
    Column("chain", Text, nullable=False),
)

anchor = Table(
    "anchor",
    metadata,
    Column("boot", Text, primary_key=True),
    Column("server_ms", BigInteger, nullable=False),
    Column("sent_mono_ms", BigInteger, nullable=False),
    Column("round_trip_ms", BigInteger, nullable=False),
)

fetched_case = Table(
    "fetched_case",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
)
"""Cases of the past that somebody asked the centre for, and until when they stay (models/retention.py)."""

case_search = Table(
    "case_search",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("plain", Text, nullable=False),
)

personal = Table(
    "personal",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("sent", Boolean, nullable=False, default=False),
)

blob = Table(
    "blob",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("cmd_id", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("state", Text, nullable=False),  # waiting | sent | fetched
    Column("used_at", BigInteger, nullable=False),
    Column("arrived_by", BigInteger),
)
"""Photographs and files whose bytes lie in the folder beside the store, by the case that names them. `arrived_by`: a place of the
centre's order at which it surely had the file; none until the centre has told one since."""

last_call = Table(
    "last_call",
    metadata,
    Column("unit", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("result", Text, nullable=False),
)

pass_ = Table(
    "offline_pass",
    metadata,
    Column("person", Text, primary_key=True),
    Column("verifier", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    Column("person", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

document = Table(
    "document",
    metadata,
    Column("name", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
