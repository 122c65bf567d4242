"""Garbage of the feed: where entries of what is gone have grown old."""

from alembic import op

revision = "0007"
down_revision = "0006"

SQL = r"""
set local lock_timeout = '5s';

create index feed_gone on feed (tenant_id, at, scope_id) where kind <> 'PUT';

-- The worker collects for all tenants; it learns which scopes hold a DELETE or EVICT older than an age. Index: feed_gone.
create function scopes_with_garbage(age interval, scopes_max integer) returns table (tenant_id uuid, scope_id text)
language sql stable security definer set search_path = pg_catalog, public
as $$
    select t.id, gone.scope_id
    from public.tenant t
    cross join lateral (
        select distinct f.scope_id
        from public.feed f
        where f.tenant_id = t.id and f.kind <> 'PUT' and f.at <= clock_timestamp() - age
        order by f.scope_id
        limit scopes_max) gone
    order by t.id, gone.scope_id
    limit scopes_max
$$;

do $$
declare app text := current_setting('fieldbeat.app_role');
begin
    revoke execute on function scopes_with_garbage(interval, integer) from public;
    execute format('grant execute on function scopes_with_garbage(interval, integer) to %I', app);
end $$;
"""


def upgrade() -> None:
    op.execute(SQL)
