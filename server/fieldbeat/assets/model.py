"""An asset, what is asked of a listing, and what may be refused."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat.kit.refusal import Forbidden, NotFound


class AssetStatus(StrEnum):
    """Whether the customer still has it."""

    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


@dataclass(frozen=True)
class Asset:
    """A thing at a customer's. `warranty_until` is the first day that the warranty does not cover; None: there is none.

    Days are those of the company's default business hours.
    """

    id: UUID
    rev: int
    account_id: UUID
    name: str
    serial_number: str | None
    model: str | None
    status: AssetStatus
    installed_on: date | None
    warranty_until: date | None
    note: str | None
    tags: tuple[str, ...]
    custom: dict[str, Any]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class AssetFilter:
    """What a listing is narrowed to; empty means no condition. `search`: words of name, serial number, model.

    `warranty_ends_before`: its last day lies before that day; `under_warranty_on`: it holds on that day.
    """

    search: str = ""
    statuses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    account_id: UUID | None = None
    warranty_ends_before: date | None = None
    under_warranty_on: date | None = None


class Position(NamedTuple):
    """Where a page goes on: behind an asset in the order of names."""

    name: str
    id: UUID


class AssetUnknown(NotFound):
    """There is no such asset among those that you may see."""


class WarrantyNotYours(Forbidden):
    """A warranty is a promise of the company: a supervisor or an administrator gives and changes it."""


class DeletingNotYours(Forbidden):
    """Only a supervisor or an administrator deletes an asset."""
