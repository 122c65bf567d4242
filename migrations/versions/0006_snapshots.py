"""Snapshots: large shared scopes as compressed chunks that the worker has built, and streams that may be resumed."""

from alembic import op

revision = "0006"
down_revision = "0005"

SQL = r"""
set local lock_timeout = '5s';

-- A scope as it stood at a head, in `chunks` chunks; it is there once all of its chunks are. Immutable: replaced by one of
-- a later head.
create table snapshot_set (
    tenant_id uuid not null references tenant (id),
    scope_id text not null,
    schema_version integer not null,
    head bigint not null,
    live_rows bigint not null,
    checksum numeric(20, 0) not null,
    chunks integer not null,
    built_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, scope_id, schema_version, head)
);
select guard_tenant_table('snapshot_set');

-- Consecutive rows of one collection as one zstd frame, which goes out as it is; `last_id` is the last of them.
create table snapshot_chunk (
    tenant_id uuid not null references tenant (id),
    scope_id text not null,
    schema_version integer not null,
    head bigint not null,
    n integer not null,
    collection text not null,
    last_id uuid not null,
    live_rows integer not null,
    frame bytea not null,
    primary key (tenant_id, scope_id, schema_version, head, n)
);
alter table snapshot_chunk alter frame set storage external;
select guard_tenant_table('snapshot_chunk');

-- The snapshot that a device reads now: what it was promised when it began, so that it may go on after a cut.
create table snapshot_stream (
    tenant_id uuid not null,
    device_id uuid not null,
    id uuid not null,
    as_of bytea not null,                           -- the cursor,
    scopes text not null,                           -- and what the scopes held at it, as the first line says
    started_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, device_id),
    foreign key (tenant_id, device_id) references device (tenant_id, id)
);
select guard_tenant_table('snapshot_stream');

-- The worker builds for all tenants; it learns which shared scopes are large and have no set, or one that is out of date:
-- below the horizon, or a tenth of the scope (at least `moved_min` entries) behind.
create function stale_snapshots(version integer, rows_min bigint, moved_min bigint, scopes_max integer)
returns table (tenant_id uuid, scope_id text)
language sql stable security definer set search_path = pg_catalog, public
as $$
    select s.tenant_id, s.scope_id
    from public.scope_head s
    left join lateral (
        select b.head from public.snapshot_set b
        where b.tenant_id = s.tenant_id and b.scope_id = s.scope_id and b.schema_version = version
        order by b.head desc limit 1) newest on true
    where (s.scope_id = 'tenant' or s.scope_id like 'territory:%') and s.live_rows >= rows_min
      and (newest.head is null or newest.head < s.horizon
           or s.head - newest.head >= greatest(moved_min, s.live_rows / 10))
    order by s.tenant_id, s.scope_id
    limit scopes_max
$$;

do $$
declare app text := current_setting('fieldbeat.app_role');
begin
    revoke execute on function stale_snapshots(integer, bigint, bigint, integer) from public;
    execute format('grant execute on function stale_snapshots(integer, bigint, bigint, integer) to %I', app);
end $$;
"""


def upgrade() -> None:
    op.execute(SQL)
