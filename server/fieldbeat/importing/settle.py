"""Settling a chunk of a plan: each row is added, changed, or left as it is, all in the transaction that is given."""

from collections.abc import Collection, Container, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts.replica import KEPT_ACCOUNT, KEPT_CONTACT
from fieldbeat.assets.replica import KEPT_ASSET
from fieldbeat.days.reassignment import reassign_account
from fieldbeat.importing import rules, store
from fieldbeat.importing.mapping import CODES
from fieldbeat.importing.model import COST, Fault, Kept, Planned, PlannedTicket, Ref, Settled, Tally
from fieldbeat.importing.past import Past, settle_past
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.refusal import Invalid
from fieldbeat.parts.actions import set_part_costs
from fieldbeat.parts.model import CostSaid
from fieldbeat.parts.replica import KEPT_PART
from fieldbeat.people.actions import create_user, update_user
from fieldbeat.people.passwords import initial_password
from fieldbeat.people.replica import KEPT_USER
from fieldbeat.records import Change, Tx
from fieldbeat.territories.actions import assign_territory
from fieldbeat.territories.reads import primary_territory
from fieldbeat.territories.replica import KEPT_TERRITORY
from fieldbeat.tickets.replica import KEPT_TICKET
from fieldbeat_sync.schema import Op, Role

_ALL = (KEPT_USER, KEPT_TERRITORY, KEPT_ACCOUNT, KEPT_CONTACT, KEPT_PART, KEPT_ASSET, KEPT_TICKET)
KEPT = {each.schema.name: each for each in _ALL}
REFS = {"managerId", "ownerId", "territoryId", "accountId"}
USER_CHANGES = {"name": "name", "role": "role", "timeZone": "time_zone"}


async def settle_chunk(
    tx: Tx, actor: Actor, *, source: str, batch_id: UUID, place: int, rows: Sequence[Planned], password: str | None
) -> Tally:
    """Settles rows of one collection, of which the first has `place` in the plan.

    Locks: the source, so that no other import of it settles the same rows. Refuses what the verbs refuse; then nothing
    of the chunk was done, and smaller ones are tried.
    """
    await store.lock_source(tx.conn, tx.tenant_id, source)
    collection, did = rows[0].collection, Tally()
    known = await store.kept_rows(tx.conn, tx.tenant_id, source, collection, [row.key for row in rows])
    ids = await resolve(tx.conn, tx.tenant_id, source, rows)
    settled: list[Settled] = []
    past: list[Past] = []
    new: list[tuple[int, Planned]] = []
    for number, row in enumerate(rows, place):
        kept = known.get(row.key)
        if kept is not None and kept.said == row.said:
            did.unchanged += 1
        elif missing := missing_rows(row, ids):
            did.faults += missing
        elif isinstance(row, PlannedTicket):
            past.append(Past(number, row, kept))
        elif kept is not None:
            rev = await change_record(tx, actor, collection, kept, row.said, ids)
            settled.append(Settled(number, row, kept.record_id, rev, kept.said))
        elif collection == "user":
            settled.append(await _add_person(tx, actor, number, row, ids, did, password))
        else:
            new.append((number, row))
    if new:
        settled += await _add(tx, actor, new, ids, did)
    if past:
        settled += await settle_past(tx, actor, past, ids, did)
    did.added, did.changed = _count(settled)
    await store.add_rows(tx.conn, tx.tenant_id, batch_id, source, collection, settled)
    return did


async def resolve(conn: Conn, tenant_id: UUID, source: str, rows: Sequence[Planned]) -> dict[Ref, UUID]:
    """Which records the rows are that these rows refer to."""
    return await resolve_refs(conn, tenant_id, source, {each.ref for row in rows for each in row.named})


async def resolve_refs(conn: Conn, tenant_id: UUID, source: str, refs: Collection[Ref]) -> dict[Ref, UUID]:
    """Which records the source's rows became, or which are there: people by e-mail, territories by name, accounts by
    code."""
    found: dict[Ref, UUID] = {}
    for collection in {ref.collection for ref in refs}:
        keys = sorted({ref.key for ref in refs if ref.collection == collection})
        imported = "account" if collection == CODES else collection
        kept = await store.kept_rows(conn, tenant_id, source, imported, keys)
        others = await store.named(conn, tenant_id, collection, [key for key in keys if key not in kept])
        found |= {Ref(collection, key): one.record_id for key, one in kept.items()}
        found |= {Ref(collection, key): others[key.lower()] for key in keys if key.lower() in others}
        found |= {Ref(collection, key): others[key] for key in keys if key in others}
    return found


