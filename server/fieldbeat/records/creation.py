"""Many records made at once by the server: what nobody has seen yet needs no merge, so it is written set-wise.

The result is what `change` would have written, to the stamp, but that its history stands in one row a record: a test
compares them. Who reads the writes of single fields in SQL (the clocks of tickets do) does not find them there.
"""

from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.records import store
from fieldbeat.records.model import Entry, Kept, Row, Saved
from fieldbeat.records.transaction import Tx
from fieldbeat_sync import clock, codec
from fieldbeat_sync.mutation import Stamp
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Collection, Filled, Policy

RECORDS_A_CALL = 2_000  # bounds the arrays of one statement
_PLAIN = frozenset({Policy.REGISTER, Policy.GROUP, Policy.REFERENCE, Policy.SERVER})


async def create(tx: Tx, actor: Actor, kept: Kept, rows: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Creates records of one collection under new ids, each of the values given over its blank row.

    Only for plain values that the server has made itself: registers, groups, references and server fields, no keyed
    ones, of their wire form; a parent named must be alive. Locks: none but the heads of the scopes, at the end.
    """
    ids = sorted(rows, key=attrgetter("int"))  # the order of UUIDs, without asking each pair
    for begin in range(0, len(ids), RECORDS_A_CALL):
        await _create(tx, actor, kept, {id: rows[id] for id in ids[begin : begin + RECORDS_A_CALL]})


async def _create(tx: Tx, actor: Actor, kept: Kept, carried: Mapping[UUID, Mapping[str, Any]]) -> None:
    schema = kept.schema
    _check(schema, carried)
    created = Stamp(0, 1, 1, clock.pack(tx.at_ms))
    filled = _filled(schema, actor, clock.instant_of(created.hlc))
    rows: dict[UUID, Row] = {id: {**schema.blank, **filled, **values} for id, values in carried.items()}
    stamps = codec.encode_stamps(Record(1, schema.blank, created, tx.at_ms))
    await store.create_records(tx.conn, tx.tenant_id, kept, rows, stamps, tx.at)
    await store.write_creations(
        tx.conn, tx.tenant_id, schema.name, carried, filled, hlc=created.hlc, actor_id=actor.user_id, at=tx.at
    )
    if kept.parent is not None and schema.parent is not None:
        parents = {id: UUID(values[schema.parent]) for id, values in carried.items()}
        await store.keep_alive(
            tx.conn, tx.tenant_id, kept.parent, schema.name, parents, hlc=created.hlc, actor_id=actor.user_id, at=tx.at
        )
    scopes = await kept.scopes(tx.conn, tx.tenant_id, rows)
    for id, row in rows.items():
        doc = codec.entry_tail(1, {"id": str(id), "rev": 1, **row}, {0: 1})
        for scope_id in sorted(scopes[id]):
            tx.announce(Entry(scope_id, schema.name, id, "PUT", 1, doc, None))
    if kept.follow_up is not None:
        await kept.follow_up(tx, actor, [Saved(id, None, row, 1) for id, row in rows.items()])


def _check(schema: Collection, carried: Mapping[UUID, Mapping[str, Any]]) -> None:
    named = frozenset().union(*(values.keys() for values in carried.values()))
    plain = {each.name for each in schema.fields if each.policy in _PLAIN and not each.keyed}
    if not named <= plain:
        raise ValueError(f"{schema.name}: {', '.join(sorted(named - plain))} cannot be created without a merge")


def _filled(schema: Collection, actor: Actor, at: datetime) -> dict[str, str]:
    return {
        each.name: clock.text_of(at) if each.filled is Filled.TIME else str(actor.user_id) for each in schema.filled
    }
