"""On-call rotas."""

from alembic import op

revision = "0030"
down_revision = "0029"

SQL = r"""
set local lock_timeout = '5s';

create table on_call_rota (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
    name text generated always as (fields ->> 'name') stored,
    territory_id uuid generated always as ((fields ->> 'territoryId')::uuid) stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, territory_id) references territory (tenant_id, id)
);
create index on_call_rota_name on on_call_rota (tenant_id, name, id) where deleted_at is null;
create unique index on_call_rota_territory on on_call_rota (tenant_id, territory_id) nulls not distinct
    where deleted_at is null;
select guard_tenant_table('on_call_rota');
"""


def upgrade() -> None:
    op.execute(SQL)
