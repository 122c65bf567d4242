"""Tickets by when they were opened, for their measures."""

from alembic import op

revision = "0026"
down_revision = "0025"

SQL = """
set local lock_timeout = '5s';

alter table ticket add column opened_at timestamptz generated always as (instant(fields ->> 'openedAt')) stored;
create index ticket_opened on ticket (tenant_id, opened_at, id);
"""


def upgrade() -> None:
    op.execute(SQL)
