"""Accounts and contacts: the customers, where they are, who is to be met there, and who may see them."""

from alembic import op

revision = "0003"
down_revision = "0002"

SQL = r"""
set local lock_timeout = '5s';

-- How text is compared in a search: lower case, without accents. Names typed on a phone rarely carry them.
create function folded(said text) returns text language sql immutable strict parallel safe
as $$ select translate(regexp_replace(normalize(lower(said), NFKD), '[\u0300-\u036f]', '', 'g'), 'øđłıß', 'odlis') $$;

-- Whose rows an actor sees: his own; a supervisor also those of everyone below him; an administrator everyone's.
-- `union` ends a reporting line that was closed to a ring.
create function people_under(actor_id uuid, actor_role text) returns setof uuid language sql stable
as $$
    with recursive under (id) as (
        select actor_id
        union
        select p.id from person p join under on p.manager_id = under.id
        where p.tenant_id = current_tenant() and actor_role = 'SUPERVISOR'
    )
    select id from under where actor_role <> 'ADMIN'
    union all
    select id from person where tenant_id = current_tenant() and actor_role = 'ADMIN'
$$;

-- Today where a person is. Assignments begin and end by local dates.
create function local_today(zone text) returns date language sql stable
as $$ select (clock_timestamp() at time zone coalesce(zone, 'UTC'))::date $$;

-- The territories that an actor holds today, by the local date of whoever is assigned. Every scoped read asks it.
create function held_territories(actor_id uuid, actor_role text) returns setof uuid language sql stable
as $$
    select distinct held.territory_id
    from territory_assignment held join person p on p.tenant_id = held.tenant_id and p.id = held.user_id
    where held.tenant_id = current_tenant() and held.user_id in (select people_under(actor_id, actor_role))
      and actor_role <> 'ADMIN'
      and held.from_on <= local_today(p.time_zone)
      and (held.until_on is null or held.until_on > local_today(p.time_zone))
    union all
    select id from territory where tenant_id = current_tenant() and actor_role = 'ADMIN'
$$;

create table account (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
    code text generated always as (fields ->> 'code') stored,
    name text generated always as (fields ->> 'name') stored,
    kind text generated always as (fields ->> 'kind') stored,
    status text generated always as (fields ->> 'status') stored,
    tier text generated always as (fields ->> 'tier') stored,
    owner_id uuid generated always as ((fields ->> 'ownerId')::uuid) stored,
    territory_id uuid not null generated always as ((fields ->> 'territoryId')::uuid) stored,
    latitude double precision generated always as ((fields #>> '{location,latitude}')::double precision) stored,
    longitude double precision generated always as ((fields #>> '{location,longitude}')::double precision) stored,
    city text generated always as (fields #>> '{address,city}') stored,
    country text generated always as (fields #>> '{address,country}') stored,
    tags text[] generated always as (text_array(fields -> 'tags')) stored,
    search text generated always as (folded(
        coalesce(fields ->> 'name', '') || ' ' || coalesce(fields ->> 'code', '')
        || ' ' || coalesce(fields #>> '{address,city}', ''))) stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, owner_id) references person (tenant_id, id),
    foreign key (tenant_id, territory_id) references territory (tenant_id, id)
);
create unique index account_code on account (tenant_id, code) where deleted_at is null;
create index account_territory on account (tenant_id, territory_id, name, id);
create index account_owner on account (tenant_id, owner_id, id);
create index account_name on account (tenant_id, name, id);
create index account_search on account using gin (tenant_id, search gin_trgm_ops);
create index account_tags on account using gin (tenant_id, tags);
create index account_place on account (tenant_id, latitude, longitude) where latitude is not null;
select guard_tenant_table('account');

create table contact (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
    account_id uuid not null generated always as ((fields ->> 'accountId')::uuid) stored,
    name text generated always as (fields ->> 'name') stored,
    title text generated always as (fields ->> 'title') stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, account_id) references account (tenant_id, id)
);
create index contact_account on contact (tenant_id, account_id, name, id);
select guard_tenant_table('contact');

-- Metres between two places on a sphere of the Earth's mean radius (haversine).
create function metres_between(
    lat1 double precision, lon1 double precision, lat2 double precision, lon2 double precision)
returns double precision language sql immutable strict parallel safe
as $$
    select 2 * 6371008.8 * asin(sqrt(least(1.0,
        sind((lat2 - lat1) / 2) ^ 2 + cosd(lat1) * cosd(lat2) * sind((lon2 - lon1) / 2) ^ 2)))
$$;

-- Searching accounts. The operators of trigrams and arrays are not leakproof, so under row-level security no index
-- serves them; these two run as the owner, see the current tenant alone, and within it only the territories `held`
-- (null: all). An absent filter is null. `words` are folded; `alike` takes words that are only similar, too. At most
-- six words count. Their plans are made for the very filters given, hence force_custom_plan.
create function accounts_by_name(
    held uuid[], words text[], alike boolean, in_status text[], in_kind text[], in_tier text[], with_tags text[],
    of_owner uuid, of_territory uuid, after_name text, after_id uuid, rows_max integer)
returns table (account_id uuid)
language sql stable security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan
set pg_trgm.word_similarity_threshold = 0.45
as $$
    select a.id
    from public.account a
    where a.tenant_id = public.current_tenant() and a.deleted_at is null
      and (held is null or a.territory_id = any (held))
      and (words[1] is null or a.search like '%' || words[1] || '%' or (alike and words[1] <% a.search))
      and (words[2] is null or a.search like '%' || words[2] || '%' or (alike and words[2] <% a.search))
      and (words[3] is null or a.search like '%' || words[3] || '%' or (alike and words[3] <% a.search))
      and (words[4] is null or a.search like '%' || words[4] || '%' or (alike and words[4] <% a.search))
      and (words[5] is null or a.search like '%' || words[5] || '%' or (alike and words[5] <% a.search))
      and (words[6] is null or a.search like '%' || words[6] || '%' or (alike and words[6] <% a.search))
      and (in_status is null or a.status = any (in_status))
      and (in_kind is null or a.kind = any (in_kind))
      and (in_tier is null or a.tier = any (in_tier))
      and (with_tags is null or a.tags @> with_tags)
      and (of_owner is null or a.owner_id = of_owner)
      and (of_territory is null or a.territory_id = of_territory)
      and (after_id is null or (a.name, a.id) > (after_name, after_id))
    order by a.name, a.id
    limit rows_max
$$;

-- As accounts_by_name, nearest first, of those within `radius_m` metres of a place. `south` to `east` are the box
-- around that circle, for the index; it crosses the antimeridian where west > east.
create function accounts_by_distance(
    held uuid[], words text[], alike boolean, in_status text[], in_kind text[], in_tier text[], with_tags text[],
    of_owner uuid, of_territory uuid, from_latitude double precision, from_longitude double precision,
    radius_m double precision, south double precision, north double precision, west double precision,
    east double precision, after_m double precision, after_id uuid, rows_max integer)
returns table (account_id uuid, distance_m double precision)
language sql stable security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan
set pg_trgm.word_similarity_threshold = 0.45
as $$
    select a.id, spot.distance_m
    from public.account a
    cross join lateral (
        select public.metres_between(from_latitude, from_longitude, a.latitude, a.longitude) as distance_m
        offset 0) spot
    where a.tenant_id = public.current_tenant() and a.deleted_at is null
      and a.latitude between south and north
      and case when west <= east then a.longitude between west and east
               else a.longitude >= west or a.longitude <= east end
      and spot.distance_m <= radius_m
      and (held is null or a.territory_id = any (held))
      and (words[1] is null or a.search like '%' || words[1] || '%' or (alike and words[1] <% a.search))
      and (words[2] is null or a.search like '%' || words[2] || '%' or (alike and words[2] <% a.search))
      and (words[3] is null or a.search like '%' || words[3] || '%' or (alike and words[3] <% a.search))
      and (words[4] is null or a.search like '%' || words[4] || '%' or (alike and words[4] <% a.search))
      and (words[5] is null or a.search like '%' || words[5] || '%' or (alike and words[5] <% a.search))
      and (words[6] is null or a.search like '%' || words[6] || '%' or (alike and words[6] <% a.search))
      and (in_status is null or a.status = any (in_status))
      and (in_kind is null or a.kind = any (in_kind))
      and (in_tier is null or a.tier = any (in_tier))
      and (with_tags is null or a.tags @> with_tags)
      and (of_owner is null or a.owner_id = of_owner)
      and (of_territory is null or a.territory_id = of_territory)
      and (after_id is null or (spot.distance_m, a.id) > (after_m, after_id))
    order by spot.distance_m, a.id
    limit rows_max
$$;

do $$
declare
    app text := current_setting('fieldbeat.app_role');
    finders text :=
        'accounts_by_name(uuid[], text[], boolean, text[], text[], text[], text[], uuid, uuid, text, uuid, integer), '
        'accounts_by_distance(uuid[], text[], boolean, text[], text[], text[], text[], uuid, uuid, double precision, '
        'double precision, double precision, double precision, double precision, double precision, double precision, '
        'double precision, uuid, integer)';
begin
    execute format('revoke execute on function %s from public', finders);
    execute format('grant execute on function %s to %I', finders, app);
end $$;
"""


def upgrade() -> None:
    op.execute(SQL)
