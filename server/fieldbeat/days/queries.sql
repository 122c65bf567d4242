-- Plans of reps. $1 is the tenant where it is not said otherwise; the actor's sight is asked in `people_below` beforehand.

-- name: day_profile
-- Index: primary key.
-- row: ProfileRow
select user_id, start_latitude, start_longitude, end_latitude, end_longitude, visits_max, travel_minutes_max
from day_profile where tenant_id = $1 and user_id = $2;

-- name: save_day_profile
insert into day_profile (tenant_id, user_id, start_latitude, start_longitude, end_latitude, end_longitude, visits_max,
                         travel_minutes_max)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant_id, user_id) do update
set start_latitude = excluded.start_latitude, start_longitude = excluded.start_longitude,
    end_latitude = excluded.end_latitude, end_longitude = excluded.end_longitude, visits_max = excluded.visits_max,
    travel_minutes_max = excluded.travel_minutes_max, changed_at = clock_timestamp();

-- name: save_visit_rules
-- One statement for many accounts, in the order of their ids.
insert into visit_rule (tenant_id, account_id, per_cycle, duration_minutes, gap_min_days, gap_max_days, hours, weekdays,
                        preferred_weekdays, must_visit, holidays, skills)
select $1, r.account_id, r.per_cycle, r.duration_minutes, r.gap_min_days, r.gap_max_days, r.hours,
       coalesce(r.weekdays, '{}'), coalesce(r.preferred_weekdays, '{}'), coalesce(r.must_visit, '{}'), r.holidays,
       coalesce(r.skills, '{}')
from jsonb_to_recordset($2::jsonb) as r (account_id uuid, per_cycle integer, duration_minutes integer, gap_min_days integer,
    gap_max_days integer, hours jsonb, weekdays text[], preferred_weekdays text[], must_visit date[], holidays text,
    skills text[])
order by r.account_id
on conflict (tenant_id, account_id) do update
set per_cycle = excluded.per_cycle, duration_minutes = excluded.duration_minutes, gap_min_days = excluded.gap_min_days,
    gap_max_days = excluded.gap_max_days, hours = excluded.hours, weekdays = excluded.weekdays,
    preferred_weekdays = excluded.preferred_weekdays, must_visit = excluded.must_visit, holidays = excluded.holidays,
    skills = excluded.skills,
    changed_at = clock_timestamp();

-- name: visit_rules
-- Index: primary key.
-- row: RuleRow
select account_id, per_cycle, duration_minutes, gap_min_days, gap_max_days, hours, weekdays, preferred_weekdays, must_visit,
       holidays, skills
from visit_rule where tenant_id = $1 and account_id = any ($2::uuid[])
order by account_id
limit cardinality($2);

-- name: demands
-- The accounts that a rep ($2) serves, with what each asks for: its rule, its line in his newest plan that begins on or
-- before $3, the local date ($4 zone) of its last visit before $3, and what his plan that ends by $3 left owing: visits
-- that were not made, and what it could not place. Index: account_owner, visit_account, visit_plan_rep.
-- row: Demand
with newest as (
    select id from visit_plan
    where tenant_id = $1 and rep_id = $2 and deleted_at is null and from_on <= $3
    order by from_on desc, id desc limit 1),
past as (
    select p.id, o.unserved from visit_plan p join plan_outcome o on o.tenant_id = p.tenant_id and o.plan_id = p.id
    where p.tenant_id = $1 and p.rep_id = $2 and p.deleted_at is null and p.until_on <= $3
      and p.status in ('PUBLISHED', 'SUPERSEDED') and p.until_on > $3 - 92
    order by p.until_on desc, p.id desc limit 1),
left_over as (
    select (u ->> 'accountId')::uuid as account_id, count(*) as n
    from past cross join lateral jsonb_array_elements(past.unserved) as u where u ->> 'code' = 'NO_CAPACITY' group by 1
    union all
    select v.account_id, count(*) from visit v join past on v.plan_id = past.id
    where v.tenant_id = $1 and v.status = 'NO_SHOW' and v.deleted_at is null group by 1),
owing as (select account_id, sum(n) as n from left_over group by account_id)
select a.id as account_id, coalesce(a.code, a.id::text) as code, a.tier, a.latitude, a.longitude,
       case when r.account_id is not null then to_jsonb(r) - 'tenant_id' end as rule,
       line.fields as line, (latest.starts_at at time zone $4)::date as last_on, least(coalesce(owing.n, 0), 2)::integer as owed
from account a
left join visit_rule r on r.tenant_id = a.tenant_id and r.account_id = a.id
left join newest on true
left join lateral (
    select l.fields from visit_plan_line l
    where l.tenant_id = a.tenant_id and l.plan_id = newest.id and l.account_id = a.id and l.deleted_at is null
    order by l.id limit 1) line on true
left join lateral (
    select v.starts_at from visit v
    where v.tenant_id = a.tenant_id and v.account_id = a.id and v.status = 'DONE' and v.deleted_at is null
      and v.starts_at < $3::timestamp at time zone $4
    order by v.starts_at desc limit 1) latest on true
