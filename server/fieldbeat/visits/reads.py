"""Visits as an actor may see them: at the accounts of his territories, and those that his people make."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.visits import place_store, rules, store
from fieldbeat.visits.model import (
    FilledForm,
    LocationRead,
    MeasuredBy,
    Measures,
    Places,
    Position,
    Proofs,
    Template,
    Visit,
    VisitFilter,
)

EVERY = VisitFilter()


async def visits_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Visit]:
    """The visits among `ids` that `actor` may see; the others are absent, not refused."""
    return {each.id: each for each in await store.visits_by_ids(conn, actor, ids)}


async def visits_page(
    conn: Conn, actor: Actor, *, wanted: VisitFilter = EVERY, after: Position | None = None, rows_max: int
) -> list[Visit]:
    """One page of the visits that `actor` may see, in the order of their planned start."""
    return await store.visits_page(conn, actor, wanted, after, rows_max=rows_max)


async def proofs_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Proofs]:
    """What is to be judged about the visits among `ids` that `actor` may see; the others are absent."""
    return {each.id: each for each in await store.proofs_by_ids(conn, actor, ids)}


async def places_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Places]:
    """Where the reps were, of the visits among `ids` that `actor` may see and that say so.

    Needs a writing transaction: each that is not his own is noted, with him and the time, in the same statement.
    """
    return {each.id: each for each in await place_store.read_places(conn, actor, ids)}


async def location_reads(
    conn: Conn, actor: Actor, *, rep_id: UUID | None = None, after: Position | None = None, rows_max: int
) -> list[LocationRead]:
    """Who has read where `actor` and the people below him were, newest first."""
    return await place_store.location_reads(conn, actor, rep_id, after, rows_max=rows_max)


async def templates_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Template]:
    """The templates among `ids`; everyone of a company sees all of them."""
    return {each.id: each for each in await store.templates_by_ids(conn, actor.tenant_id, ids)}


async def templates_page(
    conn: Conn, actor: Actor, *, statuses: Sequence[str] = (), after: tuple[str, UUID] | None, rows_max: int
) -> list[Template]:
    """One page of templates by (name, id), in any of `statuses` (none: in all)."""
    return await store.templates_page(conn, actor.tenant_id, statuses, after, rows_max=rows_max)


async def filled_forms(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, FilledForm]:
    """What decides whether the visits among `ids` that `actor` may see are complete; the others are absent."""
    return {each.id: each for each in await store.filled_forms(conn, actor, ids)}


async def measures(
    conn: Conn, actor: Actor, *, by: MeasuredBy, from_on: date, until_on: date, after: str | None = None,
    groups_max: int,
) -> list[Measures]:  # fmt: skip
    """Counts of the visits that `actor` may see on the reps' local days from `from_on` until `until_on` (exclusive).

    One page of groups by key: a person's id (REP; TEAM: the manager's), a territory's, or a date. Refuses INVALID.
    """
    rules.check_period(from_on, until_on)
    return await store.measures(conn, actor, by, from_on, until_on, after, groups_max=groups_max)
