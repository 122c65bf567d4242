-- Escalation. $1 is the tenant where it is not said otherwise. All times are the database's.

-- name: tenants_with_due_steps
-- The worker looks across tenants; a security-definer function. Index: sla_step_due.
select tenant_id from tenants_with_due_steps($1) as t (tenant_id) order by tenant_id limit $1;

-- name: take_due_steps
-- Due steps, the oldest first, taken by this transaction: who finds them locked goes on to others, and they are due again
-- when it does not commit. `stale` is asked anew here, of the clock as it is; who takes care hears of a change (step -1)
-- all the same. Index: sla_step_due, up to the time of the statement (an index is not searched by clock_timestamp(), which
-- may differ from row to row); then primary keys.
-- row: DueStep
with due as (
    select s.ticket_id, s.metric, s.instance, s.step, s.deadline_version
    from sla_step s
    where s.tenant_id = $1 and s.taken_at is null and s.due_at <= statement_timestamp()
    order by s.due_at, s.ticket_id, s.metric, s.instance, s.step, s.deadline_version
    limit $2
    for no key update skip locked),
taken as (
    update sla_step s set taken_at = clock_timestamp()
    from due d
    where s.tenant_id = $1 and s.ticket_id = d.ticket_id and s.metric = d.metric and s.instance = d.instance
      and s.step = d.step and s.deadline_version = d.deadline_version
    returning s.tenant_id, s.ticket_id, s.metric, s.instance, s.step, s.deadline_version, s.due_at, s.levels)
select s.ticket_id, s.metric, s.instance, s.step, s.deadline_version, s.due_at, s.levels, t.number, t.subject, t.assignee_id,
       a.owner_id, a.territory_id, c.deadline, c.breached_at is not null or coalesce(c.deadline <= clock_timestamp(), false) as breached,
       c.deadline_version <> s.deadline_version or c.ended_at is not null or t.deleted_at is not null
       or t.status in ('RESOLVED', 'CLOSED')
       or s.step >= 0
          and exists (select from escalation_stop x where x.tenant_id = s.tenant_id and x.ticket_id = s.ticket_id
                      and x.metric = s.metric and x.instance = s.instance) as stale
from taken s
join sla_clock c on c.tenant_id = s.tenant_id and c.ticket_id = s.ticket_id and c.metric = s.metric and c.instance = s.instance
join ticket t on t.tenant_id = s.tenant_id and t.id = s.ticket_id
join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
order by s.due_at, s.ticket_id, s.metric, s.instance, s.step, s.deadline_version;

-- name: lock_changes
-- Two workers tell of changes one after the other: all clocks of a ticket that one has made overdue are one notification.
select pg_advisory_xact_lock(hashtextextended('overdue by change ' || $1::text, 0));

-- name: reporting_lines
-- Of each person his managers, upwards, at most ten; and who is away: deactivated, deleted, or on leave now by the clock of
-- his own time zone (a day's halves meet at noon).
-- row: Above
with recursive line as (
    select p.id as root_id, 0 as level, p.id as user_id, p.manager_id
    from person p where p.tenant_id = $1 and p.id = any ($2::uuid[])
    union all
    select l.root_id, l.level + 1, m.id, m.manager_id
    from line l join person m on m.tenant_id = $1 and m.id = l.manager_id
    where l.level < 10)
select l.root_id, l.level, l.user_id,
       p.deactivated_at is not null or p.deleted_at is not null
       or exists (select from leave v where v.tenant_id = $1 and v.user_id = p.id
                  and v.from_on <= local_today(p.time_zone) and v.until_on > local_today(p.time_zone)
                  and v.part <> case when (clock_timestamp() at time zone p.time_zone)::time < '12:00'
                                then 'AFTERNOON' else 'MORNING' end) as away
from line l join person p on p.tenant_id = $1 and p.id = l.user_id
order by l.root_id, l.level;

-- name: third_bounces
-- Of hand-overs (ticket, its rev) each third between teams: people whose managers of now differ, as measures count them.
-- What was told under the same number before is not told again, though managers have changed since. Indexes: primary keys.
-- row: Bounce
select b.ticket_id, b.rev, b.times::integer as times, t.number, t.subject, b.from_id, b.to_id, b.from_name, b.to_name
from unnest($2::uuid[], $3::bigint[]) as wanted (ticket_id, rev)
join ticket t on t.tenant_id = $1 and t.id = wanted.ticket_id and t.deleted_at is null
cross join lateral (
    select h.ticket_id, h.rev, count(*) over (order by h.rev) as times, o.id as from_id, p.id as to_id,
           o.name as from_name, p.name as to_name
    from (select w.record_id as ticket_id, w.rev, (w.value #>> '{}')::uuid as now,
                 lag((w.value #>> '{}')::uuid) over (order by w.rev) as was
          from field_write w
          where w.tenant_id = $1 and w.collection = 'ticket' and w.record_id = t.id and w.field = 'assigneeId'
            and w.outcome = 'WON') h
    join person p on p.tenant_id = $1 and p.id = h.now
    join person o on o.tenant_id = $1 and o.id = h.was
    where h.now <> h.was and p.manager_id is distinct from o.manager_id) b
where b.rev = wanted.rev and b.times % 3 = 0
  and not exists (select from escalation e where e.tenant_id = $1 and e.ticket_id = t.id and e.metric = 'TEAM_BOUNCES'
                  and e.instance = 1 and e.step = b.times)
order by b.ticket_id, b.rev;

-- name: administrators
-- Those who are told when a whole reporting line is away. Index: primary key.
select id from person
where tenant_id = $1 and role = 'ADMIN' and deleted_at is null and deactivated_at is null
order by id
limit 3;

-- name: note_escalations
insert into escalation (tenant_id, ticket_id, metric, instance, step, deadline_version, user_id, level)
select $1, e.ticket_id, e.metric, e.instance, e.step, e.deadline_version, e.user_id, e.level
from unnest($2::uuid[], $3::text[], $4::integer[], $5::integer[], $6::integer[], $7::uuid[], $8::integer[])
     as e (ticket_id, metric, instance, step, deadline_version, user_id, level);

-- name: escalations_of
-- Who was told about a ticket, newest first, from behind ($3, $4). Whether the actor may see it was asked before.
-- Index: primary key.
-- row: Escalation
select ticket_id, metric, instance, step, user_id, level, at
from escalation
where tenant_id = $1 and ticket_id = $2 and ($4::uuid is null or (at, user_id) < ($3, $4))
order by at desc, user_id desc
limit $5;

-- name: stop_escalation
-- Somebody takes care: of every clock of the ticket that has not ended. Saying it again changes nothing.
insert into escalation_stop (tenant_id, ticket_id, metric, instance, stopped_by)
select c.tenant_id, c.ticket_id, c.metric, c.instance, $3
from sla_clock c
where c.tenant_id = $1 and c.ticket_id = $2 and c.ended_at is null
on conflict do nothing;
