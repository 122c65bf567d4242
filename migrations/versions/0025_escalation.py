"""Escalation: who was told by which step, and who said that he takes care."""

from alembic import op

revision = "0025"
down_revision = "0024"

SQL = r"""
set local lock_timeout = '5s';

create table escalation (
    tenant_id uuid not null,
    ticket_id uuid not null,
    metric text not null,
    instance integer not null,
    step integer not null,
    deadline_version integer not null,
    user_id uuid not null,
    level integer not null,                         -- in the reporting line; -1: an administrator, for the line was away
    at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, ticket_id, metric, instance, step, deadline_version, user_id),
    foreign key (tenant_id, ticket_id) references ticket (tenant_id, id),
    foreign key (tenant_id, user_id) references person (tenant_id, id)
);
select guard_tenant_table('escalation', privileges => 'select, insert');

create table escalation_stop (
    tenant_id uuid not null,
    ticket_id uuid not null,
    metric text not null,
    instance integer not null,
    stopped_by uuid not null,
    stopped_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, ticket_id, metric, instance),
    foreign key (tenant_id, ticket_id) references ticket (tenant_id, id),
    foreign key (tenant_id, stopped_by) references person (tenant_id, id)
);
select guard_tenant_table('escalation_stop', privileges => 'select, insert');

-- The worker looks across tenants for due steps; it learns tenants alone. Index: sla_step_due, once for each tenant.
create function tenants_with_due_steps(tenants_max integer) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public
as $$
    select t.id from public.tenant t
    where exists (select from public.sla_step s
                  where s.tenant_id = t.id and s.taken_at is null and s.due_at <= clock_timestamp())
    order by t.id
    limit tenants_max
$$;

do $$
declare app text := current_setting('fieldbeat.app_role');
begin
    revoke execute on function tenants_with_due_steps(integer) from public;
    execute format('grant execute on function tenants_with_due_steps(integer) to %I', app);
end $$;
"""


def upgrade() -> None:
    op.execute(SQL)
