"""Devices with keys, revoked ones, one-time codes and the tries at them, acts of revoked devices in quarantine."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("device", sa.Column("public_key", sa.Text(), nullable=False, server_default=""))
    op.add_column("device", sa.Column("revoked_at", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("revoked_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("device", sa.Column("revoke_reason", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "enrolment_code",
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("secret_hash"),
    )
    op.create_table(
        "enrolment_try",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )
    op.create_table(
        "quarantine",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("dseq", sa.BigInteger(), nullable=False),
        sa.Column("cmd_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("alg", sa.Text(), nullable=False),
        sa.Column("sig", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", "hash"),
    )
