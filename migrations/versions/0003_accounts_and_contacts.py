"""Accounts and contacts: the customers, where they are, and who is to be met there."""

from alembic import op

revision = "0003"
down_revision = "0002"

SQL = r"""
set local lock_timeout = '5s';

create table account (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
    code text generated always as (fields ->> 'code') stored,
    name text generated always as (fields ->> 'name') stored,
    kind text generated always as (fields ->> 'kind') stored,
    status text generated always as (fields ->> 'status') stored,
    tier text generated always as (fields ->> 'tier') stored,
    owner_id uuid generated always as ((fields ->> 'ownerId')::uuid) stored,
    territory_id uuid not null generated always as ((fields ->> 'territoryId')::uuid) stored,
    latitude double precision generated always as ((fields #>> '{location,latitude}')::double precision) stored,
    longitude double precision generated always as ((fields #>> '{location,longitude}')::double precision) stored,
    city text generated always as (fields #>> '{address,city}') stored,
    country text generated always as (fields #>> '{address,country}') stored,
    tags text[] generated always as (text_array(fields -> 'tags')) stored,
    search text generated always as (lower(
        coalesce(fields ->> 'name', '') || ' ' || coalesce(fields ->> 'code', '') || ' ' || coalesce(fields #>> '{address,city}', ''))) stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, owner_id) references person (tenant_id, id),
    foreign key (tenant_id, territory_id) references territory (tenant_id, id)
);
create unique index account_code on account (tenant_id, code) where deleted_at is null;
create index account_territory on account (tenant_id, territory_id, name, id);
create index account_owner on account (tenant_id, owner_id, id);
create index account_name on account (tenant_id, name, id);
create index account_search on account using gin (tenant_id, search gin_trgm_ops);
create index account_tags on account using gin (tenant_id, tags);
create index account_place on account (tenant_id, latitude, longitude) where latitude is not null;
select guard_tenant_table('account');

create table contact (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
    account_id uuid not null generated always as ((fields ->> 'accountId')::uuid) stored,
    name text generated always as (fields ->> 'name') stored,
    title text generated always as (fields ->> 'title') stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, account_id) references account (tenant_id, id)
);
create index contact_account on contact (tenant_id, account_id, name, id);
select guard_tenant_table('contact');
"""


def upgrade() -> None:
    op.execute(SQL)
