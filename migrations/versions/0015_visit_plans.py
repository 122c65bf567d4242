"""Plans: where a rep's days begin, what an account asks for, and what a plan came to."""

from alembic import op

revision = "0015"
down_revision = "0014"

SQL = r"""
set local lock_timeout = '5s';

-- Where a person's days begin and end, and what fits into one. Places of people are no collection: nobody else holds them.
create table day_profile (
    tenant_id uuid not null,
    user_id uuid not null,
    start_latitude double precision not null check (start_latitude between -90 and 90),
    start_longitude double precision not null check (start_longitude between -180 and 180),
    end_latitude double precision check (end_latitude between -90 and 90),
    end_longitude double precision check (end_longitude between -180 and 180),
    visits_max integer check (visits_max >= 1),
    travel_minutes_max integer check (travel_minutes_max >= 0),
    changed_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, user_id),
    foreign key (tenant_id, user_id) references person (tenant_id, id),
    check ((end_latitude is null) = (end_longitude is null))
);
select guard_tenant_table('day_profile');

-- What an account asks of its visits, where it differs from what its tier gives. `hours`: [{weekday, from, until}].
create table visit_rule (
    tenant_id uuid not null,
    account_id uuid not null,
    per_cycle integer check (per_cycle between 0 and 100),
    duration_minutes integer check (duration_minutes between 1 and 1440),
    gap_min_days integer check (gap_min_days between 0 and 366),
    gap_max_days integer check (gap_max_days between 0 and 366),
    hours jsonb,
    weekdays text[] not null default '{}',
    preferred_weekdays text[] not null default '{}',
    must_visit date[] not null default '{}',
    holidays text not null default 'MOVE_AFTER' check (holidays in ('MOVE_BEFORE', 'MOVE_AFTER', 'SKIP')),
    changed_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, account_id),
    foreign key (tenant_id, account_id) references account (tenant_id, id)
);
select guard_tenant_table('visit_rule');

-- What a plan came to when it was made, kept as it was; `amends` is the plan that it would replace, `changes` the diff.
create table plan_outcome (
    tenant_id uuid not null,
    plan_id uuid not null,
    plan_hash text not null,
    effort text not null check (effort in ('QUICK', 'FULL')),
    days jsonb not null,
    unserved jsonb not null,
    amends uuid,
    changes jsonb,
    made_by uuid not null,
    made_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, plan_id),
    foreign key (tenant_id, plan_id) references visit_plan (tenant_id, id),
    foreign key (tenant_id, amends) references visit_plan (tenant_id, id),
    foreign key (tenant_id, made_by) references person (tenant_id, id)
);
create index plan_outcome_amends on plan_outcome (tenant_id, amends) where amends is not null;
select guard_tenant_table('plan_outcome');

-- A team that is planned by the worker, a rep at a time.
create table plan_run (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    asked_by uuid not null,
    from_on date not null,
    until_on date not null,
    effort text not null check (effort in ('QUICK', 'FULL')),
    publish boolean not null,
    asked_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, id),
    foreign key (tenant_id, asked_by) references person (tenant_id, id)
);
select guard_tenant_table('plan_run');

create table plan_run_rep (
    tenant_id uuid not null,
    run_id uuid not null,
    rep_id uuid not null,
    plan_id uuid,
    refused text,                                   -- why there is no plan for this rep
    done_at timestamptz,
    primary key (tenant_id, run_id, rep_id),
    foreign key (tenant_id, run_id) references plan_run (tenant_id, id),
    foreign key (tenant_id, rep_id) references person (tenant_id, id),
    foreign key (tenant_id, plan_id) references visit_plan (tenant_id, id)
);
create index plan_run_rep_open on plan_run_rep (tenant_id, run_id, rep_id) where done_at is null;
select guard_tenant_table('plan_run_rep');

-- The worker looks across tenants for reps that wait to be planned; it reads and plans each inside its tenant.
create function waiting_plans(reps_max integer) returns table (tenant_id uuid, run_id uuid, rep_id uuid)
language sql stable security definer set search_path = pg_catalog, public
as $$
    select r.tenant_id, r.run_id, r.rep_id
    from public.plan_run_rep r
    where r.done_at is null
    order by r.tenant_id, r.run_id, r.rep_id
    limit reps_max
$$;

do $$
declare app text := current_setting('fieldbeat.app_role');
begin
    revoke execute on function waiting_plans(integer) from public;
    execute format('grant execute on function waiting_plans(integer) to %I', app);
end $$;
"""


def upgrade() -> None:
    op.execute(SQL)
