"""The district's tables (sync.md §3; D1, D2, D9–D13). The log is only ever appended."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, Table, Text, UniqueConstraint, text

from models.store.case_table import metadata

log = Table(
    "log",
    metadata,
    Column("gseq", BigInteger, primary_key=True, autoincrement=False),
    Column("cmd_id", Text, nullable=False, unique=True),
    Column("device", Text, nullable=False),
    Column("dseq", BigInteger, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("alg", Text, nullable=False),
    Column("sig", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("case_version", BigInteger, nullable=False),
    Column("rules", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("lo", BigInteger, nullable=False),
    Column("hi", BigInteger, nullable=False),
    Column("grade", Text, nullable=False),
    Column("chain", Text, nullable=False),
    UniqueConstraint("device", "dseq"),
)
Index("log_case", log.c.case_id)
_REFUSED_CHECK = text("kind = 'case.check' AND outcome = 'rejected'")
Index("log_refused_check", log.c.gseq, sqlite_where=_REFUSED_CHECK, postgresql_where=_REFUSED_CHECK)

alias = Table(
    "alias",
    metadata,
    Column("device", Text, primary_key=True),
    Column("dseq", BigInteger, primary_key=True, autoincrement=False),
    Column("cmd_id", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
)
"""Places of a device's chain whose act the log already has from elsewhere (sync-R3): the chain stays whole."""

deferral = Table(
    "deferral",
    metadata,
    Column("cmd_id", Text, primary_key=True),
    Column("gseq", BigInteger, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("blocks", Boolean, nullable=False),
    Column("settled_gseq", BigInteger),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
)
"""Acts kept undecided (D12). `blocks`: later acts on the case wait with it. What it came to, once settled."""
Index("deferral_case", deferral.c.case_id)

lost = Table(
    "lost",
    metadata,
    Column("cmd_id", Text, primary_key=True),
    Column("device", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("gseq", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("told_at", BigInteger, nullable=False),
)
"""What workstations say their acts had come to in a past that was lost by a restore (district/recovery.py)."""

feed = Table(
    "feed",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("sseq", BigInteger, primary_key=True, autoincrement=False),
    Column("gseq", BigInteger, nullable=False),
    Column("mode", Text, nullable=False),
    Column("document", LargeBinary),
    Column("chain", Text, nullable=False),
)

scope_head = Table(
    "scope_head",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("sseq", BigInteger, nullable=False),
    Column("chain", Text, nullable=False),
)

case_scope = Table(
    "case_scope",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
)
Index("case_scope_scope", case_scope.c.scope)

undelivered = Table(
    "undelivered",
    metadata,
    Column("assignment", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("receiver", Text, nullable=False),
    Column("gseq", BigInteger, nullable=False),
)
Index("undelivered_receiver", undelivered.c.receiver)

device = Table(
    "device",
    metadata,
    Column("id", Text, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("token_hash", Text, nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("registered_at", BigInteger, nullable=False),
    Column("head_dseq", BigInteger, nullable=False),
    Column("head_hash", Text, nullable=False),
    Column("proven_lo", BigInteger, nullable=False),
    Column("public_key", Text, nullable=False, default=""),
    Column("revoked_at", BigInteger),
    Column("revoked_by", Text, nullable=False, default=""),
    Column("revoke_reason", Text, nullable=False, default=""),
    Column("replaces", Text, nullable=False, default=""),
    UniqueConstraint("unit", "slot"),
)
"""`public_key` is empty for a device registered before there were keys, and for the centre's own. `replaces`: the device that the
workstation was before it was let in again, proved with that one's key; "" when it was none. One that is not in this table proves
nothing: a restored centre has forgotten it, or, "?", the workstation was let in before this was kept."""

enrolment_code = Table(
    "enrolment_code",
    metadata,
    Column("secret_hash", Text, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_by", Text, nullable=False),
)
"""One-time codes; `used_by` is the device that came in with it, "" while it is unused."""

enrolment_try = Table(
    "enrolment_try",
    metadata,
    Column("address", Text, primary_key=True),
    Column("failures", BigInteger, nullable=False),
    Column("locked_until", BigInteger, nullable=False),
)
"""Wrong codes from one address of the network."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("device", Text, primary_key=True),
    Column("hash", Text, primary_key=True),
    Column("dseq", BigInteger, nullable=False),
    Column("cmd_id", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("alg", Text, nullable=False),
    Column("sig", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("decision", Text, nullable=False, default=""),
    Column("decided_by", Text, nullable=False, default=""),
    Column("decided_at", BigInteger),
    Column("reason", Text, nullable=False, default=""),
    Column("passed_over", Boolean, nullable=False, default=False),
)
"""What revoked devices handed in: kept as it came, for a person to look at (sync.md §3.9). `decision`: "" none yet, "admitted",
"declined"; `passed_over`: declined, and what follows it in its device's chain was admitted, so its place counts."""

account = Table(
    "account",
    metadata,
    Column("person", Text, primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("failures", BigInteger, nullable=False),
    Column("locked_until", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Column("demo", Boolean, nullable=False),
)

former_desk = Table(
    "former_desk",
    metadata,
    Column("person", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("until_at", BigInteger, primary_key=True, autoincrement=False),
    Column("roles", Text, nullable=False),
    Column("capacity", Text, nullable=False, server_default="own_unit"),
)
"""How a person sat at a desk until it changed or was taken away: acts surely made before still count as of then."""

session = Table(
    "session",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

personal = Table(
    "personal",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

record_awaited = Table(
    "record_awaited",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
)
"""Requesters' records that an act of the order names and nobody has handed in: its unit is asked for them."""
Index("record_awaited_unit", record_awaited.c.unit)

personal_read = Table(
    "personal_read",
    metadata,
    Column("hash", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("read_at", BigInteger, nullable=False),
)
Index("personal_read_hash", personal_read.c.hash)
Index("personal_read_at", personal_read.c.read_at)

evidence_export = Table(
    "evidence_export",
    metadata,
    Column("case_id", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("head_gseq", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
)
"""Evidence files that were given out (R78, R79); `device` is "" for one made on the command line."""
Index("evidence_export_case", evidence_export.c.case_id)

document = Table(
    "document",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("sseq", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("manifest", LargeBinary, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
)

snapshot_part = Table(
    "snapshot_part",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("device", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("sseq", BigInteger, nullable=False),
    Column("chain", Text, nullable=False),
    Column("agrees", Boolean, nullable=False),
    Column("reported_at", BigInteger, nullable=False),
)
"""The last feed head each workstation says it saw (sync.md §3.4 checkpoint): witnesses against a rewritten past."""

wall_step = Table(
    "wall_step",
    metadata,
    Column("device", Text, primary_key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("by_ms", BigInteger, nullable=False),
    Column("reported_at", BigInteger, nullable=False),
)
"""Steps of workstations' wall clocks (models/wall_step.py), as each says of itself."""

blob = Table(
    "blob",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("device", Text, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
)
"""Photographs and files that are here, and the workstation each came from; the bytes lie in a folder."""

meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
