-- Policies, the events of tickets, and their cached clocks. $1 is the tenant where it is not said otherwise.

-- name: policies_in_force
-- In the order in which they are tried, with their business hours. Index: sla_policy_position.
select p.id, (p.fields ->> 'version')::integer as version, p.fields as policy, coalesce(h.rev, 0) as hours_rev,
       h.fields as hours, greatest(p.changed_at, h.changed_at) as since
from sla_policy p left join business_hours h on h.tenant_id = p.tenant_id and h.id = p.business_hours_id
where p.tenant_id = $1 and p.status = 'ACTIVE' and p.deleted_at is null
order by p.position, p.id
limit 1000;

-- name: facts
-- What chooses a policy for a ticket, and the terms that it is under. Indexes: primary keys.
-- row: Facts
select t.id, t.kind, t.priority, a.tier, a.tags as account_tags, t.deleted_at is not null as deleted,
       coalesce(text_array(t.fields -> 'requiredSkills'), '{}') as required_skills,
       under_warranty(t.tenant_id, t.asset_id, t.opened_at) as under_warranty,
       last.at as applied_at, last.policy_id, last.version, last.hours_rev
from ticket t join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
left join lateral (
    select e.at, e.policy_id, e.version, e.hours_rev from sla_applied e
    where e.tenant_id = t.tenant_id and e.ticket_id = t.id
    order by e.at desc limit 1) last on true
where t.tenant_id = $1 and t.id = any ($2::uuid[])
order by t.id
limit cardinality($2);

-- name: save_terms
insert into sla_terms (tenant_id, policy_id, version, hours_rev, policy, hours)
select $1, k.policy_id, k.version, k.hours_rev, k.policy::jsonb, k.hours::jsonb
from unnest($2::uuid[], $3::integer[], $4::bigint[], $5::text[], $6::text[])
     as k (policy_id, version, hours_rev, policy, hours)
on conflict do nothing;

-- name: apply_terms
insert into sla_applied (tenant_id, ticket_id, at, known_at, policy_id, version, hours_rev)
select $1, e.ticket_id, e.at, e.known_at, e.policy_id, e.version, e.hours_rev
from unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::uuid[], $6::integer[], $7::bigint[])
     as e (ticket_id, at, known_at, policy_id, version, hours_rev)
on conflict (tenant_id, ticket_id, at) do update
set policy_id = excluded.policy_id, version = excluded.version, hours_rev = excluded.hours_rev;

-- name: applied
-- The terms that tickets ran under, in the order of time. Index: primary key.
select e.ticket_id, e.at, e.known_at, e.policy_id, e.version, e.hours_rev
from sla_applied e
where e.tenant_id = $1 and e.ticket_id = any ($2::uuid[])
order by e.ticket_id, e.at;

-- name: terms_by_keys
-- Index: primary key.
select s.policy_id, s.version, s.hours_rev, s.policy, s.hours
from unnest($2::uuid[], $3::integer[], $4::bigint[]) as k (policy_id, version, hours_rev)
join sla_terms s on s.tenant_id = $1 and s.policy_id = k.policy_id and s.version = k.version
                and s.hours_rev = k.hours_rev
order by s.policy_id, s.version, s.hours_rev;

-- name: ticket_writes
-- The opening of tickets, and what their status, priority, kind and asset were, in the order in which they won.
-- Index: field_write's primary key.
select w.record_id as ticket_id, w.field, w.value #>> '{}' as value, w.hlc, w.applied_at, w.timing
from unnest($2::uuid[]) as t (id)
cross join unnest(array['accountId', 'assetId', 'kind', 'priority', 'status']) as f (field)
join field_write w on w.tenant_id = $1 and w.collection = 'ticket' and w.record_id = t.id and w.field = f.field
where w.outcome = 'WON'
order by w.record_id, w.rev;

-- name: ticket_words
-- What customers said, and what the company said publicly, about tickets and, since they were merged, about those merged
-- into them. Indexes: ticket_message_ticket, ticket_merged, field_write's primary key.
select t.ticket_id, m.contact_id is not null as by_customer, w.hlc, w.applied_at, w.timing
from (select id, id as ticket_id, 0::bigint as since from unnest($2::uuid[]) as own (id)
      union all
      select e.id, e.merged_into_id, f.hlc
      from ticket e
      cross join lateral (
          select x.hlc from field_write x
          where x.tenant_id = e.tenant_id and x.collection = 'ticket' and x.record_id = e.id and x.field = 'mergedIntoId'
          order by x.rev desc limit 1) f
      where e.tenant_id = $1 and e.merged_into_id = any ($2::uuid[])) t
join ticket_message m on m.tenant_id = $1 and m.ticket_id = t.id and m.deleted_at is null
                     and (m.public or m.contact_id is not null)
