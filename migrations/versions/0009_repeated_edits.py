"""Edits that a device sent again under a new incarnation: they are its own, and each push asks which they are."""

from alembic import op

revision = "0009"
down_revision = "0008"

SQL = """
set local lock_timeout = '5s';

create index settled_mutation_repeats on settled_mutation (tenant_id, replica, seq) where repeats;
"""


def upgrade() -> None:
    op.execute(SQL)
