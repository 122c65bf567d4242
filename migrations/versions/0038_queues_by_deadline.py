"""Pages of tickets by the deadlines of their clocks, without gathering all that are due."""

from alembic import op

revision = "0038"
down_revision = "0037"

SQL = r"""
set local lock_timeout = '5s';

drop function tickets_by_number;

-- One page of the tickets that somebody sees, the greatest number first: those at accounts in the territories `held`,
-- and those that one of `people` answers for or that are offered to him; both null: all. As accounts_by_name: trigrams
-- under row-level security need the owner, who sees the current tenant alone. `words` are folded; at most six count.
-- With `due_until` those with a clock that goes on, whose deadline lies behind `due_after` and not behind that: a
-- scalar query, for EXISTS would be hashed over all that are due.
create function tickets_by_number(
    held uuid[], people uuid[], words text[], in_status text[], in_priority text[], in_kind text[], with_tags text[],
    of_assignee uuid, offered_to uuid, of_account uuid, below_number bigint, rows_max integer, among uuid[],
    due_after timestamptz, due_until timestamptz)
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
      and (among is null or t.id = any (among))
      and (due_until is null or (
              select true from public.sla_clock c
              where c.tenant_id = t.tenant_id and c.ticket_id = t.id and c.ended_at is null
                and c.deadline > due_after and c.deadline <= due_until
              limit 1))
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
"""


def upgrade() -> None:
    op.execute(SQL)
