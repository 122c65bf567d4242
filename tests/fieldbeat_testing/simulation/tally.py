"""A collection with a counter, for simulations alone: the first release has none of its own yet."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from fieldbeat.embedded.postgres import APP, OWNER
from fieldbeat.exchange import registry
from fieldbeat.kit.db import Conn
from fieldbeat.records import Kept, Row
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.schema import EVERYONE, Collection, Field, Policy
from fieldbeat_sync.values import Number, Text

tally = Collection(
    "tally",
    (Field("name", Policy.REGISTER, Text(200, 1), required=True), Field("count", Policy.COUNTER, Number(whole=True))),
    created_by=EVERYONE,
    deleted_by=EVERYONE,
)

_OWN = "tenant_id = nullif(current_setting('fieldbeat.tenant_id', true), '')::uuid"
TABLE = f"""
create table tally (
    tenant_id uuid not null references tenant (id), id uuid not null, rev bigint not null, fields jsonb not null,
    stamps bytea not null, created_at timestamptz not null, changed_at timestamptz not null, deleted_at timestamptz,
    primary key (tenant_id, id)
);
alter table tally owner to {OWNER};
alter table tally enable row level security;
alter table tally force row level security;
create policy tenant on tally using ({_OWN});
create policy owner on tally to {OWNER} using (true);
grant select, insert, update, delete on tally to {APP};
"""


async def _scopes(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    return dict.fromkeys(rows, frozenset({"tenant"}))


def kept() -> Kept:
    """How the server keeps it."""
    return Kept(tally, "tally", _scopes)


@contextmanager
def declared() -> Iterator[None]:
    """While the block runs, devices and the server know the collection; a block within a block changes nothing."""
    known, collections = cast(dict[str, Kept], registry.KEPT), cast(dict[str, Collection], SCHEMA.collections)
    if "tally" in known:
        yield
        return
    known["tally"], collections["tally"] = kept(), tally
    try:
        yield
    finally:
        del known["tally"], collections["tally"]
