-- Rotas. $1 is the tenant where it is not said otherwise.

-- name: lock_rotas
-- Two changes of one tenant's rotas wait for each other, so that a territory has one, and no stand-in is overwritten.
select pg_advisory_xact_lock(hashtextextended('on-call rotas ' || $1::text, 0));

-- name: rotas_by_ids
-- Index: primary key.
-- row: KeptRota
select id, rev, fields, created_at, changed_at
from on_call_rota
where tenant_id = $1 and id = any ($2::uuid[]) and deleted_at is null
order by id
limit cardinality($2);

-- name: rotas_after
-- One page by name. Index: on_call_rota_name.
-- row: KeptRota
select id, rev, fields, created_at, changed_at
from on_call_rota
where tenant_id = $1 and deleted_at is null and ($2::text is null or (name, id) > ($2, $3::uuid))
order by name, id
limit $4;

-- name: rota_of_territory
-- The rota of a territory, or the company's own (null). Index: on_call_rota_territory.
select id from on_call_rota
where tenant_id = $1 and territory_id is not distinct from $2::uuid and deleted_at is null;

-- name: working_people
-- Which of these people work here. Index: person's primary key.
select id from person
where tenant_id = $1 and id = any ($2::uuid[]) and deleted_at is null and deactivated_at is null
order by id
limit cardinality($2);

-- name: rotas_in_charge
-- The rotas of territories ($2) and the company's own, each with those of its people who are away at $3: they have left, or
-- are on leave then by the clock of their own time zone (its halves meet at noon). Indexes: on_call_rota_territory, person's
-- primary key, leave_user.
-- row: InCharge
select r.id, r.territory_id, r.fields,
       array(select p.id from person p
             where p.tenant_id = r.tenant_id
               and p.id = any (text_array(r.fields -> 'userIds' || jsonb_path_query_array(r.fields, '$.standIns[*].userId'))::uuid[])
               and (p.deactivated_at is not null or p.deleted_at is not null
                    or exists (select from leave v
                               where v.tenant_id = p.tenant_id and v.user_id = p.id
                                 and v.from_on <= ($3::timestamptz at time zone p.time_zone)::date
                                 and v.until_on > ($3::timestamptz at time zone p.time_zone)::date
                                 and v.part <> case when ($3::timestamptz at time zone p.time_zone)::time < '12:00'
                                               then 'AFTERNOON' else 'MORNING' end))
             order by p.id) as away
from on_call_rota r
where r.tenant_id = $1 and r.deleted_at is null and (r.territory_id = any ($2::uuid[]) or r.territory_id is null)
order by r.id
limit cardinality($2) + 1;
