-- Business hours and leave. $1 is the tenant where it is not said otherwise.

-- name: lock_business_hours
-- Two changes of one tenant's hours wait for each other, so that one alone is the default.
select pg_advisory_xact_lock(hashtextextended('business hours ' || $1::text, 0));

-- name: business_hours_of
-- All of a tenant, the default first. Index: business_hours_default, primary key.
-- row: KeptHours
select id, rev, fields, created_at, changed_at
from business_hours
where tenant_id = $1 and deleted_at is null
order by is_default desc, id
limit 1000;

-- name: business_hours_by_ids
-- Index: primary key.
-- row: KeptHours
select id, rev, fields, created_at, changed_at
from business_hours
where tenant_id = $1 and id = any ($2::uuid[]) and deleted_at is null
order by id
limit cardinality($2);

-- name: business_hours_after
-- One page by name. Index: business_hours_name.
-- row: KeptHours
select id, rev, fields, created_at, changed_at
from business_hours
where tenant_id = $1 and deleted_at is null and ($2::text is null or (name, id) > ($2, $3::uuid))
order by name, id
limit $4;

-- name: known_people
-- Which of these people are of this tenant. Index: person's primary key.
select id from person where tenant_id = $1 and id = any ($2::uuid[]) and deleted_at is null
order by id
limit cardinality($2);

-- name: people_under
-- The actor ($1 his id, $2 his role) and those below him.
select id from people_under($1, $2) as under (id)
order by id
limit 200000;

-- name: leave_of_users
-- What overlaps the days from $3 until $4. Index: leave_user.
-- row: Leave
select id, user_id, from_on, until_on, part, kind
from leave
where tenant_id = $1 and user_id = any ($2::uuid[]) and from_on < $4 and until_on > $3
order by user_id, from_on, id
limit 100000;

-- name: leave_after
-- One page of what the actor ($2 his id, $3 his role) may see of the days from $5 until $6. Index: leave_user.
-- row: Leave
select id, user_id, from_on, until_on, part, kind
from leave
where tenant_id = $1 and user_id in (select people_under($2, $3)) and ($4::uuid is null or user_id = $4)
  and from_on < $6 and until_on > $5 and ($7::date is null or (from_on, id) > ($7, $8::uuid))
order by from_on, id
limit $9;

-- name: lock_leave
-- One leave that the actor ($3 his id, $4 his role) may see, locked. Index: primary key.
-- row: Leave
select id, user_id, from_on, until_on, part, kind
from leave
where tenant_id = $1 and id = $2 and user_id in (select people_under($3, $4))
for update;

-- name: put_leave
-- Nothing when the id is taken by somebody else's leave. Index: primary key.
insert into leave (tenant_id, id, user_id, from_on, until_on, part, kind, entered_by)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant_id, id) do update
set from_on = excluded.from_on, until_on = excluded.until_on, part = excluded.part, kind = excluded.kind,
    entered_by = excluded.entered_by, changed_at = clock_timestamp()
where leave.user_id = excluded.user_id
returning id;

-- name: drop_leave
delete from leave where tenant_id = $1 and id = $2;
