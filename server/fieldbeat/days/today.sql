-- A day as it is lived: what a person has before him, and who is at hand for a ticket. $1 is the tenant.

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
