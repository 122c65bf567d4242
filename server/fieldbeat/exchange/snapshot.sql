-- Snapshots: what a device is promised, the chunks that the worker has built, and rows where there are none.

-- name: snapshot_device
-- The device that asks, with the database's epoch and clock and the snapshot that it reads already. Index: primary keys.
-- row: Asking
select d.user_id, d.incarnation, d.schema_version, d.wiped_at, i.epoch, clock_timestamp() as now,
       s.id as stream_id, s.as_of, s.scopes, s.today, s.started_at
from installation i
join device d on d.tenant_id = $1 and d.id = $2
left join snapshot_stream s on s.tenant_id = d.tenant_id and s.device_id = d.id;

-- name: shelves
-- The heads of the scopes held, each with the newest set of chunks that a pull can go on from. Index: primary keys.
-- row: Shelf
select h.scope_id, h.head, h.live_rows, h.checksum, b.head as built_head, b.live_rows as built_rows,
       b.checksum as built_checksum
from scope_head h
left join lateral (
    select s.head, s.live_rows, s.checksum
    from snapshot_set s
    where s.tenant_id = $1 and s.scope_id = h.scope_id and s.schema_version = $3 and s.head between h.horizon and h.head
    order by s.head desc
    limit 1) b on true
where h.tenant_id = $1 and h.scope_id = any($2::text[])
order by h.scope_id
limit cardinality($2);

-- name: begin_stream
-- One snapshot at a time for a device; a new one ends the resuming of the one before. Losing it with the server costs a
-- fresh start, so it does not wait for the disk. Index: primary key.
with quickly as (select set_config('synchronous_commit', 'off', true))
insert into snapshot_stream (tenant_id, device_id, id, as_of, scopes, today)
select $1, $2, $3, $4, $5, $6 from quickly
on conflict (tenant_id, device_id) do update
set id = excluded.id, as_of = excluded.as_of, scopes = excluded.scopes, today = excluded.today,
    started_at = clock_timestamp();

-- name: standing_rows
-- Of each of these records one of the scopes held ($4) in which it stands, a person's own first: they are small. One by
-- one, whatever PostgreSQL believes of the size of the table. Index: the primary key of feed.
-- row: RowKey
select p.scope_id, r.collection, r.record_id
from unnest($2::text[], $3::uuid[]) with ordinality as r (collection, record_id, n)
cross join lateral (
    select f.scope_id
    from feed f
    where f.tenant_id = $1 and f.scope_id = any ($4::text[]) and f.collection = r.collection
      and f.record_id = r.record_id and f.kind = 'PUT'
    order by f.scope_id not like 'user:%', f.scope_id
    limit 1) p
order by r.n
limit cardinality($3);

-- name: rows_by_keys
-- Those of these rows of the feed that are live, in the order given, until so many bytes are reached (one row always
-- comes). Index: the primary key of feed.
-- row: LiveRow
select p.scope_id, p.collection, p.record_id, p.doc
from (select r.n, f.scope_id, f.collection, f.record_id, f.doc,
             sum(octet_length(f.doc)) over (order by r.n) - octet_length(f.doc) as bytes_before
      from unnest($2::text[], $3::text[], $4::uuid[]) with ordinality as r (scope_id, collection, record_id, n)
      cross join lateral (
          select w.scope_id, w.collection, w.record_id, w.doc
          from feed w
          where w.tenant_id = $1 and w.scope_id = r.scope_id and w.collection = r.collection
            and w.record_id = r.record_id and w.kind = 'PUT'
          offset 0) f) p
where p.bytes_before < $5
order by p.n
limit cardinality($4);

-- name: chunks
-- Built chunks behind a key, until so many bytes are reached (one always comes). Index: primary key.
-- row: Chunk
select c.n, c.of, c.collection, c.last_id, c.live_rows, c.frame
from (
    select k.n, k.collection, k.last_id, k.live_rows, k.frame, k.of,
           sum(octet_length(k.frame)) over (order by k.n) - octet_length(k.frame) as bytes_before
    from (
        select b.n, b.collection, b.last_id, b.live_rows, b.frame, s.chunks as of
        from snapshot_set s
        join snapshot_chunk b using (tenant_id, scope_id, schema_version, head)
        where s.tenant_id = $1 and s.scope_id = $2 and s.schema_version = $3 and s.head = $4
          and (b.collection, b.last_id) > ($5, $6::uuid)
        order by b.n
        limit $8) k) c
where c.bytes_before < $7
order by c.n
limit $8;

-- name: live_rows
-- Live rows of some scopes behind a key in each, scope after scope, until so many bytes are reached (one row always
-- comes). Index: the primary key of feed.
-- row: LiveRow
select p.scope_id, p.collection, p.record_id, p.doc
from (
    select w.n, e.scope_id, e.collection, e.record_id, e.doc,
           sum(octet_length(e.doc)) over (order by w.n, e.collection, e.record_id) - octet_length(e.doc) as bytes_before
    from unnest($2::text[], $3::text[], $4::uuid[]) with ordinality as w (scope_id, collection, record_id, n)
    cross join lateral (
        select f.scope_id, f.collection, f.record_id, f.doc
        from feed f
        where f.tenant_id = $1 and f.scope_id = w.scope_id and (f.collection, f.record_id) > (w.collection, w.record_id)
          and f.kind = 'PUT'
        order by f.collection, f.record_id
        limit $5) e
    order by w.n, e.collection, e.record_id
    limit $5) p
where p.bytes_before < $6
order by p.n, p.collection, p.record_id
limit $5;

-- name: stale_snapshots
-- Large shared scopes of any tenant whose chunks are missing or out of date.
select s.tenant_id, s.scope_id from stale_snapshots($1, $2, $3, $4) s order by s.tenant_id, s.scope_id limit $4;

-- name: scope_state
-- A scope as it stands in this snapshot of the database. Index: primary key.
select h.head, h.live_rows, h.checksum from scope_head h where h.tenant_id = $1 and h.scope_id = $2;

-- name: add_chunk
-- Two workers that build the same set write the same chunks.
insert into snapshot_chunk (tenant_id, scope_id, schema_version, head, n, collection, last_id, live_rows, frame)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (tenant_id, scope_id, schema_version, head, n) do nothing;

-- name: add_set
-- From now on it is served.
insert into snapshot_set (tenant_id, scope_id, schema_version, head, live_rows, checksum, chunks)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant_id, scope_id, schema_version, head) do nothing;

-- name: drop_sets
-- Sets before a head, but for those so young that somebody may still be reading them. Index: primary key.
delete from snapshot_set
where tenant_id = $1 and scope_id = $2 and (schema_version, head) < ($3, $4)
  and built_at < clock_timestamp() - $5::interval;

-- name: drop_chunks
-- Chunks before a head whose set is gone, or never came to be. Index: primary key.
delete from snapshot_chunk c
where c.tenant_id = $1 and c.scope_id = $2 and (c.schema_version, c.head) < ($3, $4)
  and not exists (select from snapshot_set s
                  where s.tenant_id = $1 and s.scope_id = $2 and s.schema_version = c.schema_version
                    and s.head = c.head);
