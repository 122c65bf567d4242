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

-- name: day_stops
-- The visits that a person ($2, his role $3) makes between two instants, in order, each with what he should know when he
-- stands at the door: the account as far as he may see it, its contacts, its open tickets, his last visit, and how many
-- conflicts of the visit wait for him. Index: visit_rep; then primary keys, contact_account, ticket_account, visit_account.
-- row: Stop
select v.id, v.rev, v.status, v.starts_at, v.ends_at, v.fields ->> 'purpose' as purpose, left(v.fields ->> 'note', 250) as note,
       (v.fields ->> 'pinned')::boolean as pinned, v.account_id, a.latitude, a.longitude,
       case when a.id is not null then jsonb_build_object(
           'id', a.id, 'rev', a.rev, 'name', a.name, 'code', a.code, 'tier', a.tier, 'status', a.status,
           'address', a.fields -> 'address', 'location', a.fields -> 'location', 'phone', a.fields ->> 'phone',
           'tags', a.fields -> 'tags', 'note', left(a.fields ->> 'note', 200)) end as account,
       coalesce(people.found, '[]') as contacts, coalesce(trouble.found, '[]') as tickets,
       latest.starts_at as last_visit_at,
       (select count(*)::integer from conflict c
        where c.tenant_id = v.tenant_id and c.collection = 'visit' and c.record_id = v.id and c.status = 'OPEN') as conflicts
from visit v
left join account a on a.tenant_id = v.tenant_id and a.id = v.account_id and a.deleted_at is null
  and ($3 = 'ADMIN' or a.territory_id = any (array(select held_territories($2, $3))))
left join lateral (
    select jsonb_agg(jsonb_build_object('id', k.id, 'name', k.name, 'jobTitle', k.job_title, 'phones', k.fields -> 'phones')
                     order by k.name, k.id) as found
    from (select c.id, c.name, c.job_title, c.fields from contact c
          where c.tenant_id = a.tenant_id and c.account_id = a.id and c.deleted_at is null
          order by c.name, c.id limit 3) k) people on true
left join lateral (
    select jsonb_agg(jsonb_build_object('id', k.id, 'number', k.number, 'subject', k.subject, 'priority', k.priority,
                                        'status', k.status) order by k.number) as found
    from (select t.id, t.number, t.subject, t.priority, t.status from ticket t
          where t.tenant_id = a.tenant_id and t.account_id = a.id and t.deleted_at is null
            and t.status not in ('RESOLVED', 'CLOSED')
          order by array_position(array['URGENT', 'HIGH', 'NORMAL', 'LOW'], t.priority), t.number limit 3) k) trouble on true
left join lateral (
    select w.starts_at from visit w
    where w.tenant_id = a.tenant_id and w.account_id = a.id and w.status = 'DONE' and w.starts_at < $4 and w.deleted_at is null
    order by w.starts_at desc limit 1) latest on true
where v.tenant_id = $1 and v.rep_id = $2 and v.starts_at >= $4 and v.starts_at < $5 and v.deleted_at is null
order by v.starts_at, v.id
limit 200;

-- name: left_open
-- Visits at which a person is checked in still, begun before an instant. Index: visit_rep.
select id from visit
where tenant_id = $1 and rep_id = $2 and starts_at >= $3::timestamptz - interval '30 days' and starts_at < $3
  and status = 'CHECKED_IN' and deleted_at is null
order by starts_at, id
limit 20;

-- name: ticket_place
-- Where a ticket's account is, and who covers it. Whether the actor may see the ticket was asked before.
-- row: TicketPlace
select t.id, t.priority, coalesce(text_array(t.fields -> 'requiredSkills'), '{}') as required_skills, t.account_id, 
       a.territory_id, a.latitude, a.longitude
from ticket t join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
where t.tenant_id = $1 and t.id = $2 and t.deleted_at is null;

-- name: hands
-- Of each rep among $2: where he was last today or is due next (from $3 until $4), whether he is checked in, until when
-- his visit under way is planned, how many visits he has left and how many open tickets he answers for, where his days
-- begin, what he can do, and whether he covers $5. Index: visit_rep, ticket_assignee, primary keys.
-- row: Hand
select p.id as user_id, p.name, p.time_zone, spot.latitude, spot.longitude, d.start_latitude, d.start_longitude,
       busy.ends_at as busy_until, coalesce(ahead.n, 0)::integer as visits_left, coalesce(open_.n, 0)::integer as tickets_open,
       coalesce(text_array(p.fields -> 'skills'), '{}') as skills,
       exists (select from territory_assignment s where s.tenant_id = p.tenant_id and s.user_id = p.id and s.territory_id = $5
               and s.from_on <= local_today(p.time_zone) and (s.until_on is null or s.until_on > local_today(p.time_zone))) as covers