join field_write w on w.tenant_id = $1 and w.collection = 'ticketMessage' and w.record_id = m.id and w.field = 'body'
                  and w.rev = 1 and w.hlc >= t.since
order by t.ticket_id, w.hlc, m.id;

-- name: ticket_arrivals
-- Check-ins at their own customers' of the visits that tickets name. Indexes: primary keys of visit and field_write.
select t.id as ticket_id, w.hlc, w.applied_at, w.timing
from ticket t
cross join lateral unnest(text_array(t.fields -> 'visitIds')) as named (id)
join visit v on v.tenant_id = t.tenant_id and v.id = named.id::uuid and v.account_id = t.account_id
join field_write w on w.tenant_id = t.tenant_id and w.collection = 'visit' and w.record_id = v.id
                  and w.field = 'checkIn' and w.outcome = 'WON'
where t.tenant_id = $1 and t.id = any ($2::uuid[])
order by t.id, w.hlc;

-- name: clocks_of
-- By metric, the newest instance first. Index: primary key.
select c.ticket_id, c.metric, c.instance, c.started_at, c.target, c.elapsed, c.anchor_at, c.runs, c.deadline, c.ended_at,
       c.breached_at, c.breached_by_change, c.retracted_at, c.unverified_at, c.policy_id, c.version, c.hours_rev,
       c.deadline_version
from sla_clock c
where c.tenant_id = $1 and c.ticket_id = any ($2::uuid[])
order by c.ticket_id, c.metric, c.instance desc;

-- name: drop_clocks
delete from sla_clock c
using unnest($2::uuid[], $3::text[], $4::integer[]) as k (ticket_id, metric, instance)
where c.tenant_id = $1 and c.ticket_id = k.ticket_id and c.metric = k.metric and c.instance = k.instance;

-- name: save_clocks
insert into sla_clock (tenant_id, ticket_id, metric, instance, started_at, target, elapsed, anchor_at, runs, deadline,
                       ended_at, breached_at, breached_by_change, retracted_at, unverified_at, policy_id, version,
                       hours_rev, deadline_version)
select $1, c.ticket_id, c.metric, c.instance, c.started_at, c.target, c.elapsed, c.anchor_at, c.runs, c.deadline,
       c.ended_at, c.breached_at, c.breached_by_change, c.retracted_at, c.unverified_at, c.policy_id, c.version,
       c.hours_rev, c.deadline_version
