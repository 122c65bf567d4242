"""What a company promises, and the clocks of its tickets: policies, terms, cached clocks and steps of escalation."""

from alembic import op

revision = "0023"
down_revision = "0022"

SQL = """
set local lock_timeout = '5s';

create table sla_policy (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
    name text not null generated always as (fields ->> 'name') stored,
    position integer not null generated always as ((fields ->> 'position')::integer) stored,
    status text not null generated always as (fields ->> 'status') stored,
    business_hours_id uuid generated always as ((fields ->> 'businessHoursId')::uuid) stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, business_hours_id) references business_hours (tenant_id, id)
);
create index sla_policy_position on sla_policy (tenant_id, position, id) where status = 'ACTIVE';
create index sla_policy_name on sla_policy (tenant_id, name, id);
select guard_tenant_table('sla_policy');

-- A version of a policy with its business hours (hours_rev 0: around the clock), as the clocks of some ticket ran under
-- it; never changed, so that a clock can be reckoned again at any time.
create table sla_terms (
    tenant_id uuid not null references tenant (id),
    policy_id uuid not null,
    version integer not null,
    hours_rev bigint not null,
    policy jsonb not null,
    hours jsonb,
    primary key (tenant_id, policy_id, version, hours_rev)
);
select guard_tenant_table('sla_terms');

-- From when a ticket ran under which terms; without a policy: under none any more.
create table sla_applied (
    tenant_id uuid not null,
    ticket_id uuid not null,
    at timestamptz not null,
    known_at timestamptz not null,
    policy_id uuid,
    version integer,
    hours_rev bigint,
    primary key (tenant_id, ticket_id, at),
    foreign key (tenant_id, ticket_id) references ticket (tenant_id, id),
    foreign key (tenant_id, policy_id, version, hours_rev) references sla_terms (tenant_id, policy_id, version, hours_rev)
);
select guard_tenant_table('sla_applied');

-- The clocks as the fold gives them: true until the next event of their ticket, whatever time it is.
create table sla_clock (
    tenant_id uuid not null,
    ticket_id uuid not null,
    metric text not null,
    instance integer not null,
    started_at timestamptz not null,
    target interval,
    elapsed interval not null,
    anchor_at timestamptz not null,
    runs boolean not null,
    deadline timestamptz,
    ended_at timestamptz,
    breached_at timestamptz,
    breached_by_change boolean not null,
    retracted_at timestamptz,
    unverified_at timestamptz,
    policy_id uuid not null,
    version integer not null,
    hours_rev bigint not null,
    deadline_version integer not null,
    primary key (tenant_id, ticket_id, metric, instance),
    foreign key (tenant_id, ticket_id) references ticket (tenant_id, id),
    foreign key (tenant_id, policy_id, version, hours_rev) references sla_terms (tenant_id, policy_id, version, hours_rev)
);
create index sla_clock_deadline on sla_clock (tenant_id, deadline) where ended_at is null;
select guard_tenant_table('sla_clock');

-- When somebody is to be told; `step` numbers the steps of the clock's terms. A step is taken once for each version of a
-- deadline, and one of an older version never any more.
create table sla_step (
    tenant_id uuid not null,
    ticket_id uuid not null,
    metric text not null,
    instance integer not null,
    step integer not null,
    deadline_version integer not null,
    due_at timestamptz not null,
    levels integer[] not null,
    taken_at timestamptz,
    primary key (tenant_id, ticket_id, metric, instance, step, deadline_version),
    foreign key (tenant_id, ticket_id, metric, instance) references sla_clock (tenant_id, ticket_id, metric, instance)
        on delete cascade
);
create index sla_step_due on sla_step (tenant_id, due_at, ticket_id) where taken_at is null;
select guard_tenant_table('sla_step');

-- How far the clocks of a company have been reckoned anew since its policies or business hours changed.
create table sla_recalculation (
    tenant_id uuid primary key references tenant (id),
    changed_at timestamptz not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    total integer not null,
    done integer not null,
    last_id uuid
);
select guard_tenant_table('sla_recalculation');

-- The worker reckons for all tenants; it learns which of them have policies or hours that changed since.
create function tenants_with_stale_clocks(tenants_max integer) returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public
as $$
    select p.tenant_id
    from public.sla_policy p
    left join public.business_hours h on h.tenant_id = p.tenant_id and h.id = p.business_hours_id
    left join public.sla_recalculation r on r.tenant_id = p.tenant_id
    group by p.tenant_id, r.tenant_id, r.changed_at, r.finished_at
    having r.tenant_id is null or r.finished_at is null
        or greatest(max(p.changed_at), max(h.changed_at)) > r.changed_at
    order by p.tenant_id
    limit tenants_max
$$;

-- Those that have any clocks at all, for the nightly check.
create function tenants_with_clocks(tenants_max integer) returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public
as $$
    select t.id from public.tenant t
    where exists (select from public.sla_clock c where c.tenant_id = t.id)
    order by t.id
    limit tenants_max
$$;

do $do$
declare app text := current_setting('fieldbeat.app_role');
begin
    revoke execute on function tenants_with_stale_clocks(integer), tenants_with_clocks(integer) from public;
    execute format(
        'grant execute on function tenants_with_stale_clocks(integer), tenants_with_clocks(integer) to %I', app);
end
$do$;
"""


def upgrade() -> None:
    op.execute(SQL)
