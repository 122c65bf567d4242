"""Deleted records that are not in the feed any more: until when their tombstones stand."""

from alembic import op

revision = "0018"
down_revision = "0017"

SQL = r"""
set local lock_timeout = '5s';

-- A record whose DELETE was collected from the feed. Its row, the tombstone, stands in its own table until `at` is two years
-- old: an edit to it is judged by delete against edit. An entry whose record lives again is dropped when its time comes.
create table deleted_record (
    tenant_id uuid not null references tenant (id),
    collection text not null,
    id uuid not null,
    rev bigint not null,
    at timestamptz not null,
    primary key (tenant_id, collection, id)
);
create index deleted_record_at on deleted_record (tenant_id, at);
select guard_tenant_table('deleted_record');

-- The worker collects for all tenants; it learns which of them have old tombstones. Index: deleted_record_at.
create function tenants_with_tombstones(age interval, tenants_max integer) returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public
as $$
    select t.id
    from public.tenant t
    where exists (select from public.deleted_record d where d.tenant_id = t.id and d.at <= clock_timestamp() - age)
    order by t.id
    limit tenants_max
$$;

do $$
declare app text := current_setting('fieldbeat.app_role');
begin
    revoke execute on function tenants_with_tombstones(interval, integer) from public;
    execute format('grant execute on function tenants_with_tombstones(interval, integer) to %I', app);
end $$;
"""


def upgrade() -> None:
    op.execute(SQL)
