-- One change of one record, set-wise. {table} is the table of a declared collection, never a caller's text.

-- name: now
-- The only server time.
select clock_timestamp();

-- name: lock_records
-- The records of one collection, locked in the order of their ids. Index: the table's primary key.
select id, rev, fields, stamps, created_at, changed_at
from {table}
where tenant_id = $1 and id = any($2::uuid[])
order by id
for no key update;

-- name: set_aside
-- Frees the unique values of locked records until they are saved a moment later: another one takes a value over.
update {table} set deleted_at = $3 where tenant_id = $1 and id = any($2::uuid[]);

-- name: save_records
-- Rows of one collection, inserted or replaced, in the order of their ids.
insert into {table} (tenant_id, id, rev, fields, stamps, created_at, changed_at, deleted_at)
select $1, r.id, r.rev, r.fields::jsonb, r.stamps, $6::timestamptz, $6, case when r.dead then $6 end
from unnest($2::uuid[], $3::bigint[], $4::text[], $5::bytea[], $7::boolean[]) as r (id, rev, fields, stamps, dead)
order by r.id
on conflict (tenant_id, id) do update
set rev = excluded.rev, fields = excluded.fields, stamps = excluded.stamps,
    changed_at = excluded.changed_at, deleted_at = excluded.deleted_at;

-- name: unique_holders
-- Who holds a value of a unique field among live records. Index: the table's unique key.
select id, {column} as value
from {table}
where tenant_id = $1 and {column} = any($2::text[]) and deleted_at is null;

-- name: pasts
-- Of each stale edit (collection, record, base_rev): the newest rev of others, when the newest write that it had seen was
-- applied, and the newest write that a delete with this base_rev would not cover. A child's creation (`+<id>`) does not
-- raise its parent's rev: one at base_rev itself is covered when `knows` and the child stands in the feed no later than
-- the author was given it ($7, $8: scopes and feed numbers); a child that is gone keeps nothing alive. What an earlier
-- delete covered counts as covered: together the deletes may have seen all.
-- $5, $6: the author's own replicas up to a seq. Index: field_write_rev.
select e.n, newest.rev as foreign_rev, seen.applied_at as seen_at,
       kept.replica, kept.seq, kept.rev, kept.hlc
from unnest($2::text[], $3::uuid[], $4::bigint[], $9::boolean[])
     with ordinality as e (collection, record_id, base_rev, knows, n)
left join lateral (
    select w.rev from field_write w
    where w.tenant_id = $1 and w.collection = e.collection and w.record_id = e.record_id and w.field not like '+%'
      and not exists (select from unnest($5::integer[], $6::bigint[]) as o (replica, seq)
                      where o.replica = w.replica and w.seq <= o.seq)
    order by w.rev desc limit 1) newest on true
left join lateral (
    select w.applied_at from field_write w
    where w.tenant_id = $1 and w.collection = e.collection and w.record_id = e.record_id and w.rev <= e.base_rev
    order by w.rev desc limit 1) seen on true
left join lateral (
    select w.replica, w.seq, w.rev, w.hlc from field_write w
    where w.tenant_id = $1 and w.collection = e.collection and w.record_id = e.record_id
      and w.field <> '*' and w.rule <> 'SERVER' and w.rev >= e.base_rev
      and case when w.field like '+%' then exists (
              select from feed f
              left join unnest($7::text[], $8::bigint[]) as g (scope_id, seq) on e.knows and g.scope_id = f.scope_id
              where f.tenant_id = $1 and f.collection = w.value ->> 'collection'
                and f.record_id = substr(w.field, 2)::uuid and f.scope_id = any($10::text[]) and f.kind = 'PUT'
                and (w.rev > e.base_rev or f.seq > coalesce(g.seq, 0)))
          else w.rev > e.base_rev and not exists (
              select from field_write d
              where d.tenant_id = $1 and d.collection = e.collection and d.record_id = e.record_id and d.field = '*'
                and ((d.value ->> 'baseRev')::bigint >= w.rev
                     or (d.replica = w.replica and d.replica <> 0 and d.seq > w.seq))) end
      and not exists (select from unnest($5::integer[], $6::bigint[]) as o (replica, seq)
                      where o.replica = w.replica and w.seq <= o.seq)
    order by w.rev desc, w.field limit 1) kept on true
