"""Attachments of assets: the plate of a machine, where it stands."""

from alembic import op

revision = "0041"
down_revision = "0040"

SQL = r"""
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
            select account_id, null from asset where tenant_id = current_tenant() and id = wanted_id
            union all
            select id, null from account where tenant_id = current_tenant() and id = wanted_id) r
        join account a on a.tenant_id = current_tenant() and a.id = r.account_id
        where a.territory_id in (select held_territories(actor_id, actor_role))
           or r.person_id in (select people_under(actor_id, actor_role)))
$$;
"""


def upgrade() -> None:
    op.execute(SQL)
