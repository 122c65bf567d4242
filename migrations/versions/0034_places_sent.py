"""Notes of places that were read in other ways than by opening the visit."""

from alembic import op

revision = "0034"
down_revision = "0033"

SQL = """
set local lock_timeout = '5s';

-- A device that is sent many visits leaves one note for each rep: so many visits, none of them named.
alter table location_read
    alter column visit_id drop not null,
    add column via text not null default 'VISIT' check (via in ('VISIT', 'HISTORY', 'CONFLICT', 'SYNC')),
    add column visits integer not null default 1 check (visits >= 1),
    add check ((visit_id is null) = (via = 'SYNC'));
"""


def upgrade() -> None:
    op.execute(SQL)
