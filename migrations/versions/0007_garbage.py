"""Garbage of the feed: where entries of what is gone have grown old."""

from alembic import op

revision = "0007"
down_revision = "0006"

SQL = r"""
set local lock_timeout = '5s';

create index feed_gone on feed (tenant_id, at) where kind <> 'PUT';

-- The worker collects for all tenants; it learns which of them have a DELETE or EVICT older than an age. Index: feed_gone.
create function tenants_with_garbage(age interval, tenants_max integer) returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public
as $$
    select t.id
    from public.tenant t
    where exists (select from public.feed f
                  where f.tenant_id = t.id and f.kind <> 'PUT' and f.at <= clock_timestamp() - age)
    order by t.id
    limit tenants_max
$$;

do $$
declare app text := current_setting('fieldbeat.app_role');
begin
    revoke execute on function tenants_with_garbage(interval, integer) from public;
    execute format('grant execute on function tenants_with_garbage(interval, integer) to %I', app);
end $$;
"""


def upgrade() -> None:
    op.execute(SQL)
