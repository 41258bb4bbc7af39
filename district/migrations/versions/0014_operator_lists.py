"""What a district operator lists is found without reading the whole log: refused checks, and who read requesters' records."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

REFUSED_CHECK = sa.text("kind = 'case.check' AND outcome = 'rejected'")


def upgrade() -> None:
    op.create_index(
        "log_refused_check", "log", ["gseq"], unique=False, sqlite_where=REFUSED_CHECK, postgresql_where=REFUSED_CHECK
    )
    op.create_index("personal_read_at", "personal_read", ["read_at"], unique=False)