from unnest($2::uuid[], $3::text[], $4::integer[], $5::timestamptz[], $6::interval[], $7::interval[], $8::timestamptz[],
            $9::boolean[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::boolean[], $14::timestamptz[],
            $15::timestamptz[], $16::uuid[], $17::integer[], $18::bigint[], $19::integer[])
     as c (ticket_id, metric, instance, started_at, target, elapsed, anchor_at, runs, deadline, ended_at, breached_at,
           breached_by_change, retracted_at, unverified_at, policy_id, version, hours_rev, deadline_version)
on conflict (tenant_id, ticket_id, metric, instance) do update
set started_at = excluded.started_at, target = excluded.target, elapsed = excluded.elapsed,
    anchor_at = excluded.anchor_at, runs = excluded.runs, deadline = excluded.deadline, ended_at = excluded.ended_at,
    breached_at = excluded.breached_at, breached_by_change = excluded.breached_by_change,
    retracted_at = excluded.retracted_at, unverified_at = excluded.unverified_at, policy_id = excluded.policy_id,
    version = excluded.version, hours_rev = excluded.hours_rev, deadline_version = excluded.deadline_version;

-- name: drop_steps
-- What was not taken of clocks whose deadline has changed, or that ended. Index: primary key.
delete from sla_step s
using unnest($2::uuid[], $3::text[], $4::integer[]) as k (ticket_id, metric, instance)
where s.tenant_id = $1 and s.ticket_id = k.ticket_id and s.metric = k.metric and s.instance = k.instance
  and s.taken_at is null;

-- name: save_steps
-- A step that is due already is not taken again when it was taken under an earlier deadline; one that tells who is on call
-- (level -2) is, when the one before did not: the ticket came under another policy.
insert into sla_step (tenant_id, ticket_id, metric, instance, step, deadline_version, due_at, levels)
select $1, k.ticket_id, k.metric, k.instance, k.step, k.deadline_version, k.due_at, string_to_array(k.levels, ',')::integer[]
from unnest($2::uuid[], $3::text[], $4::integer[], $5::integer[], $6::integer[], $7::timestamptz[], $8::text[])
     as k (ticket_id, metric, instance, step, deadline_version, due_at, levels)
where k.due_at > $9 or not exists (
    select from sla_step t
    where t.tenant_id = $1 and t.ticket_id = k.ticket_id and t.metric = k.metric and t.instance = k.instance
      and t.step = k.step and t.taken_at is not null
      and (-2 = any (t.levels) or -2 <> all (string_to_array(k.levels, ',')::integer[])))
on conflict do nothing;

-- name: pass_over_due_steps
-- What came due before a ticket was here is nobody's news; taken, it is not due again under a later deadline.
-- Index: primary key.
update sla_step set taken_at = $3
where tenant_id = $1 and ticket_id = any ($2::uuid[]) and taken_at is null and due_at <= $3;

-- name: lock_open_tickets
-- Some of the tickets that are not done, from behind one, locked in the order of their ids. Index: primary key.
select id from ticket
where tenant_id = $1 and status not in ('RESOLVED', 'CLOSED') and deleted_at is null and id > $2
order by id
limit $3
for no key update;

-- name: open_tickets
-- As lock_open_tickets, without locks. Index: primary key.
select id from ticket
where tenant_id = $1 and status not in ('RESOLVED', 'CLOSED') and deleted_at is null and id > $2
order by id
limit $3;

-- name: lock_tickets_of_visits
-- Those that name one of these visits, locked in the order of their ids. Indexes: visit's primary key, ticket_account.
select t.id
from ticket t
where t.tenant_id = $1 and t.deleted_at is null
  and t.account_id in (select v.account_id from visit v where v.tenant_id = $1 and v.id = any ($2::uuid[]))
  and text_array(t.fields -> 'visitIds') && $3::text[]
order by t.id
for no key update;

-- name: count_open_tickets
select count(*) as open from ticket where tenant_id = $1 and status not in ('RESOLVED', 'CLOSED') and deleted_at is null;

-- name: stale_tenants
select t.tenant_id from tenants_with_stale_clocks($1) t order by t.tenant_id limit $1;

-- name: tenants_with_clocks
select t.tenant_id from tenants_with_clocks($1) t order by t.tenant_id limit $1;

-- name: recalculation
-- row: Recalculation
select changed_at, started_at, finished_at, total, done, last_id from sla_recalculation where tenant_id = $1;

-- name: lock_recalculation
-- Two workers do not reckon for one company at once: the other one leaves.
select pg_try_advisory_xact_lock(hashtextextended('sla recalculation ' || $1::text, 0));

-- name: newest_change
-- Of the company's policies and of the business hours that they name.
select greatest(max(p.changed_at), max(h.changed_at)) as changed_at
from sla_policy p left join business_hours h on h.tenant_id = p.tenant_id and h.id = p.business_hours_id
where p.tenant_id = $1;

-- name: begin_recalculation
insert into sla_recalculation (tenant_id, changed_at, started_at, finished_at, total, done, last_id)
values ($1, $2, clock_timestamp(), null, $3, 0, null)
on conflict (tenant_id) do update
set changed_at = excluded.changed_at, started_at = excluded.started_at, finished_at = null, total = excluded.total,
    done = 0, last_id = null;

-- name: go_on_recalculating
update sla_recalculation
set done = done + $2, last_id = coalesce($3, last_id), finished_at = case when $4 then clock_timestamp() end
where tenant_id = $1;

-- name: policies_by_ids
-- Index: primary key.
-- row: SlaPolicy
select id, rev, fields, created_at, changed_at from sla_policy
where tenant_id = $1 and id = any ($2::uuid[]) and deleted_at is null
order by id
limit cardinality($2);

-- name: policies_after
-- One page, in the order in which they are tried. Index: sla_policy_position.
-- row: SlaPolicy
select id, rev, fields, created_at, changed_at from sla_policy
where tenant_id = $1 and deleted_at is null and ($2::integer is null or (position, id) > ($2, $3::uuid))
order by position, id
limit $4;

-- name: has_hours
-- Index: primary key.
select id from business_hours where tenant_id = $1 and id = $2 and deleted_at is null;

-- name: default_hours_id
-- Index: business_hours_default.
select id from business_hours where tenant_id = $1 and is_default and deleted_at is null;

-- name: clocks_seen
-- The clocks of the tickets that the actor ($1, $2) may see, with the hours of those that run. Indexes: primary keys.
select c.ticket_id, c.metric, c.instance, c.started_at, c.target, c.elapsed, c.anchor_at, c.runs, c.deadline, c.ended_at,
       c.breached_at, c.breached_by_change, c.retracted_at, c.unverified_at, c.policy_id, c.version, c.hours_rev,
       c.deadline_version
from sla_clock c
join ticket t on t.tenant_id = c.tenant_id and t.id = c.ticket_id and t.deleted_at is null
join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
where c.tenant_id = current_tenant() and c.ticket_id = any ($3::uuid[])
  and ($2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
       or t.assignee_id = any (array(select people_under($1, $2)))
       or t.offered_to_id = any (array(select people_under($1, $2))))
order by c.ticket_id, c.metric, c.instance desc;