async def change_record(
    tx: Tx, actor: Actor, collection: str, kept: Kept, said: Mapping[str, Any], ids: Mapping[Ref, UUID]
) -> int:
    """Takes a record from what the source said of it to what it says, as an edit that had seen the former."""
    kind = KEPT[collection]
    was = {name: value for name, value in kept.said.items() if name not in REFS}
    now = {name: value for name, value in said.items() if name not in REFS}
    patch = rules.difference(kind.schema, was, now)
    to = {name: ids[Ref(*said[name])] for name in REFS & said.keys() if said[name] != kept.said.get(name)}
    rev = kept.rev
    if collection == "user":
        return await _change_person(tx, actor, kept, patch, to)
    if to and collection != "account":
        raise Invalid(f"a {collection} cannot move", fields=tuple(to))
    if patch:
        [changed] = await records.change(tx, actor, [Change(kind, kept.record_id, Op.UPDATE, patch, kept.rev)])
        rev = changed.rev
    if said.get(COST) != kept.said.get(COST):
        await set_part_costs(tx, actor, _costs(kept.record_id, said))
    if to:
        owner_id, territory_id = (
            ids.get(Ref(*said[name])) if name in said else None for name in ("ownerId", "territoryId")
        )
        if owner_id is None:
            raise Invalid("an account that had an owner cannot lose him", fields=("ownerId",))
        moved = await reassign_account(
            tx, actor, account_id=kept.record_id, owner_id=owner_id, territory_id=territory_id
        )
        rev = moved.rev
    return rev


def _costs(part_id: UUID, said: Mapping[str, Any]) -> list[CostSaid]:
    """What a part costs, if the source says it; a cost that it says no more stands."""
    return [CostSaid(part_id, date.fromisoformat(on), amount) for on, amount in [said[COST]]] if COST in said else []


async def _change_person(tx: Tx, actor: Actor, kept: Kept, patch: Mapping[str, Any], to: Mapping[str, UUID]) -> int:
    if "email" in patch:
        raise Invalid("an import does not change the e-mail with which somebody signs in", fields=("email",))
    changes = {USER_CHANGES[name]: value for name, value in patch.items()}
    changes |= {"role": Role(changes["role"])} if "role" in changes else {}
    changes |= {"manager_id": to["managerId"]} if to else {}
    person = await update_user(tx, actor, user_id=kept.record_id, changes=changes, base_rev=kept.rev)
    return person.rev


async def _add_person(
    tx: Tx, actor: Actor, place: int, row: Planned, ids: dict[Ref, UUID], did: Tally, password: str | None
) -> Settled:
    own = initial_password() if password is None else password
    manager = row.refs.get("managerId")
    person = await create_user(
        tx, actor, name=row.fields["name"], email=row.fields["email"], role=Role(row.fields["role"]), password=own,
        manager_id=ids[manager] if manager else None, time_zone=row.fields.get("timeZone", "UTC"),
    )  # fmt: skip
    if password is None:
        did.passwords.append((person.email, own))
    ids[Ref("user", row.key)] = person.id
    return Settled(place, row, person.id, person.rev, None)


async def _add(
    tx: Tx, actor: Actor, new: Sequence[tuple[int, Planned]], ids: Mapping[Ref, UUID], did: Tally
) -> list[Settled]:
    kind = KEPT[new[0][1].collection]
    wanted: list[tuple[int, Planned, dict[str, Any]]] = []
    for place, row in new:
        refs = {name: str(ids[ref]) for name, ref in row.refs.items()}
        if kind is KEPT_ACCOUNT and "territoryId" not in refs:
            home = await _home(tx, refs)
            if home is None:
                did.faults.append(Fault(row.file, row.line, "territoryId", "its owner covers no territory today"))
                continue
            refs["territoryId"] = str(home)
        wanted.append((place, row, {**row.fields, **refs}))
    made = await records.change(tx, actor, [Change(kind, uuid7(), Op.CREATE, patch) for _, _, patch in wanted])
    for (_, row, _), one in zip(wanted, made, strict=True):
        if row.holder and row.from_on:
            await assign_territory(tx, actor, territory_id=one.record_id, user_id=ids[row.holder], from_on=row.from_on)
    costs = [_costs(one.record_id, row.said) for (_, row, _), one in zip(wanted, made, strict=True)]
    await set_part_costs(tx, actor, [each for own in costs for each in own])
    return [
        Settled(place, row, one.record_id, one.rev, None) for (place, row, _), one in zip(wanted, made, strict=True)
    ]


async def _home(tx: Tx, refs: Mapping[str, str]) -> UUID | None:
    return await primary_territory(tx.conn, tx.tenant_id, UUID(refs["ownerId"])) if "ownerId" in refs else None


def missing_rows(row: Planned, there: Container[Ref]) -> list[Fault]:
    """What a row names that is not there. Somebody of the same chunk is there once he was added."""
    return [
        Fault(row.file, line, name, f"there is no {ref.collection} {ref.key!r} (or it was refused)")
        for line, name, ref in row.named
        if ref not in there
    ]


def _count(settled: Sequence[Settled]) -> tuple[int, int]:
    added = sum(one.before is None for one in settled)
    return added, len(settled) - added
