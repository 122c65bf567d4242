"""Which rows a snapshot sends first."""

from alembic import op

revision = "0032"
down_revision = "0031"

SQL = """
set local lock_timeout = '5s';

-- [[scope, collection, id], …], fixed when the snapshot is opened.
alter table snapshot_stream add column today jsonb not null default '[]';
"""


def upgrade() -> None:
    op.execute(SQL)
