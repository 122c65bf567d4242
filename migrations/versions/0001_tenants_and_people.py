"""Tenants, people, sessions, territories: who exists and who covers what."""

from alembic import op

revision = "0001"
down_revision = None

SQL = r"""
set local lock_timeout = '5s';

create extension if not exists pg_trgm;
create extension if not exists btree_gin;

-- Row-level security for one tenant table: the application sees the tenant set in the transaction, nothing else;
-- the owner (migrations, security-definer functions) sees all. The application's role is named by the migration's
-- environment (fieldbeat.app_role).
create function guard_tenant_table(guarded regclass, tenant_column text default 'tenant_id', privileges text default 'select, insert, update, delete')
returns void language plpgsql as $$
begin
    execute format('alter table %s enable row level security', guarded);
    execute format('alter table %s force row level security', guarded);
    execute format(
        'create policy tenant on %s using (%I = nullif(current_setting(''fieldbeat.tenant_id'', true), '''')::uuid)',
        guarded, tenant_column);
    execute format('create policy owner on %s to current_user using (true)', guarded);
    execute format('grant %s on %s to %I', privileges, guarded, current_setting('fieldbeat.app_role'));
end $$;

-- The tenant of this transaction, or null when none is set (a pooled connection holds '' after a transaction-local setting).
create function current_tenant() returns uuid language sql stable parallel safe
as $$ select nullif(current_setting('fieldbeat.tenant_id', true), '')::uuid $$;

-- Immutable readers of a row's JSON for generated columns.
create function text_array(list jsonb) returns text[] language sql immutable strict parallel safe
as $$ select coalesce(array_agg(item order by position), '{}') from jsonb_array_elements_text(list) with ordinality as e(item, position) $$;

-- This database among its own restores: epoch rises when it is restored to an earlier point.
create table installation (
    one boolean primary key default true check (one),
    id uuid not null default uuidv7(),
    epoch integer not null default 1 check (epoch >= 1),
    created_at timestamptz not null default clock_timestamp()
);
insert into installation default values;

-- Keys that sign access tokens (purpose ACCESS, rotated; `kid` travels in the token; all not expired verify) and that
-- seal cursors (SEAL). One key of each purpose is current.
create table signing_key (
    kid text primary key,
    purpose text not null check (purpose in ('ACCESS', 'SEAL')),
    secret bytea not null check (octet_length(secret) >= 32),
    created_at timestamptz not null default clock_timestamp(),
    retired_at timestamptz,
    expires_at timestamptz check ((expires_at is null) = (retired_at is null))
);
create unique index signing_key_current on signing_key (purpose) where retired_at is null;

create table tenant (
    id uuid primary key,
    name text not null check (length(name) between 1 and 200),
    demo boolean not null default false,
    last_replica integer not null default 0,       -- incarnations issued so far; replica 0 is the server itself
    created_at timestamptz not null default clock_timestamp()
);
select guard_tenant_table('tenant', 'id', 'select, update');

-- Collection `user`. `fields` is the wire row (camelCase, without id and rev); typed columns are generated from it.
create table person (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
    name text generated always as (fields ->> 'name') stored,
    email text generated always as (lower(fields ->> 'email')) stored,
    role text generated always as (fields ->> 'role') stored check (role in ('REP', 'SUPERVISOR', 'ADMIN')),
    manager_id uuid generated always as ((fields ->> 'managerId')::uuid) stored,
    time_zone text generated always as (fields ->> 'timeZone') stored,
    deactivated_at timestamptz,
    primary key (tenant_id, id),
    constraint person_reports_to foreign key (tenant_id, manager_id) references person (tenant_id, id)
);
create index person_manager on person (tenant_id, manager_id);
create index person_name on person (tenant_id, name, id);
select guard_tenant_table('person');

-- E-mail is unique over all tenants, so it cannot lead with the tenant: reached only through the functions below.
create table login (
    email text primary key check (email = lower(email)),
    tenant_id uuid not null,
    user_id uuid not null,
    unique (tenant_id, user_id),
    foreign key (tenant_id, user_id) references person (tenant_id, id)
);

create table credential (
    tenant_id uuid not null,
    user_id uuid not null,
    password_hash text not null,
    changed_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, user_id),
    foreign key (tenant_id, user_id) references person (tenant_id, id)
);
select guard_tenant_table('credential');

-- One row a refresh token ever issued; a family is one sign-in. Only hashes are stored.
create table refresh_token (
    tenant_id uuid not null,
    id uuid not null,
    family_id uuid not null,
    user_id uuid not null,
    token_hash bytea not null,
    issued_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    used_at timestamptz,                            -- rotated: presenting it again is reuse
    revoked_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references person (tenant_id, id)
);
create index refresh_token_family on refresh_token (tenant_id, family_id);
create index refresh_token_user on refresh_token (tenant_id, user_id);
select guard_tenant_table('refresh_token');

create table territory (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
    name text generated always as (fields ->> 'name') stored,
    labels text[] generated always as (text_array(fields -> 'labels')) stored,
    primary key (tenant_id, id)
);
create unique index territory_name on territory (tenant_id, name) where deleted_at is null;
select guard_tenant_table('territory');

-- Who covers a territory, by local dates: from_on inclusive, until_on exclusive (null: open).
create table territory_assignment (
    tenant_id uuid not null,
    id uuid not null,
    territory_id uuid not null,
    user_id uuid not null,
    from_on date not null,
    until_on date,
    created_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, id),
    check (until_on is null or until_on > from_on),
    foreign key (tenant_id, territory_id) references territory (tenant_id, id),
    foreign key (tenant_id, user_id) references person (tenant_id, id)
);
create index territory_assignment_user on territory_assignment (tenant_id, user_id, from_on);
create index territory_assignment_territory on territory_assignment (tenant_id, territory_id, from_on);
select guard_tenant_table('territory_assignment');

-- What must look across tenants. Each runs as the owner and answers one narrow question.

-- Sign-in knows only an e-mail: whose it is. The password is then checked inside that tenant.
create function find_login(wanted text) returns table (tenant_id uuid, user_id uuid, demo boolean)
language sql stable security definer set search_path = pg_catalog, public
as $$ select l.tenant_id, l.user_id, t.demo from public.login l join public.tenant t on t.id = l.tenant_id where l.email = lower(wanted) $$;

-- Claims an e-mail for a person of the current tenant; false when somebody else has it.
create function claim_login(wanted text, claimant uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
    insert into public.login (email, tenant_id, user_id) values (lower(wanted), public.current_tenant(), claimant)
    on conflict do nothing;
    return exists (select from public.login l where l.email = lower(wanted)
                   and l.tenant_id = public.current_tenant() and l.user_id = claimant);
end $$;

-- A refresh token names its tenant itself; this opens a new company. Only name and demo flag are given from outside.
create function create_tenant(new_id uuid, new_name text, is_demo boolean) returns void
language sql security definer set search_path = pg_catalog, public
as $$ insert into public.tenant (id, name, demo) values (new_id, new_name, is_demo) $$;

-- Whether the demo company has been loaded, and which tenant it is.
create function demo_tenant() returns uuid language sql stable security definer set search_path = pg_catalog, public
as $$ select id from public.tenant where demo order by created_at, id limit 1 $$;

do $$
declare app text := current_setting('fieldbeat.app_role');
begin
    execute format('grant select on installation to %I', app);
    execute format('grant select, insert, update on signing_key to %I', app);
    execute format('grant usage on schema public to %I', app);
    execute format('revoke execute on function find_login(text), claim_login(text, uuid), create_tenant(uuid, text, boolean), demo_tenant() from public');
    execute format('grant execute on function find_login(text), claim_login(text, uuid), create_tenant(uuid, text, boolean), demo_tenant() to %I', app);
end $$;
"""


def upgrade() -> None:
    op.execute(SQL)