order by e.n;

-- name: versions
-- Earlier versions of fields that an edit may have seen: the newest winner with rev <= base_rev, and the author's own
-- newest. A record that was made at once has its first ones in one row, `=`, by rule and field; no device wrote it.
-- Index: the primary key of field_write.
select e.n, v.value, v.replica, v.seq, v.rev, v.hlc, v.rank, v.epoch
from unnest($2::text[], $3::uuid[], $4::text[], $5::bigint[]) with ordinality as e (collection, record_id, field, base_rev, n)
cross join lateral (
    (select s.value, s.replica, s.seq, s.rev, s.hlc, s.rank, s.epoch
     from ((select w.value, w.replica, w.seq, w.rev, w.hlc, w.rank, w.epoch from field_write w
            where w.tenant_id = $1 and w.collection = e.collection and w.record_id = e.record_id and w.field = e.field
              and w.rev <= e.base_rev and w.outcome = 'WON'
            order by w.rev desc limit 1)
           union all
           select by_rule.wrote -> e.field, w.replica, w.seq, w.rev, w.hlc, w.rank, w.epoch
           from field_write w cross join lateral jsonb_each(w.value) as by_rule (rule, wrote)
           where w.tenant_id = $1 and w.collection = e.collection and w.record_id = e.record_id and w.field = '='
             and w.rev <= e.base_rev and by_rule.wrote ? e.field) s
     order by s.rev desc limit 1)
    union all
    (select w.value, w.replica, w.seq, w.rev, w.hlc, w.rank, w.epoch from field_write w
     where w.tenant_id = $1 and w.collection = e.collection and w.record_id = e.record_id and w.field = e.field
       and exists (select from unnest($6::integer[], $7::bigint[]) as o (replica, seq)
                   where o.replica = w.replica and w.seq <= o.seq)
     order by w.rev desc limit 1)) v
order by e.n, v.rev;

-- name: write_history
insert into field_write (tenant_id, collection, record_id, field, rev, replica, seq, hlc, rank, epoch, value,
                         actor_id, device_id, applied_at, outcome, rule, timing)
select $1, w.collection, w.record_id, w.field, w.rev, w.replica, w.seq, w.hlc, w.rank, w.epoch, w.value::jsonb,
       w.actor_id, w.device_id, $2, w.outcome, w.rule, w.timing
from unnest($3::text[], $4::uuid[], $5::text[], $6::bigint[], $7::integer[], $8::bigint[], $9::bigint[], $10::smallint[],
            $11::integer[], $12::text[], $13::uuid[], $14::uuid[], $15::text[], $16::text[], $17::text[])
     as w (collection, record_id, field, rev, replica, seq, hlc, rank, epoch, value, actor_id, device_id, outcome, rule,
           timing);

-- name: open_conflicts
-- The open conflicts of records that are about to change, locked after their records, each with the number of the edit that
-- lost (0: it was a default). Indexes: conflict_record, primary key of field_write.
select c.id, c.rev, c.fields, c.winner_replica, c.loser_replica, c.record_rev, c.winner_rev, c.loser_rev, c.created_at,
       coalesce(lost.seq, 0) as loser_seq
from conflict c
join unnest($2::text[], $3::uuid[]) as r (collection, record_id)
  on c.collection = r.collection and c.record_id = r.record_id
left join field_write lost
  on lost.tenant_id = c.tenant_id and lost.collection = c.collection and lost.record_id = c.record_id
 and lost.field = c.field and lost.rev = c.loser_rev
where c.tenant_id = $1 and c.status = 'OPEN'
order by c.id
for no key update of c;

