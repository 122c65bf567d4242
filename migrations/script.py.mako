"""${message}"""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}

SQL = r"""
set local lock_timeout = '5s';

"""


def upgrade() -> None:
    op.execute(SQL)
