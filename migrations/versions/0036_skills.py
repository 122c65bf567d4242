"""What people can do, and what tickets and visits ask of them."""

from alembic import op

revision = "0036"
down_revision = "0035"

SQL = r"""
set local lock_timeout = '5s';

alter table visit_rule add column skills text[] not null default '{}';

-- A quote within a JSON string is escaped, so these can only be names.
update person set fields = fields || '{"skills": []}' where not fields ? 'skills';
update ticket set fields = fields || '{"requiredSkills": []}' where not fields ? 'requiredSkills';
update feed set doc = replace(doc, ',"timeZone":', ',"skills":[],"timeZone":')
where collection = 'user' and doc is not null and doc not like '%,"skills":%';
update feed set doc = replace(doc, ',"tags":', ',"requiredSkills":[],"tags":')
where collection = 'ticket' and doc is not null and doc not like '%,"requiredSkills":%';
"""


def upgrade() -> None:
    op.execute(SQL)
