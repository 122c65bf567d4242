"""Imports: what each run brought in, so that a second one adds nothing, a broken one goes on, and any can be undone."""

from alembic import op

revision = "0004"
down_revision = "0003"

SQL = r"""
set local lock_timeout = '5s';

-- One import. `position` counts the rows of its plan that are settled; an unfinished one of the same content goes on
-- there.
create table import_batch (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    source text not null check (length(source) between 1 and 100),
    content_hash bytea not null,                    -- of the mapping and every file that it reads
    actor_id uuid not null,
    rows_total integer not null,
    position integer not null default 0 check (position between 0 and rows_total),
    added integer not null default 0,
    changed integer not null default 0,
    unchanged integer not null default 0,
    refused integer not null default 0,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    undone_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, actor_id) references person (tenant_id, id)
);
create index import_batch_source on import_batch (tenant_id, source, started_at desc, id);
select guard_tenant_table('import_batch');

-- What a batch did to one record. The newest row of a key that is not undone tells what the source said last.
create table import_row (
    tenant_id uuid not null,
    batch_id uuid not null,
    place integer not null,                         -- in the batch's plan: undone in reverse
    source text not null,
    collection text not null,
    key text not null,                              -- the source's own key of the row
    record_id uuid not null,
    rev bigint not null,                            -- the record's rev after it
    said jsonb not null,                            -- the row as the source gives it, in wire fields
    before jsonb,                                   -- what `said` replaced; null: the record was added
    undone_at timestamptz,
    primary key (tenant_id, batch_id, place),
    foreign key (tenant_id, batch_id) references import_batch (tenant_id, id)
);
create index import_row_key on import_row (tenant_id, source, collection, key, rev desc) where undone_at is null;
select guard_tenant_table('import_row');

-- The command line names a company by its id or its name, or not at all where there is only one.
create function find_tenants(wanted text) returns table (tenant_id uuid, tenant_name text)
language sql stable security definer set search_path = pg_catalog, public
as $$
    select t.id, t.name from public.tenant t
    where wanted is null or t.id::text = lower(wanted) or t.name = wanted
    order by t.created_at, t.id
    limit 2
$$;

-- Frees the e-mail of a person of the current tenant who was deleted, as undoing an import does.
create function release_login(person_id uuid) returns void
language sql security definer set search_path = pg_catalog, public
as $$
    delete from public.login l
    where l.tenant_id = public.current_tenant() and l.user_id = person_id
      and exists (select from public.person p
                  where p.tenant_id = l.tenant_id and p.id = person_id and p.deleted_at is not null)
$$;

do $$
declare app text := current_setting('fieldbeat.app_role');
begin
    execute 'revoke execute on function find_tenants(text), release_login(uuid) from public';
    execute format('grant execute on function find_tenants(text), release_login(uuid) to %I', app);
end $$;
"""


def upgrade() -> None:
    op.execute(SQL)
