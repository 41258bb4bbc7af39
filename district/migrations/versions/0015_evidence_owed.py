"""Whether a case is 待补证据: none was before this version."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("case_row", sa.Column("evidence_owed", sa.Boolean(), nullable=False, server_default=sa.false()))
