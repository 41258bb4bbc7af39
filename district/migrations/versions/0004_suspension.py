"""Until when a case is suspended (挂账): none was before this version."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("case_row", sa.Column("suspended_until", sa.BigInteger(), nullable=True))
