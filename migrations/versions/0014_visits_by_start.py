"""Visits: by their planned start, and those that somebody is in."""

from alembic import op

revision = "0014"
down_revision = "0013"

SQL = """
set local lock_timeout = '5s';

create index visit_start on visit (tenant_id, starts_at, id);
create index visit_open on visit (tenant_id, rep_id, id) where status = 'CHECKED_IN';
"""


def upgrade() -> None:
    op.execute(SQL)
