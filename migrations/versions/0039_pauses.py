"""Clocks that stand are found in the order in which they came to stand."""

from alembic import op

revision = "0039"
down_revision = "0038"

SQL = r"""
set local lock_timeout = '5s';

create index sla_clock_paused on sla_clock (tenant_id, anchor_at, ticket_id)
where metric = 'RESOLUTION' and ended_at is null and not runs and target is not null;
"""


def upgrade() -> None:
    """Adds the index; nothing else changes."""
    op.execute(SQL)
