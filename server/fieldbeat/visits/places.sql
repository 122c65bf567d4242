-- Where reps were: shown, noted with who saw it, forgotten in time. $1 is the tenant where it is not said otherwise.

-- name: read_places
-- Where the reps were, of the visits among the ids that the actor ($1, $2) may see, and a note of each that is not his own:
-- nobody reads without it. Index: primary key.
-- row: Places
with seen as (
    select v.id, v.rep_id, v.fields -> 'checkIn' as check_in, v.fields -> 'checkOut' as check_out
    from visit v join account a on a.tenant_id = v.tenant_id and a.id = v.account_id
    where v.tenant_id = current_tenant() and v.id = any ($3::uuid[]) and v.deleted_at is null
      and (v.fields #>> '{checkIn,latitude}' is not null or v.fields #>> '{checkOut,latitude}' is not null)
      and ($2 = 'ADMIN' or v.rep_id = any (array(select people_under($1, $2)))
           or a.territory_id = any (array(select held_territories($1, $2))))
    order by v.id
    limit cardinality($3)
), noted as (
    insert into location_read (tenant_id, reader_id, rep_id, visit_id)
    select current_tenant(), $1, seen.rep_id, seen.id from seen where seen.rep_id <> $1
)
select seen.id, nullif(seen.check_in, 'null') as check_in, nullif(seen.check_out, 'null') as check_out from seen order by seen.id;

-- name: note_places
-- A note of each of the visits that is not the reader's own ($1): somebody is shown its places by way of $3.
-- Index: primary key.
insert into location_read (tenant_id, reader_id, rep_id, visit_id, via)
select v.tenant_id, $1, v.rep_id, v.id, $3
from visit v
where v.tenant_id = current_tenant() and v.id = any ($2::uuid[]) and v.rep_id <> $1;

-- name: note_places_sent
-- For each rep but the reader ($1) one note of how many of the visits ($2) a device of his was sent. Index: primary key.
insert into location_read (tenant_id, reader_id, rep_id, visits, via)
select current_tenant(), $1, v.rep_id, count(*), 'SYNC'
from visit v
where v.tenant_id = current_tenant() and v.id = any ($2::uuid[]) and v.rep_id <> $1
group by v.rep_id;

-- name: note_all_places_sent
-- The same for all visits with a place that the actor ($1, $2) may see. Index: visit_placed.
insert into location_read (tenant_id, reader_id, rep_id, visits, via)
select current_tenant(), $1, v.rep_id, count(*), 'SYNC'
from visit v join account a on a.tenant_id = v.tenant_id and a.id = v.account_id
where v.tenant_id = current_tenant() and v.deleted_at is null and v.rep_id <> $1
  and (v.fields #>> '{checkIn,latitude}' is not null or v.fields #>> '{checkOut,latitude}' is not null)
  and ($2 = 'ADMIN' or v.rep_id = any (array(select people_under($1, $2)))
       or a.territory_id = any (array(select held_territories($1, $2))))
group by v.rep_id;

-- name: location_reads
-- One page, newest first, of who has read where the actor and his people ($1, $2), or one of them ($3), were.
-- Index: location_read_rep.
-- row: LocationRead
select r.id, r.reader_id, r.rep_id, r.visit_id, r.via, r.visits, r.at
from location_read r
where r.tenant_id = current_tenant() and r.rep_id = any (array(select people_under($1, $2)))
  and ($3::uuid is null or r.rep_id = $3) and ($4::timestamptz is null or (r.at, r.id) < ($4, $5::uuid))
order by r.at desc, r.id desc
limit $6;

-- name: tenants_with_old_places
-- Where places are older than they are kept.
select t.tenant_id from tenants_with_old_places($1::interval, $2) t order by t.tenant_id limit $2;

-- name: old_places
-- Visits whose places are older than they are kept, oldest first, locked. Index: visit_placed.
-- row: OldPlace
select v.id, v.rev, v.deleted_at is not null as deleted, v.account_id, v.rep_id,
       nullif(v.fields -> 'checkIn', 'null') as check_in, nullif(v.fields -> 'checkOut', 'null') as check_out
from visit v
where v.tenant_id = $1 and v.ends_at <= statement_timestamp() - $2::interval
  and ((v.fields #>> '{checkIn,latitude}') is not null or (v.fields #>> '{checkOut,latitude}') is not null)
order by v.ends_at, v.id
limit $3
for no key update of v skip locked;

-- name: forget_places
-- In what the application itself may not write: history, and the rows of deleted visits.
select forget_places($1::uuid[]);