left join owing on owing.account_id = a.id
where a.tenant_id = $1 and a.owner_id = $2 and a.deleted_at is null and a.status in ('PROSPECT', 'ACTIVE')
order by a.id
limit 20000;

-- name: standing_visits
-- What stands in a rep's days between two instants, but for what was cancelled or skipped. Index: visit_rep.
-- row: Standing
select v.id, v.account_id, coalesce(a.code, a.id::text) as code, a.latitude, a.longitude, v.status,
       v.starts_at, v.ends_at, v.plan_id is null or (v.fields ->> 'pinned')::boolean or v.status in ('CHECKED_IN', 'DONE', 'EN_ROUTE') as fixed
from visit v join account a on a.tenant_id = v.tenant_id and a.id = v.account_id
where v.tenant_id = $1 and v.rep_id = $2 and v.starts_at >= $3 and v.starts_at < $4 and v.deleted_at is null
  and v.status in ('PLANNED', 'EN_ROUTE', 'CHECKED_IN', 'DONE')
order by v.starts_at, v.id
limit 20000;

-- name: live_accounts
-- Those of these accounts that are not deleted, locked so that they stay so, and where they are. Index: primary key.
select id from account where tenant_id = $1 and id = any ($2::uuid[]) and deleted_at is null
order by id
for share;

-- name: save_outcome
insert into plan_outcome (tenant_id, plan_id, plan_hash, effort, days, unserved, amends, changes, made_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: plans_by_ids
-- Those whose rep is among $3, the people whom the actor leads and himself. Index: primary key.
-- row: Kept
select p.id, p.rev, p.rep_id, p.from_on, p.until_on, p.status, o.plan_hash, o.days, o.unserved, o.amends, o.changes,
       p.created_at, p.changed_at
from visit_plan p left join plan_outcome o on o.tenant_id = p.tenant_id and o.plan_id = p.id
where p.tenant_id = $1 and p.id = any ($2::uuid[]) and p.rep_id = any ($3::uuid[]) and p.deleted_at is null
order by p.id
limit cardinality($2);

-- name: plans_page
-- Newest first, of the people $2, from behind ($4, $5). Index: visit_plan_rep.
-- row: Kept
select p.id, p.rev, p.rep_id, p.from_on, p.until_on, p.status, o.plan_hash, o.days, o.unserved, o.amends, o.changes,
       p.created_at, p.changed_at
from visit_plan p left join plan_outcome o on o.tenant_id = p.tenant_id and o.plan_id = p.id
where p.tenant_id = $1 and p.rep_id = any ($2::uuid[]) and p.deleted_at is null
  and ($3::text is null or p.status = $3) and ($5::uuid is null or (p.from_on, p.id) < ($4, $5))
order by p.from_on desc, p.id desc
limit $6;

-- name: overlapping_plans
-- Published plans of a rep that share days with $3 until $4. Index: visit_plan_rep.
select id from visit_plan
where tenant_id = $1 and rep_id = $2 and from_on < $4 and until_on > $3 and status = 'PUBLISHED' and deleted_at is null
order by id
limit 1000;

-- name: add_run
insert into plan_run (tenant_id, id, asked_by, from_on, until_on, effort, publish) values ($1, $2, $3, $4, $5, $6, $7);

-- name: add_run_reps
insert into plan_run_rep (tenant_id, run_id, rep_id) select $1, $2, rep_id from unnest($3::uuid[]) as reps (rep_id)
order by rep_id;

-- name: waiting_plans
-- Across tenants, of runs under way; a security-definer function. Index: plan_run_rep_open.
-- row: Waiting
select tenant_id, run_id, rep_id from waiting_plans($1);

-- name: claim_run_rep
-- One rep of a run for this transaction alone; no row when he is planned or being planned. Index: primary keys.
-- row: Claimed
select r.rep_id, u.asked_by, u.from_on, u.until_on, u.effort, u.publish
from plan_run_rep r join plan_run u on u.tenant_id = r.tenant_id and u.id = r.run_id
where r.tenant_id = $1 and r.run_id = $2 and r.rep_id = $3 and r.done_at is null
for update of r skip locked;

-- name: settle_run_rep
update plan_run_rep set done_at = clock_timestamp(), plan_id = $4, refused = $5
where tenant_id = $1 and run_id = $2 and rep_id = $3;

-- name: run_progress
-- Index: primary key of plan_run_rep.
-- row: Progress
select u.id as run_id, count(*)::integer as total, count(r.done_at)::integer as done,
       count(r.refused)::integer as refused
from plan_run u join plan_run_rep r on r.tenant_id = u.tenant_id and r.run_id = u.id
where u.tenant_id = $1 and u.id = $2 and u.asked_by = any ($3::uuid[])
group by u.id;

-- name: run_refusals
-- Index: primary key.
-- row: RunRefusal
select rep_id, refused from plan_run_rep where tenant_id = $1 and run_id = $2 and refused is not null
order by rep_id
limit 1000;
