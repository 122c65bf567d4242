"""The look for due steps reads the index alone: a time that may differ from row to row is compared with every step."""

from alembic import op

revision = "0027"
down_revision = "0026"

SQL = r"""
create or replace function tenants_with_due_steps(tenants_max integer) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public as $$
    select t.id from public.tenant t
    where exists (select from public.sla_step s
                  where s.tenant_id = t.id and s.taken_at is null and s.due_at <= statement_timestamp())
    order by t.id
    limit tenants_max
$$;
"""


def upgrade() -> None:
    """Replaces the function; nothing else changes."""
    op.execute(SQL)
