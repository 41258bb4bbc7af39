"""Requesters' records that an act names and nobody has handed in."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "record_awaited",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", "unit"),
    )
    op.create_index("record_awaited_unit", "record_awaited", ["unit"], unique=False)
