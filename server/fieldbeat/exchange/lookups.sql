-- What a person looks up about the sync: conflicts, rejected edits, the history of a value. $1 is the tenant.

-- name: conflicts_page
-- Conflicts of records in some scopes, newest first. Index: the primary keys of conflict and feed.
select c.id, c.rev, c.fields
from conflict c
where c.tenant_id = $1 and ($3::text is null or c.status = $3) and ($4::uuid is null or c.id < $4)
  and exists (select from feed f
              where f.tenant_id = $1 and f.scope_id = any($2::text[]) and f.collection = 'conflict' and f.record_id = c.id
                and f.kind = 'PUT')
order by c.id desc
limit $5;

-- name: conflicts_by_ids
-- The conflicts among these ids in some scopes. Index: as conflicts_page.
select c.id, c.rev, c.fields
from conflict c
where c.tenant_id = $1 and c.id = any($3::uuid[])
  and exists (select from feed f
              where f.tenant_id = $1 and f.scope_id = any($2::text[]) and f.collection = 'conflict' and f.record_id = c.id
                and f.kind = 'PUT')
order by c.id;

-- name: rejections_page
-- Parked payloads of some people, newest first; the replay of a rejection parks nothing. Index: settled_mutation_rejected.
select m.uuid, m.collection, m.record_id, m.op, m.patch, m.code, m.message, m.fields, m.at, m.settled_at, m.replica, m.seq,
       m.user_id, p.name as user_name, m.device_id, d.name as device_name
from settled_mutation m
left join person p on p.tenant_id = m.tenant_id and p.id = m.user_id
left join device d on d.tenant_id = m.tenant_id and d.id = m.device_id
where m.tenant_id = $1 and m.user_id = any($2::uuid[]) and m.status = 'REJECTED' and (not m.repeats or m.patch is not null)
  and ($3::timestamptz is null or (m.settled_at, m.replica, m.seq) < ($3, $4, $5))
order by m.settled_at desc, m.replica desc, m.seq desc
limit $6;

-- name: field_history
-- Every write of a field, newest first; a record that was made at once has the first in its row `=`, by rule and field.
-- Index: primary key of field_write.
select h.value, h.rev, h.hlc, h.applied_at, h.replica, h.actor_id, p.name as actor_name, h.outcome, h.rule
from (select w.value, w.rev, w.hlc, w.applied_at, w.replica, w.actor_id, w.outcome, w.rule
      from field_write w
      where w.tenant_id = $1 and w.collection = $2 and w.record_id = $3 and w.field = $4
      union all
      select by_rule.wrote -> $4, w.rev, w.hlc, w.applied_at, w.replica, w.actor_id, w.outcome, by_rule.rule
      from field_write w cross join lateral jsonb_each(w.value) as by_rule (rule, wrote)
      where w.tenant_id = $1 and w.collection = $2 and w.record_id = $3 and w.field = '=' and by_rule.wrote ? $4) h
left join person p on p.tenant_id = $1 and p.id = h.actor_id
order by h.rev desc
limit $5;

-- name: creation
-- The write that created a record, for fields that it left at their default; a child that was made at the same rev
-- (`+<id>`) did not. Index: field_write_rev.
select w.value, w.rev, w.hlc, w.applied_at, w.replica, w.actor_id, p.name as actor_name, w.outcome, w.rule
from field_write w
left join person p on p.tenant_id = w.tenant_id and p.id = w.actor_id
where w.tenant_id = $1 and w.collection = $2 and w.record_id = $3 and w.rev = 1 and w.field not like '+%'
order by w.field
limit 1;
