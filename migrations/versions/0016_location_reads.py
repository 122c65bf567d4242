"""Who has read where somebody was."""

from alembic import op

revision = "0016"
down_revision = "0015"

SQL = """
set local lock_timeout = '5s';

-- One row for each visit whose places somebody else than its rep has read. Written by the read itself, never changed.
create table location_read (
    tenant_id uuid not null references tenant (id),
    id uuid not null default uuidv7(),
    reader_id uuid not null,
    rep_id uuid not null,
    visit_id uuid not null,
    at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, id),
    foreign key (tenant_id, reader_id) references person (tenant_id, id),
    foreign key (tenant_id, rep_id) references person (tenant_id, id),
    foreign key (tenant_id, visit_id) references visit (tenant_id, id)
);
create index location_read_rep on location_read (tenant_id, rep_id, at, id);
select guard_tenant_table('location_read', privileges => 'select, insert');
"""


def upgrade() -> None:
    op.execute(SQL)
