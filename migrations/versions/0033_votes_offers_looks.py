"""Articles without the counts of their votes, attachments of offered tickets, and looks that read their indexes."""

from alembic import op

revision = "0033"
down_revision = "0032"

SQL = r"""
set local lock_timeout = '5s';

-- The counts stood in the rows; the votes themselves stay.
update knowledge_article set fields = fields - '{helpfulVotes,unhelpfulVotes}'::text[]
where fields ?| '{helpfulVotes,unhelpfulVotes}';
update feed set doc = regexp_replace(doc, ',"(helpfulVotes|unhelpfulVotes)":\d+', '', 'g')
where collection = 'knowledgeArticle' and doc is not null;
-- Prepared snapshots still show them; they are built anew.
delete from snapshot_chunk where collection = 'knowledgeArticle';
delete from snapshot_set s
where exists (select from feed f where f.tenant_id = s.tenant_id and f.scope_id = s.scope_id and f.collection = 'knowledgeArticle');

-- As the ticket itself, what hangs on it is open to whom it is offered to.
create or replace function record_is_seen(wanted_id uuid, actor_id uuid, actor_role text) returns boolean
language sql stable as $$
    select exists (
        select from (
            select account_id, rep_id as person_id from visit where tenant_id = current_tenant() and id = wanted_id
            union all
            select account_id, assignee_id from ticket where tenant_id = current_tenant() and id = wanted_id
            union all
            select account_id, offered_to_id from ticket where tenant_id = current_tenant() and id = wanted_id
            union all
            select id, null from account where tenant_id = current_tenant() and id = wanted_id) r
        join account a on a.tenant_id = current_tenant() and a.id = r.account_id
        where a.territory_id in (select held_territories(actor_id, actor_role))
           or r.person_id in (select people_under(actor_id, actor_role)))
$$;

-- What the worker looks for across tenants: an index is searched up to the time of the statement; a time that may differ
-- from row to row is compared with every row.
create or replace function due_effects(kinds text[], effects_max integer) returns table (tenant_id uuid, id uuid)
language sql stable security definer set search_path = pg_catalog, public as $$
    select o.tenant_id, o.id
    from public.outbox o
    where o.done_at is null and o.due_at <= statement_timestamp() and o.effect = any (kinds)
    order by o.due_at, o.tenant_id, o.id
    limit effects_max
$$;

create or replace function tenants_with_garbage(age interval, tenants_max integer) returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public as $$
    select t.id
    from public.tenant t
    where exists (select from public.feed f
                  where f.tenant_id = t.id and f.kind <> 'PUT' and f.at <= statement_timestamp() - age)
    order by t.id
    limit tenants_max
$$;

create or replace function tenants_with_missed_visits(grace interval, tenants_max integer) returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public as $$
    select t.id from public.tenant t
    where exists (select from public.visit v
                  where v.tenant_id = t.id and v.status in ('PLANNED', 'EN_ROUTE') and v.deleted_at is null
                    and v.ends_at <= statement_timestamp() - grace)
    order by t.id
    limit tenants_max
$$;

create or replace function tenants_with_old_places(age interval, tenants_max integer) returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public as $$
    select t.id from public.tenant t
    where exists (select from public.visit v
                  where v.tenant_id = t.id and v.ends_at <= statement_timestamp() - age
                    and ((v.fields #>> '{checkIn,latitude}') is not null or (v.fields #>> '{checkOut,latitude}') is not null))
    order by t.id
    limit tenants_max
$$;

create or replace function tenants_with_stale_files(grace interval, tenants_max integer) returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public as $$
    select t.id
    from public.tenant t
    where exists (select from public.upload u where u.tenant_id = t.id and u.expires_at <= statement_timestamp())
       or exists (select from public.blob b
                  where b.tenant_id = t.id and b.seen_at <= statement_timestamp() - grace
                    and not exists (select from public.attachment a
                                    where a.tenant_id = t.id and a.sha256 = b.sha256))
    order by t.id
    limit tenants_max
$$;

create or replace function tenants_with_tombstones(age interval, tenants_max integer) returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog, public as $$
    select t.id
    from public.tenant t
    where exists (select from public.deleted_record d where d.tenant_id = t.id and d.at <= statement_timestamp() - age)
    order by t.id
    limit tenants_max
$$;
"""


def upgrade() -> None:
    op.execute(SQL)