from person p
left join day_profile d on d.tenant_id = p.tenant_id and d.user_id = p.id
left join lateral (
    select a.latitude, a.longitude from visit v join account a on a.tenant_id = v.tenant_id and a.id = v.account_id
    where v.tenant_id = p.tenant_id and v.rep_id = p.id and v.starts_at >= $3 and v.starts_at < $4 and v.deleted_at is null
      and a.latitude is not null and v.status in ('CHECKED_IN', 'DONE', 'EN_ROUTE', 'PLANNED')
    order by array_position(array['CHECKED_IN', 'EN_ROUTE', 'DONE', 'PLANNED'], v.status),
             case when v.status = 'DONE' then -extract(epoch from v.starts_at) else extract(epoch from v.starts_at) end, v.id
    limit 1) spot on true
left join lateral (
    select max(v.ends_at) as ends_at from visit v
    where v.tenant_id = p.tenant_id and v.rep_id = p.id and v.starts_at >= $3 and v.starts_at < $4 and v.deleted_at is null
      and v.status = 'CHECKED_IN') busy on true
left join lateral (
    select count(*) as n from visit v
    where v.tenant_id = p.tenant_id and v.rep_id = p.id and v.starts_at >= $3 and v.starts_at < $4 and v.deleted_at is null
      and v.status in ('PLANNED', 'EN_ROUTE', 'CHECKED_IN')) ahead on true
left join lateral (
    select count(*) as n from ticket t
    where t.tenant_id = p.tenant_id and t.assignee_id = p.id and t.status not in ('RESOLVED', 'CLOSED') and t.deleted_at is null)
    open_ on true
where p.tenant_id = $1 and p.id = any ($2::uuid[]) and p.role = 'REP' and p.deleted_at is null and p.deactivated_at is null
order by p.id
limit 5000;

-- name: needed_first
-- What a person ($2) needs to begin to work at $5, the most needed first: his visits that begin or began within a day (his
-- local day is among that, whatever his time zone), his tickets with a clock that is overdue ($4: not done), their accounts and
-- these accounts' contacts, what the tickets are about and used, and of the visits the plans, their lines and the forms.
-- Whether he may see them is not asked.
-- Indexes: visit_rep, ticket_assignee, then primary keys, contact_account, ticket_part_ticket, visit_plan_line_account.
-- row: Needed
with near as (
    select v.id, v.account_id, v.plan_id, (v.fields ->> 'templateId')::uuid as template_id
    from visit v
    where v.tenant_id = $1 and v.rep_id = $2 and v.deleted_at is null
      and v.starts_at between $5::timestamptz - interval '1 day' and $5::timestamptz + interval '1 day'
    order by v.starts_at, v.id
    limit $3),
late as (
    select t.id, t.account_id, t.asset_id
    from ticket t
    where t.tenant_id = $1 and t.assignee_id = $2 and t.status = any ($4::text[]) and t.deleted_at is null
      and exists (select from sla_clock c where c.tenant_id = t.tenant_id and c.ticket_id = t.id
                     and c.ended_at is null and c.deadline <= $5)
    order by t.id
    limit $3),
place as (select account_id as id from near union select account_id from late)
select found.collection, found.id
from (select 1 as rank, 'visit' as collection, id from near
      union all select 2, 'account', id from place
      union all select 3, 'ticket', id from late
      union all select 4, 'contact', c.id
                from place cross join lateral (
                    select k.id from contact k
                    where k.tenant_id = $1 and k.account_id = place.id and k.deleted_at is null
                    order by k.name, k.id limit 20) c
      union all select 4, 'asset', asset_id from late where asset_id is not null group by asset_id
      union all select 4, 'ticketPart', u.id
                from late cross join lateral (
                    select k.id from ticket_part k
                    where k.tenant_id = $1 and k.ticket_id = late.id and k.deleted_at is null
                    order by k.at, k.id limit 20) u
      union all select 5, 'visitTemplate', template_id from near where template_id is not null group by template_id
      union all select 6, 'visitPlan', plan_id from near where plan_id is not null group by plan_id
      union all select 7, 'visitPlanLine', l.id
                from (select distinct plan_id, account_id from near) n cross join lateral (
                    select k.id from visit_plan_line k
                    where k.tenant_id = $1 and k.account_id = n.account_id and k.plan_id = n.plan_id
                      and k.deleted_at is null
                    order by k.id limit 20) l) found
order by found.rank, found.id
limit $3;
