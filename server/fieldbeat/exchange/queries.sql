-- The protocol's shell: devices, settled mutations, the feed as a device reads it.

-- name: issue_replica
-- The next replica number of the tenant. Locks the tenant's row until commit.
update tenant set last_replica = last_replica + 1 where id = $1 returning last_replica;

-- name: epoch
select i.epoch, clock_timestamp() as now from installation i;

-- name: upsert_device
-- One device per (install, user); registering again keeps its row and starts a new incarnation. Index: its unique key.
insert into device (tenant_id, id, install_id, user_id, platform, name, app_version, schema_version, push_token, incarnation)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (tenant_id, install_id, user_id) do update
set platform = excluded.platform, name = excluded.name, app_version = excluded.app_version,
    schema_version = excluded.schema_version, push_token = excluded.push_token, incarnation = excluded.incarnation,
    last_seq = 0, ratchet = 0, given = null, given_at = null, seen_at = clock_timestamp()
returning id;

-- name: install_known
-- Index: the unique key of device.
select d.id from device d where d.tenant_id = $1 and d.install_id = $2 and d.user_id = $3;

-- name: retire_other_users
-- One writer per install: the devices of other users on it lose their incarnation. Index: the unique key of device.
update device set incarnation = 0 where tenant_id = $1 and install_id = $2 and user_id <> $3;

-- name: add_incarnation
insert into incarnation (tenant_id, replica, device_id, user_id, previous, previous_last_seq)
values ($1, $2, $3, $4, $5, $6);

-- name: previous_incarnation
-- An earlier incarnation of this user, with the hybrid time of its device's last mutation. Index: primary key.
select i.replica, d.last_hlc
from incarnation i join device d on d.tenant_id = i.tenant_id and d.id = i.device_id
where i.tenant_id = $1 and i.user_id = $2 and i.replica = $3;

-- name: inherit_hlc
update device set last_hlc = greatest(last_hlc, $3) where tenant_id = $1 and id = $2;

-- name: own_dots
-- What this incarnation continues, recursively: dots (replica, <= last_seq) are the device's own. So is every edit that it
-- sent again after a backup or a fork, under the number by which it was settled first: it stood in the device's own queue,
-- and with it all that came before it there. Indexes: primary key; settled_mutation_repeats, settled_mutation_once.
with recursive chain (replica, last_seq) as (
    values ($2::integer, 9223372036854775807)
    union all
    select i.previous, i.previous_last_seq
    from chain c join incarnation i on i.tenant_id = $1 and i.replica = c.replica
    where i.previous < i.replica
)
select own.replica, max(own.last_seq) as last_seq
from (select c.replica, c.last_seq from chain c where c.replica <> $2
      union all
      select first.replica, first.seq
      from chain c
      join settled_mutation again on again.tenant_id = $1 and again.replica = c.replica and again.seq <= c.last_seq
       and again.repeats
      join settled_mutation first on first.tenant_id = $1 and first.user_id = again.user_id and first.uuid = again.uuid
       and not first.repeats and first.payload_hash = again.payload_hash) own
group by own.replica
order by own.replica;

-- name: lock_device
-- One push per device at a time. Index: primary key.
select id, install_id, user_id, platform, name, app_version, schema_version, incarnation, last_seq, last_hlc, ratchet,
       wiped_at, registered_at, seen_at, given, given_at
from device where tenant_id = $1 and id = $2 for no key update;

-- name: device_by_id
select id, install_id, user_id, platform, name, app_version, schema_version, incarnation, last_seq, last_hlc, ratchet,
       wiped_at, registered_at, seen_at, given, given_at
from device where tenant_id = $1 and id = $2;

-- name: devices_of
-- The devices of some people, newest contact first. Index: device_user.
select id, install_id, user_id, platform, name, app_version, schema_version, incarnation, last_seq, last_hlc, ratchet,
       wiped_at, registered_at, seen_at, given, given_at
from device where tenant_id = $1 and user_id = any($2::uuid[]) and ($3::uuid is null or id > $3)
order by id limit $4;

-- name: advance_device
update device
set last_seq = $3, last_hlc = $4, ratchet = $5, skew_ms = $6, schema_version = $7, seen_at = clock_timestamp()
where tenant_id = $1 and id = $2;

-- name: settled_by_seq
-- The verdicts of this incarnation. Index: primary key.
select m.uuid, m.device_id, m.replica, m.seq, m.collection, m.record_id, m.op, m.payload_hash, m.status, m.at, m.rev,
       m.conflict_ids, m.existing_id, m.code, m.message, m.fields, m.patch
from settled_mutation m where m.tenant_id = $1 and m.replica = $2 and m.seq = any($3::bigint[])
order by m.seq;

