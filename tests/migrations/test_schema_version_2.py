"""A company that was founded before schema version 2 keeps every value, stamp and conflict under the new names."""

import importlib.util
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import msgspec
import orjson
import psycopg
from sqlalchemy import NullPool, create_engine

from fieldbeat.kit.db import Db
from fieldbeat.kit.revisions import FOLDER
from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.world import settle

# Production has no triggers; those of the tests would forbid to alter a table that was written to.
UNWATCHED = "drop trigger published_new on contact; drop trigger published on contact"

# What 0008 did, undone in SQL: the names that a database of revision 0007 held. Stamps are undone by the test.
BACK = """
alter table contact drop column job_title;
update contact
set fields = fields - 'jobTitle' - 'preferredChannel' || jsonb_build_object('title', fields -> 'jobTitle');
alter table contact add column title text generated always as (fields ->> 'title') stored;
update field_write set field = 'title' where field = 'jobTitle';
update conflict set fields = jsonb_set(fields, '{field}', '"title"') where field = 'jobTitle';
update feed set doc = replace(replace(replace(doc, '"preferredChannel":null,', ''), ',"preferredChannel":null', ''),
                              '"jobTitle":', '"title":') where collection = 'contact';
update feed set doc = replace(doc, '"field":"jobTitle"', '"field":"title"') where collection = 'conflict';
"""


async def test_what_was_kept_as_title_is_found_as_job_title(db: Db, database: TestDatabase) -> None:
    world = await settle(db)
    nina, vera = await registered(db, world.nina), await registered(db, world.vera)
    fields = {"accountId": world.tea, "name": 'A,"title":', "title": "Cook", "emails": ['å,"title":@x', "title"]}
    born = nina.create("contact", fields)
    ann = born.record_id
    await nina.push(born, nina.update("contact", ann, {"title": "Chef", "emails": {"$add": ["åtitle"]}}, base_rev=1))
    await vera.push(vera.update("contact", ann, {"title": "Boss"}, base_rev=1))
    before = await seen_by(nina, ann)

    go_back(database)
    again(database)

    nina.cursor, nina.held = None, {}
    assert await seen_by(nina, ann) == before
    newer = replace(await registered(db, world.nina), schema_version=2)
    [row] = [each for each in await seen_by(newer, ann) if "emails" in each]
    assert (row["jobTitle"], row["preferredChannel"]) == ("Boss", None)
    # Stamps are in place: an edit that had seen Chef alone is still concurrent to Boss.
    late = replace(nina.update("contact", ann, {"title": "Head"}, base_rev=2), op=born.op.UPDATE)
    [result] = (await nina.push(late)).results
    assert result.status == "CONFLICT"


async def seen_by(phone: Pusher, record_id: UUID) -> list[dict[str, Any]]:
    """The contact and its conflicts as this phone holds them."""
    await phone.pull()
    rows = [dict(each.row) for each in phone.held.values()]
    return [row for row in rows if str(record_id) in (row["id"], row.get("recordId"))]


def again(database: TestDatabase) -> None:
    """Runs this one migration, whatever came after it."""
    path = FOLDER / "versions" / "0008_schema_version_2.py"
    spec = importlib.util.spec_from_file_location("schema_version_2", path)
    assert spec is not None
    assert spec.loader is not None
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    engine = create_engine(database.owner_url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.begin() as conn:
        plain = {"no_parameters": True}  # as migrations/env.py sends it
        migration.op = SimpleNamespace(  # type: ignore[attr-defined]
            execute=lambda text: conn.exec_driver_sql(text, execution_options=plain), get_bind=lambda: conn
        )
        migration.upgrade()


def go_back(database: TestDatabase) -> None:
    """The database as revision 0007 left it."""
    with psycopg.connect(database.owner_url) as conn:
        conn.execute(UNWATCHED)
        for tenant_id, id, stamps in conn.execute("select tenant_id, id, stamps from contact").fetchall():
            parts = msgspec.msgpack.decode(stamps)
            assert "jobTitle" in parts[1]
            parts[1] = {name.replace("jobTitle", "title"): stamp for name, stamp in parts[1].items()}
            old = msgspec.msgpack.encode(parts)
            conn.execute("update contact set stamps = %s where tenant_id = %s and id = %s", [old, tenant_id, id])
        conn.execute(BACK)
        [doc] = conn.execute("select doc from feed where collection = 'contact'").fetchone() or [None]
        assert doc is not None
        assert "title" in orjson.loads("{" + doc + "}")["row"]
