"""Tickets at the desk: search, tags, offers, merged tickets, and the filters that people keep."""

from alembic import op

revision = "0017"
down_revision = "0016"

SQL = """
set local lock_timeout = '5s';

alter table ticket
    add column kind text generated always as (fields ->> 'kind') stored,
    add column offered_to_id uuid generated always as ((fields ->> 'offeredToId')::uuid) stored,
    add column merged_into_id uuid generated always as ((fields ->> 'mergedIntoId')::uuid) stored,
    add column tags text[] generated always as (text_array(fields -> 'tags')) stored,
    add column search text generated always as (folded(
        coalesce(fields ->> 'number', '') || ' ' || coalesce(fields ->> 'subject', '')
        || ' ' || coalesce(fields ->> 'description', ''))) stored,
    add foreign key (tenant_id, offered_to_id) references person (tenant_id, id),
    add foreign key (tenant_id, merged_into_id) references ticket (tenant_id, id);
create index ticket_offered on ticket (tenant_id, offered_to_id, id) where offered_to_id is not null;
create index ticket_merged on ticket (tenant_id, merged_into_id, id) where merged_into_id is not null;
create index ticket_search on ticket using gin (tenant_id, search gin_trgm_ops);
create index ticket_tags on ticket using gin (tenant_id, tags);

alter table ticket_message
    add column contact_id uuid generated always as ((fields ->> 'onBehalfOfContactId')::uuid) stored,
    add column at timestamptz generated always as (instant(fields ->> 'at')) stored,
    add foreign key (tenant_id, contact_id) references contact (tenant_id, id);
create index ticket_message_at on ticket_message (tenant_id, ticket_id, at, id);

-- One page of the tickets that somebody sees, the greatest number first: those at accounts in the territories `held`,
-- and those that one of `people` answers for or that are offered to him; both null: all. As accounts_by_name: trigrams
-- under row-level security need the owner, who sees the current tenant alone. `words` are folded; at most six count.
create function tickets_by_number(
    held uuid[], people uuid[], words text[], in_status text[], in_priority text[], in_kind text[], with_tags text[],
    of_assignee uuid, offered_to uuid, of_account uuid, below_number bigint, rows_max integer)
returns table (ticket_id uuid)
language sql stable security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan
as $$
    select t.id
    from public.ticket t
    where t.tenant_id = public.current_tenant() and t.deleted_at is null
      and (held is null or t.assignee_id = any (people) or t.offered_to_id = any (people)
           or exists (select from public.account a
                      where a.tenant_id = t.tenant_id and a.id = t.account_id and a.territory_id = any (held)))
      and (words[1] is null or t.search like '%' || words[1] || '%')
      and (words[2] is null or t.search like '%' || words[2] || '%')
      and (words[3] is null or t.search like '%' || words[3] || '%')
      and (words[4] is null or t.search like '%' || words[4] || '%')
      and (words[5] is null or t.search like '%' || words[5] || '%')
      and (words[6] is null or t.search like '%' || words[6] || '%')
      and (in_status is null or t.status = any (in_status))
      and (in_priority is null or t.priority = any (in_priority))
      and (in_kind is null or t.kind = any (in_kind))
      and (with_tags is null or t.tags @> with_tags)
      and (of_assignee is null or t.assignee_id = of_assignee)
      and (offered_to is null or t.offered_to_id = offered_to)
      and (of_account is null or t.account_id = of_account)
      and (below_number is null or t.number < below_number)
    order by t.number desc
    limit rows_max
$$;
do $do$
begin
    revoke execute on function tickets_by_number from public;
    execute format('grant execute on function tickets_by_number to %I', current_setting('fieldbeat.app_role'));
end
$do$;

-- What somebody looks for again and again, under his own name for it; `wanted` is the filter as he gave it.
create table ticket_filter (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    name text not null check (length(name) between 1 and 100),
    wanted jsonb not null,
    primary key (tenant_id, id),
    unique (tenant_id, user_id, name),
    foreign key (tenant_id, user_id) references person (tenant_id, id)
);
select guard_tenant_table('ticket_filter');
"""


def upgrade() -> None:
    op.execute(SQL)
