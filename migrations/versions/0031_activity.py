"""What the team is told of what its people do."""

from alembic import op

revision = "0031"
down_revision = "0030"

SQL = r"""
set local lock_timeout = '5s';

-- One row for each person whom an activity concerns, so that what a few people do is found without reading what all do.
-- A person of zeros: it concerns nobody but the company.
create table activity (
    tenant_id uuid not null references tenant (id),
    person_id uuid not null,
    at timestamptz not null,
    id uuid not null,
    kind text not null,
    collection text not null,
    record_id uuid not null,
    actor_id uuid,
    concerns_id uuid,
    happened_at timestamptz not null,
    about text,
    detail text,
    primary key (tenant_id, person_id, at, id)
);
create index activity_at on activity (tenant_id, at);
select guard_tenant_table('activity', 'tenant_id', 'select, insert, delete');

create function tenants_with_old_activities(age interval, tenants_max integer) returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public as $$
    select t.id from public.tenant t
    where exists (select from public.activity a where a.tenant_id = t.id and a.at <= statement_timestamp() - age)
    order by t.id
    limit tenants_max
$$;

do $do$
declare app text := current_setting('fieldbeat.app_role');
begin
    revoke execute on function tenants_with_old_activities from public;
    execute format('grant execute on function tenants_with_old_activities to %I', app);
end
$do$;
"""


def upgrade() -> None:
    op.execute(SQL)
