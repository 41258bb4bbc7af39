"""At which place of the centre's order each file had surely arrived: a verified copy that reaches so far holds it (sync-R7)."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("blob", sa.Column("arrived_by", sa.BigInteger()))
