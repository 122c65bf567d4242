"""Notifications lose an index that nothing reads by, and a key that the one to their person includes."""

from alembic import op

revision = "0029"
down_revision = "0028"

SQL = r"""
drop index notification_user;
alter table notification drop constraint notification_tenant_id_fkey;
"""


def upgrade() -> None:
    """Drops both; nothing else changes."""
    op.execute(SQL)
