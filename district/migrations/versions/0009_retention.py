"""When each case had surely ended (models/retention.py): read from the cases themselves."""

import sqlalchemy as sa
from alembic import op

from models.wire import decode_any

revision = "0009"
down_revision = "0008"

GOES_ON = 9_000_000_000_000
PORTION = 500


def upgrade() -> None:
    op.add_column("case_row", sa.Column("ended_by", sa.BigInteger(), nullable=False, server_default=str(GOES_ON)))
    rows = sa.table(
        "case_row",
        sa.column("id", sa.Text),
        sa.column("is_open", sa.Boolean),
        sa.column("document", sa.LargeBinary),
        sa.column("ended_by", sa.BigInteger),
    )
    connection = op.get_bind()
    ended = sa.select(rows.c.id, rows.c.document).where(rows.c.is_open.is_(sa.false())).order_by(rows.c.id).limit(PORTION)
    change = rows.update().where(rows.c.id == sa.bindparam("of")).values(ended_by=sa.bindparam("by"))
    last = ""
    while page := connection.execute(ended.where(rows.c.id > last)).all():
        last = page[-1].id
        found = [{"of": row.id, "by": at} for row in page if (at := _ended_by(row.document)) is not None]
        if found:
            connection.execute(change, found)
    op.create_index("case_row_ended", "case_row", ["ended_by"], unique=False)


def _ended_by(document: bytes) -> int | None:
    """The later end of the interval in which it was closed."""
    closed_at = decode_any(bytes(document)).get("closed_at")
    return None if closed_at is None else int(closed_at[1])
