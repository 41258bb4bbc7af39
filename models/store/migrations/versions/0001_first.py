"""The first console store."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table('anchor',
    sa.Column('boot', sa.Text(), nullable=False),
    sa.Column('server_ms', sa.BigInteger(), nullable=False),
    sa.Column('sent_mono_ms', sa.BigInteger(), nullable=False),
    sa.Column('round_trip_ms', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('boot')
    )
    op.create_table('case_confirmed',
    sa.Column('case_id', sa.Text(), nullable=False),
    sa.Column('document', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('case_id')
    )
    op.create_table('case_row',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('is_open', sa.Boolean(), nullable=False),
    sa.Column('town', sa.Text(), nullable=False),
    sa.Column('station', sa.Text(), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('lead', sa.Text(), nullable=False),
    sa.Column('co_count', sa.BigInteger(), nullable=False),
    sa.Column('clock_stage', sa.Text(), nullable=False),
    sa.Column('clock_owner', sa.Text(), nullable=False),
    sa.Column('clock_started_at', sa.BigInteger(), nullable=True),
    sa.Column('clock_provisional', sa.Boolean(), nullable=False),
    sa.Column('due_at', sa.BigInteger(), nullable=True),
    sa.Column('yellow_at', sa.BigInteger(), nullable=True),
    sa.Column('paused', sa.Boolean(), nullable=False),
    sa.Column('next_code', sa.Text(), nullable=False),
    sa.Column('next_unit', sa.Text(), nullable=False),
    sa.Column('emergency', sa.Boolean(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('reported_at', sa.BigInteger(), nullable=False),
    sa.Column('filed_at', sa.BigInteger(), nullable=True),
    sa.Column('closed_at', sa.BigInteger(), nullable=True),
    sa.Column('close_kind', sa.Text(), nullable=False),
    sa.Column('any_late', sa.Boolean(), nullable=False),
    sa.Column('any_doubtful', sa.Boolean(), nullable=False),
    sa.Column('due_sort', sa.BigInteger(), nullable=False),
    sa.Column('document', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('case_row_category', 'case_row', ['category', 'reported_at'], unique=False)
    op.create_index('case_row_due', 'case_row', ['is_open', 'due_sort', 'id'], unique=False)
    op.create_index('case_row_next', 'case_row', ['next_unit', 'is_open'], unique=False)
    op.create_index('case_row_reported', 'case_row', ['reported_at', 'id'], unique=False)
    op.create_index('case_row_state', 'case_row', ['state'], unique=False)
    op.create_table('case_search',
    sa.Column('case_id', sa.Text(), nullable=False),
    sa.Column('plain', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('case_id')
    )
    op.create_table('cursor',
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('epoch', sa.BigInteger(), nullable=False),
    sa.Column('sseq', sa.BigInteger(), nullable=False),
    sa.Column('chain', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('scope')
    )
    op.create_table('document',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('last_call',
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('result', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('unit')
    )
    op.create_table('meta',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('offline_pass',
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('verifier', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('person')
    )
    op.create_table('outbox',
    sa.Column('dseq', sa.BigInteger(), nullable=False),
    sa.Column('cmd_id', sa.Text(), nullable=False),
    sa.Column('device', sa.Text(), nullable=False),
    sa.Column('case_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('gseq', sa.BigInteger(), nullable=True),
    sa.Column('retracted', sa.Boolean(), nullable=False),
    sa.Column('closed_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('dseq'),
    sa.UniqueConstraint('cmd_id')
    )
    op.create_index('outbox_case', 'outbox', ['case_id'], unique=False)
    op.create_index('outbox_state', 'outbox', ['state', 'dseq'], unique=False)
    op.create_table('personal',
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('case_id', sa.Text(), nullable=False),
    sa.Column('record', sa.LargeBinary(), nullable=False),
    sa.Column('sent', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('hash')
    )
    op.create_table('setting',
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('person', 'name')
    )

