"""Which device a workstation was before it was let in again. Until now that was proved and not kept; but it took the former
device out in the same instant, by the same person, with a reason of its own: where exactly one device is so, that was it. Where
another of its unit had been taken out by then, it may have been that one: "?"."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

LET_IN_AGAIN = ("let_in_again", "chain_fork", "chain_gap", "device_revoked")


def upgrade() -> None:
    op.add_column("device", sa.Column("replaces", sa.Text(), nullable=False, server_default=""))
    rows = sa.table(
        "device",
        *(sa.column(name, sa.Text) for name in ("id", "unit", "registered_by", "revoked_by", "revoke_reason", "replaces")),
        *(sa.column(name, sa.BigInteger) for name in ("registered_at", "revoked_at")),
    )
    new, old = rows.alias("new"), rows.alias("old")
    fits = sa.and_(
        new.c.unit == old.c.unit,
        new.c.registered_at == old.c.revoked_at,
        new.c.registered_by == old.c.revoked_by,
        old.c.revoke_reason.in_(LET_IN_AGAIN),
        new.c.id != old.c.id,
    )
    connection = op.get_bind()
    pairs = connection.execute(sa.select(new.c.id, old.c.id.label("was")).select_from(new.join(old, fits))).all()
    news, olds = [pair.id for pair in pairs], [pair.was for pair in pairs]
    found = [{"of": p.id, "was": p.was} for p in pairs if news.count(p.id) == 1 and olds.count(p.was) == 1]
    earlier = new.c.unit == old.c.unit, old.c.revoked_at <= new.c.registered_at, new.c.id != old.c.id
    maybe = connection.execute(sa.select(new.c.id).distinct().select_from(new.join(old, sa.and_(*earlier)))).scalars().all()
    sure = {pair["of"] for pair in found}
    found += [{"of": device, "was": "?"} for device in maybe if device not in sure]
    if found:
        change = rows.update().where(rows.c.id == sa.bindparam("of")).values(replaces=sa.bindparam("was"))
        connection.execute(change, found)