-- name: settled_by_uuid
-- First verdicts by the identity of the edit, under whatever incarnation. One by one: planned together, before PostgreSQL has
-- counted the table, they read all that the tenant ever settled. Index: settled_mutation_once.
select m.uuid, m.device_id, m.replica, m.seq, m.collection, m.record_id, m.op, m.payload_hash, m.status, m.at, m.rev,
       m.conflict_ids, m.existing_id, m.code, m.message, m.fields, m.patch
from unnest($3::uuid[]) as asked (uuid)
cross join lateral (
    select s.uuid, s.device_id, s.replica, s.seq, s.collection, s.record_id, s.op, s.payload_hash, s.status, s.at, s.rev,
           s.conflict_ids, s.existing_id, s.code, s.message, s.fields, s.patch
    from settled_mutation s
    where s.tenant_id = $1 and s.user_id = $2 and s.uuid = asked.uuid and not s.repeats
    offset 0) m
order by m.uuid;

-- name: lost_at
-- When each record left the last of the scopes in which somebody saw it: by eviction from a scope that he holds ($4), or
-- by the end of his own hold on the scope ($5, $6), whichever came first. Index: the primary key of feed.
select r.collection, r.record_id, max(least(case when f.kind = 'EVICT' then f.at end, s.ended_at)) as lost_at
from unnest($2::text[], $3::uuid[]) as r (collection, record_id)
cross join (select scope_id, null::timestamptz from unnest($4::text[]) as h (scope_id)
            union all
            select scope_id, ended_at from unnest($5::text[], $6::timestamptz[]) as l (scope_id, ended_at))
     as s (scope_id, ended_at)
join feed f on f.tenant_id = $1 and f.scope_id = s.scope_id and f.collection = r.collection and f.record_id = r.record_id
group by r.collection, r.record_id
order by r.collection, r.record_id;

-- name: rejected_creates
-- Records whose newest CREATE by this device was rejected. Index: settled_mutation_create.
select record_id from (
    select distinct on (m.record_id) m.record_id, m.status
    from settled_mutation m
    where m.tenant_id = $1 and m.device_id = $2 and m.record_id = any($3::uuid[]) and m.op = 'CREATE'
    order by m.record_id, m.replica desc, m.seq desc) newest
where status = 'REJECTED' order by record_id;

-- name: settle
insert into settled_mutation (tenant_id, user_id, device_id, replica, repeats, uuid, seq, collection, record_id, op, payload_hash,
                              status, at, rev, conflict_ids, existing_id, code, message, fields, patch)
select $1, $2, $3, $4, m.repeats, m.uuid, m.seq, m.collection, m.record_id, m.op, m.payload_hash, m.status, m.at, m.rev,
       m.conflict_ids::uuid[], m.existing_id, m.code, m.message, m.fields::text[], m.patch
from unnest($5::uuid[], $6::bigint[], $7::text[], $8::uuid[], $9::text[], $10::bytea[], $11::text[], $12::timestamptz[],
            $13::bigint[], $14::text[], $15::uuid[], $16::text[], $17::text[], $18::text[], $19::text[], $20::boolean[])
     as m (uuid, seq, collection, record_id, op, payload_hash, status, at, rev, conflict_ids, existing_id, code, message,
           fields, patch, repeats);

-- name: standings
-- Where these records stand, or stood once (EVICT), among some scopes. Index: the primary key of feed.
select r.collection, r.record_id, f.scope_id, f.kind
from unnest($2::text[], $3::uuid[]) as r (collection, record_id)
join feed f on f.tenant_id = $1 and f.scope_id = any($4::text[]) and f.collection = r.collection and f.record_id = r.record_id
order by r.collection, r.record_id, f.scope_id;

-- name: changes
-- Of each scope that the actor ($1 his id, $2 his role) holds what changed in it behind the number that is known of it
-- ($3, $4), in collection $5: of its next $6 entries. One that is not known yet begins at its head. Index: feed_order.
-- row: ChangedPart
select held.scope_id, coalesce(part.seq, known.seq, h.head, 0) as seq, part.entries, coalesce(part.ids, '{}') as ids
from scopes_held($1, $2) as held (scope_id)
left join scope_head h on h.tenant_id = current_tenant() and h.scope_id = held.scope_id
left join unnest($3::text[], $4::bigint[]) as known (scope_id, seq) on known.scope_id = held.scope_id
cross join lateral (
    select max(e.seq) as seq, count(*) as entries,
           array_agg(e.record_id order by e.seq) filter (where e.collection = $5) as ids
    from (select f.seq, f.collection, f.record_id from feed f
          where f.tenant_id = current_tenant() and f.scope_id = held.scope_id and f.seq > known.seq
          order by f.seq
          limit $6) e) part
order by held.scope_id;
