"""Assets with their warranty, the catalogue of parts with what they cost, and the parts that tickets used."""

from alembic import op

revision = "0035"
down_revision = "0034"

_RECORD = """
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
"""

SQL = """
set local lock_timeout = '5s';

create table asset ({record}
    account_id uuid not null generated always as ((fields ->> 'accountId')::uuid) stored,
    name text not null generated always as (fields ->> 'name') stored,
    serial_number text generated always as (fields ->> 'serialNumber') stored,
    status text not null generated always as (fields ->> 'status') stored,
    warranty_until date generated always as (local_date(fields ->> 'warrantyUntil')) stored,
    tags text[] not null generated always as (text_array(fields -> 'tags')) stored,
    search text not null generated always as (folded(
        coalesce(fields ->> 'name', '') || ' ' || coalesce(fields ->> 'serialNumber', '')
        || ' ' || coalesce(fields ->> 'model', ''))) stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, account_id) references account (tenant_id, id)
);
create unique index asset_serial_number on asset (tenant_id, serial_number) where deleted_at is null;
create index asset_account on asset (tenant_id, account_id, name, id);
create index asset_name on asset (tenant_id, name, id);
create index asset_warranty on asset (tenant_id, warranty_until) where warranty_until is not null;
create index asset_search on asset using gin (tenant_id, search gin_trgm_ops);
select guard_tenant_table('asset');

create table part ({record}
    sku text not null generated always as (fields ->> 'sku') stored,
    name text not null generated always as (fields ->> 'name') stored,
    status text not null generated always as (fields ->> 'status') stored,
    search text not null generated always as (folded((fields ->> 'name') || ' ' || (fields ->> 'sku'))) stored,
    primary key (tenant_id, id)
);
create unique index part_sku on part (tenant_id, sku) where deleted_at is null;
create index part_name on part (tenant_id, name, id);
select guard_tenant_table('part');

-- What one unit of a part costs the company from a local day on, until the next row's day.
create table part_cost (
    tenant_id uuid not null,
    part_id uuid not null,
    from_on date not null,
    amount numeric(18, 4) not null check (amount between 0 and 1000000000),
    set_by uuid not null,
    set_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, part_id, from_on),
    foreign key (tenant_id, part_id) references part (tenant_id, id),
    foreign key (tenant_id, set_by) references person (tenant_id, id)
);
select guard_tenant_table('part_cost');

update ticket set fields = fields || '{"assetId": null}' where not fields ? 'assetId';
alter table ticket
    add column asset_id uuid generated always as ((fields ->> 'assetId')::uuid) stored,
    add foreign key (tenant_id, asset_id) references asset (tenant_id, id);
create index ticket_asset on ticket (tenant_id, asset_id, number) where asset_id is not null;

create table ticket_part ({record}
    ticket_id uuid not null generated always as ((fields ->> 'ticketId')::uuid) stored,
    part_id uuid not null generated always as ((fields ->> 'partId')::uuid) stored,
    author_id uuid generated always as ((fields ->> 'authorId')::uuid) stored,
    quantity bigint not null generated always as ((fields ->> 'quantity')::bigint) stored,
    at timestamptz generated always as (instant(fields ->> 'at')) stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, ticket_id) references ticket (tenant_id, id),
    foreign key (tenant_id, part_id) references part (tenant_id, id)
);
create index ticket_part_ticket on ticket_part (tenant_id, ticket_id, at, id);
create index ticket_part_part on ticket_part (tenant_id, part_id, id);
select guard_tenant_table('ticket_part');

-- The local day of an instant where the company is: by its default business hours, UTC without any.
create function company_day(of_tenant uuid, at timestamptz) returns date language sql stable
as $$
    select (at at time zone coalesce(
        (select h.fields ->> 'timeZone' from business_hours h
         where h.tenant_id = of_tenant and h.is_default and h.deleted_at is null), 'UTC'))::date
$$;

-- Whether an asset's warranty holds at an instant; null without an asset.
create function under_warranty(of_tenant uuid, asset uuid, at timestamptz) returns boolean language sql stable strict
as $$
    select coalesce(company_day(of_tenant, at) < a.warranty_until, false) from asset a
    where a.tenant_id = of_tenant and a.id = asset
$$;

-- One page of assets in the order of names, of accounts in the territories `held`; null: all. As accounts_by_name:
-- trigrams under row-level security need the owner, who sees the current tenant alone. `words` are folded; at most six
-- count. `ends_before`: the last day of the warranty lies before it; `covered_on`: the warranty holds on that day.
create function assets_by_name(
    held uuid[], words text[], in_status text[], with_tags text[], of_account uuid, ends_before date, covered_on date,
    after_name text, after_id uuid, rows_max integer)
returns table (asset_id uuid)
language sql stable security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan
as $$
    select s.id
    from public.asset s
    where s.tenant_id = public.current_tenant() and s.deleted_at is null
      and (held is null or exists (select from public.account a
                                   where a.tenant_id = s.tenant_id and a.id = s.account_id
                                     and a.territory_id = any (held)))
      and (words[1] is null or s.search like '%' || words[1] || '%')
      and (words[2] is null or s.search like '%' || words[2] || '%')
      and (words[3] is null or s.search like '%' || words[3] || '%')
      and (words[4] is null or s.search like '%' || words[4] || '%')
      and (words[5] is null or s.search like '%' || words[5] || '%')
      and (words[6] is null or s.search like '%' || words[6] || '%')
      and (in_status is null or s.status = any (in_status))
      and (with_tags is null or s.tags @> with_tags)
      and (of_account is null or s.account_id = of_account)
      and (ends_before is null or s.warranty_until <= ends_before)
      and (covered_on is null or s.warranty_until > covered_on)
      and (after_id is null or (s.name, s.id) > (after_name, after_id))
    order by s.name, s.id
    limit rows_max
$$;
do $do$
begin
    revoke execute on function assets_by_name from public;
    execute format('grant execute on function assets_by_name to %I', current_setting('fieldbeat.app_role'));
end
$do$;
"""


def upgrade() -> None:
    op.execute(SQL.replace("{record}", _RECORD))
