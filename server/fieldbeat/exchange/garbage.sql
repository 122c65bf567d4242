-- Garbage of the feed: what has been gone for so long that whoever has not heard of it reads its scope anew.

-- name: tenants_with_garbage
-- Where something is to be collected.
select t.tenant_id from tenants_with_garbage($1::interval, $2) t order by t.tenant_id limit $2;

-- name: old_entries
-- The oldest entries of what is gone. Index: feed_gone.
-- row: Gone
select f.scope_id, f.collection, f.record_id, f.seq
from feed f
where f.tenant_id = $1 and f.kind <> 'PUT' and f.at <= statement_timestamp() - $2::interval
order by f.at, f.scope_id, f.seq
limit $3;

-- name: lock_heads
-- In the order in which publishing locks them. Index: primary key.
select h.scope_id from scope_head h
where h.tenant_id = $1 and h.scope_id = any($2::text[])
order by h.scope_id
limit cardinality($2)
for no key update;

-- name: collect
-- Removes entries, unless they were replaced meanwhile, and raises the horizons of their scopes over them. Of what was
-- deleted remains since when.
with gone as (
    delete from feed f
    using unnest($2::text[], $3::text[], $4::uuid[], $5::bigint[]) as e (scope_id, collection, record_id, seq)
    where f.tenant_id = $1 and f.scope_id = e.scope_id and f.collection = e.collection and f.record_id = e.record_id
      and f.seq = e.seq and f.kind <> 'PUT'
    returning f.scope_id, f.seq, f.collection, f.record_id, f.kind, f.rev, f.at
), remembered as (
    insert into deleted_record (tenant_id, collection, id, rev, at)
    select $1, g.collection, g.record_id, max(g.rev), max(g.at) from gone g
    where g.kind = 'DELETE'
    group by g.collection, g.record_id
    order by g.collection, g.record_id
    on conflict (tenant_id, collection, id) do update
    set rev = greatest(deleted_record.rev, excluded.rev), at = greatest(deleted_record.at, excluded.at)
), raised as (
    update scope_head h
    set horizon = greatest(h.horizon, g.seq)
    from (select scope_id, max(seq) as seq from gone group by scope_id) g
    where h.tenant_id = $1 and h.scope_id = g.scope_id
)
select count(*) as collected from gone;

-- name: tenants_with_tombstones
-- Where some are old.
select t.tenant_id from tenants_with_tombstones($1::interval, $2) t order by t.tenant_id limit $2;

-- name: old_tombstones
-- The oldest of them. Index: deleted_record_at.
-- row: Tombstone
select d.collection, d.id
from deleted_record d
where d.tenant_id = $1 and d.at <= statement_timestamp() - $2::interval
order by d.at, d.collection, d.id
limit $3;

-- name: remove_dead
-- Rows of one collection that have been dead for so long. {table} is the table of a declared collection, never a caller's
-- text. Index: the table's primary key.
with gone as (
    delete from {table}
    where tenant_id = $1 and id = any($2::uuid[]) and deleted_at <= statement_timestamp() - $3::interval
    returning id
)
select count(*) as removed from gone;

-- name: settle_tombstones
-- Drops the entries of who is gone or lives; who is still dead comes again when it is old, and not at once ($4 is less than that).
-- Indexes: primary keys.
with dead as (
    select r.id, r.deleted_at from {table} r
    where r.tenant_id = $1 and r.id = any($3::uuid[]) and r.deleted_at is not null
), put_off as (
    update deleted_record d
    set at = greatest(dead.deleted_at, clock_timestamp() - $4::interval)
    from dead
    where d.tenant_id = $1 and d.collection = $2 and d.id = dead.id
)
delete from deleted_record d
where d.tenant_id = $1 and d.collection = $2 and d.id = any($3::uuid[]) and d.id not in (select dead.id from dead);
