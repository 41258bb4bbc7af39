"""The first district database."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('must_change', sa.Boolean(), nullable=False),
    sa.Column('failures', sa.BigInteger(), nullable=False),
    sa.Column('locked_until', sa.BigInteger(), nullable=False),
    sa.Column('disabled_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('person')
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
    op.create_table('case_scope',
    sa.Column('case_id', sa.Text(), nullable=False),
    sa.Column('scope', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('case_id', 'scope')
    )
    op.create_index('case_scope_scope', 'case_scope', ['scope'], unique=False)
    op.create_table('device',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('slot', sa.Text(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('registered_by', sa.Text(), nullable=False),
    sa.Column('registered_at', sa.BigInteger(), nullable=False),
    sa.Column('head_dseq', sa.BigInteger(), nullable=False),
    sa.Column('head_hash', sa.Text(), nullable=False),
    sa.Column('proven_lo', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('unit', 'slot')
    )
    op.create_table('document',
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('sha256')
    )
    op.create_table('feed',
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('sseq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('gseq', sa.BigInteger(), nullable=False),
    sa.Column('mode', sa.Text(), nullable=False),
    sa.Column('document', sa.LargeBinary(), nullable=True),
    sa.Column('chain', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('scope', 'sseq')
    )
    op.create_table('log',
    sa.Column('gseq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('cmd_id', sa.Text(), nullable=False),
    sa.Column('device', sa.Text(), nullable=False),
    sa.Column('dseq', sa.BigInteger(), nullable=False),
    sa.Column('case_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('effect', sa.Text(), nullable=False),
    sa.Column('case_version', sa.BigInteger(), nullable=False),
    sa.Column('rules', sa.Text(), nullable=False),
    sa.Column('received_at', sa.BigInteger(), nullable=False),
    sa.Column('lo', sa.BigInteger(), nullable=False),
    sa.Column('hi', sa.BigInteger(), nullable=False),
    sa.Column('grade', sa.Text(), nullable=False),
    sa.Column('chain', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('gseq'),
    sa.UniqueConstraint('cmd_id'),
    sa.UniqueConstraint('device', 'dseq')
    )
    op.create_index('log_case', 'log', ['case_id'], unique=False)
    op.create_table('meta',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('personal',
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('record', sa.LargeBinary(), nullable=False),
    sa.Column('stored_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('hash')
    )
    op.create_table('personal_read',
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('device', sa.Text(), nullable=False),
    sa.Column('read_at', sa.BigInteger(), nullable=False)
    )
    op.create_table('scope_head',
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('sseq', sa.BigInteger(), nullable=False),
    sa.Column('chain', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('scope')
    )
    op.create_table('session',
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('device', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('token_hash')
    )
    op.create_table('snapshot_part',
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('scope', 'sha256')
    )
    op.create_table('undelivered',
    sa.Column('assignment', sa.Text(), nullable=False),
    sa.Column('case_id', sa.Text(), nullable=False),
    sa.Column('receiver', sa.Text(), nullable=False),
    sa.Column('gseq', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('assignment', 'case_id')
    )
    op.create_index('undelivered_receiver', 'undelivered', ['receiver'], unique=False)

