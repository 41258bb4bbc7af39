"""Whether a case is 待补证据: none was before this version. What is asked after each exchange is looked up by what acts came to: an
outbox holds the acts of years."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("case_row", sa.Column("evidence_owed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("outbox_outcome", "outbox", ["outcome", "closed_at"], unique=False)
