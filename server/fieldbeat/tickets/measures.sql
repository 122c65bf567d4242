-- Measures of tickets. docs/measures.md says what each is.

-- name: measures
-- The tickets that the actor ($1, $2) may see and that were opened from the local day $4 until $5 of his own time zone, by
-- assignee, team, tier, kind, priority or day ($3); at the instant $6, from behind the key $7. What was merged into another
-- ticket counts nowhere. Ticket by ticket by primary keys: joins of whole sets would be planned without statistics, and
-- quadratic. Indexes: ticket_opened, sla_clock's, field_write's and others' primary keys.
-- row: Measures
with zone as (
    select time_zone as name from person where tenant_id = current_tenant() and id = $1
), seen as (
    select t.tenant_id, t.id, t.status in ('RESOLVED', 'CLOSED') as done,
           (t.fields ->> 'labourMinutes')::bigint as labour_min,
           jsonb_array_length(t.fields -> 'visitIds') as visits,
           coalesce(case $3 when 'REP' then t.assignee_id::text when 'TEAM' then p.manager_id::text
                            when 'ACCOUNT_TIER' then a.tier when 'KIND' then t.kind when 'PRIORITY' then t.priority
                            else (t.opened_at at time zone zone.name)::date::text end, '') as key
    from zone
    join ticket t on t.opened_at >= $4::date::timestamp at time zone zone.name
                 and t.opened_at < $5::date::timestamp at time zone zone.name
    join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
    left join person p on p.tenant_id = t.tenant_id and p.id = t.assignee_id
    where t.tenant_id = current_tenant() and t.deleted_at is null and t.merged_into_id is null
      and ($2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
           or t.assignee_id = any (array(select people_under($1, $2)))
           or t.offered_to_id = any (array(select people_under($1, $2))))
)
select s.key, count(*) as opened, count(*) filter (where s.done) as done,
       count(*) filter (where w.was_resolved) as resolved, count(*) filter (where w.was_reopened) as reopened,
       count(*) filter (where s.done and s.visits <= 1 and not coalesce(w.was_reopened, false)) as first_time,
       coalesce(sum(k.kept), 0)::bigint as kept, coalesce(sum(k.judged), 0)::bigint as judged,
       sum(s.labour_min)::bigint as labour_min, coalesce(sum(u.cost), 0)::float8 as parts_cost,
       coalesce(sum(u.unpriced), 0)::bigint as parts_unpriced,
       coalesce(sum(b.people), 0)::bigint as bounces, coalesce(sum(b.teams), 0)::bigint as team_bounces,
       count(k.first_min) as answered, avg(k.first_min) as first_mean,
       percentile_cont(0.5) within group (order by k.first_min) as first_median,
       percentile_cont(0.9) within group (order by k.first_min) as first_p90,
       count(k.resolution_min) as timed, avg(k.resolution_min) as resolution_mean,
       percentile_cont(0.5) within group (order by k.resolution_min) as resolution_median,
       percentile_cont(0.9) within group (order by k.resolution_min) as resolution_p90
from seen s
cross join lateral (
    select bool_or(m.done) as was_resolved, bool_or(m.was_done and not m.done) as was_reopened
    from (select w.value #>> '{}' in ('RESOLVED', 'CLOSED') as done,
                 lag(w.value #>> '{}' in ('RESOLVED', 'CLOSED')) over (order by w.rev) as was_done
          from field_write w
          where w.tenant_id = s.tenant_id and w.collection = 'ticket' and w.record_id = s.id and w.field = 'status'
            and w.outcome = 'WON') m) w
cross join lateral (
    select count(*) as people, count(*) filter (where p.manager_id is distinct from o.manager_id) as teams
    from (select (w.value #>> '{}')::uuid as now, lag((w.value #>> '{}')::uuid) over (order by w.rev) as was
          from field_write w
          where w.tenant_id = s.tenant_id and w.collection = 'ticket' and w.record_id = s.id
            and w.field = 'assigneeId' and w.outcome = 'WON') h
    join person p on p.tenant_id = s.tenant_id and p.id = h.now
    join person o on o.tenant_id = s.tenant_id and o.id = h.was
    where h.now <> h.was) b
cross join lateral (
    select count(*) filter (where c.ended and not c.breached) as kept,
           count(*) filter (where c.ended or c.breached) as judged,
           min(c.minutes) filter (where c.ended and c.metric = 'FIRST_RESPONSE') as first_min,
           min(c.minutes) filter (where c.ended and c.metric = 'RESOLUTION') as resolution_min
    from (select c.metric, c.ended_at is not null as ended, extract(epoch from c.elapsed)::float8 / 60 as minutes,
                 c.breached_at is not null or (c.runs and c.deadline < $6) as breached
          from sla_clock c where c.tenant_id = s.tenant_id and c.ticket_id = s.id) c) k
cross join lateral (
    select sum(p.quantity * c.amount) as cost, count(*) filter (where c.amount is null) as unpriced
    from ticket_part p
    left join lateral (
        select o.amount from part_cost o
        where o.tenant_id = p.tenant_id and o.part_id = p.part_id and o.from_on <= company_day(p.tenant_id, p.at)
        order by o.from_on desc limit 1) c on true
    where p.tenant_id = s.tenant_id and p.ticket_id = s.id and p.deleted_at is null and p.quantity > 0) u
where $7::text is null or s.key > $7
group by s.key
order by s.key
limit $8;
