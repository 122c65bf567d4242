"""Business hours of a company, and the leave of its people."""

from alembic import op

revision = "0010"
down_revision = "0009"

SQL = """
set local lock_timeout = '5s';

create table business_hours (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
    name text generated always as (fields ->> 'name') stored,
    is_default boolean generated always as ((fields ->> 'isDefault')::boolean) stored,
    primary key (tenant_id, id)
);
create index business_hours_name on business_hours (tenant_id, name, id) where deleted_at is null;
create unique index business_hours_default on business_hours (tenant_id) where is_default and deleted_at is null;
select guard_tenant_table('business_hours');

-- Somebody is away, by local dates: from_on inclusive, until_on exclusive; the halves of a day meet at noon.
create table leave (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    from_on date not null,
    until_on date not null,
    part text not null check (part in ('DAY', 'MORNING', 'AFTERNOON')),
    kind text not null check (kind in ('VACATION', 'SICK', 'TRAINING', 'OTHER')),
    entered_by uuid not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, id),
    check (until_on > from_on),
    foreign key (tenant_id, user_id) references person (tenant_id, id),
    foreign key (tenant_id, entered_by) references person (tenant_id, id)
);
create index leave_user on leave (tenant_id, user_id, from_on);
select guard_tenant_table('leave');
"""


def upgrade() -> None:
    op.execute(SQL)
