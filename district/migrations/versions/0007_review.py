"""What a person decided on acts of revoked devices: none was reviewed before this version."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("quarantine", sa.Column("decision", sa.Text(), nullable=False, server_default=""))
    op.add_column("quarantine", sa.Column("decided_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("quarantine", sa.Column("decided_at", sa.BigInteger(), nullable=True))
    op.add_column("quarantine", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("quarantine", sa.Column("passed_over", sa.Boolean(), nullable=False, server_default=sa.false()))
