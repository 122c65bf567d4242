"""What the database says at the end of a world, read past the application: rows, history, verdicts, conflicts, feed."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from fieldbeat.exchange import registry
from fieldbeat.kit.db import Conn
from fieldbeat_testing.history import WRITES
from fieldbeat_testing.simulation.ledger import RecordId

_WRITES = f"""
select w.collection, w.record_id, w.field, w.rev, w.replica, w.seq, w.hlc, w.rank, w.epoch, w.value, w.applied_at,
       w.outcome, w.rule, m.uuid
from {WRITES} w
left join settled_mutation m on m.tenant_id = w.tenant_id and m.replica = w.replica and m.seq = w.seq and not m.repeats
where w.tenant_id = $1 order by w.collection, w.record_id, w.rev, w.field
"""
_VERDICTS = "select * from settled_mutation where tenant_id = $1 order by replica, seq"
_CONFLICTS = "select * from conflict where tenant_id = $1 order by id"
_FEED = "select scope_id, seq, collection, record_id, kind, rev, doc from feed where tenant_id = $1 order by 1, 2"
_HEADS = "select scope_id, head, live_rows, checksum from scope_head where tenant_id = $1 order by 1"
_PEOPLE = "select id, role, deactivated_at from person where tenant_id = $1"


@dataclass(frozen=True)
class Stored:
    """A record in its table."""

    rev: int
    row: Mapping[str, Any]
    alive: bool


@dataclass(frozen=True)
class Write:
    """One row of history; `uuid` names the edit, None is headquarters."""

    about: RecordId
    field: str
    rev: int
    replica: int
    seq: int
    hlc: int
    rank: int
    epoch: int
    value: Any
    applied_ms: int
    outcome: str
    rule: str
    uuid: str | None

    @property
    def key(self) -> tuple[int, ...]:
        """By which the standing value is picked."""
        return (self.epoch, self.rank, self.hlc, self.replica, self.seq)


@dataclass(frozen=True)
class Entry:
    """The feed's word on a record in a scope."""

    scope_id: str
    seq: int
    about: RecordId
    kind: str
    rev: int
    row: Any


@dataclass
class Truth:
    """Everything of one tenant."""

    records: dict[RecordId, Stored]
    writes: dict[RecordId, list[Write]]
    verdicts: list[Mapping[str, Any]]
    conflicts: list[Mapping[str, Any]]
    feed: list[Entry]
    heads: dict[str, tuple[int, int, int]]
    people: dict[UUID, Mapping[str, Any]]


async def read(owner: Conn, tenant_id: UUID) -> Truth:
    """All that is stored of a company; `owner` sees every tenant's rows."""
    records: dict[RecordId, Stored] = {}
    for collection, kept in registry.KEPT.items():
        found = await owner.fetch(
            f"select id, rev, fields, deleted_at from {kept.table} where tenant_id = $1", tenant_id
        )
        for row in found:
            fields = orjson.loads(row["fields"])
            records[collection, str(row["id"])] = Stored(row["rev"], fields, row["deleted_at"] is None)
    writes: dict[RecordId, list[Write]] = defaultdict(list)
    for row in await owner.fetch(_WRITES, tenant_id):
        write = _write(row)
        writes[write.about].append(write)
    return Truth(
        records,
        writes,
        [dict(row) for row in await owner.fetch(_VERDICTS, tenant_id)],
        [dict(row) | {"fields": orjson.loads(row["fields"])} for row in await owner.fetch(_CONFLICTS, tenant_id)],
        [_entry(row) for row in await owner.fetch(_FEED, tenant_id)],
        {each[0]: (each[1], each[2], int(each[3])) for each in await owner.fetch(_HEADS, tenant_id)},
        {row["id"]: dict(row) for row in await owner.fetch(_PEOPLE, tenant_id)},
    )


def _write(row: Any) -> Write:
    return Write(
        (row["collection"], str(row["record_id"])),
        row["field"],
        row["rev"],
        row["replica"],
        row["seq"],
        row["hlc"],
        row["rank"],
        row["epoch"],
        orjson.loads(row["value"]) if row["value"] is not None else None,
        round(row["applied_at"].timestamp() * 1000),
        row["outcome"],
        row["rule"],
        str(row["uuid"]) if row["uuid"] else None,
    )


def _entry(row: Any) -> Entry:
    document = orjson.loads("{" + row["doc"] + "}") if row["doc"] else {}
    about = (row["collection"], str(row["record_id"]))
    return Entry(row["scope_id"], row["seq"], about, row["kind"], row["rev"], document.get("row"))
