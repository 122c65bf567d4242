"""Outbox: what is due in any tenant, for the worker's sweep."""

from alembic import op

revision = "0005"
down_revision = "0004"

SQL = r"""
set local lock_timeout = '5s';

-- The sweeper looks across tenants; it learns where an effect is, and reads it inside that tenant. Index: outbox_due.
create function due_effects(kinds text[], effects_max integer) returns table (tenant_id uuid, id uuid)
language sql stable security definer set search_path = pg_catalog, public
as $$
    select o.tenant_id, o.id
    from public.outbox o
    where o.done_at is null and o.due_at <= clock_timestamp() and o.effect = any (kinds)
    order by o.due_at, o.tenant_id, o.id
    limit effects_max
$$;

do $$
declare app text := current_setting('fieldbeat.app_role');
begin
    revoke execute on function due_effects(text[], integer) from public;
    execute format('grant execute on function due_effects(text[], integer) to %I', app);
end $$;
"""


def upgrade() -> None:
    op.execute(SQL)