-- name: conflicts_of_fields
-- The conflicts about some fields of some records, settled ones too, locked. Index: conflict_record.
select c.id, c.rev, c.fields, c.winner_replica, c.loser_replica, c.record_rev, c.winner_rev, c.loser_rev, c.created_at
from conflict c
where c.tenant_id = $1 and c.collection = $2 and c.record_id = any ($3::uuid[]) and c.fields ->> 'field' = any ($4::text[])
order by c.id
for no key update of c;

-- name: conflict_by_id
-- One conflict, locked. Index: primary key.
select c.id, c.rev, c.fields, c.winner_replica, c.loser_replica, c.record_rev, c.winner_rev, c.loser_rev, c.created_at
from conflict c
where c.tenant_id = $1 and c.id = $2
for no key update of c;

-- name: save_conflicts
insert into conflict (tenant_id, id, rev, fields, stamps, created_at, changed_at,
                      winner_replica, loser_replica, record_rev, winner_rev, loser_rev)
select $1, c.id, c.rev, c.fields::jsonb, ''::bytea, $2::timestamptz, $2, c.winner_replica, c.loser_replica, c.record_rev, c.winner_rev, c.loser_rev
from unnest($3::uuid[], $4::bigint[], $5::text[], $6::integer[], $7::integer[], $8::bigint[], $9::bigint[], $10::bigint[])
     as c (id, rev, fields, winner_replica, loser_replica, record_rev, winner_rev, loser_rev)
order by c.id
on conflict (tenant_id, id) do update
set rev = excluded.rev, fields = excluded.fields, changed_at = excluded.changed_at,
    winner_replica = excluded.winner_replica, loser_replica = excluded.loser_replica,
    record_rev = excluded.record_rev, winner_rev = excluded.winner_rev, loser_rev = excluded.loser_rev;

-- name: writers
-- Who made a write. The rev alone does not tell: the creation of a child is noted under the rev that its parent has, so
-- the replica and the hybrid time must agree as well. Index: field_write_rev.
select r.n, w.actor_id as id, p.name
from unnest($2::text[], $3::uuid[], $4::bigint[], $5::integer[], $6::bigint[])
     with ordinality as r (collection, record_id, rev, replica, hlc, n)
cross join lateral (
    select f.actor_id from field_write f
    where f.tenant_id = $1 and f.collection = r.collection and f.record_id = r.record_id and f.rev = r.rev
      and f.replica = r.replica and f.hlc = r.hlc
    order by f.field limit 1) w
left join person p on p.tenant_id = $1 and p.id = w.actor_id
order by r.n;

-- name: create_records
-- New rows of one collection, all of one creation, in the order of their ids.
insert into {table} (tenant_id, id, rev, fields, stamps, created_at, changed_at)
select $1, r.id, 1, r.fields::jsonb, $4, $5::timestamptz, $5
from unnest($2::uuid[], $3::text[]) as r (id, fields)
order by r.id;

-- name: write_creations
-- The history of records that were made together by the server: one row each, `=`, whose value gives by rule and field what
-- was written. `field_history` and `versions` read it as a row for each field.
insert into field_write (tenant_id, collection, record_id, field, rev, replica, seq, hlc, rank, epoch, value,
                         actor_id, applied_at, outcome, rule, timing)
select $1, $2, r.id, '=', 1, 0, 1, $5, 0, 0, r.wrote::jsonb, $6, $7, 'WON', 'CREATED', 'SERVER'
from unnest($3::uuid[], $4::text[]) as r (id, wrote);

-- name: keep_alive
-- The creation of children ($4) keeps their parents ($5), of another collection, alive: noted at the parent's rev.
insert into field_write (tenant_id, collection, record_id, field, rev, replica, seq, hlc, rank, epoch, value,
                         actor_id, applied_at, outcome, rule, timing)
select $1, $2, p.id, '+' || c.id, p.rev, 0, 1, $6, 0, 0, jsonb_build_object('collection', $3::text), $7, $8,
       'ADDED', 'KEEPS_ALIVE', 'SERVER'
from unnest($4::uuid[], $5::uuid[]) as c (id, parent_id)
join {table} p on p.tenant_id = $1 and p.id = c.parent_id;
