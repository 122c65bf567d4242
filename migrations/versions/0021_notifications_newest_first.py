"""A person's notifications, newest first."""

from alembic import op

revision = "0021"
down_revision = "0020"

SQL = """
set local lock_timeout = '5s';

create index notification_user_at on notification (tenant_id, user_id, created_at desc, id desc);
"""


def upgrade() -> None:
    op.execute(SQL)
