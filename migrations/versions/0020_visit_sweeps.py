"""Visits that nobody made, and places that are old: found by the worker in any tenant."""

from alembic import op

revision = "0020"
down_revision = "0019"

SQL = r"""
set local lock_timeout = '5s';

create index visit_due on visit (tenant_id, ends_at, id) where status in ('PLANNED', 'EN_ROUTE') and deleted_at is null;
create index visit_placed on visit (tenant_id, ends_at, id)
where (fields #>> '{checkIn,latitude}') is not null or (fields #>> '{checkOut,latitude}') is not null;

-- The worker looks across tenants; it learns tenants alone. Index: visit_due.
create function tenants_with_missed_visits(grace interval, tenants_max integer) returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public
as $$
    select t.id from public.tenant t
    where exists (select from public.visit v
                  where v.tenant_id = t.id and v.status in ('PLANNED', 'EN_ROUTE') and v.deleted_at is null
                    and v.ends_at <= clock_timestamp() - grace)
    order by t.id
    limit tenants_max
$$;

-- The worker looks across tenants; it learns tenants alone. Index: visit_placed.
create function tenants_with_old_places(age interval, tenants_max integer) returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public
as $$
    select t.id from public.tenant t
    where exists (select from public.visit v
                  where v.tenant_id = t.id and v.ends_at <= clock_timestamp() - age
                    and ((v.fields #>> '{checkIn,latitude}') is not null or (v.fields #>> '{checkOut,latitude}') is not null))
    order by t.id
    limit tenants_max
$$;

-- History is never rewritten, but that places are forgotten: of visits of the current tenant, coordinates alone. A deleted
-- visit, which no change reaches any more, forgets them in its row as well, under a new rev that its DELETE takes.
create function forget_places(visit_ids uuid[]) returns void
language sql security definer set search_path = pg_catalog, public
as $$
    update public.field_write w set value = w.value - '{latitude,longitude,accuracyM}'::text[]
    where w.tenant_id = public.current_tenant() and w.collection = 'visit' and w.record_id = any (visit_ids)
      and w.field in ('checkIn', 'checkOut') and jsonb_typeof(w.value) = 'object';
    update public.visit v
    set rev = v.rev + 1, fields = v.fields
        || case when jsonb_typeof(v.fields -> 'checkIn') = 'object'
                then jsonb_build_object('checkIn', v.fields -> 'checkIn' || '{"latitude":null,"longitude":null,"accuracyM":null}')
                else '{}' end
        || case when jsonb_typeof(v.fields -> 'checkOut') = 'object'
                then jsonb_build_object('checkOut', v.fields -> 'checkOut' || '{"latitude":null,"longitude":null,"accuracyM":null}')
                else '{}' end
    where v.tenant_id = public.current_tenant() and v.id = any (visit_ids) and v.deleted_at is not null;
$$;

do $$
declare
    app text := current_setting('fieldbeat.app_role');
    signature text;
begin
    foreach signature in array array['tenants_with_missed_visits(interval, integer)',
                                     'tenants_with_old_places(interval, integer)', 'forget_places(uuid[])'] loop
        execute format('revoke execute on function %s from public', signature);
        execute format('grant execute on function %s to %I', signature, app);
    end loop;
end $$;
"""


def upgrade() -> None:
    op.execute(SQL)
