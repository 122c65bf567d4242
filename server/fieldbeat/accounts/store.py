"""One typed function per query; no decisions. An account's rows are read as the actor may see them."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from fieldbeat.accounts.model import (
    Account,
    AccountFilter,
    AccountKind,
    AccountStatus,
    AccountTier,
    Box,
    Channel,
    Consent,
    Contact,
    Found,
    Near,
    PageOf,
    Position,
)
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load

SQL = load(__file__)


class Home(NamedTuple):
    """Where an account lives, and who serves it."""

    id: UUID
    territory_id: UUID
    owner_id: UUID | None


class Edited(NamedTuple):
    """One rev of an account's history, or one contact created at it; `writes`: {field, value, outcome, rule}."""

    account_id: UUID
    rev: int
    child: str
    at: Any
    actor_id: UUID
    writes: list[dict[str, Any]]


async def accounts_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[Account]:
    """Those in the actor's territories."""
    return [_account(row) for row in await conn.fetch(SQL["accounts_by_ids"], actor.user_id, actor.role, ids)]


async def accounts_by_name(
    conn: Conn, actor: Actor, wanted: AccountFilter, *, patterns: Sequence[str], after: Position | None,
    alike: bool, rows_max: int,
) -> list[Found]:  # fmt: skip
    """One page in the order of names."""
    position = (after.order, after.id) if after else (None, None)
    rows = await conn.fetch(
        SQL["accounts_by_name"], actor.user_id, actor.role, patterns, alike, *_conditions(wanted), rows_max, *position
    )
    return [Found(_account(row), alike=alike) for row in rows]


async def accounts_by_distance(
    conn: Conn, actor: Actor, wanted: AccountFilter, *, patterns: Sequence[str], near: Near, box: Box,
    after: Position | None, alike: bool, rows_max: int,
) -> list[Found]:  # fmt: skip
    """One page, nearest first."""
    position = (after.order, after.id) if after else (None, None)
    rows = await conn.fetch(
        SQL["accounts_by_distance"], actor.user_id, actor.role, patterns, alike, *_conditions(wanted), rows_max,
        near.latitude, near.longitude, near.radius_m, box.south, box.north, box.west, box.east, *position,
    )  # fmt: skip
    return [Found(_account(row), row["distance_m"], alike) for row in rows]


async def contacts_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[Contact]:
    """Those at accounts in the actor's territories."""
    return [_contact(row) for row in await conn.fetch(SQL["contacts_by_ids"], actor.user_id, actor.role, ids)]


async def accounts_of_contacts(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """At which account each of these contacts is, deleted ones too."""
    rows = await conn.fetch(SQL["accounts_of_contacts"], tenant_id, ids)
    return {row["id"]: row["account_id"] for row in rows}


async def contacts_of_accounts(conn: Conn, actor: Actor, pages: Sequence[PageOf]) -> list[tuple[PageOf, Contact]]:
    """The contacts of each page."""
    rows = await conn.fetch(SQL["contacts_of_accounts"], actor.user_id, actor.role, *_columns(pages))
    return [(pages[row["n"] - 1], _contact(row)) for row in rows]


async def timelines(conn: Conn, actor: Actor, pages: Sequence[PageOf]) -> list[tuple[PageOf, Edited]]:
    """The edits of each page."""
    rows = await conn.fetch(SQL["timelines"], actor.user_id, actor.role, *_columns(pages))
    return [(pages[row["n"] - 1], Edited(**{name: row[name] for name in Edited._fields})) for row in rows]


async def homes_of_accounts(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> list[Home]:
    """Where accounts live and who serves them, whoever asks: for placing their dependants."""
    return [Home(**dict(row)) for row in await conn.fetch(SQL["homes_of_accounts"], tenant_id, ids)]


async def dependants(conn: Conn, tenant_id: UUID, account_id: UUID) -> list[UUID]:
    """The contacts that move with an account; locked."""
    return [row["id"] for row in await conn.fetch(SQL["dependants"], tenant_id, account_id)]


async def person_known(conn: Conn, tenant_id: UUID, user_id: UUID) -> bool:
    """Whether an active person of the tenant has this id."""
    return await conn.fetchval(SQL["person_known"], tenant_id, user_id) is not None


def _columns(pages: Sequence[PageOf]) -> tuple[list[Any], ...]:
    after = [page.after or (None, None) for page in pages]
    accounts, sizes = [page.account_id for page in pages], [page.rows_max for page in pages]
    return accounts, sizes, [key[0] for key in after], [key[1] for key in after]


def _conditions(wanted: AccountFilter) -> tuple[Any, ...]:
    lists = (wanted.statuses, wanted.kinds, wanted.tiers, wanted.tags)
    return (*(list(one) or None for one in lists), wanted.owner_id, wanted.territory_id)


def _account(row: asyncpg.Record) -> Account:
    fields = {name: row[name] for name in Account.__dataclass_fields__}
    typed = {
        "kind": AccountKind(row["kind"]) if row["kind"] else None,
        "status": AccountStatus(row["status"]),
        "tier": AccountTier(row["tier"]) if row["tier"] else None,
        "tags": tuple(row["tags"]),
    }
    return Account(**{**fields, **typed})


def _contact(row: asyncpg.Record) -> Contact:
    fields = {name: row[name] for name in Contact.__dataclass_fields__}
    typed = {
        "phones": tuple(row["phones"]),
        "emails": tuple(row["emails"]),
        "consent": Consent(row["consent"]),
        "preferred_channel": Channel(row["preferred_channel"]) if row["preferred_channel"] else None,
    }
    return Contact(**{**fields, **typed})
