"""Schema version 2: a contact's `title` is its `jobTitle`, and it has a `preferredChannel`. Rows, stamps, history,
conflicts, imports and the feed are brought to the new names; apps of version 1 go on with theirs (versions.py)."""

from typing import Any

import msgspec
from alembic import op

revision = "0008"
down_revision = "0007"

STAMPS_AT_ONCE = 1_000

SQL = r"""
set local lock_timeout = '5s';

alter table contact drop column title;
update contact
set fields = fields - 'title' || jsonb_build_object('jobTitle', fields -> 'title', 'preferredChannel', null)
where not fields ? 'jobTitle';
alter table contact add column job_title text generated always as (fields ->> 'jobTitle') stored;

update field_write set field = 'jobTitle' where collection = 'contact' and field = 'title';
update conflict set fields = jsonb_set(fields, '{field}', '"jobTitle"')
where collection = 'contact' and field = 'title';
update import_row
set said = case when said ? 'title' then said - 'title' || jsonb_build_object('jobTitle', said -> 'title')
           else said end,
    before = case when before ? 'title' then before - 'title' || jsonb_build_object('jobTitle', before -> 'title')
             else before end
where collection = 'contact' and (said ? 'title' or before ? 'title');

-- A quote within a JSON string is escaped, so these can only be names.
update feed set doc = replace(doc, ',"title":', ',"preferredChannel":null,"jobTitle":')
where collection = 'contact' and doc is not null;
update feed f set doc = replace(doc, ',"field":"title"', ',"field":"jobTitle"')
from conflict c
where f.collection = 'conflict' and c.tenant_id = f.tenant_id and c.id = f.record_id and c.collection = 'contact'
  and c.field = 'jobTitle' and f.doc is not null;
"""

STAMPED = """
select tenant_id, id, stamps from contact
where (tenant_id, id) > (%s::uuid, %s::uuid) and position('title'::bytea in stamps) > 0
order by tenant_id, id limit %s
"""
NOBODY = "00000000-0000-0000-0000-000000000000"


def upgrade() -> None:
    op.execute(SQL)
    conn, after = op.get_bind(), (NOBODY, NOBODY)
    while True:
        rows = conn.exec_driver_sql(STAMPED, (*after, STAMPS_AT_ONCE)).all()
        for tenant_id, id, stamps in rows:
            conn.exec_driver_sql(
                "update contact set stamps = %s where tenant_id = %s and id = %s", (renamed(stamps), tenant_id, id)
            )
        if len(rows) < STAMPS_AT_ONCE:
            return
        after = (rows[-1][0], rows[-1][1])


def renamed(stamps: bytes) -> bytes:
    """The stamps of a contact with the one of `title` under its new name: [created, {field: stamp}, …]."""
    parts: list[Any] = msgspec.msgpack.decode(stamps)
    parts[1] = {"jobTitle" if name == "title" else name: stamp for name, stamp in parts[1].items()}
    return msgspec.msgpack.encode(parts)
