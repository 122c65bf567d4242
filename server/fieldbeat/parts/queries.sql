-- Parts and what they cost. The catalogue is everyone's in the company, the costs are not.

-- name: parts_by_ids
-- Index: primary key.
-- row: Part
select p.id, p.rev, p.sku, p.name, p.fields ->> 'unit' as unit, p.status, p.created_at, p.changed_at
from part p
where p.tenant_id = $1 and p.id = any ($2::uuid[]) and p.deleted_at is null
order by p.id
limit cardinality($2);

-- name: parts_page
-- One page in the order of names, of those with all of the words $2. Index: part_name.
-- row: Part
select p.id, p.rev, p.sku, p.name, p.fields ->> 'unit' as unit, p.status, p.created_at, p.changed_at
from part p
where p.tenant_id = $1 and p.deleted_at is null
  and not exists (select from unnest($2::text[]) as each (word) where p.search not like '%' || word || '%')
  and ($3::text[] is null or p.status = any ($3))
  and ($5::uuid is null or (p.name, p.id) > ($4::text, $5))
order by p.name, p.id
limit $6;

-- name: part_of_sku
-- Index: part_sku.
select id from part where tenant_id = $1 and sku = $2 and deleted_at is null;

-- name: set_costs
-- Of each part at most one. row: PartCost
insert into part_cost (tenant_id, part_id, from_on, amount, set_by)
select $1, c.part_id, c.from_on, round(c.amount::numeric, 4), $2
from unnest($3::uuid[], $4::date[], $5::float8[]) as c (part_id, from_on, amount)
on conflict (tenant_id, part_id, from_on) do update
set amount = excluded.amount, set_by = excluded.set_by, set_at = clock_timestamp()
returning part_id, from_on, amount::float8 as amount, set_by, set_at;

-- name: costs_of_part
-- One page, the newest day first, from behind the day $3. Index: primary key.
-- row: PartCost
select c.part_id, c.from_on, c.amount::float8 as amount, c.set_by, c.set_at
from part_cost c
where c.tenant_id = $1 and c.part_id = $2 and ($3::date is null or c.from_on < $3)
order by c.from_on desc
limit $4;
