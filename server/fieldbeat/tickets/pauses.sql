-- Pauses that ought to be looked at. docs/measures.md says which.

-- name: doubtful_pauses
-- Of the tickets that the actor ($1, $2) may see those that wait with a RESOLUTION clock that stands, behind ($5, $6), where
-- the customer has said nothing since: begun before an instant, by policy ($3, $4), or paused again with a tenth of the
-- target left. A ticket that goes from one state of waiting to another goes on waiting. Indexes: sla_clock_paused in its
-- order; primary keys, field_write's primary key, ticket_message_ticket.
-- row: Pause
select c.ticket_id, p.since, p.by_id, p.times::integer as times, c.target - c.elapsed as left, d.is_long, d.is_late,
       c.anchor_at as stands_at
from sla_clock c
join ticket t on t.tenant_id = c.tenant_id and t.id = c.ticket_id
join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
left join unnest($3::uuid[], $4::timestamptz[]) as bound (policy_id, begun_before) on bound.policy_id = c.policy_id
cross join lateral (
    select count(*) as times, max(to_timestamp((m.hlc >> 16) / 1000.0)) as since,
           (array_agg(m.actor_id order by m.rev desc))[1] as by_id
    from (select w.rev, w.hlc, w.actor_id, w.value #>> '{}' in ('PENDING_CUSTOMER', 'PENDING_THIRD', 'ON_HOLD') as waits,
                 lag(w.value #>> '{}' in ('PENDING_CUSTOMER', 'PENDING_THIRD', 'ON_HOLD')) over (order by w.rev) as waited
          from field_write w
          where w.tenant_id = c.tenant_id and w.collection = 'ticket' and w.record_id = c.ticket_id and w.field = 'status'
            and w.outcome = 'WON') m
    where m.waits and not coalesce(m.waited, false)) p
cross join lateral (
    select coalesce(p.since < bound.begun_before, false) as is_long,
           p.times > 1 and c.elapsed < c.target and c.elapsed >= c.target * 0.9 as is_late) d
where c.tenant_id = current_tenant() and c.metric = 'RESOLUTION' and c.ended_at is null and not c.runs
  and c.target is not null and ($6::uuid is null or (c.anchor_at, c.ticket_id) > ($5::timestamptz, $6))
  and t.status in ('PENDING_CUSTOMER', 'PENDING_THIRD', 'ON_HOLD') and t.deleted_at is null
  and ($2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
       or t.assignee_id = any (array(select people_under($1, $2)))
       or t.offered_to_id = any (array(select people_under($1, $2))))
  and (d.is_long or d.is_late)
  and not exists (
      select from ticket_message m
      where m.tenant_id = t.tenant_id and m.contact_id is not null and m.deleted_at is null and m.at > p.since
        and m.ticket_id = any (array(select t.id union all
                                     select e.id from ticket e where e.tenant_id = t.tenant_id and e.merged_into_id = t.id)))
order by c.anchor_at, c.ticket_id
limit $7;
