"""How late the worker is, over all tenants."""

from alembic import op

revision = "0040"
down_revision = "0039"

SQL = r"""
create function work_lag() returns table (outbox_s double precision, steps_s double precision)
language sql stable security definer set search_path = pg_catalog, public as $$
    select coalesce(extract(epoch from statement_timestamp() - min(o.due_at)), 0)::double precision,
           coalesce(extract(epoch from statement_timestamp() - min(s.due_at)), 0)::double precision
    from public.tenant t
    left join lateral (
        select w.due_at from public.outbox w
        where w.tenant_id = t.id and w.done_at is null and w.due_at <= statement_timestamp()
        order by w.due_at
        limit 1) o on true
    left join lateral (
        select w.due_at from public.sla_step w
        where w.tenant_id = t.id and w.taken_at is null and w.due_at <= statement_timestamp()
        order by w.due_at
        limit 1) s on true
$$;

do $do$
begin
    revoke execute on function work_lag from public;
    execute format('grant execute on function work_lag to %I', current_setting('fieldbeat.app_role'));
end
$do$;
"""


def upgrade() -> None:
    op.execute(SQL)
