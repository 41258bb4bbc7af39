"""What the centre had said of an act before it was put back: unknown of what was offered again until now."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("was", sa.Text(), nullable=False, server_default=""))
