"""Who may make and assign territories, and what an assignment must look like."""

from collections.abc import Set
from datetime import date
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.refusal import Invalid
from fieldbeat.territories.model import AssignmentEndsTooEarly, AssignmentNotYours, TerritoryNotYours
from fieldbeat_sync.catalogue.people import territory
from fieldbeat_sync.schema import Role
from fieldbeat_sync.values import BadValue


def check_may_create(actor: Actor) -> None:
    """Refuses whoever is not an administrator."""
    if actor.role is not Role.ADMIN:
        raise TerritoryNotYours


def check_name(name: str) -> None:
    """Refuses what a territory cannot be called."""
    try:
        territory.by_name["name"].value.check(name)
    except BadValue as bad:
        raise Invalid(f"name {bad}", fields=("name",)) from bad


def check_may_assign(
    actor: Actor, *, territory_id: UUID, user_id: UUID, territories: Set[UUID], people: Set[UUID]
) -> None:
    """Refuses a representative, and a supervisor for whom the territory or the person is not below him.

    `territories` and `people` are those of the actor and of everyone below him.
    """
    if actor.role is Role.ADMIN:
        return
    if actor.role is not Role.SUPERVISOR or territory_id not in territories or user_id not in people:
        raise AssignmentNotYours


def check_range(from_on: date, until_on: date | None) -> None:
    """Refuses an assignment that would end before it begins."""
    if until_on is not None and until_on <= from_on:
        raise AssignmentEndsTooEarly(fields=("from", "until"))
