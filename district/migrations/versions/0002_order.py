"""Aliases and deferrals, signatures beside the log, former desks, expiry of personal records, kept snapshots, witnesses."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

FOUR_YEARS_MS = 4 * 366 * 86_400_000


def upgrade() -> None:
    op.add_column("log", sa.Column("alg", sa.Text(), nullable=False, server_default="none"))
    op.add_column("log", sa.Column("sig", sa.Text(), nullable=False, server_default=""))
    op.add_column("account", sa.Column("demo", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("personal", sa.Column("expires_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(sa.text(f"UPDATE personal SET expires_at = stored_at + {FOUR_YEARS_MS}"))
    op.add_column("personal_read", sa.Column("case_id", sa.Text(), nullable=False, server_default=""))
    op.create_index("personal_read_hash", "personal_read", ["hash"])
    op.create_table(
        "alias",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("dseq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cmd_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", "dseq"),
    )
    op.create_table(
        "deferral",
        sa.Column("cmd_id", sa.Text(), nullable=False),
        sa.Column("gseq", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("blocks", sa.Boolean(), nullable=False),
        sa.Column("settled_gseq", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("cmd_id"),
    )
    op.create_index("deferral_case", "deferral", ["case_id"])
    op.create_table(
        "former_desk",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person", "unit", "until_at"),
    )
    op.create_table(
        "snapshot",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("sseq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "sseq", "epoch"),
    )
    op.create_table(
        "checkpoint",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("sseq", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", "scope"),
    )
