"""In which capacity a person sat at a former desk. Until now only desks in the own unit were kept."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("former_desk", sa.Column("capacity", sa.Text(), nullable=False, server_default="own_unit"))
