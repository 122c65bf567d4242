-- Territories and who covers them. $1 is the tenant where it is not said otherwise.

-- name: held_territories
-- The territories that an actor holds today ($1 his id, $2 his role). Index: territory_assignment_user.
select id from held_territories($1, $2) as held (id)
order by id
limit 100000;

-- name: held_scopes
-- The ids of an actor's scopes. $1 his id, $2 his role.
select id from scopes_held($1, $2) as held (id)
order by id
limit 200000;

-- name: once_held
-- Territories that the actor, or somebody below him, held once and that none of them holds today, and until when.
select a.territory_id as id, max(a.until_on::timestamp at time zone p.time_zone) as ended_at
from territory_assignment a
join person p on p.tenant_id = a.tenant_id and p.id = a.user_id
where a.tenant_id = $1 and a.user_id in (select people_under($2, $3)) and a.until_on <= local_today(p.time_zone)
  and a.territory_id not in (select held_territories($2, $3))
group by a.territory_id
order by id
limit 100000;

-- name: primary_territories
-- The territory of each person that began first among those held today. Index: territory_assignment_user.
select distinct on (a.user_id) a.user_id, a.territory_id
from territory_assignment a
join person p on p.tenant_id = a.tenant_id and p.id = a.user_id
join territory t on t.tenant_id = a.tenant_id and t.id = a.territory_id and t.deleted_at is null
where a.tenant_id = $1 and a.user_id = any ($2::uuid[])
  and a.from_on <= local_today(p.time_zone) and (a.until_on is null or a.until_on > local_today(p.time_zone))
order by a.user_id, a.from_on, a.id
limit cardinality($2);

-- name: territories_by_ids
-- Every person of a tenant sees its territories. Index: primary key.
-- row: Territory
select id, rev, name, labels, created_at, changed_at
from territory
where tenant_id = $1 and id = any ($2::uuid[]) and deleted_at is null
order by id
limit cardinality($2);

-- name: territories_after
-- One page by name. Index: territory_name.
-- row: Territory
select id, rev, name, labels, created_at, changed_at
from territory
where tenant_id = $1 and deleted_at is null and ($2::text is null or (name, id) > ($2, $3::uuid))
order by name, id
limit $4;

-- name: named_territory
-- Whether a name is taken among live territories. Index: territory_name.
select id from territory where tenant_id = $1 and name = $2 and deleted_at is null;

-- name: assignments_of
-- Who covers some territories, and when. Index: territory_assignment_territory.
-- row: Assignment
select id, territory_id, user_id, from_on, until_on
from territory_assignment
where tenant_id = $1 and territory_id = any ($2::uuid[])
order by territory_id, from_on, id
limit 100000;

-- name: lock_person
-- The person, if he is of this tenant; locked, so that he is not assigned twice at once. Index: primary key.
select id from person where tenant_id = $1 and id = $2 and deleted_at is null for no key update;

-- name: cut_assignments
-- What stood for this person and territory from a day on ends on it. Index: territory_assignment_user.
update territory_assignment
set until_on = $4
where tenant_id = $1 and territory_id = $2 and user_id = $3
  and from_on < $4 and (until_on is null or until_on > $4);

-- name: drop_assignments
-- What would have begun on that day or later never begins.
delete from territory_assignment
where tenant_id = $1 and territory_id = $2 and user_id = $3 and from_on >= $4;

-- name: add_assignment
insert into territory_assignment (tenant_id, id, territory_id, user_id, from_on, until_on)
values ($1, $2, $3, $4, $5, $6);
