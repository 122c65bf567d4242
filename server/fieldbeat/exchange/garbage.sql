-- Garbage of the feed: what has been gone for so long that whoever has not heard of it reads its scope anew.

-- name: tenants_with_garbage
-- Where something is to be collected.
select t.tenant_id from tenants_with_garbage($1::interval, $2) t order by t.tenant_id limit $2;

-- name: old_entries
-- The oldest entries of what is gone. Index: feed_gone.
-- row: Gone
select f.scope_id, f.collection, f.record_id, f.seq
from feed f
where f.tenant_id = $1 and f.kind <> 'PUT' and f.at <= clock_timestamp() - $2::interval
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
-- Removes entries, unless they were replaced meanwhile, and raises the horizons of their scopes over them.
with gone as (
    delete from feed f
    using unnest($2::text[], $3::text[], $4::uuid[], $5::bigint[]) as e (scope_id, collection, record_id, seq)
    where f.tenant_id = $1 and f.scope_id = e.scope_id and f.collection = e.collection and f.record_id = e.record_id
      and f.seq = e.seq and f.kind <> 'PUT'
    returning f.scope_id, f.seq
), raised as (
    update scope_head h
    set horizon = greatest(h.horizon, g.seq)
    from (select scope_id, max(seq) as seq from gone group by scope_id) g
    where h.tenant_id = $1 and h.scope_id = g.scope_id
)
select count(*) as collected from gone;
