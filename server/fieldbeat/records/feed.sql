-- What a transaction publishes: the feed, and what the team is told. $1 is the tenant.

-- name: publish
-- The last step of a writing transaction: raises the head of each touched scope by the number of its entries and writes
-- the entries. Heads are locked in order of scope, so writers cannot deadlock; the locks hold to commit, so the order of
-- numbers is the order of commits, and a rollback leaves no hole. `back`: how far below the new head an entry stands.
with raised as (
    insert into scope_head (tenant_id, scope_id, head, live_rows, checksum)
    select $1, s.scope_id, s.entries, s.live_rows, s.checksum
    from unnest($2::text[], $3::bigint[], $4::bigint[], $5::numeric[]) as s (scope_id, entries, live_rows, checksum)
    order by s.scope_id
    on conflict (tenant_id, scope_id) do update
    set head = scope_head.head + excluded.head,
        live_rows = scope_head.live_rows + excluded.live_rows,
        checksum = mod(scope_head.checksum + excluded.checksum, 18446744073709551616)
    returning scope_id, head
)
insert into feed (tenant_id, scope_id, seq, collection, record_id, kind, rev, doc)
select $1, e.scope_id, r.head - e.back, e.collection, e.record_id, e.kind, e.rev, e.doc
from unnest($6::text[], $7::bigint[], $8::text[], $9::uuid[], $10::text[], $11::bigint[], $12::text[])
     as e (scope_id, back, collection, record_id, kind, rev, doc)
join raised r using (scope_id)
on conflict (tenant_id, scope_id, collection, record_id) do update
set seq = excluded.seq, kind = excluded.kind, rev = excluded.rev, doc = excluded.doc, at = excluded.at;

-- name: write_activities
-- What the team is told, behind all else that is written: their times are within a commit of being seen, in the order in
-- which they took place ($2).
with told as materialized (select clock_timestamp() as at)
insert into activity (tenant_id, at, id, person_id, kind, collection, record_id, actor_id, concerns_id, happened_at, about,
                      detail)
select $1, told.at + a.n * interval '1 microsecond', a.id, a.person_id, a.kind, a.collection, a.record_id, a.actor_id,
       a.concerns_id, a.happened_at,
       coalesce(a.about, (select c.name from account c where c.tenant_id = $1 and c.id = a.account_id)), a.detail
from told
cross join unnest($2::integer[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], $9::uuid[],
                  $10::timestamptz[], $11::text[], $12::uuid[], $13::text[])
     as a (n, id, person_id, kind, collection, record_id, actor_id, concerns_id, happened_at, about, account_id, detail);

-- name: conflicts_about
-- All conflicts about some records. Index: conflict_record.
select c.id from conflict c where c.tenant_id = $1 and c.record_id = any($2::uuid[])
order by c.id;

-- name: entries_in_scope
-- The entries of some records, live or deleted, in one scope that they stand in. Index: primary key.
select f.collection, f.record_id, f.kind, f.rev, f.doc
from feed f
where f.tenant_id = $1 and f.scope_id = $2 and f.kind <> 'EVICT'
  and ((f.collection = any($3::text[]) and f.record_id = any($4::uuid[]))
       or (f.collection = 'conflict' and f.record_id in (
            select c.id from conflict c where c.tenant_id = $1 and c.record_id = any($4::uuid[]))))
order by f.collection, f.record_id;
