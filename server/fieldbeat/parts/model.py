"""A part, its cost, what is asked of a listing, and what may be refused."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from fieldbeat.kit.refusal import Forbidden, Invalid, NotFound


class PartStatus(StrEnum):
    """Whether it is still bought. A retired one is used up: phones go on recording it."""

    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


@dataclass(frozen=True)
class Part:
    """One line of the catalogue. `unit`: what is counted, such as piece or ml; whole ones are used."""

    id: UUID
    rev: int
    sku: str
    name: str
    unit: str
    status: PartStatus
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class PartFilter:
    """What a listing is narrowed to; empty means no condition. `search`: words of name and sku, all of them."""

    search: str = ""
    statuses: tuple[str, ...] = ()


class CostSaid(NamedTuple):
    """That a unit of a part costs so much from a day on."""

    part_id: UUID
    from_on: date
    amount: float


class PartCost(NamedTuple):
    """What a unit costs from a local day on, until the next one's day; in the currency of the labour cost."""

    part_id: UUID
    from_on: date
    amount: float
    set_by: UUID
    set_at: datetime


class PartUnknown(NotFound):
    """There is no such part."""


class CatalogueNotYours(Forbidden):
    """Only an administrator writes the catalogue of parts and what they cost."""


class PartIncomplete(Invalid):
    """A part always has a unit and a status."""


class CostInvalid(Invalid):
    """A cost is 0 to 1,000,000,000, with at most four decimals kept."""
